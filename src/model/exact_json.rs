//! Values as JSON that is read as the same values. Snapshots are written so.

use rust_decimal::prelude::ToPrimitive as _;

use super::FieldValue;

impl FieldValue {
    /// Writes the value as JSON that [`FieldValue::from`] reads as the same value: all digits, and a decimal point in decimals.
    pub fn write_exact(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Decimal(number) => {
                let text = number.normalize().to_string();
                out.push_str(&text);
                // Without a point, only a number beyond integers is read as a decimal.
                out.push_str(if text.contains('.') || number.to_i64().is_none() { "" } else { ".0" });
            }
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_json_text(text, out),
            Self::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    out.push_str(if index == 0 { "[" } else { ", " });
                    value.write_exact(out);
                }
                out.push_str(if list.is_empty() { "[]" } else { "]" });
            }
            Self::Object(fields) => {
                let mut start = "{";
                for (name, value) in fields.iter() {
                    out.push_str(std::mem::replace(&mut start, ", "));
                    write_json_text(name, out);
                    out.push_str(": ");
                    value.write_exact(out);
                }
                out.push_str(if start == "{" { "{}" } else { "}" });
            }
        }
    }
}

/// Writes a text in quotes, as JSON that is YAML too: characters that YAML does not allow or takes for line breaks are escaped.
pub fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..' ' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}
