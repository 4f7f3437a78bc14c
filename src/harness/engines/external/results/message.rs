//! The lines of the engine protocol's results level. `engines/README.md` describes them for human readers.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::full::isa::Trap;
use crate::full::program::Value;

/// The message that the harness writes: one run.
#[derive(Serialize)]
#[serde(tag = "type", rename = "run")]
pub struct Question {
    /// The module, in the binary format.
    pub module: Base64,
    /// The export of the module's memory, where the module has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<&'static str>,
    /// The exports of the module's table, where the module has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// The exports of the module's globals, in order.
    pub globals: Vec<String>,
    /// The calls to make, in order.
    pub calls: Vec<Call>,
    /// The inputs that the module reads.
    pub input: Vec<Base64>,
    /// The system's answer to each question of the module.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Base64>,
}

/// The exports of a table.
#[derive(Serialize)]
pub struct Table {
    /// The export of the table.
    pub table: &'static str,
    /// The export of the function that returns the table index of the last indirect call.
    pub place: &'static str,
}

/// A call to make.
#[derive(Serialize)]
pub struct Call {
    /// The export of the function.
    pub function: String,
    /// The arguments of the call.
    pub arguments: Vec<WireValue>,
}

/// A message that a process writes.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The outcome of the run.
    Result(Outcome),
    /// The process cannot make this run, but it can make others.
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

/// The outcome of a run.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// How the run ended.
    pub end: Ended,
    /// The bytes output.
    pub outputs: Base64,
    /// The bytes of error messages.
    pub errors: Base64,
    /// The bytes of the questions to the system. They may be left out where there is none.
    #[serde(default)]
    pub requests: Base64,
    /// The memory. `None` where the module does not have a memory.
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
    /// The run ended by `host.exit`, with this status.
    Exited(u8),
    /// The run ended by a trap.
    Trap(Trap),
    /// The run ended by a call of an import that ends runs.
    Called(Called),
}

/// A call of an import that ends runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Called {
    /// The module of the import.
    pub module: String,
    /// The import's name.
    pub name: String,
    /// The call's argument, where the import belongs to the module `end` and takes one.
    #[serde(default)]
    pub argument: Option<i32>,
}

/// The contents of a memory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The memory's length in bytes.
    pub length: usize,
    /// The memory's bytes, without the zeros at its end.
    pub bytes: Base64,
}

/// Bytes. They are written as base64 in a line.
#[derive(Default)]
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

/// A value. An i64 is written as decimal digits, since JSON readers may store a number as a float.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireValue {
    /// A signed value of 32 bits.
    I32(i32),
    /// A signed value of 64 bits.
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
