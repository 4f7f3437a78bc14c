//! Integers as WebAssembly's text format spells them.

use thiserror::Error;

/// Why a text is not an integer that fits a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IntegerError {
    /// The text is not spelled like an integer.
    #[error("{0:?} is not an integer")]
    Spelling(String),
    /// The magnitude is beyond 2^64.
    #[error("{0:?} does not fit 64 bits")]
    TooLarge(String),
}

/// The greatest magnitude that fits a value.
const MOST: u128 = 1 << 64;

/// Reads an integer: an optional sign, then decimal digits, or `0x` and hexadecimal digits. There may be a
/// `_` between two digits.
///
/// # Errors
/// Where the text is not such an integer, or its magnitude is beyond 2^64.
pub fn integer(text: &str) -> Result<i128, IntegerError> {
    let no_integer = || IntegerError::Spelling(text.to_string());
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
    let number = magnitude.ok_or_else(|| IntegerError::TooLarge(text.to_string()))? as i128;
    Ok(if is_negative { -number } else { number })
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
            assert_eq!(integer(text), Ok(expected), "{text}");
        }
        for wrong in
            ["", "-", "+", "0x", "-0x", "--5", "-+5", "+-5", "0x-5", "-0x-5", "0x+5", "_1", "1_", "1__0", "0x_1", "1.0", "0X1", "١"]
        {
            assert_eq!(integer(wrong), Err(IntegerError::Spelling(wrong.to_string())));
        }
        for far in [1u128 << 127, u128::MAX] {
            for text in [format!("{far}"), format!("-{far}"), format!("-{far}0000"), format!("0x{far:x}00")] {
                assert_eq!(integer(&text), Err(IntegerError::TooLarge(text.clone())));
            }
        }
    }
}
