//! Numbers, strings and lists as bytes.

/// A message that does not follow the protocol: the two sides are different builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the fork server and the supervisor do not speak the same protocol; are they one build?")]
pub(crate) struct Garbled;

/// A message being written; its length is filled in at the end.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new() -> Self {
        Writer(vec![0; 4])
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn number(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn numbers(&mut self, values: &[u64]) {
        for value in values {
            self.number(*value);
        }
    }

    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.number(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    pub(super) fn list<'a>(&mut self, items: impl ExactSizeIterator<Item = &'a [u8]>) {
        self.number(items.len() as u64);
        for item in items {
            self.bytes(item);
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let length = (self.0.len() - 4) as u32;
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        self.0
    }
}

/// A body being read.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Reader(body)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Garbled> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(Garbled)?;
        self.0 = tail;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Garbled> {
        Ok(self.take(1)?[0])
    }

    pub(super) fn number(&mut self) -> Result<u64, Garbled> {
        let bytes = self.take(8)?.try_into().map_err(|_| Garbled)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Garbled> {
        let length = usize::try_from(self.number()?).map_err(|_| Garbled)?;
        self.take(length)
    }

    pub(super) fn list<T>(&mut self, make: impl Fn(&[u8]) -> T) -> Result<Vec<T>, Garbled> {
        let count = self.number()?;
        (0..count).map(|_| self.bytes().map(&make)).collect()
    }

    pub(super) fn end(self) -> Result<(), Garbled> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Garbled)
        }
    }
}
