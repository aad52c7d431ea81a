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

#[test]
fn skus_are_listed_by_type_with_their_code_names() {
    let mock = observed();
    let listed = mock.get("/v3/license/skus?type=addon").expect(200);
    let skus = listed.at("/data/skus").as_array().expect("a list");
    assert!(!skus.is_empty() && skus.iter().all(|sku| sku["type"] == "addon" && sku["code_name"].is_string()));
}

#[test]
fn identities_of_a_business_are_replaced_and_removed_by_name() {
    let mock = observed();
    let path = format!("/business/accounts/v1/identities?business_id={BUSINESS}");
    let listed =
        || mock.call("directory", "GET", &path, Value::Null).expect(200).at("/data/business/identities").clone();
    assert_eq!(listed().as_array().map(Vec::len), Some(1));
    let body = |identities: &[&str]| json!({"business": {"identities": identities}});
    mock.call("directory", "PUT", &path, body(&["a", "b", "c"])).expect(200);
    let removed = mock.call("directory", "DELETE", &path, body(&["b", "unknown"])).expect(200);
    assert_eq!((removed.at("/data/business/identities"), listed()), (&json!(["a", "c"]), json!(["a", "c"])));
    assert_eq!(removed.text("/data/business/uid"), BUSINESS);
}

#[test]
fn quick_actions_belong_to_staff_and_at_most_six_are_visible() {
    let mock = observed();
    let base = "/v3/business_administration/staff_quick_action_lists";
    let actions = |count: usize| -> Value {
        (0..count).map(|order| json!({"name": format!("action {order}"), "order": order, "visible": true})).collect()
    };
    let update = |staff: &str, count: usize| {
        mock.staff("PUT", &format!("{base}/{staff}"), json!({"quick_actions": actions(count)}))
    };
    update(STAFF, 6).expect(200);
    let rejected = update(STAFF, 7).expect(400);
    assert_eq!(rejected.text("/errors/0/message"), "more than 6 quick actions are set to visible.");
    for unknown in ["no-such-staff", "d2688b2d02656813"] {
        assert_eq!(update(unknown, 1).status, 404, "{unknown}");
    }
    let listed = mock.get(base).expect(200);
    let lists = listed.at("/data/staff_quick_action_lists").as_array().expect("a list");
    let own = lists.iter().find(|list| list["staff_uid"] == STAFF).expect("that of the staff member");
    assert_eq!((lists.len(), &own["quick_actions"].as_array().expect("a list").len()), (3, &6));
}

#[test]
fn new_business_makes_a_service_and_books_it() {
    let mock = observed();
    let body = json!({"business": {"name": "Quay Strings"}, "admin_account": {"email": "june@quay.example.com", "first_name": "June"}});
    let created = mock.call("directory", "POST", "/platform/v1/businesses", body).expect(200);
    let (business, staff) =
        (created.text("/data/business/business/id"), created.text("/data/business/admin_account/staff_uid"));
    let token = mock.call("directory", "POST", "/platform/v1/tokens", json!({"business_id": business})).expect(201);
    let bearer = format!("Bearer {}", token.text("/data/token"));
    let post = |token: &str, path: &str, body: Value| {
        mock.send("POST", &format!("/api2{path}"), &[("authorization", token)], &body.to_string())
    };
    let service = json!({"name": "Viola", "duration": 30, "price": 20, "currency": "EUR", "charge_type": "paid"});
    let service = post(&bearer, "/v2/settings/services", service).expect(200).text("/id");
    let client = post(&bearer, "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201);
    let book = |start: &str| {
        json!({"business_id": business, "client_id": client.text("/data/client/id"), "service_id": service,
            "staff_id": staff, "start_time": start, "time_zone": "UTC"})
    };
    let own = format!("Bearer {}", client.text("/data/token"));
    let booked = post(&own, "/platform/v1/scheduling/bookings", book("2026-02-09T15:00:00.000Z")).expect(201);
    assert_eq!(booked.text("/data/booking/service_id"), service);
    post(&bearer, "/business/scheduling/v1/bookings", book("2026-02-09T16:00:00.000Z")).expect(201);
}

#[test]
fn new_token_of_a_directory_is_for_the_callers_own() {
    let mock = observed();
    let create = |body: Value| mock.call("directory", "POST", "/api2/platform/v1/tokens", body);
    for id in [json!("d4c7f09b2e6a8135"), json!(17), json!("17")] {
        let token = create(json!({"directory_id": id})).expect(201).text("/data/token");
        let path = format!("/api2/platform/v1/clients?business_id={BUSINESS}");
        mock.send("GET", &path, &[("authorization", &format!("Bearer {token}"))], "").expect(200);
    }
    for foreign in ["a19e3c5d7b80f246", "no-such-directory"] {
        assert_eq!(create(json!({"directory_id": foreign})).status, 422, "{foreign}");
    }
}
