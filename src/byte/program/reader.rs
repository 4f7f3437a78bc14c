//! Reading `.wat` and `.wasm`: turns a file into a [`Program`], or into one clear error.
//!
//! `wast` and `wasmparser` parse and validate WebAssembly itself; this module checks the profile. The opcodes
//! and immediates of core instructions are looked up in the [table](crate::byte::isa), so an instruction with
//! a new row there can be read at once.

use std::path::Path;

use wasmparser::{
    BinaryReader, BlockType, ExternalKind, FuncType, FunctionBody, Operator, Parser, Payload, TypeRef, ValType, Validator, WasmFeatures,
};

use super::{Header, Instr, Program};
use crate::byte::isa::{Immediate, Op, Row, Source as Origin};
use crate::wasm::complaints::{Complaints, mnemonic};
use crate::wasm::{Binary, Bytes, Part, ReadError, Source};

/// The result of reading a file: the program, its header and the module's bytes in the binary format.
#[derive(Clone, Debug)]
pub struct Module {
    /// The program.
    pub program: Program,
    /// The `;;!` header; the default header for a binary file.
    pub header: Header,
    /// The module as real WebAssembly, before narrowing.
    pub wasm: Vec<u8>,
}

/// Reads a `.wat` or `.wasm` file, or standard input for `-`. The first bytes decide which of the two formats
/// it is.
///
/// # Errors
/// If the file cannot be read, is not valid WebAssembly, or is outside the profile.
pub fn read_file(path: &Path) -> Result<Module, ReadError> {
    let Bytes { source, bytes } = Bytes::read(path)?;
    read_bytes(&source, &bytes)
}

/// Reads a module from memory: as binary if it starts with `\0asm`, otherwise as text.
///
/// # Errors
/// If the module is not valid WebAssembly, or is outside the profile.
pub fn read_bytes(source: &Source, bytes: &[u8]) -> Result<Module, ReadError> {
    read(&Binary::read(source, bytes)?)
}

/// Reads a module that is already in the binary format.
///
/// # Errors
/// The same as for [`read_bytes`].
pub fn read(binary: &Binary<'_>) -> Result<Module, ReadError> {
    let header = binary.header(Header::parse)?;
    let program = Decoder { report: binary.complaints() }.module(binary.wasm())?;
    Ok(Module { program, header, wasm: binary.wasm().to_vec() })
}

/// The parts of the sections that the decoder collects.
#[derive(Default)]
struct Sections<'a> {
    types: Vec<Option<FuncType>>,
    imports: Vec<Op>,
    function_types: Vec<u32>,
    exports: Vec<(String, u32)>,
    bodies: Vec<FunctionBody<'a>>,
}

/// The place of an instruction in the function's body.
struct Place {
    index: usize,
    offset: u64,
}

struct Decoder<'s> {
    report: Complaints<'s>,
}

