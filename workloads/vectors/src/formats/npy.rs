//! The header of NumPy's array files, versions 1 to 3
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>): a magic text, a version, a length, and
//! a Python literal of a dictionary with the keys `descr`, `fortran_order` and `shape`.

use super::element::Element;

/// Longest header that is read; NumPy's own are below 128 bytes.
pub(super) const LONGEST: usize = 1 << 16;

/// Bytes of magic, version and the shorter kind of length.
pub(super) const PREFIX: usize = 10;

const MAGIC: &[u8] = b"\x93NUMPY";

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) element: Element,
    pub(super) rows: u64,
    pub(super) dim: u64,
}

/// Where the dictionary is, from the first [`PREFIX`] bytes of a file and the two after them, which only a long length has.
pub(super) fn extent(start: &[u8; PREFIX + 2]) -> Result<(usize, usize), String> {
    if !start.starts_with(MAGIC) {
        return Err("it does not begin like an array of NumPy's".into());
    }
    let (offset, length) = match start[6] {
        1 => (PREFIX, u32::from(u16::from_le_bytes([start[8], start[9]]))),
        2 | 3 => {
            let length = [start[8], start[9], start[10], start[11]];
            (PREFIX + 2, u32::from_le_bytes(length))
        }
        version => return Err(format!("its format has version {version}, not 1, 2 or 3")),
    };
    let length = length as usize;
    if length > LONGEST {
        return Err(format!(
            "its header has {length} bytes, more than {LONGEST}"
        ));
    }
    Ok((offset, length))
}

/// Reads the dictionary.
pub(super) fn parse(text: &[u8]) -> Result<Header, String> {
    let text = std::str::from_utf8(text).map_err(|_| "its header is not text".to_owned())?;
    let mut rest = Rest(text);
    let (mut element, mut order, mut shape) = (None, None, None);
    rest.expect("{")?;
    while !rest.take("}") {
        let key = rest.string()?;
        rest.expect(":")?;
        match key {
            "descr" => element = Some(rest.element()?),
            "fortran_order" => order = Some(rest.boolean()?),
            "shape" => shape = Some(rest.tuple()?),
            _ => return Err(format!("its header has the key `{key}`")),
        }
        if !rest.take(",") {
            rest.expect("}")?;
            break;
        }
    }
    if !rest.0.trim().is_empty() {
        return Err("its header goes on after the dictionary".into());
    }
    let missing = |key| format!("its header lacks the key `{key}`");
    let element = element.ok_or_else(|| missing("descr"))?;
    if order.ok_or_else(|| missing("fortran_order"))? {
        return Err("its array is in Fortran order".into());
    }
    match shape.ok_or_else(|| missing("shape"))?[..] {
        [rows, dim] => Ok(Header { element, rows, dim }),
        ref shape => Err(format!("its array has {} axes, not two", shape.len())),
    }
}

