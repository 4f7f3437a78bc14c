//! The `;;!` header lines of a test file, as TOML.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A file's contents, written as bytes or as ASCII text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Contents {
    Bytes(Vec<u8>),
    Text(String),
}

impl Contents {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Contents::Bytes(bytes) => bytes,
            Contents::Text(text) => text.as_bytes(),
        }
    }
}

/// A line of the source, counted from 1, and what is wrong with the header in that line.
pub(crate) type HeaderFault = (usize, String);

/// Reads the header lines at the start of a source text. Returns the header, and its TOML text.
pub(crate) fn parse<H: DeserializeOwned>(source: &str) -> Result<(H, String), HeaderFault> {
    let toml: String = source.lines().map_while(|line| line.strip_prefix(";;!")).map(|line| format!("{line}\n")).collect();
    let header = toml::from_str(&toml).map_err(|error| {
        let before = error.span().map_or("", |span| &toml[..span.start.min(toml.len())]);
        (before.matches('\n').count() + 1, format!("the ;;! header does not parse: {}", error.message()))
    })?;
    Ok((header, toml))
}
