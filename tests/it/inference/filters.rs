//! Which records a list has: filter expressions, and the order.

use super::{api, each, query_parameters};
use crate::served::Served;

/// Three boats, and the query parameters of their list.
fn boats(parameters: &[&str]) -> Served {
    let parameters = query_parameters(parameters.iter().map(|name| (*name, "type: string")));
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
              example:
              - {{id: b1, name: Ann, length: 9, built: '2020-01-01', port: {{name: Oslo}}, owner: \"O'Hara\"}}
              - {{id: b2, name: Bea, length: 20, built: '2021-06-01', port: {{name: Kiel}}, owner: null}}
              - {{id: b3, name: Anna, length: 12, built: '2022-01-01', port: {{name: Bari}}, owner: Ibsen}}
"
    ))
}

fn ids(served: &Served, query: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    each(&served.get(&format!("/boats?{query}")).json(), "id").join(" ")
}

#[test]
fn a_filter_expression_selects_records() {
    for (filter, expected) in [
        ("name eq 'Ann'", "b1"),
        ("name ne 'Ann'", "b2 b3"),
        ("length gt 9", "b2 b3"),
        ("length ge 9 and length lt 20", "b1 b3"),
        ("length le 9 or name eq 'Bea'", "b1 b2"),
        ("not (length le 9 or name eq 'Bea')", "b3"),
        ("length gt 9 and name eq 'Bea' or id eq 'b1'", "b1 b2"),
        ("startswith(name, 'Ann') and contains(owner, 'bse')", "b3"),
        ("endswith(name,'a') eq false", "b1"),
        ("owner eq 'O''Hara'", "b1"),
        ("owner eq null", "b2"),
        ("owner ne null", "b1 b3"),
        ("port/name eq 'Kiel'", "b2"),
        ("built ge 2021-06-01", "b2 b3"),
        ("name in ('Bea', 'Anna')", "b2 b3"),
    ] {
        assert_eq!(ids(&boats(&["$filter"]), &[("$filter", filter)]), expected, "{filter}");
    }
    for (filter, expected) in [("name sw \"Ann\"", "b1 b3"), ("port.name co \"a\"", "b3"), ("owner pr", "b1 b3")] {
        assert_eq!(ids(&boats(&["filter"]), &[("filter", filter)]), expected, "{filter}");
    }
}

#[test]
fn what_is_no_filter_expression_does_not_filter() {
    let deep = "(".repeat(5000);
    for filter in ["name", "name eq", "name eq 'Ann", "geo.distance(a,b) lt 5", "name eq 'Ann' or", &deep] {
        assert_eq!(ids(&boats(&["$filter"]), &[("$filter", filter)]), "b1 b2 b3", "{filter:.20}");
    }
    assert_eq!(ids(&boats(&[]), &[("$filter", "name eq 'Ann'")]), "b1 b2 b3", "the contract has no such parameter");
}

#[test]
fn the_direction_of_the_order_may_be_a_parameter() {
    assert_eq!(ids(&boats(&["$orderby"]), &[("$orderby", "length desc")]), "b2 b3 b1");
    assert_eq!(ids(&boats(&["$orderby"]), &[("$orderby", "name asc,length")]), "b1 b3 b2");
    assert_eq!(ids(&boats(&["sort_by", "order"]), &[("sort_by", "length"), ("order", "DESC")]), "b2 b3 b1");
    assert_eq!(ids(&boats(&["order_by", "sort"]), &[("order_by", "length"), ("sort", "desc")]), "b2 b3 b1");
    assert_eq!(ids(&boats(&["sort"]), &[("sort", "-length")]), "b2 b3 b1");
}

#[test]
fn searches_find_what_was_created() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    get: {responses: {'200': {content: {application/json: {schema: &list {type: array, items: &boat {type: object, properties: {id: {type: string}, name: {type: string}, port: {type: string}}}}}}}}}
    post: {requestBody: {content: {application/json: {schema: *boat}}}, responses: {'201': {content: {application/json: {schema: *boat}}}}}
  /boats/{id}:
    get: {responses: {'200': {content: {application/json: {schema: *boat}}}}}
  /boats/search:
    post: &search
      parameters: [{name: q, in: query, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {total: {type: integer}, boats: *list}}}}}}
    get: *search
  /search/boats:
    get: *search
  /search:
    get: *search
");
    for (name, port) in [("Ann", "Oslo"), ("Bea", "Kiel"), ("Anna", "Kiel")] {
        served.post("/boats", &serde_json::json!({"name": name, "port": port}).to_string());
    }
    for target in ["/boats/search?q=bea", "/search/boats?q=bea", "/search?q=bea"] {
        assert_eq!(each(&served.get(target).json()["boats"], "name"), ["Bea"], "{target}");
    }
    for (body, expected) in [
        (r#"{"query": "ann"}"#, vec!["Ann", "Anna"]),
        (r#"{"port": "Kiel", "sort": "name"}"#, vec!["Anna", "Bea"]),
        (r#"{"port": ["Oslo", "Bari"]}"#, vec!["Ann"]),
        (r#"{"filter": "port eq 'Kiel' and name ne 'Bea'"}"#, vec!["Anna"]),
        (r#"{"limit": 2, "offset": 1}"#, vec!["Bea", "Anna"]),
        (r#"{"limit": 1, "page": 3, "options": {"fuzzy": true}}"#, vec!["Anna"]),
        ("{}", vec!["Ann", "Bea", "Anna"]),
    ] {
        let found = served.post("/boats/search", body).json();
        assert_eq!(each(&found["boats"], "name"), expected, "{body}");
    }
}
