//! Starting and stopping.

use klaviyo_sandbox::{Sandbox, Settings};
use reqwest::Client;

async fn is_there(url: &str) -> bool {
    let client = Client::builder().no_proxy().build().unwrap();
    client
        .get(format!("{url}/_sandbox/state"))
        .send()
        .await
        .is_ok()
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = sandbox.url().to_owned();
    assert!(is_there(&url).await);
    sandbox.stop().await;
    assert!(!is_there(&url).await);
    let port: u16 = url.rsplit_once(':').unwrap().1.parse().unwrap();
    Sandbox::builder()
        .port(port)
        .start()
        .await
        .unwrap()
        .stop()
        .await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    let port: u16 = sandbox.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let address = format!("cannot listen on 127.0.0.1:{port}: ");
    assert!(error.to_string().starts_with(&address), "{error}");
    assert!(Sandbox::builder().port(port).start_thread().is_err());
}

#[tokio::test]
async fn a_scope_that_there_is_not_is_an_error() {
    let misspelt = Sandbox::builder().scopes(["profiles:raed"]);
    let error = misspelt.start().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(
        error.to_string().contains("did you mean profiles:read?"),
        "{error}"
    );
}

#[test]
fn on_a_thread_of_its_own_it_stops_when_dropped() {
    let sandbox = Sandbox::builder().start_thread().unwrap();
    let url = sandbox.url().to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert!(runtime.block_on(is_there(&url)));
    drop(sandbox);
    assert!(!runtime.block_on(is_there(&url)));
}

#[tokio::test]
async fn settings_make_a_builder_and_hide_the_key() {
    let settings = Settings {
        key: "pk_secret".to_owned(),
        ..Settings::default()
    };
    assert!(!format!("{settings:?}").contains("pk_secret"));
    let sandbox = klaviyo_sandbox::Builder::from(settings)
        .start()
        .await
        .unwrap();
    assert_eq!(sandbox.key(), "pk_secret");
}
