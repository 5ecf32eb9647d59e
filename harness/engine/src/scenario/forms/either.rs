//! The schema of what may be written in one of several ways.

/// Implements `JsonSchema` for a type that is written in one of several ways.
macro_rules! either {
    ($ty:ident, $name:literal, |$generator:ident| [$($schema:expr),+ $(,)?]) => {
        impl schemars::JsonSchema for $ty {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "anyOf": [$($schema),+] })
            }
        }
    };
}

pub(super) use either;
