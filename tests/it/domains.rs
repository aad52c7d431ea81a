//! What the platform, its messages and its apps remember: what was said of something is what every path says of it.

use serde_json::{Value, json};

use crate::vocabulary::{BUSINESS, CLIENT, MATTER, observed};

const STAFF: &str = "3f90b6a1e7d2c458";

#[test]
fn a_new_business_is_read_changed_and_found_as_it_was_made() {
    let mock = observed();
    let body = json!({"business": {"name": "Quay Strings", "phone": "5550100"}, "meta": {"external_id": "EXT-77"},
        "admin_account": {"email": "june@quay.example.com", "first_name": "June", "display_name": "June Holm", "password": "secret"}});
    let made = mock.call("directory", "POST", "/platform/v1/businesses", body).expect(200);
    let id = made.text("/data/business/business/id");
    let path = format!("/platform/v1/businesses/{id}");
    let read = mock.call("directory", "GET", &path, Value::Null).expect(200);
    assert_eq!(read.text("/data/business/admin_account/email"), "june@quay.example.com");
    assert_eq!(read.at("/data/business/admin_account/staff_uid"), made.at("/data/business/admin_account/staff_uid"));
    assert_eq!(read.text("/data/business/meta/external_id"), "EXT-77");
    assert_eq!(read.text("/data/business/business/created_at"), "2026-02-08T12:00:00.000Z");
    assert_eq!(read.at("/data/business/business/address"), &Value::Null, "nobody said where");
    assert!(!read.body.to_string().contains("secret"));
    for envelope in [json!({"business": {"name": "Quay One"}}), json!({"business": {"business": {"name": "Quay Two"}}})]
    {
        mock.call("directory", "POST", &path, envelope).expect(200);
    }
    let read = mock.call("directory", "GET", &path, Value::Null).expect(200);
    assert_eq!(
        [read.text("/data/business/business/name"), read.text("/data/business/business/phone")],
        ["Quay Two", "5550100"]
    );
    for (query, found) in [
        ("email=june@quay.example.com", json!([id])),
        ("external_id=EXT-1001", json!([BUSINESS])),
        ("external_id=EXT-9001", json!([])),
        ("email=nobody@example.com", json!([])),
    ] {
        let seen = mock.call("directory", "GET", &format!("/platform/v1/businesses?{query}"), Value::Null).expect(200);
        assert_eq!(seen.at("/data/businesses"), &found, "{query}");
    }
}

#[test]
fn webhooks_are_listed_as_they_were_subscribed_to() {
    let mock = observed();
    let body = json!({"event": "client/created", "target_url": "https://example.com/new"});
    mock.staff("POST", "/platform/v1/webhook/subscribe", body.clone()).expect(201);
    let listed = || mock.get("/platform/v1/webhooks").expect(200).body.to_string();
    assert!(
        listed().contains(r#""entity":"client","event_type":"created","url":"https://example.com/new""#),
        "{}",
        listed()
    );
    mock.staff("POST", "/platform/v1/webhook/unsubscribe", body).expect(200);
    assert!(!listed().contains("https://example.com/new"));
}

#[test]
fn an_app_is_called_as_it_was_called_and_goes_by_its_code_name() {
    let mock = observed();
    let body =
        json!({"app_code_name": "metronome", "name": "Metronome", "redirect_uri": "https://metronome.example.com"});
    let made = mock.call("directory", "POST", "/platform/v1/apps", body).expect(201);
    assert_eq!(made.text("/data/client_id").len(), 64);
    let read = mock.get("/platform/v1/apps/metronome").expect(200);
    let of = |name: &str| read.at(&format!("/data/application/{name}")).clone();
    assert_eq!([of("name"), of("privacy_policy_link")], [json!("Metronome"), Value::Null], "nobody said more of it");
    mock.staff("PUT", "/platform/v1/apps/metronome", json!({"name": "Metronome Two"})).expect(200);
    assert_eq!(mock.get("/platform/v1/apps/metronome").expect(200).text("/data/application/name"), "Metronome Two");
}

#[test]
fn a_message_says_when_it_was_written_and_a_conversation_of_which_matter_it_is() {
    let mock = observed();
    let message = json!({"message": {"client_id": CLIENT, "text": "See you", "direction": "business_to_client", "staff_id": STAFF}});
    mock.call("staff", "POST", "/api2/platform/v1/messages", message).expect(201);
    mock.call("staff", "POST", &format!("/api2/v2/conversations/{MATTER}/messages"), json!({"text": "Again"}));
    let listed = mock.get(&format!("/v2/conversations/{MATTER}/messages")).expect(200);
    let listed = listed.body.as_array().expect("a list").clone();
    assert_eq!(listed.len(), 2);
    for one in listed {
        assert_eq!(one["created_at"], "2026-02-08T12:00:00.000+00:00", "{one}");
        assert_eq!([&one["title"], &one["channel_uid"]], [&Value::Null, &json!(CLIENT)], "{one}");
        assert_eq!(one["created_at_h"], "Feb 8, 12:00 pm");
    }
    let conversations = mock.get("/v2/conversations").expect(200);
    assert_eq!(conversations.text("/data/0/matter_uid"), conversations.text("/data/0/uid"));
    let conversation = json!({"conversation": {"archived": true}});
    let changed = mock.staff("PUT", &format!("/v2/conversations/{MATTER}"), conversation).expect(200);
    assert_eq!(changed.at("/archived"), true, "the envelope has the name that the path has for a matter");
}

#[test]
fn who_makes_something_and_says_of_nobody_that_it_is_theirs_makes_it_for_themselves() {
    let mock = observed();
    let made = mock.staff("POST", "/v3/communication/voice_call_settings", json!({})).expect(201);
    assert_eq!(made.text("/data/staff_uid"), STAFF);
    assert_eq!(made.at("/data").get("forward_number"), None, "nobody forwards: {}", made.body);
}
