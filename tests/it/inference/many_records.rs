//! Collections with so many records that they are found by indexes: the responses are the same as with few.

use serde_json::json;
use standin::model::{Fields, Record};

use super::{api, each, query_parameters};
use crate::served::Served;

/// From 256 records on there are indexes.
const SIZES: [usize; 3] = [200, 300, 3_000];

/// Harbours with boats. Boats are addressed by their ids, harbours by a `code` that their paths call `harbour_ref`.
fn harbours() -> Served {
    let numbers = ["limit", "offset"].map(|name| (name, "type: integer"));
    let texts = ["after", "before", "sort"].map(|name| (name, "type: string"));
    let parameters = query_parameters(numbers.into_iter().chain(texts));
    let content =
        |kind: &str| format!("content: {{application/json: {{schema: {{$ref: '#/components/schemas/{kind}'}}}}}}");
    let (berth, boat, harbour) = (content("Berth"), content("Boat"), content("Harbour"));
    api(&format!(
        "
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{parameters}]
      responses:
        '200':
          content:
            application/json:
              schema:
                type: object
                properties:
                  total: {{type: integer}}
                  boats: {{type: array, items: {{$ref: '#/components/schemas/Boat'}}}}
    post: {{requestBody: {{{boat}}}, responses: {{'201': {{{boat}}}}}}}
  /boats/{{boatId}}:
    get: {{responses: {{'200': {{{boat}}}, '404': {{description: none}}}}}}
    put: {{requestBody: {{{boat}}}, responses: {{'200': {{{boat}}}}}}}
    delete: {{responses: {{'204': {{description: gone}}}}}}
  /harbours:
    post: {{requestBody: {{{harbour}}}, responses: {{'201': {{{harbour}}}}}}}
  /harbours/{{harbour_ref}}:
    get: {{responses: {{'200': {{{harbour}}}, '404': {{description: none}}}}}}
    patch: {{requestBody: {{{harbour}}}, responses: {{'200': {{{harbour}}}}}}}
  /harbours/{{harbour_ref}}/berths:
    get:
      parameters: [{parameters}]
      responses: {{'200': {{content: {{application/json: {{schema: {{type: array, items: {{$ref: '#/components/schemas/Berth'}}}}}}}}}}}}
    post: {{requestBody: {{{berth}}}, responses: {{'201': {{{berth}}}}}}}
components:
  schemas:
    Berth: {{type: object, properties: {{id: {{type: string}}, width: {{type: integer}}}}}}
    Boat: {{type: object, properties: {{id: {{type: string}}, name: {{type: string}}}}}}
    Harbour: {{type: object, properties: {{harbourRef: {{type: string}}, depth: {{type: integer}}}}}}
"
    ))
}

fn with_boats(count: usize) -> Served {
    let served = harbours();
    served.session.change(|state| {
        for number in 0..count {
            let fields = Fields::new().with("id", format!("b{number}")).with("name", format!("Boat {number}"));
            state.store.put(Record::new("boat", format!("b{number}"), fields));
            let fields = Fields::new().with("harbourRef", format!("h{number}")).with("depth", 3);
            state.store.put(Record::new("harbour", format!("h{number}"), fields));
        }
    });
    served
}

/// The names of boats and the total of a list.
fn page(served: &Served, query: &str) -> (Vec<String>, i64) {
    let page = served.get(&format!("/boats?{query}")).json();
    let names = each(&page["boats"], "id").into_iter().map(str::to_owned).collect();
    (names, page["total"].as_i64().expect("a number"))
}

fn names(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("b{number}")).collect()
}

#[test]
fn pages_begin_at_their_offsets_and_cursors() {
    for size in SIZES {
        let served = with_boats(size);
        let total = size as i64;
        let last = size - 2;
        assert_eq!(page(&served, "limit=3"), (names(0..3), total));
        assert_eq!(page(&served, "limit=3&offset=150"), (names(150..153), total));
        assert_eq!(page(&served, &format!("limit=3&offset={last}")), (names(last..size), total));
        assert_eq!(page(&served, &format!("limit=3&offset={size}")), (names([]), total));
        assert_eq!(page(&served, "limit=3&after=b149"), (names(150..153), total));
        assert_eq!(page(&served, "limit=3&before=b150"), (names(147..150), total));
        assert_eq!(page(&served, "limit=3&after=nothing"), (names([]), total));
        assert_eq!(page(&served, "limit=2&sort=-id").1, total, "a sorted list is complete, too");
        for number in [10, 11, 149, 151] {
            assert_eq!(served.delete(&format!("/boats/b{number}")).status, 204);
        }
        let total = total - 4;
        assert_eq!(page(&served, "limit=3&offset=9"), (names([9, 12, 13]), total));
        assert_eq!(page(&served, "limit=3&after=b149"), (names([150, 152, 153]), total), "after a deleted record");
    }
}

