//! Handlers of inTandem, resource by resource.

use serde_json::{Value, json};
use standin::quirks::Profile;

use crate::vocabulary::{BUSINESS, CLIENT, CLIENT_PACKAGE, MATTER, Mock, PACKAGE, SERVICE, mock, observed};

fn assigned(mock: &Mock, more: Value) -> crate::vocabulary::Seen {
    let mut body = json!({"client_id": CLIENT, "package_id": PACKAGE});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    mock.staff("POST", "/platform/v1/payment/client_packages", body)
}

#[test]
fn client_package_is_created_with_payment_request_read_and_updated() {
    let mock = observed();
    let created = assigned(&mock, json!({"price": "120.0", "valid_from": "2026-02-08"})).expect(201);
    assert_eq!(created.text("/status"), "OK");
    let uid = created.text("/data/client_package/id");
    assert!(uid.len() == 16 && uid.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{uid}");
    assert_eq!(created.at("/data/client_package/amount"), 120);
    assert_eq!(created.text("/data/client_package/active"), "true");
    assert_eq!(created.text("/data/client_package/valid_until"), "2026-05-08");
    assert_eq!(created.text("/data/client_package/conversation_id"), MATTER);

    let request = created.text("/data/client_package/payment_status_uid");
    let payment_request = mock.get(&format!("/business/payments/v1/payment_requests/{request}")).expect(200);
    assert_eq!(payment_request.text("/data/payment_request/amount"), "120.0");
    assert_eq!(payment_request.text("/data/payment_request/state"), "overdue");
    assert_eq!(payment_request.text("/data/payment_request/payable_type"), "ClientBookingPackage");
    assert_eq!(payment_request.text("/data/payment_request/payable_uid"), uid);
    assert_eq!(payment_request.text("/data/payment_request/matter_uid"), MATTER);
    assert_eq!(payment_request.text("/data/payment_request/due_date"), "2026-02-08T00:00:00.000+00:00");

    let credit = created.text("/data/client_package/booking_credits/0/id");
    let change = json!({"client_package": {"booking_credits": [{"id": credit, "total_bookings": 12}], "valid_until": "2026-12-31"}});
    let changed = mock.staff("PUT", &format!("/business/payments/v1/client_packages/{uid}"), change).expect(200);
    assert_eq!(changed.text("/data/client_package/total_bookings"), "16");
    let read = mock.get(&format!("/business/payments/v1/client_packages/{uid}")).expect(200);
    assert_eq!(read.text("/data/client_package/booking_credits/0/total_bookings"), "12");
    assert_eq!(read.text("/data/client_package/valid_until"), "2026-12-31");
    assert_eq!(read.text("/data/client_package/payment_request_id"), request);
}

#[test]
fn empty_object_for_booking_credits_changes_nothing() {
    let mock = observed();
    let path = format!("/business/payments/v1/client_packages/{CLIENT_PACKAGE}");
    let before = mock.get(&path).expect(200);
    mock.staff("PUT", &path, json!({"client_package": {"booking_credits": {}}})).expect(200);
    assert_eq!(mock.get(&path).expect(200).body, before.body);
}

#[test]
fn client_package_accepts_only_conversations_of_its_client() {
    let mock = observed();
    for name in ["conversation_id", "matter_uid"] {
        let created = assigned(&mock, json!({name: "8uv484e80mcytwdz"})).expect(201);
        assert_eq!(created.text("/data/client_package/conversation_id"), "8uv484e80mcytwdz");
        assert!(!created.quirks().contains("auto-conversation"));
        assigned(&mock, json!({name: "n0such0matter000"})).expect(422);
    }
}

#[test]
fn payment_request_of_client_package_includes_taxes() {
    let mock = observed();
    let created = assigned(&mock, json!({"price": 100, "tax_uids": ["z6la8mcp3rfn5ubi"]})).expect(201);
    let request = created.text("/data/client_package/payment_status_uid");
    let payment_request = mock.get(&format!("/business/payments/v1/payment_requests/{request}")).expect(200);
    assert_eq!(
        (
            payment_request.text("/data/payment_request/amount"),
            payment_request.text("/data/payment_request/net_amount")
        ),
        ("108.5".into(), "100.0".into())
    );
    assigned(&mock, json!({"tax_uids": ["n0such0tax000000"]})).expect(422);
}

#[test]
fn invalid_client_package_is_rejected_and_changes_nothing() {
    let mock = observed();
    let before = crate::vocabulary::state_json(&mock.session, None)["records"].clone();
    for wrong in [
        json!({"client_id": "n0such0client000"}),
        json!({"client_id": null}),
        json!({"package_id": ""}),
        json!({"price": "much"}),
        json!({"price": -1}),
        json!({"valid_from": "yesterday"}),
        json!({"valid_from": "2026-02-31"}),
        json!({"valid_from": "2026-02-10", "valid_until": "2026-02-09"}),
        json!({"conversation_id": "n0such0matter000"}),
    ] {
        let seen = assigned(&mock, wrong.clone());
        assert_eq!((seen.status, seen.text("/status").as_str()), (422, "Error"), "{wrong}: {}", seen.body);
    }
    assert_eq!(crate::vocabulary::state_json(&mock.session, None)["records"], before);
}

#[test]
fn expiration_is_counted_in_days_weeks_months_and_years() {
    let mock = observed();
    for (unit, until) in [("D", "2026-02-03"), ("W", "2026-02-21"), ("M", "2026-04-30"), ("y", "2029-01-31")] {
        let package = json!({
            "name": unit, "price": 1, "currency": "USD", "expiration": 3, "expiration_unit": unit, "products": [],
            "items": [{"total_bookings": 1, "services": [{"id": SERVICE}]}],
        });
        let package = mock.staff("POST", "/platform/v1/payment/packages", package).expect(201).text("/data/package/id");
        let created = assigned(&mock, json!({"package_id": package, "valid_from": "2026-01-31"})).expect(201);
        assert_eq!(created.text("/data/client_package/valid_until"), until, "3 {unit}");
    }
}

#[test]
fn package_is_created_listed_read_updated_and_deactivated() {
    let mock = observed();
    let sent = json!({
        "name": "Summer", "price": 80, "currency": "EUR", "expiration": 1, "expiration_unit": "Y", "description": "d",
        "discount_amount": 5, "discount_unit": "P", "online_payment_enabled": true, "tax_uids": ["z6la8mcp3rfn5ubi"],
        "items": [{"total_bookings": 6, "services": [{"id": SERVICE}]}], "products": [{"id": "e9kj4xw0tvy2hqsd", "quantity": 2}],
    });
    let created = mock.staff("POST", "/platform/v1/payment/packages", sent).expect(201);
    let package = created.at("/data/package").clone();
    let id = created.text("/data/package/id");
    for (name, expected) in [
        ("price", json!("80.0")),
        ("total_price", json!("86.8")),
        ("expiration_unit", json!("y")),
        ("discount_amount", json!("5.0")),
        ("discount_unit", json!("p")),
        ("active", json!(true)),
        ("total_bookings", json!(6)),
        ("business_uid", json!(BUSINESS)),
    ] {
        assert_eq!(package[name], expected, "{name}");
    }
    assert_eq!(package["items"][0]["total_bookings"], "6");
    assert_eq!(package["items"][0]["services"][0]["id"], SERVICE);
    assert_eq!(package["products"][0]["quantity"], 2);

    let path = format!("/platform/v1/payment/packages/{id}");
    assert_eq!(mock.get(&path).expect(200).at("/data/package"), &package);
    let listed = mock.get("/platform/v1/payment/packages?per_page=100").expect(200);
    let last = listed.at("/data/packages").as_array().expect("a list").last().expect("one").clone();
    assert_eq!((&last["id"], last.get("items")), (&json!(id), None), "the list has no items without include_items");

    let assigned_before = assigned(&mock, json!({"package_id": id})).expect(201).text("/data/client_package/id");
    let changed =
        mock.staff("PUT", &path, json!({"package": {"price": "99.9", "active": false, "items": []}})).expect(200);
    assert_eq!(
        (changed.text("/data/package/price"), changed.at("/data/package/active")),
        ("99.9".into(), &json!(false))
    );
    assert_eq!(changed.at("/data/package/total_bookings"), 0);
    let remaining = mock.get(&format!("/business/payments/v1/client_packages/{assigned_before}")).expect(200);
    assert_eq!(
        (remaining.at("/data/client_package/amount"), remaining.text("/data/client_package/total_bookings")),
        (&json!(80), "6".into())
    );
    assigned(&mock, json!({"package_id": id})).expect(422);
    let active = mock.get("/platform/v1/payment/packages?active_only=true&include_items=true&per_page=100").expect(200);
    let active = active.at("/data/packages").as_array().expect("a list").clone();
    assert!(
        active.iter().all(|package| package["active"] == true && package["items"].is_array() && package["id"] != id)
    );
}

#[test]
fn invalid_package_is_rejected() {
    let mock = observed();
    let good = json!({
        "name": "x", "price": 1, "currency": "USD", "expiration": 1, "expiration_unit": "M", "products": [],
        "items": [{"total_bookings": 1, "services": [{"id": SERVICE}]}],
    });
    mock.staff("POST", "/platform/v1/payment/packages", good.clone()).expect(201);
    for (name, wrong) in [
        ("name", Value::Null),
        ("price", json!("cheap")),
        ("expiration_unit", json!("Q")),
        ("products", Value::Null),
        ("items", json!([{"total_bookings": 1, "services": [{"id": "n0such0service00"}]}])),
        ("items", json!([{"services": []}])),
        ("products", json!([{"id": "e9kj4xw0tvy2hqsd", "quantity": 6}])),
        ("tax_uids", json!(["n0such0tax000000"])),
    ] {
        let mut body = good.clone();
        body[name] = wrong;
        mock.staff("POST", "/platform/v1/payment/packages", body).expect(422);
    }
    mock.staff("PUT", &format!("/platform/v1/payment/packages/{PACKAGE}"), json!({"name": "not wrapped"})).expect(422);
}

#[test]
fn client_is_created_with_conversation_found_updated_and_deleted() {
    let mock = observed();
    let sent = json!({
        "first_name": "Ada", "last_name": "Byron", "email": "ada@example.com", "phone": "+15550001111", "status": "lead",
        "tags": "early, maths", "opt_in": true, "source_name": "website", "source_campaign": "spring",
    });
    let created = mock.staff("POST", "/platform/v1/clients", sent).expect(201);
    let id = created.text("/data/client/id");
    assert_eq!(
        (created.text("/data/client/mobile_phone"), created.text("/data/client/customer_status")),
        ("+15550001111".into(), "lead".into())
    );
    assert_eq!(created.at("/data/client/tags"), &json!(["early", "maths"]));
    assert_eq!(created.at("/data/client/source_data/name"), "website");
    let matters = mock.get(&format!("/business/clients/v1/contacts/{id}/matters")).expect(200);
    assert_eq!(matters.text("/data/matters/0/display_name"), "Ada Byron");
    assert_eq!(matters.text("/data/matters/0/contacts/0/uid"), id);
    let read = mock.get(&format!("/platform/v1/clients/{id}")).expect(200);
    assert_eq!(read.text("/data/client/matters/0/uid"), matters.text("/data/matters/0/uid"));
    assert_eq!(read.text("/data/client/opt_in"), "1");
    assert_eq!(read.text("/data/client/created_at"), "2026-02-08T12:00:00Z");

    for query in [
        "search_term=byron",
        "search_term=Ada+By",
        "search_term=ada@example.com&search_by=email",
        "search_term=0001111&search_by=phone",
    ] {
        let found = mock.get(&format!("/platform/v1/clients?{query}")).expect(200);
        assert_eq!(found.text("/data/clients/0/id"), id, "{query}");
    }
    let changed = json!({"last_name": "Lovelace", "address": "", "created_at": "2000-01-01T00:00:00Z", "tags": "new"});
    mock.staff("PUT", &format!("/platform/v1/clients/{id}"), changed).expect(200);
    let read = mock.get(&format!("/platform/v1/clients/{id}")).expect(200);
    assert_eq!(
        (read.text("/data/client/last_name"), read.text("/data/client/created_at")),
        ("Lovelace".into(), "2026-02-08T12:00:00Z".into())
    );
    let gone = mock.staff("DELETE", &format!("/platform/v1/clients/{id}"), Value::Null).expect(200);
    assert_eq!(gone.text("/data/client/customer_status"), "inactive");
    assert_eq!(gone.text("/data/client/email"), format!("ada@example.com.d{id}"));
    assert_eq!(gone.at("/data/client/matters"), &json!([]));
    let after = mock.get(&format!("/business/clients/v1/contacts/{id}/matters")).expect(200);
    assert_eq!(after.at("/data/matters"), &json!([]));
    mock.get("/platform/v1/clients/n0such0client000").expect(404);
}

#[test]
fn client_without_staff_is_assigned_to_the_caller() {
    let mock = observed();
    let staff = |body: Value| {
        let id = mock.staff("POST", "/platform/v1/clients", body).expect(201).text("/data/client/id");
        let matters = mock.get(&format!("/business/clients/v1/contacts/{id}/matters")).expect(200);
        matters.text("/data/matters/0/staff/uid")
    };
    assert_eq!(staff(json!({"first_name": "A", "staff_id": "7a65f216dbf4ed7a"})), "7a65f216dbf4ed7a");
    assert_eq!(staff(json!({"first_name": "B"})), "3f90b6a1e7d2c458");
}

#[test]
fn lists_are_paged_filtered_and_sorted() {
    let mock = observed();
    let ids = |target: &str, list: &str, key: &str| -> Vec<String> {
        let seen = mock.get(target).expect(200);
        let list = seen.at(&format!("/data/{list}")).as_array().expect("a list").clone();
        list.iter().map(|entry| entry[key].as_str().expect("an id").to_owned()).collect()
    };
    let clients = |query: &str| ids(&format!("/platform/v1/clients{query}"), "clients", "id");
    let all = clients("?per_page=100");
    assert!(all.len() >= 30 && all[0] == CLIENT, "{}", all.len());
    assert_eq!(clients("").len(), 25, "the default page size is 25");
    let pages: Vec<String> = (1..=5).flat_map(|page| clients(&format!("?per_page=10&page={page}"))).collect();
    assert_eq!(pages, all);
    assert_eq!(clients("?page=99"), Vec::<String>::new());
    for odd in ["?per_page=0", "?per_page=-1&page=-1", "?per_page=x&page=", "?page=18446744073709551615"] {
        clients(odd);
    }
    let requests =
        |query: &str| ids(&format!("/business/payments/v1/payment_requests{query}"), "payment_requests", "uid");
    let mine = requests(&format!("?filter%5Bclient_uid%5D%5Beq%5D={CLIENT}"));
    assert!(!mine.is_empty() && mine.len() < requests("").len());
    assert_eq!(requests(&format!("?filter[matter_uid][eq]={MATTER}")), mine);
    assert!(requests("?filter[entity_type][in]=Invoice,ProductOrder").len() == 3);
    assert!(requests("?filter[entity_type][eq]=Nothing").is_empty());
    let newest = requests("?sort=created_at:desc");
    let mut oldest = requests("?sort=created_at:asc");
    oldest.reverse();
    assert_eq!(newest.first(), oldest.first());
    assert!(requests("?status=unpaid").len() < requests("").len());
}

#[test]
fn payment_requests_are_filtered_by_state_due_date_and_entity() {
    let mock = observed();
    let states = |filter: &str| -> Vec<String> {
        let seen = mock.get(&format!("/business/payments/v1/payment_requests?{filter}")).expect(200);
        let list = seen.at("/data/payment_requests").as_array().expect("a list").clone();
        list.iter().map(|request| request["state"].as_str().expect("a state").to_owned()).collect()
    };
    let paid = states("filter[state][in]=PAID");
    assert!(!paid.is_empty() && paid.iter().all(|state| state == "paid"));
    let late = states("filter[state][in]=DUE,OVERDUE");
    assert!(late.contains(&"overdue".to_owned()) && !late.contains(&"paid".to_owned()));
    assert!(!states("filter[state][eq]=NOT_YET_DUE").is_empty());
    assert_eq!(
        states(&format!("filter[entity_uid][eq]={CLIENT_PACKAGE}&filter[entity_type][in]=ClientBookingPackage")),
        ["overdue"]
    );
    let mut sorted = states("");
    sorted.sort();
    assert_eq!(states("sort=state:asc"), sorted);
    for odd in ["taxes", "labels", "nothing", "amount", "display", "paid_at"] {
        assert_eq!(states(&format!("sort={odd}:desc")).len(), sorted.len());
    }
    let paid = mock.get("/business/payments/v1/payment_requests?filter[state][eq]=paid").expect(200);
    assert!(
        paid.text("/data/payment_requests/0/paid_at").ends_with("+00:00"),
        "paid_at has the form of the other timestamps"
    );
}

#[test]
fn package_totals_do_not_overflow() {
    let mock = observed();
    let credits =
        json!({"client_package": {"booking_credits": [{"id": "b6t1jo9xwq3rzk8u", "total_bookings": i64::MAX}]}});
    let seen =
        mock.staff("PUT", &format!("/business/payments/v1/client_packages/{CLIENT_PACKAGE}"), credits).expect(200);
    assert_eq!(seen.text("/data/client_package/total_bookings"), i64::MAX.to_string());
    assigned(&mock, json!({"valid_from": "9999-12-01"})).expect(422);
}

#[test]
fn form_body_is_read_like_json() {
    let mock = observed();
    let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
    let headers = [("authorization", token.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let seen =
        mock.send("POST", "/api2/platform/v1/clients", &headers, "first_name=Ada&last_name=L%C3%B6v").expect(201);
    assert_eq!(seen.text("/data/client/last_name"), "Löv");
    let headers = [headers[0], ("content-type", "Application/X-WWW-Form-URLEncoded; charset=UTF-8")];
    let seen = mock.send("POST", "/api2/platform/v1/clients", &headers, "first_name=Eva&=x&[a]=y").expect(201);
    assert_eq!(seen.text("/data/client/first_name"), "Eva", "a pair without a name is ignored");
    let headers = [headers[0], ("content-type", "application/x-www-form-urlencodedx")];
    mock.send("POST", "/api2/platform/v1/clients", &headers, "first_name=Eva").expect(400);
}

#[test]
fn services_products_and_taxes_are_listed_and_read() {
    let mock = observed();
    mock.get("/platform/v1/services").expect(422);
    let services = mock.get(&format!("/platform/v1/services?business_id={BUSINESS}")).expect(200);
    assert_eq!(services.text("/data/services/0/id"), SERVICE);
    mock.get("/platform/v1/services?business_id=2f8b61d94c07ea53").expect(422);
    assert_eq!(mock.get(&format!("/platform/v1/services/{SERVICE}")).expect(200).text("/data/service/id"), SERVICE);
    mock.get("/platform/v1/services/n0such0service00").expect(404);
    assert_eq!(mock.get("/business/payments/v1/products").expect(200).text("/data/products/0/price"), "20.0");
    let missing = mock.get("/business/payments/v1/products/n0such0product00").expect(422);
    assert_eq!(
        missing.body,
        json!({"success": false, "errors": [{"code": "missing", "field": "product_uid", "message": "Not Found"}]})
    );
}

#[test]
fn matters_are_listed_by_contact_and_read_by_uid() {
    let mock = observed();
    assert!(
        mock.get("/business/clients/v1/matters").expect(200).at("/data/matters").as_array().expect("a list").len() > 10
    );
    let of_client = mock.get(&format!("/business/clients/v1/matters?contact_uid={CLIENT}")).expect(200);
    assert_eq!(of_client.at("/data/matters").as_array().map(Vec::len), Some(2));
    let named = mock.get(&format!("/business/clients/v1/matters?filter[uid_in]={MATTER},nothing")).expect(200);
    assert_eq!(named.at("/data/matters").as_array().map(Vec::len), Some(1));
    let unknown = mock.get("/business/clients/v1/matters/n0such0matter000").expect(422);
    assert_eq!(
        unknown.body,
        json!({"success": false, "errors": [{"code": "invalid", "message": "This matter doesn't exist"}]})
    );
}

#[test]
fn without_quirks_every_token_and_gateway_is_served() {
    let mock = mock(Profile::Documented);
    let created = mock.call(
        "staff",
        "POST",
        "/platform/v1/payment/client_packages",
        json!({"client_id": CLIENT, "package_id": PACKAGE, "valid_from": "2026-02-08"}),
    );
    let uid = created.expect(201).text("/data/client_package/id");
    let read =
        mock.call("staff", "GET", &format!("/business/payments/v1/client_packages/{uid}"), Value::Null).expect(200);
    assert_eq!(read.text("/data/client_package/payment_request_state"), "pending");
    assert_eq!(read.at("/data/client_package/conversation_id"), &Value::Null);
    assert_eq!(read.at("/data/client_package/booking_credits"), &json!([]));
}

#[test]
fn id_of_a_removed_webhook_is_not_reused() {
    let mock = observed();
    let url = |name: &str| format!("https://example.com/{name}");
    let subscribe = |name: &str| {
        let body = json!({"event": "account/closed", "target_url": url(name)});
        let seen = mock.staff("POST", "/platform/v1/webhook/subscribe", body);
        assert!((200..300).contains(&seen.status), "{seen:?}");
    };
    subscribe("first");
    subscribe("second");
    let gone = mock.staff("POST", "/platform/v1/webhook/unsubscribe", json!({"target_url": url("first")}));
    assert!((200..300).contains(&gone.status), "{gone:?}");
    subscribe("third");
    let state = crate::vocabulary::state_json(&mock.session, Some("webhook"));
    let remaining = state["records"]["webhook"].as_array().expect("a list");
    let urls: Vec<_> = remaining.iter().filter_map(|one| one["target_url"].as_str()).collect();
    assert_eq!(urls, [url("second"), url("third")]);
}

#[test]
fn tags_are_added_to_several_matters_at_once() {
    let mock = observed();
    let tags = |matter: &str| {
        mock.get(&format!("/business/clients/v1/matters/{matter}/tags")).expect(200).body["data"]["tags"].clone()
    };
    let (other, foreign) = ("8uv484e80mcytwdz", "4fhn6rzwul7kw5om");
    let several = json!({"new_api": true, "matters": {"uids": [MATTER, other, foreign]}, "tags": ["spring", "vip"]});
    mock.staff("PUT", "/business/clients/v1/tags", several).expect(200);
    assert_eq!((tags(MATTER), tags(other)), (json!(["spring", "vip"]), json!(["ensemble", "spring", "vip"])));
    let rival =
        mock.call("staff_rival", "GET", &format!("/api2/business/clients/v1/matters/{foreign}/tags"), Value::Null);
    assert_eq!(rival.expect(200).at("/data/tags"), &json!([]), "matters of other businesses are unchanged");
    let one =
        mock.staff("POST", &format!("/business/clients/v1/matters/{MATTER}/tags"), json!({"tag": "loud"})).expect(201);
    assert_eq!(one.body, json!({"success": true, "data": null}));
    mock.staff("DELETE", &format!("/business/clients/v1/matters/{MATTER}/tags"), json!({"tag": "vip"})).expect(200);
    let off = json!({"matters": {"uids": [MATTER, other]}, "tags": ["spring"]});
    mock.staff("DELETE", "/business/clients/v1/tags", off).expect(200);
    assert_eq!((tags(MATTER), tags(other)), (json!(["loud"]), json!(["ensemble", "vip"])));
}

#[test]
fn packages_are_listed_in_their_set_order() {
    let mock = observed();
    let listed = || -> Vec<String> {
        let all = mock.get("/platform/v1/payment/packages").expect(200);
        let all = all.body["data"]["packages"].as_array().expect("a list").clone();
        all.iter().map(|package| package["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let before = listed();
    let order = json!({"packages": [{"id": PACKAGE, "order": 2}, {"id": "264zva73efuzyqfc", "order": 0}]});
    let response = mock.staff("PUT", "/business/payments/v1/packages/reorder", order).expect(200);
    assert_eq!(response.body, json!({"success": true, "data": {}}));
    assert_eq!(listed()[..3], [before[2].clone(), before[1].clone(), before[0].clone()]);
    assert_eq!(listed()[3..], before[3..], "packages that are not listed keep their position");
}

#[test]
fn new_business_has_an_administrator_and_can_be_read() {
    let mock = observed();
    let body = json!({"admin_account": {"email": "ines.keller@example.com", "display_name": "Ines Keller"},
        "business": {"name": "Blue Door", "address": "2 Quay Street"}, "meta": {"external_id": "BD-1"}});
    let created = mock.call("directory", "POST", "/platform/v1/businesses", body.clone()).expect(200);
    let (business, staff) =
        (created.text("/data/business/business/id"), created.text("/data/business/admin_account/staff_uid"));
    assert_eq!(created.text("/data/business/admin_account/email"), "ines.keller@example.com");
    assert_eq!(created.text("/data/business/meta/external_id"), "BD-1");
    let read = mock.call("directory", "GET", &format!("/platform/v1/businesses/{business}"), Value::Null).expect(200);
    assert!(read.body.to_string().contains("Blue Door"), "{}", read.body);
    let staffs = format!("/platform/v1/businesses/{business}/staffs");
    let listed = mock.send(
        "GET",
        &staffs,
        &[
            ("authorization", &format!("Bearer {}", mock.credentials.token("directory").expect("a token"))),
            ("x-on-behalf-of", &business),
        ],
        "",
    );
    assert_eq!(listed.expect(200).text("/data/staff/0/id"), staff);
    mock.call("directory", "POST", "/platform/v1/businesses", body).expect(400);
}

#[test]
fn message_without_conversation_joins_the_one_of_its_client() {
    let mock = observed();
    let send = |client: &str| {
        let message = json!({"client_id": client, "text": "See you", "direction": "business_to_client", "conversation_title": "Strings"});
        mock.staff("POST", "/platform/v1/messages", json!({"message": message}))
            .expect(201)
            .text("/data/conversation_uid")
    };
    assert_eq!(send(CLIENT), MATTER);
    let matter = |client: &str| {
        let path = format!("/platform/v1/clients/{client}/conversations");
        mock.get(&path).expect(200).body["data"]["conversations"][0].clone()
    };
    assert_eq!(matter(CLIENT)["title"], "Strings");
    let alone =
        mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201).text("/data/client/id");
    assert_eq!(json!(send(&alone)), matter(&alone)["id"]);
}

#[test]
fn permission_overrides_are_merged_until_the_role_changes() {
    let mock = observed();
    let staff = "3f90b6a1e7d2c458";
    let overrides = format!("/v3/access_control/staff_permission_overrides_lists/{staff}");
    let role = json!({"staff_uid": staff, "business_role_uid": "225279a6-7fad-4b3b-8686-698f3a711e58"});
    mock.staff("POST", "/v3/access_control/staff_business_roles", role.clone()).expect(200);
    let states = |key: &str| -> Vec<Value> {
        let list = mock.get(&overrides).expect(200).body["data"]["permissions"].as_array().expect("a list").clone();
        list.into_iter().filter(|one| one["key"] == key).map(|one| one["state"].clone()).collect()
    };
    for state in ["allow", "deny"] {
        mock.staff("PUT", &overrides, json!({"permissions": [{"key": "reports.view", "state": state}]})).expect(200);
        assert_eq!(states("reports.view"), [state], "one override for each key");
    }
    assert_eq!(states("payments.invoices.create").len(), 1, "overrides that were not sent remain");
    mock.staff("PUT", &format!("/v3/access_control/staff_business_roles/{staff}"), role).expect(200);
    assert_eq!(mock.get(&overrides).expect(200).at("/data/permissions"), &json!([]));
}

#[test]
fn deleting_a_resource_type_deletes_its_resources() {
    let mock = observed();
    let created = |path: &str, body: Value| mock.staff("POST", path, body).expect(201).text("/data/uid");
    let kind = created("/v3/scheduling/resource_types", json!({"name": "Room"}));
    let room = created("/v3/scheduling/resources", json!({"name": "Small room", "resource_type_uid": kind}));
    let other = mock.get("/v3/scheduling/resources").expect(200).text("/data/resources/0/uid");
    mock.staff("DELETE", &format!("/v3/scheduling/resource_types/{kind}"), Value::Null).expect(200);
    mock.get(&format!("/v3/scheduling/resources/{room}")).expect(404);
    mock.get(&format!("/v3/scheduling/resources/{other}")).expect(200);
}

#[test]
fn search_finds_clients_and_their_records_by_part_of_a_name() {
    let mock = observed();
    let search = |query: &str| mock.get(&format!("/v2/search?{query}"));
    let found = search("query=lindqv&per_page=2").expect(200);
    assert_eq!((found.text("/top_hits/client/0/uid"), found.at("/counts/client")), (CLIENT.into(), &json!(1)));
    assert_eq!(
        (found.text("/top_hits/client/0/matter_uid"), found.at("/counts/conversation")),
        (MATTER.into(), &json!(2))
    );
    assert_eq!(found.text("/top_hits/appointment/0/payment_status"), "not_paid");
    let none = search("query=nobody-of-that-name").expect(200);
    assert_eq!((none.at("/counts/client"), none.at("/top_hits/client")), (&json!(0), &json!([])));
    let one = search("query=nora&entity=client").expect(200);
    assert_eq!(one.at("/counts"), &json!({"client": 1}));
    assert_eq!(search("query=nora&entity=appointment").expect(200).at("/count"), &json!(1));
    let rows = search("query=quartet&new_decoration=true").expect(200);
    assert_eq!((rows.at("/counts"), rows.text("/matters/0/contact_uid")), (&json!(1), CLIENT.into()));
    let none = search("query=nobody-of-that-name&entity=appointment").expect(404);
    assert_eq!(none.body, json!({"success": false, "code": "missing", "message": "Cant find match appointments"}));
}
