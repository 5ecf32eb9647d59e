//! A store of vectors in a file: mapped, checked, appended to in commits that a crash cannot tear.
//!
//! A store is a file of records of equal length, one for each vector, and, beside it, `NAME.ids` with an id of 128 bits for
//! each. It is opened either by one [`Appender`] or by any number of readers, each a [`Store`]; the files are locked
//! accordingly. Records of short codes may do [without checksums](CreateOptions::checksums) of their own: `NAME.sums` then has
//! one for each 64 KiB of them. An appender has a [`Store`], too, whose clones read in other threads while it appends.
//!
//! Records count from 0, in the order in which they were appended, and are never changed. An id that is appended again
//! is the later record's from then on. What is appended is nowhere to be seen until it is [committed](Appender::commit);
//! after a crash at any moment the store is as the last completed commit left it.
//!
//! | | of the appender | of the reader |
//! |---|---|---|
//! | begin | [`create`](Appender::create), [`build`](Appender::build), [`open`](Appender::open) | [`open`](Store::open) |
//! | records | [`append`](Appender::append), [`append_many`](Appender::append_many), [`append_payload`](Appender::append_payload) | [`get`](Store::get), [`row`](Store::row), [`decode_into`](Store::decode_into), [`read_at`](Store::read_at), [`get_many`](Store::get_many) |
//! | all | [`commit`](Appender::commit), [`make_room`](Appender::make_room) | [`records`](Store::records), [`chunks`](Store::chunks), [`verify`](Store::verify) |
//! | ids | | [`find`](Store::find), [`id`](Store::id) |
//! | memory | | [`advise`](Store::advise), [`will_need`](Store::will_need), [`release`](Store::release), [`stats`](Store::stats) |
//!
//! ```
//! use std::sync::Arc;
//! use plimsoll_embeddings::Codec;
//! use plimsoll_embeddings::codec::Full;
//! use plimsoll_embeddings::store::{AppendOptions, Appender, CreateOptions, OpenOptions, Store};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("vectors");
//! let codec: Arc<dyn Codec> = Arc::new(Full::new(3)?);
//! let mut appender = Appender::create(&path, codec.clone(), &CreateOptions::default())?;
//! appender.append(17, &[1.0, 2.0, 3.0])?;
//! appender.append(4, &[4.0, 5.0, 6.0])?;
//! appender.commit()?;
//! drop(appender);
//!
//! let store = Store::open(&path, &OpenOptions::default())?;
//! let index = store.find(4)?.ok_or("no such id")?;
//! assert_eq!(store.row(index)?, [4.0, 5.0, 6.0]);
//! assert_eq!(store.find(5)?, None);
//! drop(store);
//!
//! let mut appender = Appender::open(&path, codec, &AppendOptions::default())?;
//! let reader = appender.store().clone();
//! appender.append(17, &[7.0, 8.0, 9.0])?;
//! assert_eq!(reader.find(17)?, Some(0));
//! appender.commit()?;
//! assert_eq!(reader.find(17)?, Some(2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advise;
mod appender;
mod atomics;
mod commit;
mod create;
mod error;
mod find;
mod grow;
mod header;
mod ids;
mod inner;
mod mapping;
mod marks;
mod medium;
mod open;
mod options;
mod progress;
mod read;
mod recording;
mod shape;
mod stats;
mod verify;

pub use advise::Access;
pub use appender::Appender;
pub use commit::Committed;
pub use error::{IdsDamage, StoreError};
pub use inner::Store;
pub use medium::{Part, Watch};
pub use options::{AppendOptions, Checks, Commits, CreateOptions, OpenOptions};
pub use read::Records;
pub use recording::{Recording, Wreck};
pub use shape::Shape;
pub use stats::StoreStats;
pub use verify::Verified;

#[cfg(test)]
mod tests;
