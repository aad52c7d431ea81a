//! Lists by page number, by offset and by cursor.

use serde_json::{Value, json};

use super::{api, documented_only, each, query_parameters};
use crate::served::Served;

const LIST: &str = "{type: array, items: {$ref: '#/components/schemas/Boat'}}";

/// Boats whose list has these query parameters (name and JSON type) and this schema.
fn boats(parameters: &[(&str, &str)], schema: &str) -> Served {
    let parameters = query_parameters(parameters.iter().copied());
    let boat = "content: {application/json: {schema: {$ref: '#/components/schemas/Boat'}}}";
    api(&format!(
        "
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{parameters}]
      responses: {{'200': {{content: {{application/json: {{schema: {schema}}}}}}}}}
    post: {{requestBody: {{{boat}}}, responses: {{'201': {{{boat}}}}}}}
  /boats/{{boatId}}:
    get: {{responses: {{'200': {{{boat}}}}}}}
    delete: {{responses: {{'204': {{description: gone}}}}}}
components:
  schemas:
    Boat: {{type: object, properties: {{id: {{type: string}}, name: {{type: string}}}}}}
"
    ))
}

/// The boats `a` to `e`, or more.
fn launched(served: Served, count: u8) -> Served {
    for number in 0..count {
        let name = if number < 26 { char::from(b'a' + number).to_string() } else { number.to_string() };
        assert_eq!(served.post("/boats", &json!({"name": name}).to_string()).status, 201);
    }
    served
}

const TEXT: &str = "type: string";
const NUMBER: &str = "type: integer";

#[test]
fn a_token_leads_to_the_next_page_and_the_last_page_has_none() {
    for (size, parameter, token) in [
        ("maxResults", "pageToken", "nextPageToken"),
        ("MaxItems", "Marker", "NextMarker"),
        ("page_size", "cursor", "next_cursor"),
        ("$top", "$skiptoken", "continuationToken"),
    ] {
        let schema = format!("{{type: object, properties: {{boats: {LIST}, {token}: {{type: string}}}}}}");
        let served = launched(boats(&[(size, NUMBER), (parameter, TEXT)], &schema), 5);
        let (mut pages, mut target) = (Vec::new(), format!("/boats?{size}=2"));
        for _ in 0..9 {
            let page = served.get(&target).json();
            pages.push(each(&page["boats"], "name").join(""));
            let Some(next) = page.get(token) else { break };
            target = format!("/boats?{size}=2&{parameter}={}", next.as_str().expect("text"));
        }
        assert_eq!(pages, ["ab", "cd", "e"], "{parameter}");
    }
}

#[test]
fn a_required_token_of_the_last_page_is_empty_or_null() {
    for (schema, last) in [("{type: string}", json!("")), ("{type: string, nullable: true}", Value::Null)] {
        let schema =
            format!("{{type: object, required: [items, next], properties: {{items: {LIST}, next: {schema}}}}}");
        let served = launched(boats(&[("limit", NUMBER), ("after", TEXT)], &schema), 3);
        let first = served.get("/boats?limit=2").json();
        let second = served.get(&format!("/boats?limit=2&after={}", first["next"].as_str().expect("text"))).json();
        assert_eq!((each(&second["items"], "name"), &second["next"]), (vec!["c"], &last));
    }
}

#[test]
fn a_token_stands_in_the_object_for_pages() {
    let schema = format!(
        "{{type: object, properties: {{data: {LIST}, meta: {{type: object, properties: {{next_cursor: {{type: string}}}}}}}}}}"
    );
    let served = launched(boats(&[("limit", NUMBER), ("cursor", TEXT)], &schema), 3);
    let first = served.get("/boats?limit=2").json();
    let second =
        served.get(&format!("/boats?limit=2&cursor={}", first["meta"]["next_cursor"].as_str().expect("text"))).json();
    assert_eq!((each(&second["data"], "name"), second["meta"].get("next_cursor")), (vec!["c"], None));
}

