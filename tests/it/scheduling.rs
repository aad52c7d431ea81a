//! Bookings, event dates, calendars, time slots and tokens over several requests.

use serde_json::{Value, json};

use crate::vocabulary::{BUSINESS, CLIENT, MATTER, Mock, SERVICE, observed};

const STAFF: &str = "3f90b6a1e7d2c458";

fn book(mock: &Mock) -> String {
    let body = json!({"business_id": BUSINESS, "service_id": SERVICE, "staff_id": STAFF, "client_id": CLIENT,
        "start_time": "2026-02-10T10:00:00Z"});
    let created = mock.call("staff", "POST", "/api2/business/scheduling/v1/bookings", body).expect(201);
    created.text("/data/booking/id")
}

fn go(mock: &Mock, method: &str, what: &str, id: Value) -> (u16, Value) {
    let body = json!({"business_id": BUSINESS, "booking_id": id});
    let seen = mock.call("staff", method, &format!("/api2/business/scheduling/v1/bookings/{what}"), body);
    (seen.status, seen.body)
}

#[test]
fn booking_allows_only_its_transitions() {
    let mock = observed();
    let id = book(&mock);
    let (status, body) = go(&mock, "POST", "accept", json!(id));
    assert_eq!((status, &body["error"]), (400, &json!("Bad Transition")));
    let (status, body) = go(&mock, "PUT", "cancel", json!(id));
    assert_eq!((status, &body["data"]["booking"]["status"]), (201, &json!("cancelled")));
    let (status, body) = go(&mock, "POST", "complete", json!([id, "nothing"]));
    let error = |place: usize| body["data"]["batch_response"][place]["error"].clone();
    assert_eq!((status, error(0), error(1)), (200, json!("Bad Transition"), json!("Booking not found")));
}

#[test]
fn bookings_by_staff_and_by_clients_have_a_payment_request() {
    let mock = observed();
    let id = book(&mock);
    let read = |id: &str| mock.get(&format!("/platform/v1/scheduling/appointments/{id}")).expect(200);
    let seen = read(&id);
    let request_uid = seen.text("/data/appointment/payment_status/uid");
    let request = mock.get(&format!("/business/payments/v1/payment_requests/{request_uid}")).expect(200);
    let of = |name: &str| request.text(&format!("/data/payment_request/{name}"));
    assert_eq!([of("payable_type"), of("payable_uid"), of("amount")], ["Meeting".into(), id.clone(), "15.0".into()]);
    let listed = mock.get("/platform/v1/scheduling/appointments?per_page=100").expect(200);
    let listed =
        listed.at("/data/appointments").as_array().expect("a list").iter().find(|one| one["id"] == *id).cloned();
    assert_eq!(listed.expect("the booking")["payment_status"], json!({"uid": request_uid}));

    let free = json!({"business_id": BUSINESS, "service_id": "ss3fs2gju3yz3kcu", "staff_id": STAFF, "client_id": CLIENT,
        "start_time": "2026-02-10T12:00:00Z"});
    let free = mock.call("staff", "POST", "/api2/business/scheduling/v1/bookings", free).expect(201);
    assert_eq!(read(&free.text("/data/booking/id")).at("/data/appointment/payment_status"), &Value::Null);
}

#[test]
fn booking_by_a_client_names_client_and_staff() {
    let mock = observed();
    let booking = json!({"business_id": BUSINESS, "client_id": CLIENT, "service_id": SERVICE, "staff_id": STAFF, "start_time": "2026-02-09T21:00:00.000Z"});
    let created = mock.call("client", "POST", "/platform/v1/scheduling/bookings", booking).expect(201);
    let listed = mock.get("/platform/v1/scheduling/appointments?per_page=100").expect(200);
    let listed = listed.at("/data/appointments").as_array().expect("a list").clone();
    let seen = listed.iter().find(|one| one["id"] == *created.at("/data/booking/id")).expect("the booking");
    let names = ["client_first_name", "client_last_name", "staff_display_name", "updated_at"].map(|name| &seen[name]);
    assert_eq!(names, ["Nora", "Lindqvist", "Clara Moreau", "2026-02-08T12:00:00.000Z"]);
}

