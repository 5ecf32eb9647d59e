//! UMIs of any form, as texts: of several lengths, with dashes here and there, with other letters, or cut to a least
//! length.

mod group;
mod pairs;
mod words;

pub(crate) use group::{Template, assign};