impl Decoder<'_> {
    fn module(&self, wasm: &[u8]) -> Result<Program, ReadError> {
        let invalid = |error| self.report.invalid(wasm, error);
        Validator::new_with_features(WasmFeatures::all()).validate_all(wasm).map_err(invalid)?;
        let mut sections = Sections::default();
        for payload in Parser::new(0).parse_all(wasm) {
            self.section(payload.map_err(invalid)?, &mut sections).map_err(|error| match error {
                SectionError::Invalid(error) => invalid(error),
                SectionError::Refused(error) => error,
            })?;
        }
        self.main_function(wasm, &sections)
    }

    fn section<'a>(&self, payload: Payload<'a>, sections: &mut Sections<'a>) -> Result<(), SectionError> {
        let refuse_item = |name: &'static str, index: usize, offset: u64, reason: &str| -> Result<(), SectionError> {
            Err(self.report.refuse(Part::Section(name, index), offset, reason).into())
        };
        let refuse = |name, offset, reason| refuse_item(name, 0, offset, reason);
        match payload {
            Payload::Version { encoding, range, .. } if encoding != wasmparser::Encoding::Module => {
                refuse("component", range.start, "the file is a component; the profile has only core modules")?;
            }
            Payload::TypeSection(types) => {
                for group in types {
                    sections.types.extend(group?.into_types().map(|t| match t.composite_type.inner {
                        wasmparser::CompositeInnerType::Func(function) => Some(function),
                        _ => None,
                    }));
                }
            }
            Payload::ImportSection(imports) => {
                for (index, import) in imports.into_imports_with_offsets().enumerate() {
                    let (offset, import) = import?;
                    let op = self.import(index, offset, &import, &sections.types)?;
                    sections.imports.push(op);
                }
            }
            Payload::FunctionSection(functions) => {
                for function in functions {
                    sections.function_types.push(function?);
                }
            }
            Payload::MemorySection(memories) => {
                for (index, memory) in memories.into_iter_with_offsets().enumerate() {
                    let (offset, memory) = memory?;
                    let reason = match (index, memory) {
                        (1.., _) => "a module of the profile has at most one memory",
                        (_, m) if m.memory64 || m.shared || m.page_size_log2.is_some() => {
                            "the memory must have 32-bit addresses and pages of 64 KiB, and must not be shared"
                        }
                        (_, m) if m.initial == 0 => "the memory must have at least one page",
                        _ => continue,
                    };
                    refuse_item("memory", index, offset, reason)?;
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports.into_iter_with_offsets() {
                    let (offset, export) = export?;
                    match export.kind {
                        ExternalKind::Func => sections.exports.push((export.name.to_string(), export.index)),
                        ExternalKind::Memory => {}
                        _ => refuse("export", offset, "only the function main, and the memory, may be exported")?,
                    }
                }
            }
            Payload::CodeSectionEntry(body) => sections.bodies.push(body),
            Payload::TableSection(reader) => refuse("table", reader.range().start, "the profile has no tables")?,
            Payload::TagSection(reader) => refuse("tag", reader.range().start, "the profile has no tags")?,
            Payload::GlobalSection(reader) => refuse("global", reader.range().start, "the profile has no globals")?,
            Payload::StartSection { range, .. } => refuse("start", range.start, "the profile has no start function")?,
            Payload::ElementSection(reader) => refuse("element", reader.range().start, "the profile has no element segments")?,
            Payload::DataSection(reader) => {
                refuse("data", reader.range().start, "the profile has no data segments: memory starts as zeros")?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The instruction for an import.
    fn import(&self, index: usize, offset: u64, import: &wasmparser::Import<'_>, types: &[Option<FuncType>]) -> Result<Op, ReadError> {
        let refuse = |reason: String| self.report.refuse(Part::Import(index), offset, reason);
        let name = format!("{}.{}", import.module, import.name);
        let TypeRef::Func(type_index) = import.ty else {
            return Err(refuse(format!("import {name}: only functions may be imported")));
        };
        let Some(op) = Op::from_import(import.module, import.name) else {
            let known = crate::byte::isa::TABLE.iter().filter_map(|row| match row.source {
                Origin::Import(module, name) => Some(format!("{module}.{name}")),
                Origin::Core => None,
            });
            let known = known.chain([format!("{}.{}", crate::byte::isa::HALT_IMPORT.0, crate::byte::isa::HALT_IMPORT.1)]);
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(refuse(format!("unknown import {name}; the profile has {known}")));
        };
        let row = op.row();
        let signature = types.get(type_index as usize).and_then(Option::as_ref);
        let fits = signature.is_some_and(|t| is_i32s(t.params(), row.pops) && is_i32s(t.results(), row.pushes));
        if !fits {
            let wanted = format!("{} i32 parameter(s) and {} result(s)", row.pops, row.pushes);
            return Err(refuse(format!("import {name} must have {wanted}, all i32")));
        }
        Ok(op)
    }

    fn main_function(&self, wasm: &[u8], sections: &Sections<'_>) -> Result<Program, ReadError> {
        let [body] = &sections.bodies[..] else {
            let offset = sections.bodies.get(1).map_or(0, |second| second.range().start);
            let count = sections.bodies.len();
            return Err(self.report.refuse(
                Part::Function(1),
                offset,
                format!("the module defines {count} functions; it must define one, main"),
            ));
        };
        let start = body.range().start;
        let refuse = |reason: &str| Err(self.report.refuse(Part::Function(0), start, reason));
        let main = u32::try_from(sections.imports.len()).unwrap_or(u32::MAX);
        if !matches!(&sections.exports[..], [(name, index)] if name == "main" && *index == main) {
            return refuse("the defined function must be exported as main, and be the only function exported");
        }
        let signature = sections.types.get(sections.function_types[0] as usize).and_then(Option::as_ref);
        if !signature.is_some_and(|t| t.params().is_empty() && t.results().is_empty()) {
            return refuse("main must have no parameters and no results");
        }
        let mut locals = 0usize;
        let invalid = |error| self.report.invalid(wasm, error);
        for local in body.get_locals_reader().map_err(invalid)? {
            let (count, kind) = local.map_err(invalid)?;
            if kind != ValType::I32 {
                return refuse(&format!("main has a local of type {kind}; the profile has i32 only"));
            }
            locals = locals.saturating_add(count as usize);
        }
        let (code, places) = self.body(wasm, body, sections)?;
        Program::new(code, locals).map_err(|refusal| match refusal.pc.and_then(|pc| places.get(pc)) {
            Some(&Place { index, offset }) => self.report.refuse(Part::Instruction(0, index), offset, refusal),
            None => self.report.refuse(Part::Function(0), start, refusal),
        })
    }

    /// The listing of a function's body, and the places of its instructions.
    ///
    /// Code after a `return` can never run: a loop is left only by its end, and the end of the body that
    /// contains the `return` is never reached. So the listing ends at the `return`. The code after the
    /// `return` must still consist of instructions of the profile.
    fn body(&self, wasm: &[u8], body: &FunctionBody<'_>, sections: &Sections<'_>) -> Result<(Vec<Instr>, Vec<Place>), ReadError> {
        let invalid = |error| self.report.invalid(wasm, error);
        let mut code: Vec<Instr> = Vec::new();
        let mut places = Vec::new();
        let mut open = 0;
        let mut returned = None;
        let operators = body.get_operators_reader().map_err(invalid)?.into_iter_with_offsets();
        for (index, operator) in operators.enumerate() {
            let (operator, offset) = operator.map_err(invalid)?;
            let instr = match operator {
                Operator::End if open == 0 => break,
                Operator::Call { function_index } => match sections.imports.get(function_index as usize) {
                    Some(&op) => Instr::from(op),
                    None => {
                        let reason = "main may call imported functions only, not itself";
                        return Err(self.report.refuse(Part::Instruction(0, index), offset, reason));
                    }
                },
                _ => self.core_instruction(wasm, Place { index, offset }, &operator, sections)?,
            };
            open += usize::from(instr.op == Op::Loop);
            open -= usize::from(instr.op == Op::EndLoop);
            code.push(instr);
            places.push(Place { index, offset });
            if matches!(operator, Operator::Return) {
                returned.get_or_insert((code.len(), open));
            }
        }
        if let Some((length, open)) = returned {
            code.truncate(length);
            code.resize(length + open, Op::EndLoop.into());
        }
        Ok((code, places))
    }

    /// A core instruction, found in the table by its opcode byte.
    fn core_instruction(
        &self,
        wasm: &[u8],
        Place { index, offset }: Place,
        operator: &Operator<'_>,
        sections: &Sections<'_>,
    ) -> Result<Instr, ReadError> {
        let refuse = |reason: String| self.report.refuse(Part::Instruction(0, index), offset, reason);
        let at = offset as usize;
        let row = Op::from_opcode(wasm[at]).map(Op::row).filter(|row| row.source == Origin::Core);
        let Some(row) = row else {
            return Err(refuse(format!("{} is not in the profile", mnemonic(operator))));
        };
        if let Operator::Loop { blockty } = operator
            && !is_block_type(*blockty, &sections.types)
        {
            return Err(refuse("a loop of the profile has no parameters and at most one result, an i32".to_string()));
        }
        let value = immediate(row, &wasm[at + 1..], at + 1).map_err(|error| self.report.invalid(wasm, error))?;
        let arg = u8::try_from(value).map_err(|_| {
            let what = match row.immediate {
                Immediate::Value => "a constant",
                Immediate::Local => "the index of a local",
                Immediate::Offset => "a memory offset",
                Immediate::Label | Immediate::None => "a branch's depth",
            };
            refuse(format!("{} {value}: {what} must be 0 to 255", row.mnemonic))
        })?;
        Ok(Instr::new(row.op, arg))
    }
}

/// Whether a loop may have this type: no parameters, and at most one result, an i32.
fn is_block_type(block: BlockType, types: &[Option<FuncType>]) -> bool {
    match block {
        BlockType::Empty => true,
        BlockType::Type(result) => result == ValType::I32,
        BlockType::FuncType(index) => {
            let signature = types.get(index as usize).and_then(Option::as_ref);
            signature.is_some_and(|t| t.params().is_empty() && t.results().len() <= 1 && is_i32s(t.results(), t.results().len()))
        }
    }
}

/// The immediate that follows an opcode.
fn immediate(row: &Row, bytes: &[u8], offset: usize) -> Result<i64, wasmparser::Error> {
    let mut reader = BinaryReader::new(bytes, offset as u64);
    Ok(match row.immediate {
        Immediate::None => 0,
        Immediate::Value => i64::from(reader.read_var_i32()?),
        Immediate::Local | Immediate::Label => i64::from(reader.read_var_u32()?),
        Immediate::Offset => {
            // Bit 6 of the alignment's field is set if the index of a memory follows.
            if reader.read_var_u32()? & 1 << 6 != 0 {
                reader.read_var_u32()?;
            }
            i64::try_from(reader.read_var_u64()?).unwrap_or(i64::MAX)
        }
    })
}

fn is_i32s(types: &[ValType], count: usize) -> bool {
    types.len() == count && types.iter().all(|t| *t == ValType::I32)
}

/// Why a section cannot be read.
enum SectionError {
    Invalid(wasmparser::Error),
    Refused(ReadError),
}

impl From<wasmparser::Error> for SectionError {
    fn from(error: wasmparser::Error) -> Self {
        SectionError::Invalid(error)
    }
}

impl From<ReadError> for SectionError {
    fn from(error: ReadError) -> Self {
        SectionError::Refused(error)
    }
}
