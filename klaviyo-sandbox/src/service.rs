//! One account behind one address: everything that requests share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State as Shared;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::header::SERVER;
use http::{HeaderValue, Request};
use klaviyo_gen::Operation;

use crate::account::{Account, Ids};
use crate::api::{Routes, pass};
use crate::beside::beside;
use crate::callers::{Caller, Windows};
use crate::clock::random_seed;
use crate::faults::{Plan, Strike};
use crate::inside::{self, Counted, SnapshotError, State, Tally, snapshot};
use crate::limits::{Quota, Throttled};
use crate::oauth::{self, Grants};
use crate::panics::answer_panics;
use crate::settings::Settings;

/// What a sandbox says it is, in every answer.
const NAME: HeaderValue = HeaderValue::from_static("klaviyo-sandbox");

/// One account behind one address.
#[derive(Debug)]
pub(crate) struct Service {
    settings: Settings,
    url: String,
    seed: u64,
    routes: Routes,
    windows: Mutex<Windows>,
    grants: Mutex<Grants>,
    account: Mutex<Account>,
    tally: Mutex<Tally>,
    faults: Mutex<Plan>,
    errors: AtomicU64,
}

impl Service {
    pub(crate) fn new(settings: Settings, url: &str) -> Arc<Self> {
        let seed = settings.seed.unwrap_or_else(random_seed);
        Arc::new(Self {
            url: url.to_owned(),
            seed,
            routes: Routes::new(),
            windows: Mutex::new(Windows::new(&settings, seed)),
            grants: Mutex::new(Grants::new(&settings.refresh_token, seed)),
            account: Mutex::new(Account::new(seed)),
            tally: Mutex::default(),
            faults: Mutex::new(Plan::new(seed)),
            errors: AtomicU64::new(0),
            settings,
        })
    }

    /// The service as HTTP: `/_sandbox/…` looks inside, everything else is the API.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let api =
            |Shared(service): Shared<Arc<Self>>, request: Request<Body>| pass(service, request);
        self.answering(inside::routes(self).merge(oauth::routes()).fallback(api))
    }

    /// Routes whose every answer is signed, and that answer even if they panic.
    fn answering(self: &Arc<Self>, routes: Router<Arc<Self>>) -> Router {
        let service = Arc::clone(self);
        routes
            .layer(from_fn_with_state(Arc::clone(self), answer_panics))
            .layer(map_response(sign))
            .with_state(service)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.settings.clock.now()
    }

    /// Whether the limits take a request to an operation, which may ask for `predictions` besides;
    /// `None` when it has none.
    pub(crate) fn admit(
        &self,
        operation: &Operation,
        predictions: bool,
        caller: Caller,
        now: DateTime<Utc>,
    ) -> Result<Option<Quota>, Throttled> {
        if !self.settings.limits {
            return Ok(None);
        }
        let predictions = predictions && self.settings.predictive_analytics_limits;
        self.windows().admit(operation, predictions, caller, now)
    }

    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        locked(&self.grants)
    }

    /// The account as it is at a moment: jobs whose end has come are ended.
    pub(crate) fn account(&self, now: DateTime<Utc>) -> MutexGuard<'_, Account> {
        let mut account = locked(&self.account);
        account.settle(self.settings.taken_phone_number, now);
        account
    }

    /// Whether the account can be had without waiting: nobody holds it, and no work is due.
    pub(crate) fn is_at_hand(&self, now: DateTime<Utc>) -> bool {
        match self.account.try_lock() {
            Ok(account) => !account.is_due(now),
            Err(_) => false,
        }
    }

    /// Looks at the account, or changes it, now; beside the runtime, because it may have to wait.
    pub(crate) async fn look<T: Send + 'static>(
        self: Arc<Self>,
        look: impl FnOnce(&mut Account) -> T + Send + 'static,
    ) -> T {
        beside(move || self.with_account(look)).await
    }

    /// Looks at the account, or changes it, now.
    pub(crate) fn with_account<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(&mut self.account(self.now()))
    }

    pub(crate) fn next_error_id(&self) -> String {
        Ids::new(self.seed).uuid(self.errors.fetch_add(1, Ordering::Relaxed))
    }

    /// What goes wrong with a request to an operation, if anything does.
    pub(crate) fn strike(&self, operation: &Operation) -> Option<Strike> {
        self.faults().strike(operation.id)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Plan> {
        locked(&self.faults)
    }

    /// Counts a request that has come to its end.
    pub(crate) fn count(&self, request: Counted) {
        self.tally().count(request);
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.tally)
    }

    pub(crate) fn windows(&self) -> MutexGuard<'_, Windows> {
        locked(&self.windows)
    }

    pub(crate) fn state(&self) -> State {
        let now = self.now();
        let requests = self.tally().by_operation().clone();
        let oauth = self.grants().counts().into();
        State::of(&self.account(now), requests, oauth, now)
    }

    /// All that the account holds, as a file.
    pub(crate) fn snapshot(&self) -> Vec<u8> {
        self.with_account(|account| snapshot::write(account))
    }

    /// Puts what a file holds in the place of what the account holds.
    pub(crate) fn restore(&self, file: &[u8]) -> Result<(), SnapshotError> {
        let account = snapshot::read(file)?;
        *locked(&self.account) = account;
        Ok(())
    }

    pub(crate) fn reset(&self) {
        *locked(&self.account) = Account::new(self.seed);
        *self.windows() = Windows::new(&self.settings, self.seed);
        *self.grants() = Grants::new(&self.settings.refresh_token, self.seed);
        *self.tally() = Tally::default();
        *self.faults() = Plan::new(self.seed);
        self.errors.store(0, Ordering::Relaxed);
    }
}

