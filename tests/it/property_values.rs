//! Properties of values that are generated from schemas, or repaired.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::subsequence;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use standin::openapi::generate::{generate, repair};
use standin::openapi::random::stream;
use standin::openapi::schema::problem;
use standin::openapi::{Schema, Violation};

use crate::mutation::mutate;
use crate::properties::cases;

/// Names of properties: some suggest a kind of value, others are keywords of schemas elsewhere.
const NAMES: [&str; 16] = [
    "id",
    "owner_uid",
    "email",
    "created_at",
    "name",
    "phone",
    "currency",
    "example",
    "required",
    "nullable",
    "type",
    "enum",
    "default",
    "properties",
    "items",
    "größe",
];

fn with(mut schema: Value, more: Value) -> Value {
    let more = more.as_object().cloned().unwrap_or_default();
    schema.as_object_mut().expect("an object").extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    schema
}

/// Schemas of text.
fn text_schema() -> impl Strategy<Value = Value> {
    const PATTERNS: [&str; 8] = [
        "^[a-z]{3}$",
        "^\\d{4}-\\d{2}$",
        "^(red|green)$",
        "[A-F0-9]{8}",
        "^\\+?[0-9 ]{5,}$",
        "^x",
        "é+",
        "^\\w+@\\w+$",
    ];
    const FORMATS: [&str; 10] =
        ["date-time", "date", "email", "uuid", "uri", "ipv4", "hostname", "byte", "password", "unheard-of"];
    let keywords = prop_oneof![
        Just(json!({})),
        (0..30_u64, 0..30_u64, any::<[bool; 2]>()).prop_map(|(least, more, [has_least, has_most])| {
            json!({"minLength": has_least.then_some(least), "maxLength": has_most.then_some(least + more)})
        }),
        prop::sample::select(&PATTERNS[..]).prop_map(|pattern| json!({"pattern": pattern})),
        prop::sample::select(&FORMATS[..]).prop_map(|format| json!({"format": format})),
        Just(json!({"enum": ["a", "B", ""]})),
        Just(json!({"const": "only"})),
        "[a-z]{1,8}".prop_map(|example| json!({"example": example})),
    ];
    keywords.prop_map(|keywords| with(json!({"type": "string"}), keywords))
}

fn number_schema() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["integer", "number"]);
    let step = prop::option::of(prop::sample::select(vec![1, 2, 5, 10, 100]));
    // Wide enough for a multiple between the bounds, which can be exclusive.
    (kind, -1_000..1_000_i64, 201..1_000_i64, step, 0..3_u8, 0..3_u8).prop_map(
        |(kind, low, width, step, lower, upper)| {
            let lower = match lower {
                0 => json!({}),
                1 => json!({"minimum": low}),
                _ => json!({"minimum": low, "exclusiveMinimum": true}),
            };
            let upper = match upper {
                0 => json!({}),
                1 => json!({"maximum": low + width}),
                _ => json!({"exclusiveMaximum": low + width}),
            };
            with(with(json!({"type": kind}), json!({"multipleOf": step})), with(lower, upper))
        },
    )
}

fn scalar_schema() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        text_schema(),
        number_schema(),
        Just(json!({"type": "boolean"})),
        Just(json!({"type": ["null", "integer"]})),
        Just(json!({"enum": ["a", 1, null]})),
        Just(json!({})),
    ];
    (scalar, any::<bool>()).prop_map(|(schema, nullable)| match schema.get("type") {
        Some(Value::String(_)) if nullable => with(schema, json!({"nullable": true})),
        _ => schema,
    })
}

/// References to the components.
fn reference() -> impl Strategy<Value = Value> {
    (0..COMPONENTS).prop_map(|number| json!({"$ref": format!("#/components/schemas/S{number}")}))
}

const COMPONENTS: usize = 3;

/// Objects with properties of these names. A reference is never required: a recursive object could be infinite.
fn object_schema(
    names: Vec<&'static str>,
    inner: impl Strategy<Value = Value> + Clone + 'static,
) -> impl Strategy<Value = Value> {
    let count = names.len();
    let properties = (subsequence(names, 0..=count.min(4)), prop::collection::vec(inner, 4));
    (properties, any::<[bool; 4]>(), prop::option::of((0..4_usize, reference()))).prop_map(
        |((names, schemas), required, reference)| {
            let mut properties: Map<String, Value> = names.iter().map(|name| (*name).to_owned()).zip(schemas).collect();
            let mut required: Vec<&str> =
                names.iter().zip(required).filter(|(_, on)| *on).map(|(name, _)| *name).collect();
            if let Some((place, reference)) = reference
                && let Some(name) = names.get(place)
            {
                required.retain(|required| required != name);
                properties.insert((*name).to_owned(), reference);
            }
            json!({"type": "object", "properties": properties, "required": required})
        },
    )
}

