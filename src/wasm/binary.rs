//! A module in the binary format, whatever its file has.

use std::borrow::Cow;

use super::complaints::Complaints;
use super::header::HeaderFault;
use super::text::{self, Lines};
use super::{Position, ReadError, Source};

/// A module that is read once and kept in the binary format. If its file has text, the text is kept too. The
/// module need not be valid.
pub struct Binary<'t> {
    source: &'t Source,
    wasm: Cow<'t, [u8]>,
    text: Option<(&'t str, Lines<'t>)>,
}

impl<'t> Binary<'t> {
    /// Reads a module: as binary if the bytes start with `\0asm`, otherwise as text.
    ///
    /// # Errors
    /// If the bytes are not a module in either format.
    pub fn read(source: &'t Source, bytes: &'t [u8]) -> Result<Binary<'t>, ReadError> {
        let Some(text) = text::utf8(source, bytes)? else {
            return Ok(Binary { source, wasm: Cow::Borrowed(bytes), text: None });
        };
        let (wasm, lines) = text::encode(source, text)?;
        Ok(Binary { source, wasm: Cow::Owned(wasm), text: Some((text, lines)) })
    }

    /// The module in the binary format.
    pub fn wasm(&self) -> &[u8] {
        &self.wasm
    }

    /// Where the module came from.
    pub fn source(&self) -> &'t Source {
        self.source
    }

    /// The header at the start of the text, parsed as the language defines it; the default header for a
    /// binary file.
    pub(crate) fn header<H: Default>(&self, parse: impl FnOnce(&str) -> Result<H, HeaderFault>) -> Result<H, ReadError> {
        let header = self.text.as_ref().map(|(text, _)| parse(text));
        let fail = |(line, fault)| self.source.error(Some(Position::Line(line, 1)), fault);
        header.map_or(Ok(H::default()), |header| header.map_err(fail))
    }

    /// Finds the places of the module's parts, for errors.
    pub(crate) fn complaints(&self) -> Complaints<'_> {
        Complaints { source: self.source, lines: self.text.as_ref().map(|(_, lines)| lines) }
    }
}