#[test]
fn waitlist_is_only_for_full_events() {
    let mock = observed();
    let created = mock.call(
        "staff",
        "POST",
        "/api2/v2/event_instances",
        json!({"start_time": "2026-02-10T10:00:00Z", "max_attendance": 1}),
    );
    let date = created.expect(200).text("/uid");
    let wait = json!({"event_instance_uid": date, "matter_uids": [MATTER]});
    let path = "/api2/business/scheduling/v1/waitlist/bulk_create";
    mock.call("staff", "POST", path, wait.clone()).expect(422);
    let place = json!({"client_id": "cgisyeh2qnageku6"});
    let attend = format!("/api2/v2/event_instances/{date}/event_attendances");
    mock.call("staff", "POST", &attend, place.clone()).expect(200);
    mock.call("staff", "POST", &attend, place).expect(422);
    mock.call("staff", "POST", path, wait).expect(201);
    let leave =
        json!({"business_uid": BUSINESS, "event_instance_uid": date, "client_uid": CLIENT, "matter_uid": MATTER});
    let left = mock.call("client", "PUT", "/api2/platform/v1/scheduling/waitlist/cancel", leave.clone()).expect(200);
    assert_eq!(left.text("/data/waitlist/status"), "cancelled");
    mock.call("client", "PUT", "/api2/platform/v1/scheduling/waitlist/cancel", leave).expect(422);
}

#[test]
fn calendar_sync_rejects_a_second_account() {
    let mock = observed();
    let items = "/business/scheduling/v1/external_calendar_items";
    let of =
        |account: &str| json!({"staff_uid": STAFF, "calendar_sync": {"provider": "google_v3", "account": account}});
    mock.call("staff", "PUT", &format!("{items}/connect"), of("a@example.com")).expect(422);
    let sync = json!({"staff_uid": STAFF, "app_code_name": "googlewaysync"});
    mock.call("staff", "POST", "/platform/v1/scheduling/calendar_syncs", sync).expect(200);
    mock.call("staff", "PUT", &format!("{items}/connect"), of("a@example.com")).expect(200);
    let other = mock.call("staff", "PUT", &format!("{items}/disable"), of("b@example.com")).expect(422);
    assert_eq!(other.text("/errors/0/code"), "already_exists");
}

#[test]
fn token_of_a_directory_works_until_it_is_revoked() {
    let mock = observed();
    let created = mock.call("directory", "POST", "/platform/v1/tokens", json!({"business_id": BUSINESS})).expect(201);
    let token = created.text("/data/token");
    let bearer = format!("Bearer {token}");
    let read = || mock.send("GET", "/platform/v1/clients", &[("authorization", &bearer)], "").status;
    assert_eq!(read(), 200);
    mock.call("directory_rival", "POST", "/platform/v1/tokens/revoke", json!({"token": token})).expect(422);
    assert_eq!(read(), 200);
    mock.call("directory", "POST", "/platform/v1/tokens/revoke", json!({"token": token})).expect(201);
    assert_eq!(read(), 401);
    mock.call("directory_rival", "POST", "/platform/v1/tokens", json!({"business_id": BUSINESS})).expect(422);
}

#[test]
fn app_gets_a_token_only_with_its_own_secret() {
    let mock = observed();
    let app = json!({"name": "Tides", "redirect_uri": "https://example.com/callback"});
    let app = mock.call("directory", "POST", "/platform/v1/apps", app).expect(201);
    let ask = |secret: &str| {
        let body = json!({"service_id": app.text("/data/client_id"), "service_secret": secret}).to_string();
        mock.send("POST", "/oauth/service/token", &[("content-type", "application/json")], &body)
    };
    assert_eq!(ask("guessed").status, 401);
    assert_eq!(ask(&app.text("/data/client_secret")).status, 200);
}

#[test]
fn booking_for_a_client_of_another_business_is_rejected() {
    let mock = observed();
    let book = |client: &str| {
        let body = json!({"business_id": BUSINESS, "service_id": SERVICE, "staff_id": STAFF, "client_id": client,
            "start_time": "2026-02-10T10:00:00Z"});
        let seen = mock.call("staff", "POST", "/api2/business/scheduling/v1/bookings", body);
        (seen.status, seen.text("/error"))
    };
    assert_eq!(book("c8fp648vlu9etjz1"), (422, "Unauthorized".to_owned()), "the client is of Rival Strings");
    assert_eq!(book("n0such0client000").0, 404);
    let authorization = format!("Bearer {}", mock.credentials.token("directory").expect("a token"));
    let headers = [("authorization", authorization.as_str()), ("x-on-behalf-of", "5e0d7a3b91c6f284")];
    let seen = mock.send("POST", "/api2/business/scheduling/v1/bookings", &headers, "{}");
    assert_eq!((seen.status, seen.body), (422, json!({"status": "Error", "error": "Unauthorized"})));
}

