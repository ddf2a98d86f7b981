//! A run that is resumed with the key of another account, perhaps.

use super::super::*;
use crate::auth::Credentials;
use crate::secret::Secret;
use crate::testing::client_with;

#[tokio::test]
async fn another_key_is_warned_of_and_no_key_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.db");
    let transport = Scripted::new(|_, _| answer(202, ""));
    let with = |credentials| client_with(&transport, &FakeClock::new(1), credentials);
    let key = |key: &str| Credentials::ApiKey(Secret::new(key));
    let begun = with(key("pk_first"));
    let begun = begun.bulk().create_events(events(3)).journal(&path);
    assert!(begun.run().await.unwrap().warnings.is_empty());

    for (credentials, is_warned) in [
        (key("pk_first"), false),
        (key("pk_second"), true),
        (Credentials::AccessToken(Secret::new("token")), false),
    ] {
        let resuming = with(credentials);
        let resumed = resuming.bulk().create_events(events(3)).resume(&path);
        let report = resumed.run().await.unwrap();
        assert_eq!(report.counts.accepted, 3);
        let warned = report
            .warnings
            .iter()
            .any(|warning| warning.contains("another key"));
        assert_eq!(warned, is_warned, "{:?}", report.warnings);
    }
    let written = std::fs::read(&path).unwrap();
    let holds = |text: &[u8]| written.windows(text.len()).any(|part| part == text);
    assert!(holds(b"create_events") && !holds(b"pk_first"));
}
