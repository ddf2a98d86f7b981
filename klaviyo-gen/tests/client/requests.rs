//! What a request says that no sample of the document can show.

use http::StatusCode;
use klaviyo_gen::parameters::{GetProfile, GetProfiles, UpdateProfile};
use klaviyo_gen::types::{
    ProfileEnum, ProfilePartialUpdateQuery, ProfilePartialUpdateQueryAttributes,
    ProfilePartialUpdateQueryResourceObject,
};
use klaviyo_gen::{Client, Error, Patch};
use serde_json::{Value, json};

use crate::recorder::{Recorder, ready};

fn client() -> (Recorder, Client) {
    let recorder = Recorder::new(StatusCode::OK, "{}");
    (recorder.clone(), Client::new(recorder))
}

#[test]
fn only_what_was_given_is_in_the_query() {
    let (recorder, client) = client();
    ready(client.get_profiles(GetProfiles::default())).expect("it is accepted");
    let recorded = recorder.recorded().expect("something was sent");
    assert_eq!(recorded.request.uri(), "/api/profiles");

    let parameters = GetProfiles {
        fields_profile: Some(["email", "location.city"].into()),
        filter: Some("equals(email,\"a+b@shop.example\")".into()),
        page_size: Some(100),
        ..Default::default()
    };
    ready(client.get_profiles(parameters)).expect("it is accepted");
    let recorded = recorder.recorded().expect("something was sent");
    assert_eq!(
        recorded.request.uri(),
        "/api/profiles?fields%5Bprofile%5D=email%2Clocation.city\
         &filter=equals%28email%2C%22a%2Bb%40shop.example%22%29&page%5Bsize%5D=100"
    );
}

#[test]
fn a_path_parameter_cannot_lead_elsewhere() {
    let (recorder, client) = client();
    for id in ["", ".", ".."] {
        let refused = ready(client.get_profile(id, GetProfile::default()));
        assert!(
            matches!(refused, Err(Error::Path { parameter: "id" })),
            "{id:?}"
        );
        assert!(recorder.recorded().is_none(), "nothing is sent");
    }
    ready(client.get_profile("../lists?a#b", GetProfile::default())).expect("it is accepted");
    let recorded = recorder.recorded().expect("something was sent");
    assert_eq!(recorded.request.uri(), "/api/profiles/..%2Flists%3Fa%23b");
}

/// What is sent to change a profile's attributes.
fn sent(attributes: ProfilePartialUpdateQueryAttributes) -> Value {
    let (recorder, client) = client();
    let body = ProfilePartialUpdateQuery {
        data: ProfilePartialUpdateQueryResourceObject {
            attributes,
            ..ProfilePartialUpdateQueryResourceObject::new("1")
        },
    };
    ready(client.update_profile("1", &body, UpdateProfile::default())).expect("it is accepted");
    let recorded = recorder.recorded().expect("something was sent");
    let sent: Value = serde_json::from_slice(recorded.request.body()).expect("the body is JSON");
    assert_eq!(sent["data"]["type"], ProfileEnum::default().as_str());
    sent["data"]["attributes"].clone()
}

#[test]
fn a_field_can_be_left_alone_cleared_and_set() {
    let attributes = ProfilePartialUpdateQueryAttributes::default();
    assert_eq!(sent(attributes.clone()), json!({}));
    assert_eq!(
        sent(ProfilePartialUpdateQueryAttributes {
            first_name: "Ada".into(),
            last_name: Patch::Null,
            ..attributes
        }),
        json!({ "first_name": "Ada", "last_name": null })
    );
}
