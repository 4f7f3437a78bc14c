//! A module in the binary format, whatever its file has.

use std::borrow::Cow;

use super::complaints::Complaints;
use super::header::HeaderFault;
use super::text::{self, Lines};
use super::{Position, ReadError, Source};

/// A module read once: in the binary format, with its text where that is what the file has. It need not be
/// valid.
pub struct Binary<'t> {
    source: &'t Source,
    wasm: Cow<'t, [u8]>,
    text: Option<(&'t str, Lines<'t>)>,
}

impl<'t> Binary<'t> {
    /// Reads a module: binary where it starts with `\0asm`, else text.
    ///
    /// # Errors
    /// Where it is neither.
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

    /// The header at the start of the text, as a language has it; the default one for binary files.
    pub(crate) fn header<H: Default>(&self, parse: impl FnOnce(&str) -> Result<H, HeaderFault>) -> Result<H, ReadError> {
        let header = self.text.as_ref().map(|(text, _)| parse(text));
        let fail = |(line, fault)| self.source.error(Some(Position::Line(line, 1)), fault);
        header.map_or(Ok(H::default()), |header| header.map_err(fail))
    }

    /// What says where the module's parts stand.
    pub(crate) fn complaints(&self) -> Complaints<'_> {
        Complaints { source: self.source, lines: self.text.as_ref().map(|(_, lines)| lines) }
    }
}
