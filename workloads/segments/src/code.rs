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

/// Turns codes into their reverse complement.
pub fn reverse_complement(codes: &mut [u8]) {
    codes.reverse();
    for code in codes {
        *code = complement(*code);
    }
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
    fn turning_twice_changes_nothing() {
        let codes = [0, 1, 4, 3, 2, 0];
        let mut turned = codes;
        reverse_complement(&mut turned);
        assert_eq!(turned, [3, 1, 0, 4, 2, 3]);
        reverse_complement(&mut turned);
        assert_eq!(turned, codes);
    }
}
