//! Bytes in and bytes out: what is put into the memory of a library before its functions are called, and what
//! is shown of the memory after.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use crate::cli::CliError;
use crate::full::program::integer::integer;
use crate::full::program::join::{Place, Supply};
use crate::full::program::{Call, Input, Loaded, Value};
use crate::full::trace::End;
use crate::full::vm::Vm;
use crate::full::wasi::world::System;
use crate::shown;

/// Bytes that are put into the memory by a call.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Put {
    name: String,
    address: u32,
    length: usize,
    /// The call that puts them there.
    pub call: Call,
}

impl Put {
    /// Arguments in which the name is the address, and the name with `.length` the number of bytes.
    pub(super) fn named_in(&self, mut arguments: Vec<String>) -> Vec<String> {
        for argument in &mut arguments {
            if let Some(number) = self.number(argument) {
                *argument = number.to_string();
            }
        }
        arguments
    }

    fn number(&self, text: &str) -> Option<u32> {
        match text.strip_prefix(self.name.as_str())? {
            "" => Some(self.address),
            ".length" => Some(self.length as u32),
            _ => None,
        }
    }
}

/// Reads `NAME=FILE:ALLOCATOR` or `NAME=FILE@ADDRESS`, and the file.
pub(super) fn supply(given: &str) -> Result<Supply, CliError> {
    let wrong = |what: &str| CliError::Usage(format!("--bytes {given}: {what}"));
    let (name, rest) = given.split_once('=').ok_or_else(|| wrong("not of the form NAME=FILE:ALLOCATOR or NAME=FILE@ADDRESS"))?;
    let address = rest.rsplit_once('@').and_then(|(file, address)| Some((file, address_of(address)?)));
    let (file, place) = match (address, rest.rsplit_once(':')) {
        (Some((file, address)), _) => (file, Place::At(address)),
        (None, Some((file, allocator))) => (file, Place::By(allocator.to_string())),
        (None, None) => return Err(wrong("neither an allocator nor an address says where they are put")),
    };
    let bytes = fs::read(file).map_err(|error| wrong(&format!("{file} cannot be read: {error}")))?;
    Ok(Supply { name: name.to_string(), bytes, place })
}

fn address_of(text: &str) -> Option<u32> {
    u32::try_from(integer(text).ok()?).ok()
}

/// The calls that put bytes into the memory, with the addresses that they are put at: the reference VM makes
/// the calls to find out. All engines make the same calls again, and must arrive at the same addresses.
pub(super) fn put(loaded: &Loaded, supplies: &[Supply], system: &System) -> Result<Vec<Put>, String> {
    if supplies.is_empty() {
        return Ok(Vec::new());
    }
    let program = &loaded.program;
    let function =
        |supply: &Supply| program.exported_function(&supply.export()).ok_or_else(|| format!("bytes {} is exported twice", supply.name));
    let calls: Vec<Call> = supplies.iter().map(|supply| Ok(Call::new(function(supply)?, &[]))).collect::<Result<_, String>>()?;
    let mut vm = Vm::new(program, &calls, Input::from(loaded.header.input()).within(system));
    while vm.step().is_some() {}
    match vm.end() {
        Some(End::Returned(_)) => {}
        end => return Err(format!("the bytes cannot be put: {}", end.map(ToString::to_string).unwrap_or_default())),
    }
    let globals = vm.into_state().globals;
    let addresses = &globals[globals.len() - supplies.len()..];
    let put = |((supply, address), call): ((&Supply, &Value), Call)| Put {
        name: supply.name.clone(),
        address: address.bits() as u32,
        length: supply.bytes.len(),
        call,
    };
    Ok(supplies.iter().zip(addresses).zip(calls).map(put).collect())
}

/// A part of the memory to be shown after a run: `ADDRESS:LENGTH`, and with `=FILE` to be written to a file.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Dump {
    address: String,
    length: String,
    file: Option<PathBuf>,
}

impl FromStr for Dump {
    type Err = String;

    fn from_str(text: &str) -> Result<Dump, String> {
        let (place, file) = text.split_once('=').map_or((text, None), |(place, file)| (place, Some(PathBuf::from(file))));
        let (address, length) = place.split_once(':').ok_or("not of the form ADDRESS:LENGTH[=FILE]")?;
        Ok(Dump { address: address.to_string(), length: length.to_string(), file })
    }
}

/// Number of bytes in a line.
const LINE: usize = 16;

impl Dump {
    /// Shows or writes the part of a memory.
    pub(super) fn show(&self, memory: &[u8], put: &[Put], out: &mut dyn Write) -> Result<(), CliError> {
        let wrong = |what: String| CliError::Usage(format!("--dump {}:{}: {what}", self.address, self.length));
        let number = |text: &str| {
            let named = put.iter().find_map(|put| put.number(text));
            named.or_else(|| address_of(text)).ok_or_else(|| wrong(format!("{text:?} is neither a number nor the name of bytes")))
        };
        let (address, length) = (number(&self.address)? as usize, number(&self.length)? as usize);
        let bytes = memory.get(address..address.saturating_add(length));
        let bytes = bytes.ok_or_else(|| wrong(format!("the memory has {} bytes", memory.len())))?;
        if let Some(file) = &self.file {
            return fs::write(file, bytes).map_err(|error| wrong(format!("{}: {error}", shown::path(file))));
        }
        for (line, bytes) in bytes.chunks(LINE).enumerate() {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(out, "{:08x}  {}", address + LINE * line, hex.join(" "))?;
        }
        Ok(())
    }
}