/// A handler that panicked has not left anything half-written that would not show in a test.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn sign(mut response: Response) -> Response {
    response.headers_mut().insert(SERVER, NAME);
    response
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use axum::body::to_bytes;
    use axum::routing::get;
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use serde_json::Value;

    use super::*;

    /// Holds the account until told to let go; says whether it was told, rather than forgotten.
    fn hold(service: &Arc<Service>) -> (mpsc::Sender<()>, std::thread::JoinHandle<bool>) {
        let (let_go, told) = mpsc::channel();
        let (tell, held) = mpsc::channel();
        let service = Arc::clone(service);
        let holder = std::thread::spawn(move || {
            let _account = locked(&service.account);
            tell.send(()).unwrap();
            told.recv_timeout(Duration::from_secs(20)).is_ok()
        });
        held.recv().unwrap();
        (let_go, holder)
    }

    /// A mistake of the sandbox's, made while it holds the account.
    async fn panic(Shared(service): Shared<Arc<Service>>) {
        service.look(|_| panic!("on purpose")).await;
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_answered_and_counted() {
        let service = Service::new(Settings::default(), "http://127.0.0.1");
        let routes = Router::new().route("/api/profiles", get(panic));
        let router = TowerToHyperService::new(service.answering(routes));
        for asked in 1..=2 {
            let request = Request::get("/api/profiles").body(Body::empty()).unwrap();
            let answer = router.call(request).await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()[SERVER]),
                (500, &NAME)
            );
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["errors"][0]["code"], "error");
            let requests = service.state().requests_to("get_profiles");
            assert_eq!((requests.total, requests.answered(500)), (asked, asked));
        }
        assert_eq!(service.tally().latest_failures().count(), 2);
    }

    /// On a runtime of one thread: were it to wait for the account, nothing could let go of it.
    #[tokio::test]
    async fn a_request_that_waits_for_the_account_holds_up_no_other() {
        let service = Service::new(Settings::default(), "http://127.0.0.1");
        let key = format!("Klaviyo-API-Key {}", service.settings().key);
        let router = TowerToHyperService::new(service.router());
        for path in [
            "/_sandbox/state",
            "/_sandbox/profiles",
            "/_sandbox/events?metric=M",
            "/api/lists",
        ] {
            let request = Request::get(path)
                .header("authorization", &key)
                .header("revision", klaviyo_gen::REVISION);
            let (let_go, holder) = hold(&service);
            let mut answer = std::pin::pin!(router.call(request.body(Body::empty()).unwrap()));
            assert!(futures::poll!(&mut answer).is_pending(), "{path}");
            // It may be over already, if the request had waited for it.
            let _ = let_go.send(());
            assert!(holder.join().unwrap(), "{path} held up the runtime");
            assert_eq!(answer.await.unwrap().status(), 200, "{path}");
        }
    }
}