/// Arrays and objects with the keywords of JSON Schema 2019-09 and 2020-12.
fn constrained_schema(inner: impl Strategy<Value = Value> + Clone + 'static) -> impl Strategy<Value = Value> {
    let distinct = prop_oneof![Just(json!({"type": "integer"})), Just(json!({"type": "string"})), number_schema()];
    let unique = (distinct, 0..5_u64)
        .prop_map(|(items, least)| json!({"type": "array", "items": items, "minItems": least, "uniqueItems": true}));
    let contains = (0..3_u64, 0..3_u64, -50..50_i64).prop_map(|(count, least, low)| {
        json!({"type": "array", "items": {"type": "integer"}, "contains": {"minimum": low}, "minContains": count, "minItems": least})
    });
    let tuple = (prop::collection::vec(inner.clone(), 1..3), any::<bool>()).prop_map(|(prefix, is_closed)| {
        json!({"type": "array", "minItems": prefix.len(), "prefixItems": prefix, "items": !is_closed})
    });
    let map = (inner.clone(), 0..4_u64, any::<bool>()).prop_map(|(member, least, is_named)| {
        let names = is_named.then(|| json!({"pattern": "^[a-z]{3}$"}));
        json!({"type": "object", "additionalProperties": member, "minProperties": least, "propertyNames": names.unwrap_or(json!({}))})
    });
    let patterned = (inner.clone(), 0..3_u64).prop_map(|(member, least)| {
        json!({"type": "object", "patternProperties": {"^x-[a-z]": member}, "additionalProperties": false, "minProperties": least})
    });
    let dependent = (object_schema(NAMES.to_vec(), inner), subsequence(NAMES.to_vec(), 2))
        .prop_map(|(object, names)| with(object, json!({"dependentRequired": {names[0]: [names[1]]}})));
    let excluded = subsequence(vec![1, 2, 3, 4], 0..4)
        .prop_map(|values| json!({"type": "integer", "minimum": 1, "maximum": 4, "not": {"enum": values}}));
    prop_oneof![unique, contains, tuple, map, patterned, dependent, excluded]
}

fn schema() -> impl Strategy<Value = Value> {
    scalar_schema().prop_recursive(3, 24, 4, |inner| {
        let object = object_schema(NAMES.to_vec(), inner.clone()).boxed();
        let closed = (object.clone(), prop::option::of(inner.clone())).prop_map(|(object, rest)| {
            with(object, json!({"additionalProperties": rest.unwrap_or(Value::Bool(false))}))
        });
        let list = (prop_oneof![inner.clone(), reference()], 0..4_u64, 0..3_u64).prop_map(|(element, least, more)| {
            // A list of references can be empty: a recursive list could be infinite.
            let least = if element.get("$ref").is_some() { 0 } else { least };
            json!({"type": "array", "items": element, "minItems": least, "maxItems": least + more})
        });
        let (one, other) = NAMES.split_at(NAMES.len() / 2);
        let whole = (object_schema(one.to_vec(), inner.clone()), object_schema(other.to_vec(), inner.clone()))
            .prop_map(|(one, other)| json!({"allOf": [one, other]}));
        let object_or = (object.clone(), text_schema(), any::<bool>()).prop_map(|(object, text, text_first)| {
            let choices = if text_first { [text, object] } else { [object, text] };
            json!({"oneOf": choices})
        });
        let tagged_objects = (object_schema(one.to_vec(), inner.clone()), object_schema(one.to_vec(), inner.clone()))
            .prop_map(|(a, b)| {
                let tagged = |mut object: Value, tag: &str| {
                    object["properties"]["kind"] = json!({"enum": [tag]});
                    object["required"].as_array_mut().expect("a list").push("kind".into());
                    object
                };
                json!({"oneOf": [tagged(a, "a"), tagged(b, "b")]})
            });
        let constrained = constrained_schema(inner.clone());
        let any = prop::collection::vec(inner, 1..3).prop_map(|choices| json!({"anyOf": choices}));
        prop_oneof![3 => object, 2 => closed, 2 => list, 1 => whole, 1 => object_or, 1 => tagged_objects, 1 => any, 2 => constrained]
    })
}

/// Schemas with components that refer to each other recursively.
fn schema_with_components() -> impl Strategy<Value = Schema> {
    (schema(), prop::collection::vec(schema(), COMPONENTS)).prop_map(|(schema, components)| {
        let named = components.into_iter().enumerate().map(|(number, schema)| (format!("S{number}"), schema));
        Schema::new(schema, Arc::new(json!({"schemas": named.collect::<Map<_, _>>()})))
    })
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9é]{0,8}".prop_map(Value::from),
        Just(json!("7")),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let names = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn broken(schema: &Schema, value: &Value) -> Vec<Violation> {
    assert_eq!(problem(schema.raw()), None, "{schema:?}");
    schema.violations(value).into_iter().filter(|violation| violation.rule != "format").collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn generated_value_is_valid(schema in schema_with_components(), seed in any::<u64>()) {
        let made = generate(&schema, &mut stream(seed, ""));
        prop_assert_eq!(broken(&schema, &made), [], "{} from {:?}", made, schema);
    }

    #[test]
    fn repaired_value_is_valid_and_stable(schema in schema_with_components(), value in value()) {
        let repaired = repair(&schema, value.clone(), &mut stream(0, ""));
        prop_assert_eq!(broken(&schema, &repaired), [], "{} from {} by {:?}", repaired, value, schema);
        // A valid value is not changed.
        prop_assert_eq!(repair(&schema, repaired.clone(), &mut stream(1, "")), repaired);
    }

    #[test]
    fn generation_from_mutated_schemas_is_fast(
        schema in schema_with_components(), mutations in 1..12_usize, seed in any::<u64>(), value in value(),
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut document = json!({"schema": schema.raw(), "components": {"schemas": {"A": schema.raw()}}});
        for _ in 0..mutations {
            mutate(&mut document, &mut random);
        }
        let mut take = |name: &str| document.get_mut(name).map(Value::take).unwrap_or_default();
        let schema = Schema::new(take("schema"), Arc::new(take("components")));
        let start = Instant::now();
        schema.violations(&generate(&schema, &mut random));
        schema.violations(&repair(&schema, value, &mut random));
        // Far more than any takes, also while other programs use the processors.
        prop_assert!(start.elapsed() < Duration::from_secs(30), "{:?}", schema);
    }
}
