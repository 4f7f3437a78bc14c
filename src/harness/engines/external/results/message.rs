//! The lines of the engine protocol's results level; `engines/README.md` describes them for people.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::full::isa::Trap;
use crate::full::program::Value;

/// What the harness writes: one run.
#[derive(Serialize)]
#[serde(tag = "type", rename = "run")]
pub struct Question {
    /// The module, in the binary format.
    pub module: Base64,
    /// The export of its memory, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<&'static str>,
    /// The exports of its table, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// The exports that give its globals, in order.
    pub globals: Vec<String>,
    /// The calls to make, in order.
    pub calls: Vec<Call>,
    /// What it reads.
    pub input: Vec<Base64>,
}

/// The exports of a table.
#[derive(Serialize)]
pub struct Table {
    /// The table.
    pub table: &'static str,
    /// The function that gives the last place that was called.
    pub place: &'static str,
}

/// A call to make.
#[derive(Serialize)]
pub struct Call {
    /// The export.
    pub function: String,
    /// Its arguments.
    pub arguments: Vec<WireValue>,
}

/// What a process writes.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// What came of the run.
    Result(Outcome),
    /// The process cannot make this run; it can make others.
    Cannot {
        /// Why.
        reason: String,
    },
    /// The process cannot go on.
    Error {
        /// Why.
        reason: String,
    },
}

/// What came of a run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// How it ended.
    pub end: Ended,
    /// The bytes output.
    pub outputs: Base64,
    /// The bytes of error messages.
    pub errors: Base64,
    /// The memory; none where there is none.
    #[serde(default)]
    pub memory: Option<Contents>,
    /// The globals, in order.
    pub globals: Vec<WireValue>,
}

/// How a run ended.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The last call returned these results.
    Returned(Vec<WireValue>),
    /// By `host.exit`, with this status.
    Exited(u8),
    /// By a trap.
    Trap(Trap),
    /// By a call of an import that ends runs.
    Called(Called),
}

/// A call of an import that ends runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Called {
    /// The module of the import.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Its argument, where it is one of the module `end` that takes one.
    #[serde(default)]
    pub argument: Option<i32>,
}

/// What a memory holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Its length in bytes.
    pub length: usize,
    /// Its bytes, without zeros at their end.
    pub bytes: Base64,
}

/// Bytes, in a line as base64.
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Base64, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Base64).map_err(de::Error::custom)
    }
}

/// A value: an i64 as decimal digits, since a number of JSON may be held as a float.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireValue {
    /// Of 32 bits, signed.
    I32(i32),
    /// Of 64 bits, signed.
    I64(#[serde(with = "decimal")] i64),
}

impl From<Value> for WireValue {
    fn from(value: Value) -> WireValue {
        match value {
            Value::I32(value) => WireValue::I32(value),
            Value::I64(value) => WireValue::I64(value),
        }
    }
}

impl From<WireValue> for Value {
    fn from(value: WireValue) -> Value {
        match value {
            WireValue::I32(value) => Value::I32(value),
            WireValue::I64(value) => Value::I64(value),
        }
    }
}

/// Integers as decimal digits in a string.
mod decimal {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