#[test]
fn a_cursor_that_is_a_number_counts_the_records_before_the_page() {
    let schema = format!("{{type: object, properties: {{data: {LIST}, next_position: {{type: integer}}}}}}");
    let served = launched(boats(&[("limit", NUMBER), ("position", NUMBER)], &schema), 3);
    assert_eq!(served.get("/boats?limit=2").json()["next_position"], 2);
    let last = served.get("/boats?limit=2&position=2").json();
    assert_eq!((each(&last["data"], "name"), last.get("next_position")), (vec!["c"], None));
}

#[test]
fn a_page_begins_after_the_named_record_or_ends_before_it() {
    let schema = format!(
        "{{type: object, required: [data, has_more], properties: {{data: {LIST}, has_more: {{type: boolean}}}}}}"
    );
    let served = boats(&[("limit", NUMBER), ("starting_after", TEXT), ("ending_before", TEXT)], &schema);
    let served = launched(served, 5);
    let page = |query: String| {
        let page = served.get(&format!("/boats?limit=2{query}")).json();
        let ids: Vec<String> = each(&page["data"], "id").into_iter().map(str::to_owned).collect();
        (each(&page["data"], "name").join(""), ids, page["has_more"].clone())
    };
    let (first, ids, more) = page(String::new());
    assert_eq!((first.as_str(), more), ("ab", json!(true)));
    let (second, ids, more) = page(format!("&starting_after={}", ids[1]));
    assert_eq!((second.as_str(), more), ("cd", json!(true)));
    let (last, _, more) = page(format!("&starting_after={}", ids[1]));
    assert_eq!((last.as_str(), more), ("e", json!(false)));
    let (back, ..) = page(format!("&ending_before={}", ids[0]));
    assert_eq!(back, "ab");
}

