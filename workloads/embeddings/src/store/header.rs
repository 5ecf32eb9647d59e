//! The header of a store's file: written field by field, and taken apart with every check in its order.
//!
//! There are two slots of 128 bytes, at 0 and 2048. A commit writes the one that is not in force, with the next generation;
//! a header torn by a crash leaves the other as it was. All integers are little-endian.
//!
//! | bytes | |
//! |---|---|
//! | 0..4 | magic, `CGEM` |
//! | 4..8 | version, 2 |
//! | 8..16 | generation |
//! | 16..24 | records |
//! | 24..32 | records there is room for |
//! | 32..36 | dimension |
//! | 36..40 | encoding |
//! | 40..44 | bytes of a payload |
//! | 44..48 | bytes of a record |
//! | 48..52 | flags: bit 0, records have checksums |
//! | 52..56 | CRC-32 of the parameters |
//! | 56..64 | where the parameters begin |
//! | 64..72 | bytes of the parameters |
//! | 72..80 | where the records begin |
//! | 80..96 | the store's own name, 16 bytes |
//! | 96..124 | zero, not read |
//! | 124..128 | CRC-32 of the bytes before |

use super::shape::{PAGE, Shape};
use crate::encoding::Encoding;

/// Where the slots are.
pub(super) const SLOTS: [usize; 2] = [0, 2048];

/// Bytes of a slot.
pub(super) const SLOT: usize = 128;

const MAGIC: [u8; 4] = *b"CGEM";
const VERSION: u32 = 2;
const CHECKSUMS: u32 = 1;

/// What a slot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) shape: Shape,
    pub(super) generation: u64,
    pub(super) count: u64,
    pub(super) capacity: u64,
    pub(super) parameters_crc: u32,
    pub(super) data_at: u64,
    pub(super) store_id: [u8; 16],
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damage {
    /// No slot begins with the magic.
    Magic,
    /// No slot with the magic has a version known here; this one is there.
    Version(u32),
    /// No slot of this version has the checksum of its bytes.
    Checksum,
    /// This field has a value that it cannot have.
    Field(&'static str, u64),
}

impl Header {
    /// The slot of these fields.
    pub(super) fn slot(&self) -> [u8; SLOT] {
        let Self { shape, .. } = self;
        let mut slot = [0; SLOT];
        let mut put = |at: usize, bytes: &[u8]| slot[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &MAGIC);
        put(4, &VERSION.to_le_bytes());
        put(8, &self.generation.to_le_bytes());
        put(16, &self.count.to_le_bytes());
        put(24, &self.capacity.to_le_bytes());
        put(32, &shape.dimension.to_le_bytes());
        put(36, &shape.encoding.number().to_le_bytes());
        put(40, &shape.payload.to_le_bytes());
        // A shape whose stride has no room here is refused before there is a header.
        put(44, &shape.stride32().unwrap_or(0).to_le_bytes());
        let flags = if shape.checksums { CHECKSUMS } else { 0 };
        put(48, &flags.to_le_bytes());
        put(52, &self.parameters_crc.to_le_bytes());
        put(56, &shape.parameters_at().to_le_bytes());
        put(64, &shape.parameters().to_le_bytes());
        put(72, &self.data_at.to_le_bytes());
        put(80, &self.store_id);
        let crc = crc32fast::hash(&slot[..SLOT - 4]);
        slot[SLOT - 4..].copy_from_slice(&crc.to_le_bytes());
        slot
    }

    /// The header in force of a file that begins with this page, and which slot it is in. A damaged slot never hides a good
    /// one; of two good ones the later is taken, whatever its fields say.
    pub(super) fn of_page(page: &[u8; PAGE as usize]) -> Result<(Self, usize), Damage> {
        let slots = SLOTS.map(|at| Slot(&page[at..at + SLOT]));
        let magic = slots.map(|slot| slot.0[..4] == MAGIC);
        if magic == [false; 2] {
            return Err(Damage::Magic);
        }
        let known = [0, 1].map(|at| magic[at] && slots[at].u32(4) == VERSION);
        if known == [false; 2] {
            let strange = if magic[0] { slots[0] } else { slots[1] };
            return Err(Damage::Version(strange.u32(4)));
        }
        let whole = [0, 1].map(|at| known[at] && slots[at].is_whole());
        let taken = match whole {
            [false, false] => return Err(Damage::Checksum),
            [true, true] => usize::from(slots[1].u64(8) > slots[0].u64(8)),
            [first, _] => usize::from(!first),
        };
        slots[taken].header().map(|header| (header, taken))
    }
}

/// The bytes of a slot.
#[derive(Clone, Copy)]
struct Slot<'a>(&'a [u8]);

impl Slot<'_> {
    fn u32(self, at: usize) -> u32 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.0[at..at + 4]);
        u32::from_le_bytes(bytes)
    }

    fn u64(self, at: usize) -> u64 {
        u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32
    }

    fn is_whole(self) -> bool {
        crc32fast::hash(&self.0[..SLOT - 4]) == self.u32(SLOT - 4)
    }

    /// The fields, or the first that is impossible.
    fn header(self) -> Result<Header, Damage> {
        let need = |holds: bool, field, value| {
            if holds {
                Ok(())
            } else {
                Err(Damage::Field(field, value))
            }
        };
        let (dimension, flags) = (self.u32(32), self.u32(48));
        need(dimension > 0, "dimension", 0)?;
        let number = self.u32(36);
        let encoding = Encoding::of_number(number);
        let encoding = encoding.ok_or(Damage::Field("encoding", number.into()))?;
        need(flags & !CHECKSUMS == 0, "flags", flags.into())?;
        let shape = Shape {
            encoding,
            dimension,
            payload: self.u32(40),
            checksums: flags & CHECKSUMS != 0,
        };
        need(shape.payload_fits(), "payload", shape.payload.into())?;
        let stride = self.u32(44);
        need(shape.stride() == u64::from(stride), "stride", stride.into())?;
        let (at, length, data_at) = (self.u64(56), self.u64(64), self.u64(72));
        need(at == shape.parameters_at(), "parameters' offset", at)?;
        need(length == shape.parameters(), "parameters' length", length)?;
        let past = PAGE + shape.parameters();
        let apart = data_at.is_multiple_of(PAGE) && data_at >= past;
        need(apart, "data offset", data_at)?;
        let (count, capacity) = (self.u64(16), self.u64(24));
        need(count <= capacity, "count", count)?;
        let ends = shape.end(data_at, capacity).is_some();
        need(ends, "capacity", capacity)?;
        let mut store_id = [0; 16];
        store_id.copy_from_slice(&self.0[80..96]);
        Ok(Header {
            shape,
            generation: self.u64(8),
            count,
            capacity,
            parameters_crc: self.u32(52),
            data_at,
            store_id,
        })
    }
}
