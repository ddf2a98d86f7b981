//! One request to its end: permission, attempts, waits. The way of every request, bulk or not.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use http::HeaderValue;
use klaviyo_gen::Operation;
use tracing::Instrument;
use tracing::field::Empty;

use crate::api_error::ApiError;
use crate::auth::{Authorizer, OAuth, REFRESH, Renew, Tokens, read_answer, refresh_request};
use crate::classify::{Ending, classify};
use crate::clock::{Clock, Moment};
use crate::error::Error;
use crate::limit::{Limiter, Permit, Signals};
use crate::meter::Meter;
use crate::retry::{RetryBudget, RetryOptions, Standing, wait_before_next};
use crate::secret::Secret;
use crate::stop::Stop;
use crate::trace::Seconds;
use crate::transport::{Request, Response, Transport, TransportError};

/// Sends requests to their end. Clones share limits and connections.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Makes the attempts.
    pub transport: Arc<dyn Transport>,
    /// Gives each request its `Authorization`.
    pub authorizer: Arc<Authorizer>,
    /// Gives permission for each of them.
    pub limiter: Arc<Limiter>,
    /// The time and randomness.
    pub clock: Arc<dyn Clock>,
    /// When to send again.
    pub retry: RetryOptions,
    /// What its requests have instead of the transport's own.
    pub overrides: Overrides,
    /// How many fast repeats are left.
    pub budget: Arc<RetryBudget>,
}

/// Where requests differ from what their transport was set up with.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Longest time for one attempt.
    pub attempt_timeout: Option<Duration>,
    /// The API revision that is asked for.
    pub revision: Option<HeaderValue>,
}

impl Overrides {
    fn apply(&self, request: &Request, authorization: Option<&HeaderValue>) -> Request {
        let mut request = request.with_headers(authorization, self.revision.as_ref());
        request.timeout = request.timeout.or(self.attempt_timeout);
        request
    }
}

/// What a request is sent for: whose counters it adds to, and what ends it early.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Where attempts and waits are counted.
    pub meter: &'a Meter,
    /// Ends the request before its next attempt, never during one.
    pub stop: &'a Stop,
    /// Whether the request may be sent again after an attempt that may have worked.
    pub repeat_is_safe: bool,
    /// Is true while an attempt may have had its effect without an answer that says so; tells the
    /// owner of a cancelled request what to think of it. True from the start, it says that of an
    /// earlier request with the same rows.
    pub in_doubt: &'a AtomicBool,
    /// Who is to know before anything is sent.
    pub herald: Option<&'a dyn Herald>,
}

/// Who is to know before a request is sent, such as a journal.
pub trait Herald: Debug + Sync {
    /// Is called before the first attempt, when its turn has come; an error ends the request unsent.
    fn announce(&self) -> BoxFuture<'_, Result<(), Error>>;
}

/// A request that came to no good end.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// How the last attempt ended; `None` when none was made.
    pub ending: Option<Ending>,
    /// The last attempt's answer, when there was one.
    pub response: Option<Response>,
    /// Whether any attempt may have had its effect although no answer said so.
    pub maybe_applied: bool,
}

/// How far a request has come.
struct Course {
    /// When the first attempt began; waiting for permission does not count.
    began: Option<Moment>,
    /// How long rate limits have held up the attempts since.
    held_up: Duration,
    attempts: u32,
    failures: u32,
    ending: Option<Ending>,
    maybe_applied: bool,
    /// How long the last attempt waited for its permission.
    waited: Duration,
    /// Whether it has been answered 401 before.
    renewed: bool,
}

