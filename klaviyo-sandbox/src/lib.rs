//! A Klaviyo on loopback: an HTTP server that behaves as Klaviyo's API does, holds what it is given
//! in memory, and lets a test look at it.
//!
//! Operations, rate limits, caps and schemas come from the operation table of `klaviyo-gen`; what
//! the sandbox adds is the state behind them. Where nobody could verify Klaviyo's behaviour, it is
//! a field of [`Settings`] and takes the careful reading.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use klaviyo_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::start().await?;
//! println!("{} takes the key {}", sandbox.url(), sandbox.key());
//! // … point a client at it …
//! assert_eq!(sandbox.state().profiles, 0);
//! sandbox.stop().await;
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```

mod account;
mod api;
mod clock;
mod inside;
mod limits;
mod operations;
mod problem;
mod sandbox;
mod serve;
mod service;
mod settings;
mod validate;

pub use account::{Event, Identifier, Profile};
pub use clock::Clock;
pub use inside::{DroppedEvents, JobCounts, ListState, MetricState, Requests, State};
pub use sandbox::{Builder, Sandbox};
pub use settings::{OnKnownEvent, OnRepeatedEvent, OnTakenPhoneNumber, Settings};