#[test]
fn a_page_begins_in_the_place_of_a_record_that_was_deleted() {
    let served = boats(&[("limit", NUMBER), ("starting_after", TEXT), ("sort", TEXT)], LIST);
    let served = launched(served, 5);
    for (sort, expected) in [("name", ["c", "d"]), ("-name", ["a", ""])] {
        let listed = served.get(&format!("/boats?limit=9&sort={sort}")).json();
        let names = each(&listed, "name");
        let after = each(&listed, "id")[names.iter().position(|name| *name == "b").expect("a boat")].to_owned();
        assert_eq!(served.delete(&format!("/boats/{after}")).status, 204);
        let page = served.get(&format!("/boats?limit=2&sort={sort}&starting_after={after}")).json();
        let expected: Vec<&str> = expected.into_iter().filter(|name| !name.is_empty()).collect();
        assert_eq!(each(&page, "name"), expected, "{sort}");
        served.post("/boats", r#"{"name": "b"}"#);
    }
    assert_eq!(served.get("/boats?starting_after=unknown").json(), json!([]));
}

#[test]
fn the_size_of_a_page_may_be_asked_for_in_any_spelling() {
    for name in
        ["limit", "per_page", "perPage", "PageSize", "page-size", "MaxResults", "max_keys", "$top", "first", "size"]
    {
        let served = launched(boats(&[(name, NUMBER)], LIST), 3);
        assert_eq!(each(&served.get(&format!("/boats?{name}=2")).json(), "name"), ["a", "b"], "{name}");
    }
}

#[test]
fn a_parameter_that_switches_something_is_no_size_of_a_page() {
    let served = launched(boats(&[("size", "type: boolean")], LIST), 3);
    assert_eq!(each(&served.get("/boats?size=1").json(), "name").len(), 3);
}

#[test]
fn a_start_beside_an_end_is_a_time() {
    let served = boats(&[("start", NUMBER), ("end", NUMBER), ("limit", NUMBER), ("page", NUMBER)], LIST);
    let served = launched(served, 5);
    assert_eq!(each(&served.get("/boats?start=3&end=9&limit=2&page=2").json(), "name"), ["c", "d"]);
    let served = launched(boats(&[("start", NUMBER), ("limit", NUMBER)], LIST), 5);
    assert_eq!(each(&served.get("/boats?start=3&limit=2").json(), "name"), ["d", "e"], "the number of records before");
}

#[test]
fn a_list_without_other_pages_is_complete_and_documented_sizes_apply() {
    let length = |parameters: &[(&str, &str)], query: &str| {
        let served = launched(boats(parameters, LIST), 40);
        served.get(&format!("/boats{query}")).json().as_array().map(Vec::len)
    };
    assert_eq!(length(&[], ""), Some(40));
    assert_eq!(length(&[("MaxResults", NUMBER)], ""), Some(40));
    assert_eq!(length(&[("limit", NUMBER), ("page", NUMBER)], ""), Some(25), "pages without a documented size");
    assert_eq!(length(&[("limit", "type: integer, default: 7"), ("page", NUMBER)], ""), Some(7));
    assert_eq!(length(&[("limit", "type: integer, maximum: 9"), ("page", NUMBER)], "?limit=30"), Some(9));
    assert_eq!(length(&[("limit", NUMBER), ("page", NUMBER)], "?limit=30"), Some(30));
}

#[test]
fn page_numbers_count_from_one_unless_the_contract_says_zero() {
    for (kind, number) in [(NUMBER, 2), ("type: integer, minimum: 0, default: 0", 1), ("type: integer, default: 1", 2)]
    {
        let served = launched(boats(&[("size", NUMBER), ("page", kind)], LIST), 3);
        assert_eq!(each(&served.get(&format!("/boats?size=2&page={number}")).json(), "name"), ["c"], "{kind}");
    }
}

#[test]
fn links_to_other_pages_have_the_host_that_was_called() {
    let link = "{type: string, nullable: true}";
    let schema = format!(
        "{{type: object, properties: {{data: {LIST}, meta: {{type: object, properties: {{total: {{type: integer}}}}}}, \
         links: {{type: object, properties: {{self: {link}, first: {link}, prev: {link}, next: {link}, last: {link}}}}}}}}}"
    );
    let served = launched(boats(&[("page[number]", NUMBER), ("page[size]", NUMBER)], &schema), 5);
    let page = |target: &str| served.send("GET", target, &[("host", "mock.test:8080")], "").json();
    let first = page("/boats?page[size]=2");
    assert_eq!((each(&first["data"], "name"), &first["meta"]["total"]), (vec!["a", "b"], &json!(5)));
    let next = first["links"]["next"].as_str().expect("a link");
    assert_eq!(next, "http://mock.test:8080/boats?page%5Bsize%5D=2&page%5Bnumber%5D=2");
    assert!(first["links"].get("prev").is_none_or(Value::is_null), "{first}");
    let next = next.strip_prefix("http://mock.test:8080").expect("this host");
    assert_eq!(each(&page(next)["data"], "name"), ["c", "d"]);
    let last = page("/boats?page[size]=2&page[number]=3");
    assert_eq!(each(&last["data"], "name"), ["e"]);
    assert!(last["links"].get("next").is_none_or(Value::is_null), "{last}");
    let previous = last["links"]["prev"].as_str().expect("a link");
    assert!(previous.ends_with("page%5Bnumber%5D=2"), "{previous}");
}

#[test]
fn a_link_that_is_an_object_keeps_its_form() {
    let schema = format!(
        "{{type: object, properties: {{items: {LIST}, _links: {{type: object, properties: {{next: {{type: object, properties: {{href: {{type: string}}}}}}}}}}}}}}"
    );
    let served = launched(boats(&[("page", NUMBER), ("limit", NUMBER)], &schema), 3);
    assert_eq!(served.get("/boats?limit=2").json()["_links"]["next"]["href"], "/boats?limit=2&page=2");
    let last = served.get("/boats?limit=2&page=2").json();
    assert!(last["_links"].get("next").is_none_or(Value::is_null), "{last}");
}

#[test]
fn an_offset_skips_records_and_totals_are_those_of_the_list() {
    let schema = format!(
        "{{type: object, properties: {{results: {LIST}, total_count: {{type: integer}}, offset: {{type: integer}}, \
         limit: {{type: integer}}, next: {{type: string, format: uri, nullable: true}}}}}}"
    );
    let served = launched(boats(&[("offset", NUMBER), ("limit", NUMBER)], &schema), 5);
    let page = served.get("/boats?limit=2&offset=1").json();
    assert_eq!(each(&page["results"], "name"), ["b", "c"]);
    assert_eq!((&page["total_count"], &page["offset"], &page["limit"]), (&json!(5), &json!(1), &json!(2)));
    assert!(page["next"].as_str().is_some_and(|next| next.ends_with("/boats?limit=2&offset=3")), "{page}");
    assert_eq!(served.get("/boats?limit=2&offset=3").json()["next"], Value::Null);
    assert_eq!(each(&served.get("/boats?limit=2&offset=99").json()["results"], "name").len(), 0);
}

#[test]
fn top_and_skip_select_a_page_and_the_next_link_leads_on() {
    let schema =
        format!("{{type: object, properties: {{value: {LIST}, '@odata.nextLink': {{type: string, format: uri}}}}}}");
    let served = launched(boats(&[("$top", NUMBER), ("$skip", NUMBER)], &schema), 3);
    let first = served.get("/boats?$top=2").json();
    let next = first["@odata.nextLink"].as_str().expect("a link");
    assert_eq!((each(&first["value"], "name"), next), (vec!["a", "b"], "/boats?%24top=2&%24skip=2"));
    let last = served.get(next).json();
    assert_eq!((each(&last["value"], "name"), last.get("@odata.nextLink")), (vec!["c"], None));
}

#[test]
fn a_documented_link_header_leads_to_other_pages() {
    let listed = |headers: &str| {
        api(&format!(
            "
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{{name: page, in: query, schema: {{type: integer}}}}, {{name: per_page, in: query, schema: {{type: integer}}}}]
      responses:
        '200':
          headers: {{{headers}}}
          content: {{application/json: {{example: [{{id: b1, name: a}}, {{id: b2, name: b}}, {{id: b3, name: c}}]}}}}
"
        ))
    };
    let documented = listed("Link: {schema: {type: string}}");
    let link = |target: &str| documented.get(target).header("link").to_owned();
    assert_eq!(
        link("/boats?per_page=2"),
        r#"</boats?per_page=2&page=2>; rel="next", </boats?per_page=2>; rel="first""#
    );
    assert_eq!(
        link("/boats?per_page=2&page=2"),
        r#"</boats?per_page=2&page=1>; rel="prev", </boats?per_page=2>; rel="first""#
    );
    assert_eq!(listed("").get("/boats?per_page=2").header("link"), "");
}

