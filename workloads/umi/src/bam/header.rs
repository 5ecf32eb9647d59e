//! The header: its text, which must be that of a template-coordinate sorted file, and the references.

use std::collections::BTreeMap;

/// The name of the library of records that tell none.
const UNKNOWN: &str = "unknown";
/// Bytes of a header at most.
const MOST_BYTES: usize = 256 << 20;
/// The program's name in the output's header.
const PROGRAM: &str = "plimsoll-umi";

/// What is wrong with a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    /// The file does not begin as a BAM file does.
    #[error("it is not a BAM file; give a BAM file sorted by template coordinate")]
    NotBam,
    /// The file ends inside the header.
    #[error("it ends inside its header; get the file anew")]
    Truncated,
    /// A length in the header is negative, or makes it longer than is supported.
    #[error("its header tells a length that is impossible; get the file anew")]
    Length,
    /// The header's text is not UTF-8.
    #[error("the text of its header is not UTF-8; mend it with `samtools reheader`")]
    Text,
    /// The first line is not as that of a file in the needed order.
    #[error(
        "it is not sorted by template coordinate (its header has {found}); sort it with `samtools sort --template-coordinate`"
    )]
    Order {
        /// The line `@HD`, or that there is none.
        found: String,
    },
}

/// A header, and what grouping needs of it.
#[derive(Debug, Clone)]
pub struct Header {
    text: String,
    /// The references as they are in the file, their number first.
    references: Vec<u8>,
    count: u32,
    /// The library of each read group that has one, by numbers that are the same for the same name.
    libraries: BTreeMap<Vec<u8>, u32>,
}

impl Header {
    /// Reads the beginning of a file: the header and its length, or nothing where more bytes are needed.
    ///
    /// # Errors
    /// It is no header, or that of a file in another order.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HeaderProblem> {
        let magic = b"BAM\x01";
        if !bytes.starts_with(&magic[..bytes.len().min(4)]) {
            return Err(HeaderProblem::NotBam);
        }
        let mut at = 4;
        let Some(text) = lengthy(bytes, &mut at)? else {
            return Ok(None);
        };
        let begin = at;
        let Some(count) = number(bytes, &mut at)? else {
            return Ok(None);
        };
        for _ in 0..count {
            if lengthy(bytes, &mut at)?.is_none() || number(bytes, &mut at)?.is_none() {
                return Ok(None);
            }
        }
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| HeaderProblem::Text)?;
        check_order(text)?;
        let header = Self {
            libraries: libraries(text),
            text: text.to_owned(),
            references: bytes[begin..at].to_vec(),
            count: count as u32,
        };
        Ok(Some((header, at)))
    }

    /// Its text: lines that end in a newline, the last one's perhaps left out.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The references as they are in the file: their number, then name and length of each.
    #[must_use]
    pub fn reference_list(&self) -> &[u8] {
        &self.references
    }

    /// How many references there are.
    #[must_use]
    pub fn references(&self) -> u32 {
        self.count
    }

    /// The number of the library that a record of this read group is from; those without one have 0.
    #[must_use]
    pub fn library(&self, read_group: &[u8]) -> u32 {
        self.libraries.get(read_group).copied().unwrap_or(0)
    }

    /// The header of the grouped file: the same with a line for this program, chained to the last one.
    #[must_use]
    pub fn grouped(&self) -> Vec<u8> {
        let ids: Vec<&str> = lines(&self.text, "@PG")
            .filter_map(|line| field(line, "ID"))
            .collect();
        let id = (0_u32..)
            .map(|number| match number {
                0 => PROGRAM.to_owned(),
                _ => format!("{PROGRAM}.{number}"),
            })
            .find(|id| !ids.contains(&id.as_str()))
            .unwrap_or_default();
        let mut text = self.text.clone();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        let version = env!("CARGO_PKG_VERSION");
        text.push_str(&format!("@PG\tID:{id}\tPN:{PROGRAM}\tVN:{version}"));
        if let Some(last) = ids.last() {
            text.push_str(&format!("\tPP:{last}"));
        }
        text.push('\n');
        let mut bytes = b"BAM\x01".to_vec();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend(&self.references);
        bytes
    }
}

/// A number that is not negative.
fn number(bytes: &[u8], at: &mut usize) -> Result<Option<usize>, HeaderProblem> {
    let Some(number) = bytes.get(*at..).and_then(<[u8]>::first_chunk) else {
        return Ok(None);
    };
    *at += 4;
    usize::try_from(i32::from_le_bytes(*number))
        .map(Some)
        .map_err(|_| HeaderProblem::Length)
}

/// Bytes behind their length.
fn lengthy<'a>(bytes: &'a [u8], at: &mut usize) -> Result<Option<&'a [u8]>, HeaderProblem> {
    let Some(length) = number(bytes, at)? else {
        return Ok(None);
    };
    let end = *at + length;
    if end > MOST_BYTES {
        return Err(HeaderProblem::Length);
    }
    let found = bytes.get(*at..end);
    *at = end;
    Ok(found)
}

