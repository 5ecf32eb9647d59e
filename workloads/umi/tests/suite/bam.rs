//! BAM files by hand: records written field by field, and read back, apart from the code that is tested.

use std::io::Write;
use std::path::Path;

/// What the tests look at in a record.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) name: Vec<u8>,
    pub(crate) reference: i32,
    pub(crate) position: i32,
    pub(crate) mate_position: i32,
    pub(crate) quality: u8,
    pub(crate) umi: Vec<u8>,
}

fn number(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(*bytes[at..].first_chunk().unwrap())
}

/// Where a BAM file's records begin, inflated.
pub(crate) fn records_begin(bytes: &[u8]) -> usize {
    let mut at = 8 + number(bytes, 4) as usize;
    let references = number(bytes, at);
    at += 4;
    for _ in 0..references {
        at += 8 + number(bytes, at) as usize;
    }
    at
}

/// The records of a generated BAM file, inflated: 150 bases, and tags whose last one is the UMI.
pub(crate) fn reads(bytes: &[u8]) -> Vec<Read> {
    let mut at = records_begin(bytes);
    let mut reads = Vec::new();
    while at < bytes.len() {
        let length = number(bytes, at) as usize;
        let record = &bytes[at + 4..at + 4 + length];
        at += 4 + length;
        let name_end = 32 + usize::from(record[8]) - 1;
        let tag = record.windows(3).rposition(|tag| tag == b"RXZ").unwrap();
        reads.push(Read {
            name: record[32..name_end].to_vec(),
            reference: number(record, 0),
            position: number(record, 4),
            mate_position: number(record, 24),
            quality: record[9],
            umi: record[tag + 3..record.len() - 1].to_vec(),
        });
    }
    reads
}

/// A header in the needed order, with two references and a read group.
pub(crate) fn header() -> Vec<u8> {
    let text =
        "@HD\tVN:1.6\tSO:unsorted\tGO:query\tSS:unsorted:template-coordinate\n@RG\tID:A\tLB:one\n";
    let mut bytes = b"BAM\x01".to_vec();
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(2_u32.to_le_bytes());
    for name in [b"c1\0", b"c2\0"] {
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(name);
        bytes.extend(100_000_u32.to_le_bytes());
    }
    bytes
}

/// A read of ten bases, to be written.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) flags: u16,
    pub(crate) reference: i32,
    pub(crate) position: i32,
    pub(crate) mate_position: i32,
    pub(crate) tags: Vec<u8>,
}

impl Wanted {
    /// Both reads of a pair at one position, of one orientation, with a UMI.
    pub(crate) fn pair(name: &str, position: i32, r1_left: bool, umi: &str) -> [Self; 2] {
        let read = |left: bool| {
            let mut tags = b"MCZ10M\0RGZA\0RXZ".to_vec();
            tags.extend(umi.as_bytes());
            tags.push(0);
            let (own, mate) = if left {
                (position, position + 50)
            } else {
                (position + 50, position)
            };
            Self {
                name: name.to_owned(),
                flags: 3
                    | if left { 0x20 } else { 0x10 }
                    | if left == r1_left { 0x40 } else { 0x80 },
                reference: 0,
                position: own,
                mate_position: mate,
                tags,
            }
        };
        [read(true), read(false)]
    }

    /// The record with its length.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.reference.to_le_bytes());
        bytes.extend(self.position.to_le_bytes());
        bytes.extend([self.name.len() as u8 + 1, 60]);
        bytes.extend(4681_u16.to_le_bytes());
        bytes.extend(1_u16.to_le_bytes());
        bytes.extend(self.flags.to_le_bytes());
        bytes.extend(10_u32.to_le_bytes());
        bytes.extend(self.reference.to_le_bytes());
        bytes.extend(self.mate_position.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.push(0);
        bytes.extend((10_u32 << 4).to_le_bytes());
        bytes.extend([0x11; 5]);
        bytes.extend([30; 10]);
        bytes.extend(&self.tags);
        [(bytes.len() as u32).to_le_bytes().to_vec(), bytes].concat()
    }
}

/// Writes BGZF in blocks of so many bytes, after an empty one.
pub(crate) fn write(path: &Path, bytes: &[u8], block: usize) {
    let mut file = std::fs::File::create(path).unwrap();
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    for block in [&[][..]].into_iter().chain(bytes.chunks(block)) {
        let mut deflated = vec![0; compressor.deflate_compress_bound(block.len())];
        let length = compressor.deflate_compress(block, &mut deflated).unwrap();
        let size = (18 + length + 8 - 1) as u16;
        let header = [
            0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0,
        ];
        file.write_all(&header).unwrap();
        file.write_all(&size.to_le_bytes()).unwrap();
        file.write_all(&deflated[..length]).unwrap();
        file.write_all(&libdeflater::crc32(block).to_le_bytes())
            .unwrap();
        file.write_all(&(block.len() as u32).to_le_bytes()).unwrap();
    }
    file.write_all(&plimsoll_umi::EOF_BLOCK).unwrap();
}
