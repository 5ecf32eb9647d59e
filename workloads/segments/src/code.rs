//! Sequence bytes as codes: A, C, G, T are 0 to 3, everything else is 4.

/// The code of every byte that is not one of `ACGTacgt`.
pub const N: u8 = 4;

/// The letter of each code.
pub const LETTERS: [u8; 5] = *b"ACGTN";

/// The code of each byte.
const CODES: [u8; 256] = {
    let mut codes = [N; 256];
    let mut code = 0;
    while code < 4 {
        let letter = LETTERS[code as usize];
        codes[letter as usize] = code;
        codes[letter.to_ascii_lowercase() as usize] = code;
        code += 1;
    }
    codes
};

/// The code of a sequence byte.
#[must_use]
pub fn code(byte: u8) -> u8 {
    CODES[byte as usize]
}

/// The complement of a code; 4 is its own.
#[must_use]
pub fn complement(code: u8) -> u8 {
    if code < N { 3 - code } else { code }
}

/// Appends the codes of `bytes`; whether all of them are upper-case A, C, G or T, which their codes give back alone.
pub fn append(bytes: &[u8], codes: &mut Vec<u8>) -> bool {
    let start = codes.len();
    // Two passes without branches over a line's bytes are several times faster than one look-up a byte.
    codes.extend(bytes.iter().map(|byte| {
        let bits = byte >> 1 & 3;
        bits ^ bits >> 1
    }));
    let known = |known, byte: &u8| known & matches!(byte, b'A' | b'C' | b'G' | b'T');
    let all = bytes.iter().fold(true, known);
    if !all {
        for (code, byte) in codes[start..].iter_mut().zip(bytes) {
            *code = CODES[*byte as usize];
        }
    }
    all
}

/// Turns codes into their reverse complement.
pub fn reverse_complement(codes: &mut [u8]) {
    codes.reverse();
    let (words, rest) = codes.as_chunks_mut::<8>();
    for word in words {
        *word = complement_of_eight(u64::from_le_bytes(*word)).to_le_bytes();
    }
    for code in rest {
        *code = complement(*code);
    }
}

/// The complements of eight codes at once: 3 - c is c with its low two bits flipped, unless bit 2 says N.
fn complement_of_eight(codes: u64) -> u64 {
    let n = codes >> 2 & 0x0101_0101_0101_0101;
    codes ^ 0x0303_0303_0303_0303 ^ (n | n << 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_either_case_have_codes_and_all_else_is_n() {
        assert_eq!(b"ACGTacgt".map(code), [0, 1, 2, 3, 0, 1, 2, 3]);
        for byte in 0..=u8::MAX {
            let known = b"ACGTacgt".contains(&byte);
            assert_eq!(code(byte) < N, known, "{byte}");
        }
    }

    #[test]
    fn turning_reverses_and_complements_all_but_n() {
        let codes: Vec<u8> = (0..41).map(|i| i * 2 % 5).collect();
        for length in 0..codes.len() {
            let mut turned = codes[..length].to_vec();
            reverse_complement(&mut turned);
            let expected = codes[..length]
                .iter()
                .rev()
                .map(|code| [3, 2, 1, 0, N][*code as usize]);
            assert!(turned.iter().copied().eq(expected), "{length}");
        }
    }

    #[test]
    fn appended_codes_are_those_of_each_byte() {
        for line in [
            &b"ACGTTGCAACGTACGTACGTTTTTGGGGCC"[..],
            b"ACGTNNACGTacgtR-ACGTACGTACGTAAAA",
            b"",
            b"N",
        ] {
            let mut codes = vec![9];
            let all = append(line, &mut codes);
            assert!(
                codes[1..]
                    .iter()
                    .copied()
                    .eq(line.iter().map(|byte| code(*byte)))
            );
            assert_eq!(all, line.iter().all(|byte| b"ACGT".contains(byte)));
        }
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let mut codes = Vec::new();
        assert!(!append(&all, &mut codes));
        assert!(codes.iter().copied().eq(all.iter().map(|byte| code(*byte))));
    }
}