/// What is left to be parsed.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Skips white space, and the token if it is next.
    fn take(&mut self, token: &str) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) {
            return Ok(());
        }
        let found: String = self.0.chars().take(20).collect();
        Err(format!(
            "its header has `{found}` in the place of `{token}`"
        ))
    }

    fn string(&mut self) -> Result<&'a str, String> {
        let quote = if self.take("\"") {
            '"'
        } else {
            self.expect("'")?;
            '\''
        };
        let (text, rest) = (self.0.split_once(quote)).ok_or("its header has a text without end")?;
        self.0 = rest;
        Ok(text)
    }

    fn boolean(&mut self) -> Result<bool, String> {
        if self.take("True") {
            return Ok(true);
        }
        self.expect("False").map(|()| false)
    }

    fn element(&mut self) -> Result<Element, String> {
        if self.take("[") {
            return Err("its values are records of several fields".into());
        }
        match self.string()? {
            "<f8" => Ok(Element::F64),
            "<f4" => Ok(Element::F32),
            "<f2" => Ok(Element::F16),
            "|u1" => Ok(Element::U8),
            "|i1" => Ok(Element::I8),
            other if other.starts_with('>') => Err(format!("its values are big-endian, `{other}`")),
            other => Err(format!("its values are of the type `{other}`")),
        }
    }

    /// Whole numbers in parentheses, a comma behind each, which the last may lack where there are several.
    fn tuple(&mut self) -> Result<Vec<u64>, String> {
        self.expect("(")?;
        let mut numbers = Vec::new();
        while !self.take(")") {
            self.0 = self.0.trim_start();
            let end = self
                .0
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(self.0.len());
            let (digits, rest) = self.0.split_at(end);
            let number = digits
                .parse()
                .map_err(|_| format!("its shape has `{digits}` for a length"))?;
            numbers.push(number);
            self.0 = rest;
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn headers_are_read_however_they_are_spaced() {
        let header = |element| {
            Ok(Header {
                element,
                rows: 2000,
                dim: 64,
            })
        };
        for (text, element) in [
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2000, 64), }  \n",
                Element::F32,
            ),
            (
                "{\"shape\":(2000,64,),\"descr\":\"|u1\",\"fortran_order\":False}",
                Element::U8,
            ),
            (
                " { 'fortran_order' : False , 'descr' : '<f2' , 'shape' : ( 2000 , 64 ) }\n",
                Element::F16,
            ),
        ] {
            assert_eq!(parse(text.as_bytes()), header(element), "{text}");
        }
    }

    #[test]
    fn arrays_that_are_not_taken_are_refused_by_name() {
        let with = |descr: &str, order: &str, shape: &str| {
            refused(&format!(
                "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}"
            ))
        };
        assert!(with("'>f4'", "False", "(1, 1)").contains("big-endian, `>f4`"));
        assert!(with("'<i8'", "False", "(1, 1)").contains("`<i8`"));
        assert!(with("'<u1'", "False", "(1, 1)").contains("`<u1`"));
        assert!(with("[('x', '<f4')]", "False", "(1,)").contains("several fields"));
        assert!(with("'<f4'", "True", "(1, 1)").contains("Fortran order"));
        assert!(with("'<f4'", "False", "(7,)").contains("1 axes"));
        assert!(with("'<f4'", "False", "()").contains("0 axes"));
        assert!(with("'<f4'", "False", "(1, 2, 3)").contains("3 axes"));
        assert!(with("'<f4'", "False", "(-1, 2)").contains("shape has ``"));
        assert!(
            with("'<f4'", "False", "(99999999999999999999, 2)").contains("99999999999999999999")
        );
    }

    #[test]
    fn headers_that_are_none_are_refused() {
        assert!(refused("").contains("in the place of `{`"));
        assert!(refused("{}").contains("lacks the key `descr`"));
        assert!(refused("{'descr': '<f4'}").contains("`fortran_order`"));
        assert!(refused("{'descr': '<f4', 'fortran_order': False}").contains("`shape`"));
        assert!(refused("{'descr': '<f4").contains("without end"));
        assert!(refused("{'other': 1}").contains("`other`"));
        let whole = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}";
        assert!(refused(&format!("{whole} x")).contains("goes on"));
        assert!(parse(b"\xff").is_err());
        for end in 0..whole.len() {
            refused(&whole[..end]);
        }
    }

    #[test]
    fn the_start_says_where_the_header_is() {
        let start = |version, length: [u8; 4]| {
            let mut start = [0; PREFIX + 2];
            start[..6].copy_from_slice(MAGIC);
            start[6] = version;
            start[8..].copy_from_slice(&length);
            extent(&start)
        };
        assert_eq!(start(1, [118, 0, b'{', b'\'']), Ok((10, 118)));
        assert_eq!(start(2, [116, 0, 0, 0]), Ok((12, 116)));
        assert_eq!(start(3, [116, 0, 0, 0]), Ok((12, 116)));
        assert!(start(4, [0; 4]).unwrap_err().contains("version 4"));
        assert!(
            start(2, [0, 0, 0, 1])
                .unwrap_err()
                .contains("16777216 bytes")
        );
        assert!(extent(&[0; PREFIX + 2]).is_err());
    }
}
