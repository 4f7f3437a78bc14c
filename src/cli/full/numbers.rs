//! Integers as arguments of the command line: spelled as WebAssembly's text format spells them.

use std::ffi::OsString;

/// The greatest magnitude that fits an argument.
const MOST: u128 = 1 << 64;

/// An integer: a sign or none, decimal or `0x` and hexadecimal digits, and `_` between two digits.
pub(super) fn number(text: &str) -> Result<i128, String> {
    let no_integer = || format!("argument {text:?} is no integer");
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = unsigned.strip_prefix("0x").map_or((10, unsigned), |digits| (16, digits));
    let mut magnitude = Some(0u128);
    for group in digits.split('_') {
        if group.is_empty() {
            return Err(no_integer());
        }
        for c in group.chars() {
            let digit = c.to_digit(radix).ok_or_else(no_integer)?;
            let longer = magnitude.and_then(|magnitude| magnitude.checked_mul(radix.into())?.checked_add(digit.into()));
            magnitude = longer.filter(|magnitude| *magnitude <= MOST);
        }
    }
    let number = magnitude.ok_or_else(|| format!("argument {text:?} does not fit 64 bits"))? as i128;
    Ok(if is_negative { -number } else { number })
}

/// The words of a command line, so that negative numbers are arguments in it. With `--invoke` all arguments are integers; a
/// word there that is a negative one, but would be taken for a flag (`-0x1`, `-1_000`), is spelled in decimal digits.
pub(in crate::cli) fn plain_numbers(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let words_of_flags = &mut words[..end];
    if words_of_flags.iter().any(|word| word.to_str().is_some_and(|word| word == "--invoke" || word.starts_with("--invoke="))) {
        for word in words_of_flags {
            let negative = word.to_str().filter(|word| word.starts_with('-')).and_then(|word| number(word).ok());
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
    fn integers_are_those_of_the_text_format() {
        for (text, expected) in [
            ("0", 0),
            ("-5", -5),
            ("+5", 5),
            ("0x10", 16),
            ("-0x1", -1),
            ("0xFf", 255),
            ("1_000", 1000),
            ("0xffff_ffff_ffff_ffff", i128::from(u64::MAX)),
            ("-9223372036854775808", i128::from(i64::MIN)),
        ] {
            assert_eq!(number(text), Ok(expected), "{text}");
        }
        for wrong in
            ["", "-", "+", "0x", "-0x", "--5", "-+5", "+-5", "0x-5", "-0x-5", "0x+5", "_1", "1_", "1__0", "0x_1", "1.0", "0X1", "١"]
        {
            assert_eq!(number(wrong), Err(format!("argument {wrong:?} is no integer")));
        }
        for far in [1u128 << 127, u128::MAX] {
            for text in [format!("{far}"), format!("-{far}"), format!("-{far}0000"), format!("0x{far:x}00")] {
                assert!(number(&text).unwrap_err().ends_with("does not fit 64 bits"), "{text}");
            }
        }
    }

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