#[test]
fn sorted_pages_are_those_of_the_whole_list_after_any_change() {
    for size in SIZES {
        let served = with_boats(size);
        let mut boats: Vec<(String, usize)> = (0..size).map(|number| (format!("Boat {number}"), number)).collect();
        for round in 0..4 {
            boats.sort();
            let ids = |boats: &mut dyn Iterator<Item = &(String, usize)>| names(boats.map(|(_, number)| *number));
            let total = boats.len() as i64;
            let first = ids(&mut boats.iter().take(4));
            assert_eq!(page(&served, "limit=4&sort=name"), (first, total), "{size}, round {round}");
            let last = ids(&mut boats.iter().rev().take(4));
            assert_eq!(page(&served, "limit=4&sort=-name"), (last, total));
            let middle = ids(&mut boats.iter().skip(120).take(4));
            assert_eq!(page(&served, "limit=4&sort=name&offset=120"), (middle.clone(), total));
            let before = &boats[119].1;
            assert_eq!(page(&served, &format!("limit=4&sort=name&after=b{before}")), (middle, total));
            let (_, changed) = boats.remove(120);
            let name = format!("Aye {round}");
            let body = json!({"name": name}).to_string();
            assert_eq!(served.call("PUT", &format!("/boats/b{changed}"), &body).status, 200);
            boats.push((name, changed));
            let (_, deleted) = boats.remove(60);
            assert_eq!(served.delete(&format!("/boats/b{deleted}")).status, 204);
        }
    }
}

#[test]
fn list_below_a_parent_has_its_records_and_those_without_any() {
    for size in SIZES {
        let served = with_boats(10);
        served.session.change(|state| {
            for number in 0..size {
                let fields = Fields::new().with("width", number as i64);
                // Records that come from elsewhere name their parent as the parameter of the path, in any style, or not at all.
                let fields = match number % 4 {
                    3 => fields,
                    2 => fields.with("harbourRef", format!("h{}", number % 10)),
                    _ => fields.with("harbour_ref", format!("h{}", number % 10)),
                };
                state.store.put(Record::new("berth", format!("q{number}"), fields));
            }
        });
        let listed = |query: &str| -> Vec<i64> {
            let list = served.get(&format!("/harbours/h7/berths?limit=1000&{query}")).json();
            list.as_array().expect("a list").iter().map(|berth| berth["width"].as_i64().expect("a number")).collect()
        };
        let expected = |number: &i64| number % 4 == 3 || number % 10 == 7;
        let mut all: Vec<i64> = (0..size as i64).filter(expected).collect();
        assert_eq!(listed(""), all[..all.len().min(1000)], "{size}");
        let created = served.call("POST", "/harbours/h7/berths", &json!({"width": 9_999}).to_string()).json();
        served.call("POST", "/harbours/h8/berths", &json!({"width": 8_888}).to_string());
        all.push(9_999);
        all.reverse();
        assert_eq!(listed("sort=-width"), all[..all.len().min(1000)], "{size}");
        served.session.change(|state| state.store.remove("berth", created["id"].as_str().expect("an id")));
        assert_eq!(listed("sort=-width"), all[1..all.len().min(1001)], "{size}");
    }
}

#[test]
fn records_are_found_by_any_key_and_unknown_ones_are_not() {
    for size in SIZES {
        let served = with_boats(size);
        for (target, status) in [
            ("/boats/b7", 200),
            // The records that nothing else describes are found by their names.
            ("/boats/Boat%207", 200),
            ("/boats/Boat", 404),
            ("/boats/b7000", 404),
            ("/harbours/h7", 200),
            ("/harbours/h7000", 404),
        ] {
            assert_eq!(served.get(target).status, status, "{target} of {size}");
        }
        // The harbour is found by its new key and by its id.
        assert_eq!(served.call("PATCH", "/harbours/h7", &json!({"harbourRef": "deep"}).to_string()).status, 200);
        assert_eq!(served.get("/harbours/deep").json(), served.get("/harbours/h7").json());
        let taken = served.call("PATCH", "/harbours/h8", &json!({"harbourRef": "deep"}).to_string());
        assert_eq!(taken.status, 409, "{}", taken.text);
    }
}
