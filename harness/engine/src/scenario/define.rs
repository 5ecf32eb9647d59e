//! Macros that define a mapping or a choice of the scenario file once, and make of it the type, its
//! reader and its JSON Schema.

/// Defines a mapping of the scenario file: a struct of [`Field`]s, its reader and its JSON Schema.
macro_rules! document {
    (
        $(#[doc = $about:literal])+
        struct $name:ident($called:literal) {
            $($(#[doc = $doc:literal])+ $mode:ident $field:ident: $ty:ty,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            $($(#[doc = $doc])+ pub(crate) $field: $crate::scenario::read::Field<$ty>,)+
        }

        impl $crate::scenario::read::Read for $name {
            fn read(
                node: &$crate::scenario::yaml::Node,
                mistakes: &mut $crate::scenario::error::Mistakes,
            ) -> Option<Self> {
                const KEYS: &[&str] = &[$(stringify!($field)),+];
                let entries = $crate::scenario::read::mapping(node, mistakes)?;
                $crate::scenario::read::check_keys(entries, KEYS, $called, mistakes);
                $(document!(@$mode node, entries, stringify!($field), $called, mistakes);)+
                Some(Self {
                    $($field: $crate::scenario::read::field(entries, stringify!($field), mistakes),)+
                })
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $called.trim_start_matches("a ").trim_start_matches("an ").trim_start_matches("the ").replace(' ', "-").into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut properties = serde_json::Map::new();
                let mut required: Vec<&str> = Vec::new();
                $(
                    let mut property = generator.subschema_for::<$ty>();
                    property.insert("description".to_owned(), concat!($($doc),+).trim().into());
                    properties.insert(stringify!($field).to_owned(), property.into());
                    if document!(@is $mode) {
                        required.push(stringify!($field));
                    }
                )+
                schemars::json_schema!({
                    "type": "object",
                    "description": concat!($($about),+).trim(),
                    "properties": properties,
                    "required": required,
                    "additionalProperties": false,
                })
            }
        }
    };
    (@optional $node:expr, $entries:expr, $key:expr, $called:expr, $mistakes:expr) => {};
    (@required $node:expr, $entries:expr, $key:expr, $called:expr, $mistakes:expr) => {
        if !$entries.iter().any(|(key, _)| key.name == $key) {
            $mistakes.add(
                $node.head(),
                format!("{} needs `{}`", $called, $key),
                "within this",
                format!("add `{}:`", $key),
            );
        }
    };
    (@is optional) => { false };
    (@is required) => { true };
}
pub(crate) use document;

/// Defines how the values of an enum are written.
macro_rules! choices {
    ($ty:ty, $called:literal { $($text:literal => $value:expr;)+ }) => {
        impl $crate::scenario::read::Read for $ty {
            fn read(
                node: &$crate::scenario::yaml::Node,
                mistakes: &mut $crate::scenario::error::Mistakes,
            ) -> Option<Self> {
                let text = $crate::scenario::read::word(node);
                match text.as_deref() {
                    $(Some($text) => Some($value),)+
                    _ => {
                        $crate::scenario::read::not_a_choice(node, $called, &[$($text),+], mistakes);
                        None
                    }
                }
            }
        }
    };
}
pub(crate) use choices;

/// The JSON Schema of an enum whose values are written as in [`choices`].
macro_rules! choices_schema {
    ($ty:ty, $name:literal { $($text:literal, $doc:literal;)+ }) => {
        impl schemars::JsonSchema for $ty {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "oneOf": [$({ "const": $text, "description": $doc }),+]
                })
            }
        }
    };
}
pub(crate) use choices_schema;