#[test]
fn members_around_a_list_count_its_records_and_pages() {
    let schema = format!(
        "{{type: object, properties: {{content: {LIST}, totalElements: {{type: integer}}, totalPages: {{type: integer}}, \
         number: {{type: integer}}, size: {{type: integer}}, numberOfElements: {{type: integer}}, \
         first: {{type: boolean}}, last: {{type: boolean}}, empty: {{type: boolean}}}}}}"
    );
    let served = boats(&[("page", "type: integer, default: 0"), ("size", NUMBER)], &schema);
    let served = launched(served, 3);
    let mut last = served.get("/boats?size=2&page=1").json();
    assert_eq!(each(&last["content"].take(), "name"), ["c"]);
    assert_eq!(
        last,
        json!({"content": null, "totalElements": 3, "totalPages": 2, "number": 1, "size": 2, "numberOfElements": 1,
            "first": false, "last": true, "empty": false})
    );
    assert_eq!(served.get("/boats?size=2").json()["last"], false);
}

#[test]
fn the_number_of_the_next_page_is_absent_on_the_last_one() {
    let schema = format!("{{type: object, properties: {{boats: {LIST}, nextPage: {{type: integer}}}}}}");
    let served = launched(boats(&[("page", NUMBER), ("per_page", NUMBER)], &schema), 3);
    assert_eq!(served.get("/boats?per_page=2").json()["nextPage"], 2);
    assert_eq!(served.get("/boats?per_page=2&page=2").json().get("nextPage"), None);
}

