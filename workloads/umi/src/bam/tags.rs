//! The tags of a record: those that grouping looks at, found in one pass, and the tag `MI` put into a record.

use super::{Record, RecordProblem};

/// The tags that decide where a record belongs; where one is repeated, the first counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tags<'a> {
    /// `RX:Z`, the UMI.
    pub(crate) umi: Option<&'a [u8]>,
    /// `MC:Z`, the mate's CIGAR.
    pub(crate) mate_cigar: Option<&'a [u8]>,
    /// `MQ`, the mate's mapping quality, of any type of integer.
    pub(crate) mate_quality: Option<i64>,
    /// `RG:Z`
    pub(crate) read_group: Option<&'a [u8]>,
    /// `CB:Z`
    pub(crate) cell: Option<&'a [u8]>,
    /// Whether there is an `MI`, of any type.
    pub(crate) molecule: bool,
}

impl<'a> Tags<'a> {
    /// Those of a record.
    ///
    /// # Errors
    /// They are damaged.
    #[inline]
    pub(crate) fn of(record: &Record<'a>) -> Result<Self, RecordProblem> {
        let mut found = Self::default();
        let mut rest = record.tags().0;
        while !rest.is_empty() {
            let ((name, kind, value), after) = next(rest).ok_or(RecordProblem::Tags)?;
            let text = (kind == b'Z').then_some(value);
            match &name {
                b"RX" => found.umi = found.umi.or(text),
                b"MC" => found.mate_cigar = found.mate_cigar.or(text),
                b"MQ" => found.mate_quality = found.mate_quality.or(integer(kind, value)),
                b"RG" => found.read_group = found.read_group.or(text),
                b"CB" => found.cell = found.cell.or(text),
                b"MI" => found.molecule = true,
                _ => {}
            }
            rest = after;
        }
        Ok(found)
    }
}

/// A tag: its name, its type, and its value, of texts without the NUL.
type Tag<'a> = ([u8; 2], u8, &'a [u8]);

/// The first tag, and what follows it.
#[inline]
fn next(tags: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    let [one, two, kind, rest @ ..] = tags else {
        return None;
    };
    let size = match kind {
        b'A' | b'c' | b'C' => 1,
        b's' | b'S' => 2,
        b'i' | b'I' | b'f' => 4,
        b'Z' | b'H' => {
            let end = rest.iter().position(|byte| *byte == 0)?;
            return Some((([*one, *two], *kind, &rest[..end]), &rest[end + 1..]));
        }
        b'B' => array_size(rest)?,
        _ => return None,
    };
    let (value, after) = rest.split_at_checked(size)?;
    Some((([*one, *two], *kind, value), after))
}

fn array_size(value: &[u8]) -> Option<usize> {
    let [kind, count @ ..] = value else {
        return None;
    };
    let size = match kind {
        b'c' | b'C' => 1,
        b's' | b'S' => 2,
        b'i' | b'I' | b'f' => 4,
        _ => return None,
    };
    let count = u32::from_le_bytes(*count.first_chunk()?);
    (count as usize).checked_mul(size)?.checked_add(5)
}

fn integer(kind: u8, value: &[u8]) -> Option<i64> {
    match (kind, value) {
        (b'c', [byte]) => Some(i64::from(*byte as i8)),
        (b'C', [byte]) => Some(i64::from(*byte)),
        (b's', [low, high]) => Some(i64::from(i16::from_le_bytes([*low, *high]))),
        (b'S', [low, high]) => Some(i64::from(u16::from_le_bytes([*low, *high]))),
        (b'i', value) => Some(i64::from(i32::from_le_bytes(*value.first_chunk()?))),
        (b'I', value) => Some(i64::from(u32::from_le_bytes(*value.first_chunk()?))),
        _ => None,
    }
}

/// Where the first `MI` of a record begins, and where what follows it does: in the bytes of the record, which has
/// passed [`Tags::of`] before. Its end, twice, where there is none.
fn molecule(bytes: &[u8], has_one: bool) -> (usize, usize) {
    let end = (bytes.len(), bytes.len());
    if !has_one {
        return end;
    }
    let Ok(record) = Record::new(bytes) else {
        return end;
    };
    let (mut rest, _) = record.tags();
    while let Some(((name, ..), after)) = next(rest) {
        if name == *b"MI" {
            return (bytes.len() - rest.len(), bytes.len() - after.len());
        }
        rest = after;
    }
    end
}

/// Makes the tag `MI` of what `text` appends, in the place of what was there.
pub(crate) fn molecule_tag(tag: &mut Vec<u8>, text: impl FnOnce(&mut Vec<u8>)) {
    tag.clear();
    tag.extend_from_slice(b"MIZ");
    text(tag);
    tag.push(0);
}

/// Hands on, in pieces, a record with its length, and with this tag `MI`: in the place of the one that it has, or at its
/// end.
#[inline]
pub(crate) fn with_molecule<E>(
    bytes: &[u8],
    has_one: bool,
    tag: &[u8],
    mut push: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (from, to) = molecule(bytes, has_one);
    let length = from + tag.len() + (bytes.len() - to);
    // A record has at most 256 MiB and its text some 20 bytes.
    push(&(length as u32).to_le_bytes())?;
    push(&bytes[..from])?;
    push(tag)?;
    if to < bytes.len() {
        push(&bytes[to..])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(mut tags: &[u8]) -> Option<Vec<[u8; 2]>> {
        let mut names = Vec::new();
        while !tags.is_empty() {
            let ((name, ..), after) = next(tags)?;
            names.push(name);
            tags = after;
        }
        Some(names)
    }

    #[test]
    fn tags_of_every_type_are_stepped_over() {
        let mut tags = Vec::new();
        for (kind, size) in [
            (b'A', 1),
            (b'c', 1),
            (b'C', 1),
            (b's', 2),
            (b'S', 2),
            (b'i', 4),
            (b'I', 4),
            (b'f', 4),
        ] {
            tags.extend([b'X', kind, kind]);
            tags.extend(vec![7; size]);
            tags.extend([b'Y', kind, b'B', kind]);
            if kind == b'A' {
                tags.truncate(tags.len() - 4);
                continue;
            }
            tags.extend(3_u32.to_le_bytes());
            tags.extend(vec![0; 3 * size]);
        }
        tags.extend(b"XZZtext\0XHH00\0");
        assert_eq!(walked(&tags).unwrap().len(), 8 + 7 + 2);
        let ends = (0..tags.len()).filter(|end| walked(&tags[..*end]).is_some());
        assert_eq!(ends.count(), 8 + 7 + 2, "only where a tag ends");
        assert_eq!(walked(b"XX?1"), None);
        assert_eq!(walked(b"XXBi\xff\xff\xff\xff"), None);
    }

    #[test]
    fn integers_of_every_type_are_read_with_their_sign() {
        assert_eq!(integer(b'c', &[0xff]), Some(-1));
        assert_eq!(integer(b'C', &[0xff]), Some(255));
        assert_eq!(integer(b's', &[0xff, 0xff]), Some(-1));
        assert_eq!(integer(b'S', &[0xff, 0xff]), Some(65_535));
        assert_eq!(integer(b'i', &[0xff; 4]), Some(-1));
        assert_eq!(integer(b'I', &[0xff; 4]), Some(i64::from(u32::MAX)));
        assert_eq!(integer(b'f', &[0; 4]), None);
        assert_eq!(integer(b'A', b"5"), None);
    }
}
