//! Parameters: read from JSON, completed with defaults, and refused with the name that was meant.

use serde_json::{Map, Value};

use crate::nearest::nearest;
use crate::{Failure, Workload};

/// The JSON Schema of a workload's parameters.
pub(super) fn schema<W: Workload>() -> Value {
    schemars::schema_for!(W::Params).to_value()
}

/// The parameters with every default; null where one has none.
pub(super) fn defaults<W: Workload>() -> Value {
    read::<W>(Map::new())
        .ok()
        .and_then(|params| serde_json::to_value(params).ok())
        .unwrap_or_default()
}

/// Reads parameters out of a JSON object (`None`: all defaults), also completed as JSON.
pub(super) fn complete<W: Workload>(text: Option<&str>) -> Result<(W::Params, Value), Failure> {
    let wrong = |problem: String| Failure::Input(format!("parameters of `{}`: {problem}", W::NAME));
    let given: Value = match text {
        Some(text) => {
            serde_json::from_str(text).map_err(|error| wrong(format!("not JSON: {error}")))?
        }
        None => Value::Object(Map::new()),
    };
    let Value::Object(given) = given else {
        return Err(wrong(format!(
            "a JSON object is needed, such as {{\"seed\": 1}}, not {given}"
        )));
    };
    let schema = schema::<W>();
    let known: Vec<&str> = schema
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let unknown = |name: &str| {
        let hint = match nearest(name, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("there are {}", known.join(", ")),
        };
        wrong(format!("no parameter `{name}`; {hint}"))
    };
    let strange: Vec<&String> = given
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    let params = read::<W>(given.clone()).map_err(|error| match strange.first() {
        Some(name) => unknown(name),
        None => wrong(
            culprit::<W>(&given)
                .map_or_else(|| error.to_string(), |name| format!("`{name}`: {error}")),
        ),
    })?;
    let complete = serde_json::to_value(&params).map_err(|error| wrong(error.to_string()))?;
    // A type that lets unknown fields pass would run with a default where the user set something: those that make no
    // difference are refused here. (An alias makes one.)
    for name in strange {
        let mut without = given.clone();
        without.remove(name);
        if read::<W>(without)
            .ok()
            .and_then(|params| serde_json::to_value(params).ok())
            .as_ref()
            == Some(&complete)
        {
            return Err(unknown(name));
        }
    }
    Ok((params, complete))
}

fn read<W: Workload>(given: Map<String, Value>) -> serde_json::Result<W::Params> {
    serde_json::from_value(Value::Object(given))
}

/// The parameter without which all would be well.
fn culprit<W: Workload>(given: &Map<String, Value>) -> Option<&String> {
    given.keys().find(|name| {
        let mut without = given.clone();
        without.remove(*name);
        read::<W>(without).is_ok()
    })
}