#[test]
fn invalid_time_slot_is_rejected_in_its_own_form() {
    let mock = observed();
    let week = mock.get("/v2/weekly_availabilities").expect(200);
    let week = week.body.pointer("/0/uid").or_else(|| week.body.pointer("/weekly_availabilities/0/uid"));
    let week = week.and_then(Value::as_str).expect("a week").to_owned();
    let slot = |start: &str, end: &str| json!({"business_id": BUSINESS, "weekly_availability_uid": week, "day": 1, "start_time": start, "end_time": end});
    let path = "/business/scheduling/v1/time_slots";
    let created = mock.staff("POST", path, slot("09:00", "10:00")).expect(201);
    let id = created.text("/data/general_availability/time_slots_by_day/1/slots/0/id");
    let seen = mock.staff("PUT", &format!("{path}/{id}"), slot("10:00", "09:00"));
    let error = json!({"field": "end_time", "message": "End time must be after start time"});
    assert_eq!((seen.status, seen.body), (422, json!({"status": "Error", "errors": [error]})));
    let seen = mock.staff("PUT", &format!("{path}/n0such0slot00000"), slot("09:00", "10:00"));
    assert_eq!((seen.status, seen.body), (404, json!({"status": "Error", "error": "Time slot not found"})));
}

#[test]
fn errors_of_conversations_are_422_and_slots_reject_missing_tokens_in_their_own_form() {
    let mock = observed();
    mock.get("/platform/v1/clients/n0such0client000/conversations").expect(422);
    let anonymous = mock.send("GET", "/v3/scheduling/availability_slots", &[], "");
    assert_eq!((anonymous.status, anonymous.body), (401, json!({"error": "Unauthorized"})));
}

#[test]
fn event_date_copies_its_service_and_counts_attendances() {
    let mock = observed();
    let workshop = "o3bn6rgt8pzc1mfa";
    let body = json!({"service_id": workshop, "start_time": "2026-02-14T10:00:00Z"});
    let created = mock.staff("POST", "/v2/event_instances", body).expect(200);
    assert_eq!([created.text("/title"), created.text("/charge_type")], ["Theory Workshop", "paid"]);
    assert_eq!(
        (created.at("/duration"), created.at("/price"), created.at("/staff_id")),
        (&json!(60), &json!(10), &json!(STAFF))
    );
    let id = created.text("/uid");
    let read = mock.get(&format!("/platform/v1/scheduling/event_instance/{id}")).expect(200);
    assert_eq!(read.text("/data/event_instance/end_time"), "2026-02-14T11:00:00.000Z");

    let path = format!("/v2/event_instances/{id}/event_attendances");
    let attendance = mock.staff("POST", &path, json!({"client_id": CLIENT})).expect(200).text("/uid");
    let read = || mock.get(&format!("/platform/v1/scheduling/event_attendances/{attendance}")).expect(200);
    let seen = read();
    let of = |name: &str| seen.text(&format!("/data/event_attendance/{name}"));
    assert_eq!([of("matter/uid"), of("event_service_uid"), of("event_instance_staff_uid")], [MATTER, workshop, STAFF]);
    assert_eq!([of("start_time_h"), of("created_at_h")], ["Sat, February 14 at 10:00am", "12:00 pm"]);
    let registered = || {
        let state = crate::vocabulary::state_json(&mock.session, Some("event_instance"));
        let all = state["records"]["event_instance"].as_array().expect("a list").clone();
        all.iter().find(|one| one["id"] == *id).expect("the date")["attendance_count"].clone()
    };
    assert_eq!(registered(), 1);
    let cancel = json!({"business_id": BUSINESS, "booking_id": attendance, "event_instance_id": id});
    mock.call("client", "POST", "/platform/v1/scheduling/bookings/cancel", cancel).expect(200);
    assert_eq!(read().text("/data/event_attendance/state_summary/state"), "cancelled");
    assert_eq!(registered(), 0);
}

#[test]
fn client_books_a_service_or_registers_for_an_event_date() {
    let mock = observed();
    let book = |body: Value| mock.call("client", "POST", "/platform/v1/scheduling/bookings", body);
    let with = |name: &str, value: Value| {
        let mut body = json!({"business_id": BUSINESS, "client_id": CLIENT, "service_id": SERVICE, "staff_id": STAFF,
            "start_time": "2026-02-10T10:00:00Z"});
        body[name] = value;
        body
    };
    let unknown = book(with("service_id", json!("nothing"))).expect(422);
    assert_eq!(unknown.body, json!({"status": "Error", "error": "Invalid service"}));
    let timeless = book(json!({"business_id": BUSINESS, "service_id": SERVICE})).expect(400);
    assert_eq!(timeless.text("/error_code"), "PARAMETER_MISSING");
    let without_staff =
        book(json!({"business_id": BUSINESS, "service_id": SERVICE, "start_time": "2026-02-10T10:00:00Z"}));
    assert_eq!(without_staff.expect(201).text("/data/booking/staff_id"), STAFF, "the first staff member");

    let body = json!({"service_id": "o3bn6rgt8pzc1mfa", "start_time": "2026-02-14T10:00:00Z", "max_attendance": 5});
    let date = mock.staff("POST", "/v2/event_instances", body).expect(200).text("/uid");
    let created = book(json!({"business_id": BUSINESS, "event_instance_id": date})).expect(201);
    let path = format!("/platform/v1/scheduling/event_attendances/{}", created.text("/data/booking/id"));
    assert_eq!(mock.get(&path).expect(200).text("/data/event_attendance/source"), "initiated_by_client");
}

