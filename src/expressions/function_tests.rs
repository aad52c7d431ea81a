//! Each function of expressions with a usual case, an edge case and an error.

use serde_json::Value as Json;

use super::FUNCTIONS;
use super::tests::evaluate;

/// A row: the function, an expression and its value, an edge case and its value, a wrong expression and a part of its error.
const FUNCTION_CASES: &str = r#"
abs | abs(-2.5) | 2.5 | abs(-9223372036854775807) | 9223372036854775807 | abs('a') | needs a number
bool | bool('true') | true | bool(null) | null | bool('yes') | expected `true` or `false`
ceil | ceil(1.2) | 2 | ceil(-1.2) | -1 | ceil(request.body) | expected a number
contains | 'Tea time'.contains('time') | true | contains([1, 2], 2.0) | true | contains('a', 1) | expected text
date | date('2026-02-28') + days(1) | "2026-03-01" | date(timestamp('2026-02-28T23:59:59-01:00')) | "2026-03-01" | date('soon') | expected a date
day | day('2026-02-28T10:00:00Z') | "2026-02-28" | day('soon') | null | day() | arguments, not 1
days | today + days(3) | "2026-03-04" | today + days(-1) | "2026-02-28" | days(1) | a field cannot hold a span of time
days_between | days_between(today, record.due_on) | 9 | days_between('2026-03-02', '2026-03-01') | -1 | days_between('soon', today) | expected a date
decimal | decimal('1.50') + 0.25 | 1.75 | decimal(3) / 2 | 1.5 | decimal('many') | expected a number
default | default(null, 1) | 1 | default(false, true) | false | default(1) | arguments, not 2
distinct | distinct([1, 2, 1.0]) | [1, 2] | distinct([]) | [] | distinct('aa') | needs a list
duration | now + duration('90min') | "2026-03-01T11:30:00.000Z" | today + duration('1m') | "2026-04-01" | today + duration('long') | duration(
endsWith | 'a.pdf'.endsWith('.pdf') | true | endsWith('', '') | true | endsWith(1, 'a') | needs a text
first | first([3, 4]) | 3 | first([]) | null | first(1) | needs a list
fixed | fixed(2.5, 2) | "2.50" | fixed(1, 99) | "1.0000000000000000000000000000" | fixed('1', 2) | needs a number
flatten | flatten([[1], [2, 3]]) | [1, 2, 3] | flatten([1, [2]]) | [2] | flatten(1) | needs a list
floor | floor(1.8) | 1 | floor(-1.2) | -2 | floor('a') | needs a number
format | format('2026-03-01', '%b %-d, %Y') | "Mar 1, 2026" | format(null, '%Y') | null | format('soon', '%Y') | expected a date or a time
hours | now - hours(1) | "2026-03-01T09:00:00.000Z" | now + hours(0) | "2026-03-01T10:00:00.000Z" | now + hours(2000000) | whole number up to 1000000
int | int('7.9') | 7 | int(-7.9) | -7 | int('seven') | expected a number
integer | integer('7') | 7 | integer('seven') | null | integer() | arguments, not 1
is_object | is_object({'a': 1}) | true | is_object(record) | true | is_object() | arguments, not 1
join | join(['a', 'b'], ', ') | "a, b" | join([], ',') | "" | join([1], ',') | expected text
last | last([3, 4]) | 4 | last([]) | null | last('ab') | needs a list
lowerAscii | 'TeA'.lowerAscii() | "tea" | lowerAscii('É') | "É" | lowerAscii(1) | needs a text
max | max([1, 2.5]) | 2.5 | max([null]) | null | max([1, 'a']) | cannot compare
merge | merge({'a': 1, 'b': 1}, {'b': 2}) | {"a": 1, "b": 2} | merge({}, {}) | {} | merge({}, null) | `merge` needs two objects
merge_all | merge_all([{'a': 1}, {'a': 2}]) | {"a": 2} | merge_all([]) | {} | merge_all(1) | needs a list
min | min(['b', 'a']) | "a" | min([]) | null | min([1, true]) | cannot compare
minutes | now + minutes(5) | "2026-03-01T10:05:00.000Z" | now + minutes(-5) | "2026-03-01T09:55:00.000Z" | now + minutes('5') | needs a number
months | date('2026-01-31') + months(1) | "2026-02-28" | today - months(12) | "2025-03-01" | today + months('1') | needs a number
number | number('1.5') | 1.5 | number([1]) | null | number(1, 2) | arguments, not 1
pick | pick({'a': 1, 'b': null, 'c': 3}, ['b', 'c']) | {"b": null, "c": 3} | pick(null, ['a']) | {} | pick({}, 'a') | needs a list
replace | replace('a-b-c', '-', '.') | "a.b.c" | replace('ab', 'x', 'y') | "ab" | replace('a', 'b') | arguments, not 3
reverse | reverse([1, 2]) | [2, 1] | reverse([]) | [] | reverse('ab') | needs a list
round | round(2.345, 2) | 2.35 | round(-2.5) | -3 | round(1, 10000000) | whole number up to 1000000
round_even | round_even(2.345, 2) | 2.34 | round_even(2.5, 0) | 2 | round_even('a', 1) | needs a number
size | size([1, 2]) | 2 | size('héllo') | 5 | size(1) | needs a list, object or text
sort | sort([2, 1, 1.5]) | [1, 1.5, 2] | sort([]) | [] | sort([1, 'a']) | cannot compare
split | split('a,b', ',') | ["a", "b"] | split('a', ',') | ["a"] | split(1, ',') | needs a text
startsWith | 'order/1'.startsWith('order/') | true | startsWith(null, 'a') | null | startsWith('a', 1) | needs a text
string | string(1.50) | "1.5" | string(today) | "2026-03-01" | string([1]) | expected a number, a boolean, a date or a time
substring | substring('héllo', 1, 3) | "él" | substring('abc', 2, 1) | "" | substring('abc', 'x', 1) | needs a number
sum | sum([1, 2.5]) | 3.5 | sum([null]) | 0 | sum(['a']) | cannot apply `+`
text | text('a') | "a" | text('') | null | text() | arguments, not 1
time | time('2026-03-01T11:00:00Z') > now | true | time('soon') | null | time() | arguments, not 1
timestamp | timestamp('2026-03-01T12:00:00+02:00') | "2026-03-01T10:00:00.000Z" | timestamp('2026-03-01') | "2026-03-01T00:00:00.000Z" | timestamp('soon') | expected a time
total | total([1, '2', 3.0, null, 'none']) | 6 | total([9223372036854775807, 1]) | 9223372036854775807 | total(1) | needs a list
trim | trim('  a b ') | "a b" | trim('') | "" | trim(1) | needs a text
upperAscii | 'tea'.upperAscii() | "TEA" | upperAscii('ß') | "ß" | upperAscii(1) | needs a text
values | values({'0': 'a', '1': 'b'}) | ["a", "b"] | values({'x': 'a'}) | null | values() | arguments, not 1
with | with(record, {'state': 'paid'}).state | "paid" | with(record, {}).state | "open" | with({}, {}) | `with` needs a record and an object
"#;

/// The same for the forms that use the store, the session or the request.
const FORM_CASES: &str = r#"
has | has(record.state) | true | has(request.body.note) | false | has(1) | `has` needs a member
find | find('product', 'p1').stock | 3 | find('product', null) | null | find('product') | wrong arguments of `find`
find_own | find_own('product', 'p2').stock | 0 | find_own('product', 'p9') | null | find_own('prodct', 'p1') | unknown kind
all | all('product').size() | 2 | all('order').size() | 0 | all('product', item.stok > 0) | no field `stok`
all_own | all_own('product', item.stock > 0).size() | 1 | all_own('product', item.name == 'x') | [] | all_own() | wrong arguments of `all_own`
sort_by | [3, 1, 2].sort_by(n, -n) | [3, 2, 1] | [1, 2].sort_by(n, n == 2 ? null : n) | [2, 1] | [1, 2].sort_by(n, n == 2 ? 'a' : n) | cannot compare
local | local(now, '%H:%M') | "10:00" | local(null, '%H') | null | local(now) | wrong arguments of `local`
next_number | next_number('order') | 1 | next_number('product') | 1 | next_number('prodct') | unknown kind
quirk | quirk('on') | true | quirk('off') | false | quirk(record.state) | must be written as text
uid | uid() | "abc" | uid() == uid() | true | uid(1) | wrong arguments of `uid`
secret | secret() | "5ec3e7" | secret().size() | 6 | secret(1) | wrong arguments of `secret`
"#;

/// Checks all cases of a table. Returns the names of the functions.
fn check(table: &'static str) -> Vec<&'static str> {
    let rows = table.lines().filter(|row| !row.is_empty()).map(|row| row.split(" | ").collect::<Vec<_>>());
    rows.map(|row| {
        let [function, usual, value, edge, edge_value, wrong, message] = row[..] else { panic!("{row:?}") };
        for (text, wanted) in [(usual, value), (edge, edge_value)] {
            let wanted: Json = serde_json::from_str(wanted).expect("JSON");
            assert_eq!(evaluate(text), Ok(wanted), "{text}");
        }
        let found = evaluate(wrong).expect_err(wrong);
        assert!(found.contains(message), "{wrong}: {found}");
        function
    })
    .collect()
}

#[test]
fn functions_have_their_documented_values_and_errors() {
    let known: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    assert_eq!(check(FUNCTION_CASES), known, "each function has a case");
}

#[test]
fn forms_that_use_the_store_have_their_documented_values_and_errors() {
    check(FORM_CASES);
}

#[test]
fn many_values_of_different_types_are_an_error_of_sorting() {
    let mixed: Vec<String> =
        (0..60).map(|n| if n % 3 == 0 { format!("'{n}'") } else { (n * 7 % 11).to_string() }).collect();
    let list = mixed.join(", ");
    for sorted in [format!("sort([{list}])"), format!("[{list}].sort_by(x, x)")] {
        assert!(evaluate(&sorted).expect_err("mixed types").contains("cannot compare"), "{sorted}");
    }
}
