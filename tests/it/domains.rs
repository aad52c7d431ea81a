//! Records of platform, messages and apps have the same values on every path.

use serde_json::{Value, json};

use crate::vocabulary::{BUSINESS, CLIENT, MATTER, observed};

const STAFF: &str = "3f90b6a1e7d2c458";

#[test]
fn new_business_can_be_read_updated_and_found() {
    let mock = observed();
    let body = json!({"business": {"name": "Quay Strings", "phone": "5550100"}, "meta": {"external_id": "EXT-77"},
        "admin_account": {"country_name": "Portugal", "email": "june@quay.example.com", "first_name": "June", "display_name": "June Holm", "password": "secret"}});
    let created = mock.call("directory", "POST", "/platform/v1/businesses", body).expect(200);
    let id = created.text("/data/business/business/id");
    let path = format!("/platform/v1/businesses/{id}");
    let read = mock.call("directory", "GET", &path, Value::Null).expect(200);
    assert_eq!(read.text("/data/business/admin_account/email"), "june@quay.example.com");
    assert_eq!(read.text("/data/business/admin_account/country_name"), "Portugal");
    assert_eq!(read.at("/data/business/admin_account/staff_uid"), created.at("/data/business/admin_account/staff_uid"));
    assert_eq!(read.text("/data/business/meta/external_id"), "EXT-77");
    assert_eq!(read.text("/data/business/business/created_at"), "2026-02-08T12:00:00.000Z");
    assert_eq!(read.at("/data/business/business/address"), &Value::Null, "the request has no address");
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
fn webhooks_are_listed_as_subscribed() {
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
fn app_keeps_its_name_and_is_addressed_by_its_code_name() {
    let mock = observed();
    let body =
        json!({"app_code_name": "metronome", "name": "Metronome", "redirect_uri": "https://metronome.example.com"});
    let created = mock.call("directory", "POST", "/platform/v1/apps", body).expect(201);
    assert_eq!(created.text("/data/client_id").len(), 64);
    let read = mock.get("/platform/v1/apps/metronome").expect(200);
    let of = |name: &str| read.at(&format!("/data/application/{name}")).clone();
    assert_eq!([of("name"), of("privacy_policy_link")], [json!("Metronome"), Value::Null], "the request has no link");
    mock.staff("PUT", "/platform/v1/apps/metronome", json!({"name": "Metronome Two"})).expect(200);
    assert_eq!(mock.get("/platform/v1/apps/metronome").expect(200).text("/data/application/name"), "Metronome Two");
}

#[test]
fn message_has_its_time_and_conversation_has_its_matter() {
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
    assert_eq!(changed.at("/archived"), true, "the envelope has the name that the path uses for a matter");
}

#[test]
fn create_without_owner_assigns_the_caller() {
    let mock = observed();
    let created = mock.staff("POST", "/v3/communication/voice_call_settings", json!({})).expect(201);
    assert_eq!(created.text("/data/staff_uid"), STAFF);
    assert_eq!(created.at("/data").get("forward_number"), None, "the request has no forward number: {}", created.body);
}

#[test]
fn subscription_copies_its_offering_and_has_a_cancellation_date() {
    let mock = observed();
    let offering = json!({"type": "app", "SKU": "tuner_1", "display_name": "Tuner", "quantity": 1, "payment_type": "monthly",
        "prices": [{"currency": "USD", "price": 5}, {"currency": "EUR", "price": 4}]});
    let offering = mock.call("admin", "POST", "/v3/license/offerings", offering).expect(201).text("/data/uid");
    let body = json!({"offering_uid": offering, "purchase_currency": "EUR"});
    let created = mock.staff("POST", "/v3/license/subscriptions", body).expect(201);
    let of = |name: &str| created.at(&format!("/data/{name}")).clone();
    assert_eq!([of("display_name"), of("sku"), of("offering_type")], [json!("Tuner"), json!("tuner_1"), json!("app")]);
    assert_eq!([of("purchase_price"), of("buyer_uid")], [json!(4), json!(STAFF)]);
    let path = format!("/v3/license/subscriptions/{}", created.text("/data/uid"));
    mock.staff("PUT", &path, json!({"purchase_state": "canceled"})).expect(200);
    assert!(mock.get(&path).expect(200).text("/data/cancellation_date").starts_with("2026-02-08"));
}

#[test]
fn business_rules_have_one_response_form() {
    let mock = observed();
    let body = json!({"content": "Be kind", "category_code": "tone_of_voice"});
    let created = mock.staff("POST", "/v3/ai/business_rules", body).expect(201);
    assert_eq!(created.text("/data/business_rule/content"), "Be kind");
    let path = format!("/v3/ai/business_rules/{}", created.text("/data/business_rule/uid"));
    mock.staff("PUT", &path, json!({"status": "inactive"})).expect(200);
    let read = mock.get(&path).expect(200);
    assert_eq!(
        [read.text("/data/business_rule/content"), read.text("/data/business_rule/status")],
        ["Be kind", "inactive"]
    );
    assert_eq!(read.at("/data").as_object().map(serde_json::Map::len), Some(1), "{}", read.body);
}

#[test]
fn body_in_the_envelope_of_the_response_is_stored() {
    let mock = observed();
    let on_behalf = [
        ("authorization", "Bearer directory-allegro-d4c7f09b"),
        ("x-on-behalf-of", BUSINESS),
        ("content-type", "application/json"),
    ];
    let path = "/apigw/business/accounts/v1/identities";
    let body = json!({"business": {"identities": ["abcdefghabcdefgh"]}}).to_string();
    mock.send("PUT", path, &on_behalf, &body).expect(200);
    let read = mock.send("GET", path, &on_behalf, "").expect(200);
    assert_eq!(read.at("/data/business/identities"), &json!(["abcdefghabcdefgh"]));
}

#[test]
fn new_voice_call_is_unanswered_and_new_board_has_the_sent_layout() {
    let mock = observed();
    let body = json!({"staff_uid": STAFF, "client_uid": CLIENT, "from_number": "1", "to_number": "2", "direction": "INBOUND",
        "status": "MISSED", "rate": "0.5", "provider": "VONAGE", "source_id": "s", "external_uuid": "e", "business_uid": BUSINESS});
    let created = mock.staff("POST", "/v3/communication/voice_calls", body).expect(200);
    let read = mock.get(&format!("/v3/communication/voice_calls/{}", created.text("/data/uid"))).expect(200);
    for name in ["recording", "call_summary", "handled_by_staff_uid", "deleted_at"] {
        assert!(read.at("/data").get(name).is_none_or(Value::is_null), "{name}: {}", read.body);
    }
    let board = json!({"board_layout_code_name": "SingleColumn", "type": "custom", "sections": []});
    let created = mock.staff("POST", "/v3/apps/staff_widgets_boards", board).expect(201);
    assert_eq!(created.text("/data/board_layout"), "SingleColumn");
}

#[test]
fn embedded_business_has_its_name_and_staff_have_roles() {
    let mock = observed();
    let attributes = mock.get("/business/accounts/v1/attributes").expect(200);
    assert_eq!(attributes.text("/data/attributes/business_name"), "Harmony Music School");
    let staff = mock.get("/v2/staffs").expect(200);
    for one in staff.at("/data").as_array().expect("a list") {
        let uid = one["uid"].as_str().expect("text");
        let role = mock
            .get(&format!("/v3/access_control/staff_business_roles/{uid}"))
            .expect(200)
            .text("/data/business_role_uid");
        mock.get(&format!("/v3/access_control/business_roles/{role}")).expect(200);
    }
}