fn lines<'a>(text: &'a str, kind: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter(move |line| line.split('\t').next() == Some(kind))
}

fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split('\t')
        .skip(1)
        .find_map(|field| field.strip_prefix(name)?.strip_prefix(':'))
}

fn check_order(text: &str) -> Result<(), HeaderProblem> {
    let line = lines(text, "@HD").next();
    let is = |name, value| line.and_then(|line| field(line, name)) == Some(value);
    let order = line.and_then(|line| field(line, "SS")).unwrap_or_default();
    let order = order.split_once(':').map_or(order, |(_, order)| order);
    if is("SO", "unsorted") && is("GO", "query") && order == "template-coordinate" {
        return Ok(());
    }
    let found = line.map_or("no line @HD".to_owned(), |line| {
        format!("`{}`", line.replace('\t', " "))
    });
    Err(HeaderProblem::Order { found })
}

/// Numbers of libraries by read group: 0 for "unknown", the others by their first occurrence.
fn libraries(text: &str) -> BTreeMap<Vec<u8>, u32> {
    let mut names = vec![UNKNOWN];
    let mut libraries = BTreeMap::new();
    for line in lines(text, "@RG") {
        let (Some(id), Some(name)) = (field(line, "ID"), field(line, "LB")) else {
            continue;
        };
        let number = names.iter().position(|known| *known == name);
        let number = number.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        libraries.insert(id.into(), number as u32);
    }
    libraries
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "@HD\tVN:1.6\tSO:unsorted\tGO:query\tSS:unsorted:template-coordinate\n";

    fn bytes(text: &str) -> Vec<u8> {
        let mut bytes = b"BAM\x01".to_vec();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend([2, 0, 0, 0]);
        for name in [b"c1\0", b"c2\0"] {
            bytes.extend([3, 0, 0, 0]);
            bytes.extend(name);
            bytes.extend([9, 0, 0, 0]);
        }
        bytes
    }

    fn parsed(text: &str) -> Result<Header, HeaderProblem> {
        let bytes = bytes(text);
        Header::parse(&bytes).map(|found| {
            let (header, length) = found.unwrap();
            assert_eq!(length, bytes.len());
            header
        })
    }

    #[test]
    fn only_the_order_by_template_coordinate_is_taken() {
        assert_eq!(parsed(ORDER).unwrap().references(), 2);
        parsed("@HD\tSS:template-coordinate\tGO:query\tSO:unsorted").unwrap();
        for other in [
            "",
            "@HD\tVN:1.6",
            "@HD\tSO:coordinate\tGO:query\tSS:unsorted:template-coordinate",
            "@HD\tSO:unsorted\tSS:unsorted:template-coordinate",
            "@HD\tSO:unsorted\tGO:query",
            "@HD\tSO:unsorted\tGO:query\tSS:unsorted:natural",
            "@HD\tSO:unsorted\tGO:query\tSS:unsorted:template-coordinate:natural",
            "@HDX\tSO:unsorted\tGO:query\tSS:template-coordinate",
        ] {
            let problem = parsed(other).unwrap_err();
            assert!(problem.to_string().contains("samtools sort"), "{problem}");
        }
    }

    #[test]
    fn every_beginning_of_a_header_wants_more() {
        let bytes = bytes(ORDER);
        for end in 0..bytes.len() {
            assert!(Header::parse(&bytes[..end]).unwrap().is_none(), "{end}");
        }
        assert_eq!(Header::parse(b"BAI").unwrap_err(), HeaderProblem::NotBam);
        let lying = b"BAM\x01\xff\xff\xff\xff";
        assert_eq!(Header::parse(lying).unwrap_err(), HeaderProblem::Length);
        let lying = b"BAM\x01\xff\xff\xff\x7f";
        assert_eq!(Header::parse(lying).unwrap_err(), HeaderProblem::Length);
    }

    #[test]
    fn libraries_count_by_their_names() {
        let text = format!(
            "{ORDER}@RG\tID:a\tLB:one\n@RG\tID:b\tLB:two\n@RG\tLB:one\tID:c\n@RG\tID:d\n@RG\tID:e\tLB:unknown\n"
        );
        let header = parsed(&text).unwrap();
        let libraries = ["a", "b", "c", "d", "e", "f"].map(|id| header.library(id.as_bytes()));
        assert_eq!(libraries, [1, 2, 1, 0, 0, 0]);
    }

    #[test]
    fn the_program_is_chained_to_the_last_one() {
        let grouped = |text: &str| {
            let bytes = parsed(text).unwrap().grouped();
            Header::parse(&bytes).unwrap().unwrap().0.text
        };
        let once = grouped(ORDER);
        assert!(
            once.starts_with(ORDER)
                && once.ends_with("\n@PG\tID:plimsoll-umi\tPN:plimsoll-umi\tVN:0.1.0\n")
        );
        let twice = grouped(&once);
        assert!(twice.starts_with(&once));
        assert!(twice.contains("ID:plimsoll-umi.1\t") && twice.ends_with("\tPP:plimsoll-umi\n"));
    }
}