#[test]
fn moving_a_booking_moves_its_end() {
    let mock = observed();
    let id = book(&mock);
    let body = json!({"business_id": BUSINESS, "booking_id": id, "start_time": "2026-02-11T09:00:00Z", "duration": 45});
    let moved = mock.staff("PUT", &format!("/business/scheduling/v1/bookings/{id}"), body).expect(201);
    assert_eq!(moved.text("/data/booking/end_time"), "2026-02-11T09:45:00.000Z");
    assert_eq!(moved.text("/data/booking/staff_name"), "Clara Moreau");
}

#[test]
fn weekly_availabilities_belong_to_existing_staff() {
    let mock = observed();
    let weeks = mock.get("/v2/weekly_availabilities").expect(200);
    assert_eq!([weeks.text("/0/staff_uid"), weeks.text("/0/time_slots_by_day/1/slots/0/start_time")], [STAFF, "09:00"]);
}

#[test]
fn slots_of_a_day_stay_sorted_when_one_is_moved() {
    let mock = observed();
    let slots = "/api2/business/scheduling/v1/time_slots";
    let week = "a3kd81vq0zt6wnx2";
    let body = json!({"business_id": BUSINESS, "weekly_availability_uid": week, "day": 6, "start_time": "09:00", "end_time": "10:00"});
    let first = mock.call("staff", "POST", slots, body.clone()).expect(201);
    let first = first.text("/data/general_availability/time_slots_by_day/6/slots/0/id");
    let mut later = body;
    (later["start_time"], later["end_time"]) = (json!("11:00"), json!("12:00"));
    mock.call("staff", "POST", slots, later.clone()).expect(201);
    (later["start_time"], later["end_time"]) = (json!("14:00"), json!("15:00"));
    let moved = mock.call("admin", "PUT", &format!("{slots}/{first}"), later).expect(200);
    let starts =
        |place: usize| moved.text(&format!("/data/general_availability/time_slots_by_day/6/slots/{place}/start_time"));
    assert_eq!([starts(0), starts(1)], ["11:00", "14:00"]);
}

#[test]
fn weekly_availability_is_read_as_a_general_one_with_the_ids_of_its_slots() {
    let mock = observed();
    let path = "/api/v2/weekly_availabilities/a3kd81vq0zt6wnx2?general_availability=true";
    let slots = |day: usize| {
        let seen = mock.get(path).expect(200);
        seen.at(&format!("/data/general_availability/time_slots_by_day/{day}/time_slots")).clone()
    };
    assert_eq!(slots(0), serde_json::json!([]));
    let slot = slots(1)[0]["uid"].as_str().expect("a uid").to_owned();
    let body = serde_json::json!({"business_id": crate::vocabulary::BUSINESS});
    mock.staff("DELETE", &format!("/business/scheduling/v1/time_slots/{slot}"), body).expect(200);
    assert_eq!(slots(1), serde_json::json!([]));
    mock.get("/api/v2/weekly_availabilities/no-such-week?general_availability=true").expect(404);
}

#[test]
fn administrator_creates_the_calendar_sync_of_the_named_staff_member() {
    let mock = observed();
    let admin = format!("Admin {}", mock.credentials.token("admin").expect("a token"));
    let send = |method: &str, path: &str, staff: &str| {
        let body = serde_json::json!({"staff_uid": staff, "app_code_name": "googlewaysync",
            "calendar_sync": {"provider": "google_v3", "account": "clara@example.com"}});
        mock.send(method, &format!("/api2{path}"), &[("authorization", &admin)], &body.to_string())
    };
    let staff = "3f90b6a1e7d2c458";
    for path in ["/platform/v1/scheduling/calendar_syncs", "/business/scheduling/v1/calendar_syncs"] {
        let created = send("POST", path, staff);
        assert!(created.status < 300, "{path}: {}", created.body);
        assert_eq!(send("POST", path, "no-such-staff").status, 422, "{path}");
    }
    let started = send("PUT", "/business/scheduling/v1/external_calendar_items/start_export", staff).expect(200);
    assert_eq!(started.text("/data/staff_uid"), staff);
}
