//! Negative integers as arguments of the command line.

use std::ffi::OsString;

use crate::full::program::integer::integer;

/// Rewrites the words of a command line so that negative numbers are parsed as arguments. With `--invoke` all
/// arguments are integers. A negative integer that clap would parse as a flag (`-0x1`, `-1_000`) is rewritten
/// in decimal digits.
pub(in crate::cli) fn plain_numbers(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let words_of_flags = &mut words[..end];
    if words_of_flags.iter().any(|word| word.to_str().is_some_and(|word| word == "--invoke" || word.starts_with("--invoke="))) {
        for word in words_of_flags {
            let negative = word.to_str().filter(|word| word.starts_with('-')).and_then(|word| integer(word).ok());
            if let Some(number) = negative {
                *word = number.to_string().into();
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_numbers_are_arguments_of_what_is_invoked_and_nothing_else_is_changed() {
        let plain = |line: &str| {
            let words = plain_numbers(line.split(' ').map(OsString::from));
            words.into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(plain("w run f --invoke g -0x10 -1_0 5 -x"), "w run f --invoke g -16 -10 5 -x");
        assert_eq!(plain("w run f --invoke=g -- -0x10"), "w run f --invoke=g -- -0x10");
        assert_eq!(plain("w run f -0x10"), "w run f -0x10");
    }
}
