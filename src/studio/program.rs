//! Programs for the pages: a `.wat` or `.wasm` file becomes the prompt of its machine, with what is needed to
//! show a run of it.
//!
//! The answer depends on the file alone: nothing of a program is kept. A page runs the prompt by itself, and
//! reads the state of the program from the tokens of the run, as
//! [`decode`](crate::full::machine::decode) does. For that it needs the places that the instructions of the
//! listing write to, which are here in a compact form.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::state::before_the_end;
use crate::full::isa::{Immediate as Kind, Op, Operand, ValType, Writes};
use crate::full::listing::lower::{ListingForm, lower};
use crate::full::listing::operation::Operation;
use crate::full::listing::token::Vocabulary;
use crate::full::listing::{Fetched, Line, Place};
use crate::full::program::reader::File;
use crate::full::program::{Immediate, Instr, Loaded, Program, Value};
use crate::full::wasi::Process;
use crate::harness::Byte;
use crate::harness::byte::Case;
use crate::harness::machine::Machine as _;
use crate::load::{self, LanguageName, load_bytes};
use crate::wasm::{Bytes, Position, ReadError, Source};

/// What a page asks for.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The name of the file.
    pub name: String,
    /// The language to read the file in; by default the smallest that has the program.
    pub language: Option<LanguageName>,
    /// Whether the full machine takes the program in the fused form.
    pub is_fused: bool,
    /// Whether the state in which the reference VM ends is told, of a full program.
    pub is_run: bool,
}

/// The most steps that the reference VM makes for a page.
const STEPS: u64 = 200_000;

/// Answers a question about a file: the program, or where and why the file is not one, as JSON.
pub fn answer(question: &Question, file: Vec<u8>) -> Json {
    read(question, file).unwrap_or_else(|error| refusal(&error))
}

fn refusal(ReadError { position, reason, .. }: &ReadError) -> Json {
    let place = match position {
        Some(Position::Line(line, column)) => json!({ "line": line, "column": column }),
        Some(Position::Byte(offset)) => json!({ "offset": offset }),
        None => json!({}),
    };
    json!({ "error": { "reason": reason, "place": place } })
}

/// The program of a file.
///
/// # Errors
/// If the file is not a program that the machine can take.
pub fn read(Question { name, language, is_fused, is_run }: &Question, file: Vec<u8>) -> Result<Json, ReadError> {
    let bytes = Bytes { source: Source::named(name.clone()), bytes: file };
    match load_bytes(&bytes, *language)? {
        load::Program::Byte(module) => {
            let files = module.header.files();
            let listing = Byte::program_json(Case::new(&module.program, &files), &Default::default(), &());
            Ok(json!({ "machine": "byte", "name": name, "about": module.header.about, "program": listing }))
        }
        load::Program::Full(file) => {
            full(name, &bytes.source, *file, if *is_fused { ListingForm::Fused } else { ListingForm::Plain }, is_run.then_some(STEPS))
        }
    }
}

fn full(name: &str, source: &Source, file: File, form: ListingForm, run: Option<u64>) -> Result<Json, ReadError> {
    let process = Process::new(vec![name.to_string()], Vec::new()).map_err(|error| source.error(None, error))?;
    let loaded = Loaded::of(source, file, &process)?;
    let calls = loaded.invocation().map_err(|error| source.error(None, error))?;
    let program = &loaded.program;
    let lowered = lower(program, &calls, form).map_err(|error| source.error(None, error))?;
    let vocabulary = Vocabulary::new();
    let tokens = lowered.listing.tokens(program, |function| lowered.entries[function as usize]);
    let tokens: Vec<usize> = tokens.iter().map(|token| vocabulary.id(*token)).collect();
    let description = Described {
        machine: "full",
        name,
        form: if form == ListingForm::Fused { "fused" } else { "plain" },
        about: loaded.header.about.as_deref(),
        tokens,
        input: loaded.header.input(),
        lines: lowered.listing.lines.iter().map(Row::of).collect(),
        code: (0..).zip(&program.code).map(|(pc, instr)| Code::of(program, pc, instr)).collect(),
        functions: (0..).zip(&lowered.entries).map(|(index, entry)| Function::of(program, index, *entry)).collect(),
        globals: program.globals.iter().map(|global| Number::of(global.ty.value, global.value)).collect(),
        memory: program
            .memory
            .as_ref()
            .map(|memory| Memory { pages: memory.pages, data: memory.data.iter().map(|(address, run)| (*address, hex(run))).collect() }),
        results: program.results(&calls).iter().map(ToString::to_string).collect(),
        reference: run.and_then(|limit| before_the_end(program, &calls, loaded.header.input(), limit)),
    };
    Ok(serde_json::to_value(description).expect("a description is plain data"))
}

/// A program of the full machine, as the pages get it.
#[derive(Serialize)]
struct Described<'p> {
    machine: &'static str,
    name: &'p str,
    form: &'static str,
    about: Option<&'p str>,
    /// The prompt.
    tokens: Vec<usize>,
    /// The input that the header gives.
    input: &'p [u8],
    lines: Vec<Row>,
    code: Vec<Code>,
    functions: Vec<Function>,
    globals: Vec<Number>,
    memory: Option<Memory>,
    /// The types of the results of the calls.
    results: Vec<String>,
    /// The reference VM's state before the last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Json>,
}