impl Exchange {
    /// Sends `request` until it is answered for good.
    ///
    /// # Errors
    /// [`Failure`] says what went wrong and whether the request may have had its effect.
    pub async fn send(&self, request: &Request, context: Context<'_>) -> Result<Response, Failure> {
        let mut course = Course {
            began: None,
            held_up: Duration::ZERO,
            attempts: 0,
            failures: 0,
            ending: None,
            maybe_applied: context.in_doubt.load(Ordering::Relaxed),
            waited: Duration::ZERO,
            renewed: false,
        };
        loop {
            // Renews the token, if need be, before the limiter counts the request ...
            self.authorization(request, context, &course).await?;
            let asked = self.clock.now();
            let permit = self.permission(request, context, &course).await?;
            course.has_waited(self.clock.now().since(asked));
            if course.attempts == 0
                && let Some(herald) = context.herald
            {
                let announced = herald.announce().await;
                announced.map_err(|error| course.failure(error))?;
            }
            // ... and again if it expired while waiting for its turn.
            let authorization = self.authorization(request, context, &course).await?;
            let attempt = self.overrides.apply(request, authorization.as_ref());
            let result = self.attempt(attempt, context, &mut course, permit).await;
            if is_not_let_in(&result) {
                // It has no effect.
                let in_doubt = course.maybe_applied;
                context.in_doubt.store(in_doubt, Ordering::Relaxed);
                let renewed = self.has_new_token(authorization, context, &mut course);
                if renewed.await? {
                    continue;
                }
            }
            let ending = classify(result.as_ref(), self.clock.utc());
            if ending == Ending::Success
                && let Ok(response) = result
            {
                self.budget.earn();
                return Ok(response);
            }
            course.note(ending);
            context
                .in_doubt
                .store(course.maybe_applied, Ordering::Relaxed);
            let spent = matches!(ending, Ending::Unavailable { .. }) && self.budget.spend();
            let standing = Standing {
                spent,
                waits_for_daily: self.limiter.waits_for_daily(),
                has_daily: self.has_daily(request.operation),
                ..course.standing(ending, context, self.clock.now())
            };
            match wait_before_next(&self.retry, &standing, self.clock.random()) {
                Some(wait) => {
                    tell_repeat(request, &course, &result, wait);
                    if self.is_closed(ending) && self.has_daily(request.operation) {
                        // What is allowed for the whole of the attempts does not hold for a day
                        // between two.
                        course.began = None;
                        course.held_up = Duration::ZERO;
                    }
                    self.pause(ending, wait, context, &course).await?;
                }
                None => return Err(self.give_up(request, &course, result)),
            }
        }
    }

    async fn permission(
        &self,
        request: &Request,
        context: Context<'_>,
        course: &Course,
    ) -> Result<Permit, Failure> {
        let asked = self.clock.now();
        let permit = tokio::select! {
            biased;
            () = context.stop.raised() => return Err(course.stopped(context.stop)),
            permit = self.limiter.reserve(request.operation, self.retry.longest_retry_after) => permit,
        };
        context.meter.waited(self.clock.now().since(asked));
        permit.map_err(|refused| course.failure(course.closed(request.operation, refused.wait)))
    }

    /// What a request of the operation shows to be let in, if the operation wants anything.
    async fn authorization(
        &self,
        request: &Request,
        context: Context<'_>,
        course: &Course,
    ) -> Result<Option<HeaderValue>, Failure> {
        if !request.operation.authenticated {
            return Ok(None);
        }
        let renewal = Renewal {
            exchange: self,
            stop: context.stop,
        };
        let header = self.authorizer.header(&renewal, &self.clock).await;
        header.map(Some).map_err(|error| course.failure(error))
    }

    /// Whether a request that was answered 401 has got another token since, for the first time.
    async fn has_new_token(
        &self,
        shown: Option<HeaderValue>,
        context: Context<'_>,
        course: &mut Course,
    ) -> Result<bool, Failure> {
        let Some(shown) = shown else {
            return Ok(false);
        };
        if std::mem::replace(&mut course.renewed, true) {
            return Ok(false);
        }
        let renewal = Renewal {
            exchange: self,
            stop: context.stop,
        };
        let renewed = self.authorizer.after_refusal(&shown, &renewal).await;
        renewed.map_err(|error| course.failure(error))
    }

    async fn attempt(
        &self,
        request: Request,
        context: Context<'_>,
        course: &mut Course,
        permit: Permit,
    ) -> Result<Response, TransportError> {
        context
            .meter
            .attempt(request.body.len(), course.attempts == 0);
        course.attempts += 1;
        course.began.get_or_insert(self.clock.now());
        context.in_doubt.store(true, Ordering::Relaxed);
        let operation = request.operation.id;
        let span = tracing::debug_span!(
            "attempt",
            operation,
            attempt = course.attempts,
            bytes = request.body.len(),
            wait = ?course.waited,
            status = Empty,
        );
        let sending = self.transport.send(request);
        let result = sending.instrument(span.clone()).await;
        let signals = match &result {
            Ok(response) => Signals::read(response.status, &response.headers, self.clock.utc()),
            Err(_) => Signals::default(),
        };
        permit.answered(&signals);
        if signals.retry_after.is_some() {
            context.meter.throttled();
        }
        match &result {
            Ok(response) => {
                span.record("status", response.status);
                let status = response.status;
                tracing::debug!(parent: &span, operation, attempt = course.attempts, status, "answered");
            }
            Err(error) => {
                tracing::debug!(parent: &span, operation, attempt = course.attempts, "not answered: {error}");
            }
        }
        result
    }

    async fn pause(
        &self,
        ending: Ending,
        wait: Duration,
        context: Context<'_>,
        course: &Course,
    ) -> Result<(), Failure> {
        // A refusal by the rate limit has closed the operation in the limiter, which does the waiting.
        if matches!(ending, Ending::Throttled(_)) {
            return Ok(());
        }
        context.meter.waited(wait);
        tokio::select! {
            biased;
            () = context.stop.raised() => Err(course.stopped(context.stop)),
            () = self.clock.sleep(wait) => Ok(()),
        }
    }

