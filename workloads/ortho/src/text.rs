//! From UTF-8 text to sentences of lower-case words.
//!
//! A sentence ends at an empty line (exactly two line feeds) and at `.` `?` `;` `!`. A word is a
//! run of alphabetic characters and ASCII apostrophes; every other character separates words.

use std::borrow::Cow;

/// The sentences of `text` in order, as raw slices; a slice may hold no word at all.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n")
        .flat_map(|part| part.split(['.', '?', ';', '!']))
}

/// The words of one sentence in order, lower-cased as a whole (a final sigma depends on the word).
pub fn words(sentence: &str) -> impl Iterator<Item = Cow<'_, str>> {
    sentence
        .split(|c: char| !(c.is_alphabetic() || c == '\''))
        .filter(|piece| !piece.is_empty())
        .map(lower)
}

/// All sentences of `text` that have words, as owned words: for programs that keep them.
pub fn owned_sentences(text: &str) -> Vec<Vec<String>> {
    sentences(text)
        .map(|sentence| words(sentence).map(Cow::into_owned).collect::<Vec<_>>())
        .filter(|words| !words.is_empty())
        .collect()
}

fn lower(piece: &str) -> Cow<'_, str> {
    if piece.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'') {
        Cow::Borrowed(piece)
    } else {
        Cow::Owned(piece.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        owned_sentences(text)
            .iter()
            .map(|words| words.join(" "))
            .collect()
    }

    #[test]
    fn only_an_exact_empty_line_ends_a_sentence() {
        assert_eq!(read("a b\nc d"), ["a b c d"]);
        assert_eq!(read("a b\n\nc d"), ["a b", "c d"]);
        assert_eq!(read("a b\r\n\r\nc d"), ["a b c d"]);
        assert_eq!(read("a b\n \nc d"), ["a b c d"]);
        assert_eq!(read("a\n\n\n\n\nb"), ["a", "b"]);
    }

    #[test]
    fn four_marks_end_a_sentence_and_others_only_separate_words() {
        assert_eq!(
            read("A b. C? d; e! f, g: h"),
            ["a b", "c", "d", "e", "f g h"]
        );
        assert_eq!(read("x。y"), ["x y"]);
        assert_eq!(read("...?!"), Vec::<String>::new());
    }

    #[test]
    fn words_keep_ascii_apostrophes_and_drop_everything_not_alphabetic() {
        assert_eq!(
            read("'Tis well-known: 3rd o\u{2019}clock '''"),
            ["'tis well known rd o clock '''"]
        );
        assert_eq!(
            read("e\u{301}a \u{feff}b \u{2167} \u{24d0}"),
            ["e a b \u{2177} \u{24d0}"]
        );
    }

    #[test]
    fn lower_case_is_that_of_the_whole_word() {
        assert_eq!(read("ΟΔΟΣ ΟΔΟΣ'Α İx"), ["οδος οδοσ'α i\u{307}x"]);
    }
}