/// A slot: counted from the frame's first slot, 1; or, below 0, the negated number of a slot below all
/// frames.
fn slot(place: Place) -> i64 {
    match place {
        Place::Local(index) => i64::from(index) + 1,
        Place::Below(index) => -i64::from(index) - 1,
    }
}

/// A line of the listing: what `decode` needs to know of it.
#[derive(Serialize)]
struct Row {
    /// The pc of the program's instruction that begins here.
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<u32>,
    /// The height before the program's instruction.
    h: u32,
    /// The slot of the value that the line writes.
    w: i64,
    /// The type of the value, as its number of bits; or 0, and the value has the type of that in `s`.
    t: u32,
    /// A slot whose value's type the written value has.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<i64>,
    /// A second slot that gets the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    r: Option<i64>,
    /// The pc of the instruction that puts it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<u32>,
    /// The pcs of instructions before this line that have no line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    f: Vec<u32>,
    /// The line's operation, if the line is a part of an instruction or of a routine.
    #[serde(skip_serializing_if = "Option::is_none")]
    o: Option<String>,
}

impl Row {
    fn of(line: &Line) -> Row {
        let (top, folded) = (i64::from(line.height), &line.folded);
        let above = top + line.operation.delta();
        let is_global = matches!(line.operation, Operation::Wasm(op) if op.row().immediate == Kind::Global);
        let named = slot(if is_global { Place::Below(line.index.into()) } else { Place::Local(line.index.into()) });
        let (written, source) = match line.operation.writes() {
            Writes::Local | Writes::Global => (named, folded.operands[0].map_or(top, slot)),
            _ => (above, named),
        };
        let (bits, like) = match line.operation.value() {
            Operand::Is(ty) => (ty.bits(), None),
            Operand::Named => (0, Some(source)),
            Operand::Any | Operand::Several => (0, Some(above)),
        };
        Row {
            b: line.begins,
            h: line.height - folded.added,
            w: written,
            t: bits,
            s: like,
            r: folded.result.map(slot),
            a: folded.after,
            f: folded.before.clone(),
            o: line.begins.is_none().then(|| line.operation.to_string()),
        }
    }
}

/// An instruction of the program.
#[derive(Serialize)]
struct Code {
    /// The instruction as text.
    x: String,
    /// What it writes.
    #[serde(skip_serializing_if = "str::is_empty")]
    w: &'static str,
    /// The number of operands that it pops, the index of the local or global, or the offset of the access.
    n: u32,
    /// The number of bytes of a store.
    #[serde(skip_serializing_if = "is_zero")]
    l: u32,
    /// The type of the value written, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    /// The slot of the value that it only fetches; or the value itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    v: Option<Number>,
    /// The height of the stack before it, with the locals.
    h: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Code {
    fn of(program: &Program, pc: u32, instr: &Instr) -> Code {
        let row = instr.op.row();
        let locals = program.function_at(pc).map_or(&[][..], |function| &program.functions[function as usize].locals);
        let (writes, number) = match (row.writes, &instr.immediate) {
            _ if row.op == Op::MemoryGrow => ("grow", 1),
            (Writes::Pushed, _) => ("push", row.pops.len() as u32),
            (Writes::Local, Immediate::Local(index)) => ("local", *index),
            (Writes::Global, Immediate::Global(index)) => ("global", *index),
            (Writes::Memory, Immediate::Offset(offset)) => ("memory", *offset),
            (Writes::Output, _) => ("out", 0),
            (Writes::Error, _) => ("err", 0),
            (Writes::Request, _) => ("send", 0),
            _ => ("", 0),
        };
        let ty = match instr.immediate {
            Immediate::Local(index) => locals.get(index as usize).copied(),
            Immediate::Global(index) => program.globals.get(index as usize).map(|global| global.ty.value),
            _ => row.pushes.first().and_then(|operand| operand.ty()),
        };
        let (from, value) = match Fetched::by(instr) {
            Some(Fetched::From(place)) => (Some(slot(place)), None),
            Some(Fetched::Constant(value)) => (None, Some(Number::of(ty.unwrap_or(value.ty()), value))),
            None => (None, None),
        };
        Code {
            x: instr.to_string(),
            w: writes,
            n: number,
            l: if writes == "memory" { row.bytes } else { 0 },
            t: ty.map(|ty| ty.to_string()),
            s: from,
            v: value,
            h: locals.len() as u32 + instr.height,
        }
    }
}

/// A function of the program.
#[derive(Serialize)]
struct Function {
    name: String,
    /// The pcs of the first instruction and after the last.
    entry: u32,
    end: u32,
    /// The pc of the first line of the listing.
    line: u64,
    params: usize,
    locals: Vec<String>,
}

impl Function {
    fn of(program: &Program, index: u32, line: u64) -> Function {
        let function = &program.functions[index as usize];
        let locals = function.locals.iter().map(ToString::to_string).collect();
        let params = program.type_of(index).params.len();
        Function { name: program.function_name(index), entry: function.entry, end: function.end, line, params, locals }
    }
}

/// A number: its type, and the lower and upper 32 bits.
#[derive(Serialize)]
struct Number(String, u32, u32);

impl Number {
    fn of(ty: ValType, value: Value) -> Number {
        Number(ty.to_string(), value.bits() as u32, (value.bits() >> 32) as u32)
    }
}

#[derive(Serialize)]
struct Memory {
    pages: u32,
    /// Addresses and bytes, in hex.
    data: Vec<(u32, String)>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
