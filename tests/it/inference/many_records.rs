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
    let (boat, harbour) = (content("Boat"), content("Harbour"));
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
components:
  schemas:
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
