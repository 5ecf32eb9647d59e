//! One read as a BAM record.

/// Bases of a read.
pub(super) const READ: usize = 150;

/// A read of a pair that is aligned without gaps and clips.
#[derive(Debug)]
pub(super) struct Read<'a> {
    pub(super) name: &'a [u8],
    pub(super) reference: u32,
    /// From 0 on.
    pub(super) position: u32,
    pub(super) mate_position: u32,
    pub(super) template_length: i32,
    pub(super) flags: u16,
    pub(super) quality: u8,
    /// Four bits each.
    pub(super) bases: &'a [u8; READ / 2],
    pub(super) qualities: &'a [u8; READ],
    pub(super) differences: u8,
    pub(super) umi: &'a [u8],
}

impl Read<'_> {
    /// Appends the record with its length.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let begin = out.len();
        out.extend([0; 4]);
        out.extend(self.reference.to_le_bytes());
        out.extend(self.position.to_le_bytes());
        out.extend([self.name.len() as u8 + 1, self.quality]);
        out.extend(bin(self.position, self.position + READ as u32).to_le_bytes());
        out.extend(1_u16.to_le_bytes());
        out.extend(self.flags.to_le_bytes());
        out.extend((READ as u32).to_le_bytes());
        out.extend(self.reference.to_le_bytes());
        out.extend(self.mate_position.to_le_bytes());
        out.extend(self.template_length.to_le_bytes());
        out.extend(self.name);
        out.push(0);
        // 150M.
        out.extend(((READ as u32) << 4).to_le_bytes());
        out.extend(self.bases);
        out.extend(self.qualities);
        out.extend(b"MCZ150M\0MQC");
        out.extend([self.quality]);
        out.extend(b"NMC");
        out.extend([self.differences]);
        out.extend(b"RGZA\0RXZ");
        out.extend(self.umi);
        out.push(0);
        let length = (out.len() - begin - 4) as u32;
        out[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
    }
}

/// The smallest bin of the index that has all of `begin..end` (SAM specification, section 5.3).
fn bin(begin: u32, end: u32) -> u16 {
    let last = end - 1;
    let levels = [(14, 4681), (17, 585), (20, 73), (23, 9), (26, 1)];
    let level = levels
        .into_iter()
        .find(|(shift, _)| begin >> shift == last >> shift);
    // At most 37448.
    level.map_or(0, |(shift, first)| (first + (begin >> shift)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_those_of_the_specification() {
        assert_eq!(bin(0, 1), 4681);
        assert_eq!(bin(16_383, 16_384), 4681);
        assert_eq!(bin(16_383, 16_385), 585);
        assert_eq!(bin(16_384, 16_385), 4682);
        assert_eq!(bin(0, 1 << 29), 0);
    }
}
