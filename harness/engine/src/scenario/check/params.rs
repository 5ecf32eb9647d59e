//! Parameters against the workload's own schema: names and kinds of value.

use serde_json::Value;

use crate::scenario::Params;
use crate::scenario::catalog::WorkloadInfo;
use crate::scenario::error::{Mistakes, suggestion};
use crate::scenario::read::{Entries, Json};
use crate::scenario::source::shown;

/// References followed inside a schema at most.
const DEEPEST: usize = 32;

/// The parameters of a mapping, checked against the workload's description where there is one.
pub(crate) fn check_params(
    entries: &Entries<Json>,
    info: Option<&WorkloadInfo>,
    mistakes: &mut Mistakes,
) -> Params {
    let mut params = Params::new();
    for (key, at) in &entries.0 {
        if let Some(info) = info {
            let known = known_params(info);
            if !known.is_empty() && !known.contains(&key.name.as_str()) {
                mistakes.add(
                    key.span,
                    format!(
                        "workload `{}` has no parameter `{}`",
                        info.name,
                        shown(&key.name)
                    ),
                    "unknown parameter",
                    suggestion(&key.name, "its parameters", known.iter().copied()),
                );
                continue;
            }
            if let Some(expected) = param_mismatch(info, &key.name, &at.value.0) {
                mistakes.add(
                    at.span,
                    format!("parameter `{}` is {expected}", shown(&key.name)),
                    "this is not",
                    None,
                );
                continue;
            }
        }
        params.insert(key.name.clone(), at.value.0.clone());
    }
    params
}

/// The parameters that a workload's schema lists, in order; empty where it lists none.
pub(crate) fn known_params(info: &WorkloadInfo) -> Vec<&str> {
    let listed = info
        .params_schema
        .get("properties")
        .and_then(Value::as_object);
    match listed {
        Some(properties) => properties.keys().map(String::as_str).collect(),
        None => info.defaults.keys().map(String::as_str).collect(),
    }
}

/// What a parameter should be, if the value is not that.
pub(crate) fn param_mismatch(info: &WorkloadInfo, name: &str, value: &Value) -> Option<String> {
    let schema = info.params_schema.get("properties")?.get(name)?;
    mismatch(schema, &info.params_schema, value, DEEPEST)
}

/// What the schema wants, if the value is not that. Knows the keywords that bear on a value's
/// kind and range (`type`, `enum`, `const`, `minimum`, `maximum`, `items`, `anyOf`, `oneOf`,
/// `allOf`, `$ref`); whatever else a schema says is left to the workload itself.
fn mismatch(schema: &Value, root: &Value, value: &Value, depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.strip_prefix('#')?)?;
        if let Some(expected) = mismatch(target, root, value, depth) {
            return Some(expected);
        }
    }
    for parts in ["allOf"] {
        for part in schema
            .get(parts)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(expected) = mismatch(part, root, value, depth) {
                return Some(expected);
            }
        }
    }
    for parts in ["anyOf", "oneOf"] {
        let Some(choices) = schema.get(parts).and_then(Value::as_array) else {
            continue;
        };
        let expected: Option<Vec<String>> = choices
            .iter()
            .map(|choice| mismatch(choice, root, value, depth))
            .collect();
        if let Some(expected) = expected.filter(|all| !all.is_empty()) {
            return Some(expected.join(", or "));
        }
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array)
        && !choices.contains(value)
    {
        let choices: Vec<String> = choices.iter().map(|v| format!("`{}`", bare(v))).collect();
        return Some(format!("one of {}", choices.join(", ")));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        return Some(format!("`{}`", bare(only)));
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|ty| is(ty, value)) {
        let types: Vec<&str> = types
            .into_iter()
            .filter(|ty| *ty != "null")
            .map(in_words)
            .collect();
        return Some(types.join(" or "));
    }
    if let Some(number) = value.as_f64() {
        let least = schema.get("minimum").and_then(Value::as_f64);
        let most = schema.get("maximum").and_then(Value::as_f64);
        if let Some(least) = least.filter(|least| number < *least) {
            return Some(format!("at least {least}"));
        }
        if let Some(most) = most.filter(|most| number > *most) {
            return Some(format!("at most {most}"));
        }
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        return list
            .iter()
            .find_map(|item| mismatch(items, root, item, depth))
            .map(|expected| format!("a list in which each is {expected}"));
    }
    None
}

fn is(ty: &str, value: &Value) -> bool {
    match ty {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        // As programs read them: `1.0` is no whole number to most.
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn in_words(ty: &str) -> &str {
    match ty {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        "object" => "a mapping",
        other => other,
    }
}

fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wants(schema: Value, value: Value) -> Option<String> {
        mismatch(&schema, &schema, &value, DEEPEST)
    }

    #[test]
    fn kinds_ranges_choices_and_references() {
        assert_eq!(wants(json!({"type": "integer"}), json!(3)), None);
        assert_eq!(
            wants(json!({"type": "integer"}), json!("3")),
            Some("a whole number".into())
        );
        assert_eq!(
            wants(json!({"type": ["integer", "null"]}), json!(null)),
            None
        );
        assert_eq!(
            wants(json!({"type": "integer", "minimum": 0}), json!(-1)),
            Some("at least 0".into())
        );
        assert_eq!(
            wants(json!({"enum": ["a", "b"]}), json!("c")),
            Some("one of `a`, `b`".into())
        );
        let schema = json!({
            "anyOf": [{"$ref": "#/$defs/size"}, {"type": "null"}],
            "$defs": {"size": {"type": ["integer", "string"]}}
        });
        assert_eq!(wants(schema.clone(), json!("16 MiB")), None);
        assert_eq!(wants(schema.clone(), json!(null)), None);
        assert_eq!(
            wants(schema, json!(true)),
            Some("a whole number or text, or ".to_owned())
        );
        let list = json!({"type": "array", "items": {"type": "string"}});
        assert_eq!(wants(list.clone(), json!(["a"])), None);
        assert_eq!(
            wants(list, json!(["a", 1])),
            Some("a list in which each is text".into())
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        assert_eq!(wants(json!({"$ref": "#"}), json!(1)), None);
    }
}