#[test]
fn a_token_leads_back_where_a_parameter_takes_it() {
    let cursors = "{type: object, properties: {before: {type: string}, after: {type: string}}}";
    let schema = format!(
        "{{type: object, properties: {{data: {LIST}, paging: {{type: object, properties: {{cursors: {cursors}}}}}}}}}"
    );
    let served = launched(boats(&[("limit", NUMBER), ("after", TEXT), ("before", TEXT)], &schema), 4);
    let page = |query: &str| {
        let page = served.get(&format!("/boats?limit=2{query}")).json();
        (each(&page["data"], "name").join(""), page["paging"]["cursors"].clone())
    };
    let (_, first) = page("");
    assert_eq!(first.get("before"), None, "{first}");
    let (second, cursors) = page(&format!("&after={}", first["after"].as_str().expect("a token")));
    assert_eq!((second.as_str(), cursors.get("after")), ("cd", None));
    assert_eq!(page(&format!("&before={}", cursors["before"].as_str().expect("a token"))).0, "ab");
}

#[test]
fn documented_headers_count_the_records_of_a_list() {
    let contract = "
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: per_page, in: query, schema: {type: integer}}]
      responses:
        '200':
          headers: {X-Total-Count: {schema: {type: integer, example: 99}}, X-Next-Page: {schema: {type: integer}}}
          content: {application/json: {example: [{id: b1}, {id: b2}, {id: b3}]}}
";
    let headers = |served: Served, query: &str| {
        let seen = served.get(&format!("/boats?per_page=2{query}"));
        (seen.header("x-total-count").to_owned(), seen.header("x-next-page").to_owned())
    };
    assert_eq!(headers(api(contract), ""), ("3".to_owned(), "2".to_owned()));
    assert_eq!(headers(api(contract), "&page=2"), ("3".to_owned(), String::new()));
    assert_eq!(headers(documented_only(contract), "").0, "99");
}

#[test]
fn records_may_be_wrapped_in_the_elements_of_a_list() {
    let page_info = "{type: object, required: [hasNextPage, endCursor], properties: {hasNextPage: {type: boolean}, endCursor: {type: string, nullable: true}}}";
    let edge = "{type: object, required: [cursor, node], properties: {cursor: {type: string}, node: {$ref: '#/components/schemas/Boat'}}}";
    let schema = format!(
        "{{type: object, required: [edges, pageInfo], properties: {{edges: {{type: array, items: {edge}}}, pageInfo: {page_info}}}}}"
    );
    let served = launched(boats(&[("first", NUMBER), ("after", TEXT)], &schema), 3);
    let page = |query: &str| {
        let page = served.get(&format!("/boats?first=2{query}")).json();
        let edges = page["edges"].as_array().expect("a list").clone();
        assert!(edges.iter().all(|edge| edge["cursor"] == edge["node"]["id"]), "{page}");
        let names = edges.iter().filter_map(|edge| edge["node"]["name"].as_str()).collect::<String>();
        (names, page["pageInfo"].clone())
    };
    let (first, info) = page("");
    assert_eq!((first.as_str(), &info["hasNextPage"]), ("ab", &json!(true)));
    let (last, info) = page(&format!("&after={}", info["endCursor"].as_str().expect("a cursor")));
    assert_eq!((last.as_str(), &info["hasNextPage"]), ("c", &json!(false)));
    assert!(info["endCursor"].is_string(), "{info}");
}

#[test]
fn elements_of_a_list_may_have_the_name_of_the_record() {
    let schema = "{type: object, properties: {list: {type: array, items: {type: object, properties: {boat: {$ref: '#/components/schemas/Boat'}}}}}}";
    let served = launched(boats(&[("limit", NUMBER)], schema), 2);
    let listed = served.get("/boats").json();
    let names: Vec<_> =
        listed["list"].as_array().expect("a list").iter().map(|element| &element["boat"]["name"]).collect();
    assert_eq!(names, ["a", "b"], "{listed}");
}

#[test]
fn the_url_of_a_list_with_cursors_is_that_of_the_list() {
    let served = api("
openapi: 3.0.3
paths:
  /boats:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: starting_after, in: query, schema: {type: string}}]
      responses: {'200': {content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {type: object, properties: {id: {type: string}}}}, url: {type: string}, has_more: {type: boolean}}}}}}}
    post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}}
  /boats/{id}:
    delete: {responses: {'204': {description: gone}}}
");
    for _ in 0..3 {
        served.post("/boats", "{}");
    }
    let page = served.get("/boats?limit=2").json();
    assert_eq!((&page["url"], &page["has_more"]), (&"/boats".into(), &true.into()));
}
