//! The JSON Schema of scenario files, for editors.

use schemars::generate::SchemaSettings;

use super::document::ScenarioDoc;

/// The JSON Schema (draft 2020-12) of scenario files. Generated from the types that read them.
pub fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<ScenarioDoc>();
    schema.insert("title".to_owned(), "plimsoll scenario".into());
    schema.to_value()
}
