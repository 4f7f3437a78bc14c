//! A question to the system, as bytes: the number of a function, then the function's arguments, numbers with
//! their lowest byte first.

use super::errno::Errno;

/// The part of a question that is not read yet.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a>(&'a [u8]);

impl<'a> Question<'a> {
    /// A question before its first byte is read.
    pub fn new(bytes: &'a [u8]) -> Question<'a> {
        Question(bytes)
    }

    /// The next bytes.
    ///
    /// # Errors
    /// `EINVAL` if the question has fewer.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Errno> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Errno::Inval)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// All bytes that follow.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Errno> {
        self.bytes(N)?.try_into().map_err(|_| Errno::Inval)
    }

    /// The next byte.
    ///
    /// # Errors
    /// The same as [`Question::bytes`], as for the numbers below.
    pub fn byte(&mut self) -> Result<u8, Errno> {
        self.array().map(u8::from_le_bytes)
    }

    /// A number of 16 bits.
    pub fn u16(&mut self) -> Result<u16, Errno> {
        self.array().map(u16::from_le_bytes)
    }

    /// A number of 32 bits.
    pub fn u32(&mut self) -> Result<u32, Errno> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of 64 bits.
    pub fn u64(&mut self) -> Result<u64, Errno> {
        self.array().map(u64::from_le_bytes)
    }
}