    /// Whether the operation is closed for longer than a burst or steady limit would close it: its daily
    /// limit is used up, if it has one.
    fn is_closed(&self, ending: Ending) -> bool {
        matches!(ending, Ending::Throttled(wait) if wait > self.retry.longest_retry_after)
    }

    fn has_daily(&self, operation: &Operation) -> bool {
        self.limiter.limits(operation).daily.is_some()
    }

    fn give_up(
        &self,
        request: &Request,
        course: &Course,
        result: Result<Response, TransportError>,
    ) -> Failure {
        let operation = request.operation.id;
        let attempts = course.attempts;
        match result {
            Ok(response) => {
                let error = match course.ending {
                    // The same as when our own count says it, before anything is sent.
                    Some(ending @ Ending::Throttled(wait)) if self.is_closed(ending) => {
                        course.closed(request.operation, wait)
                    }
                    _ => Error::Api(Box::new(ApiError {
                        maybe_applied: course.maybe_applied,
                        ..ApiError::read(operation, &response, attempts, self.clock.utc())
                    })),
                };
                Failure {
                    response: Some(response),
                    ..course.failure(error)
                }
            }
            Err(cause) => course.failure(Error::Transport {
                operation,
                attempts,
                cause,
                maybe_applied: course.maybe_applied,
            }),
        }
    }
}

/// Says that a request is sent again, and why.
fn tell_repeat(
    request: &Request,
    course: &Course,
    result: &Result<Response, TransportError>,
    wait: Duration,
) {
    let (operation, attempt) = (request.operation.id, course.attempts);
    let wait = Seconds(wait);
    match result {
        Ok(Response { status: 429, .. }) => tracing::info!(
            operation,
            attempt,
            %wait,
            "refused by the rate limit (429), sent again after the wait"
        ),
        Ok(Response { status, .. }) => tracing::warn!(
            operation,
            attempt,
            status,
            %wait,
            "failed for the time being, sent again after the wait"
        ),
        Err(error) => tracing::warn!(
            operation,
            attempt,
            %wait,
            "not answered, sent again after the wait: {error}"
        ),
    }
}

/// Whether the answer is 401.
fn is_not_let_in(result: &Result<Response, TransportError>) -> bool {
    matches!(result, Ok(response) if response.status == 401)
}

/// Renews a token for a request that `stop` would end.
struct Renewal<'a> {
    exchange: &'a Exchange,
    stop: &'a Stop,
}

impl Renew for Renewal<'_> {
    fn renew<'a>(
        &'a self,
        oauth: &'a OAuth,
        refresh_token: &'a Secret,
    ) -> BoxFuture<'a, Result<Tokens, Error>> {
        Box::pin(async move {
            let request = refresh_request(oauth, refresh_token)?;
            let context = Context {
                meter: &Meter::default(),
                // Ends it between two attempts, never during one: a token that is given must be kept.
                stop: self.stop,
                repeat_is_safe: REFRESH.repeat.safe,
                in_doubt: &AtomicBool::new(false),
                herald: None,
            };
            match self.exchange.send(&request, context).await {
                Ok(answer) => read_answer(&answer.body, refresh_token, self.exchange.clock.utc()),
                Err(failure) => Err(failure.error),
            }
        })
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_raised()
    }
}

impl Course {
    /// The next attempt has waited for its permission.
    fn has_waited(&mut self, wait: Duration) {
        self.waited = wait;
        if self.began.is_some() {
            self.held_up += wait;
        }
    }

    fn note(&mut self, ending: Ending) {
        self.ending = Some(ending);
        if let Ending::Unavailable { maybe_applied, .. } = ending {
            self.failures += 1;
            self.maybe_applied |= maybe_applied;
        }
    }

    fn standing(&self, ending: Ending, context: Context<'_>, now: Moment) -> Standing {
        Standing {
            ending,
            repeat_is_safe: context.repeat_is_safe,
            failures: self.failures,
            elapsed: self.began.map_or(Duration::ZERO, |began| now.since(began)),
            held_up: self.held_up,
            spent: false,
            waits_for_daily: false,
            has_daily: false,
        }
    }

    /// No request of the operation is allowed for so long.
    fn closed(&self, operation: &Operation, wait: Duration) -> Error {
        Error::RateLimit {
            operation: operation.id,
            wait,
            attempts: self.attempts,
            maybe_applied: self.maybe_applied,
        }
    }

    fn failure(&self, error: Error) -> Failure {
        Failure {
            error,
            ending: self.ending,
            response: None,
            maybe_applied: self.maybe_applied,
        }
    }

    fn stopped(&self, stop: &Stop) -> Failure {
        self.failure(stop.why().unwrap_or(Error::Cancelled))
    }
}

#[cfg(test)]
mod tests;
