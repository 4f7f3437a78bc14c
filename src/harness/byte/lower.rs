//! Lowering: a program as a real WebAssembly module in which every step is reported.
//!
//! The module is *narrowed*: values stay bytes, by `& 255` after add, sub and mul and by byte loads and
//! stores, and nothing else. The module is *instrumented*: each step calls `trace.step` with its byte and its
//! pc, a counter at each loop's start calls `trace.limit`, and each local that is set somewhere is mirrored
//! in an exported global, which can be read even after a trap.
//!
//! The module has only the parts that the program uses. Most programs are short, and wasmi takes longer to
//! instantiate such a module than to run it.

use std::collections::BTreeSet;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    ImportSection, Instruction, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use crate::byte::isa::{Immediate, Narrowing, Op, Reports, Row, Source};
use crate::byte::profile::MAX_ITERATIONS;
use crate::byte::program::{Instr, Program};

/// How a program is lowered.
#[derive(Clone, Copy, Debug)]
pub struct Lowering {
    /// How each instruction is narrowed.
    pub narrowing: fn(&Row) -> Narrowing,
    /// The maximum number of iterations of a loop per entry.
    pub max_iterations: u32,
}

impl Lowering {
    /// Narrowed to bytes as the instruction table says. These are the semantics of the byte profile.
    pub const NARROWED: Lowering = Lowering { narrowing: |row| row.narrowing, max_iterations: MAX_ITERATIONS };
    /// Not narrowed. These are the semantics of WebAssembly itself.
    pub const UNNARROWED: Lowering = Lowering { narrowing: |_| Narrowing::Exact, ..Lowering::NARROWED };
}

/// A function that a module imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Import {
    module: &'static str,
    name: &'static str,
    parameters: usize,
    results: usize,
}

/// An import that reports to the engine.
const fn report(name: &'static str, parameters: usize, results: usize) -> Import {
    Import { module: "trace", name, parameters, results }
}

/// Reports a step: byte and pc. Returns the byte.
const STEP: Import = report("step", 2, 1);
/// Reports the pc of the import that is called next, which may trap.
const AT: Import = report("at", 1, 0);
/// Reports an iteration beyond the limit, with the pc of its first instruction. Does not return.
const LIMIT: Import = report("limit", 1, 0);
/// Reports the pc of a `halt`. Does not return.
const HALT: Import = report("halt", 1, 0);

/// The module of a program, in the binary format.
pub fn lower(program: &Program, lowering: Lowering) -> Vec<u8> {
    let mirrored = mirrored(program);
    let Body { function: body, imports: imported, .. } = Body::new(program, lowering, &mirrored).finish();

    // The signatures, by numbers of parameters and results. The signature of `main` has neither.
    let mut signatures = vec![(0, 0)];
    let mut imports = ImportSection::new();
    for Import { module, name, parameters, results } in &imported {
        let signature = index_of(&mut signatures, (*parameters, *results));
        imports.import(module, name, EntityType::Function(signature));
    }
    let mut types = TypeSection::new();
    for (parameters, results) in signatures {
        types.ty().function(vec![ValType::I32; parameters], vec![ValType::I32; results]);
    }
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut memories = MemorySection::new();
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, imported.len() as u32);
    if program.code().iter().any(|instr| matches!(instr.op.row().immediate, Immediate::Offset)) {
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        exports.export("memory", ExportKind::Memory, 0);
    }
    for (global, local) in mirrored.iter().enumerate() {
        globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(0));
        exports.export(&local_name(*local), ExportKind::Global, global as u32);
    }
    let mut code = CodeSection::new();
    code.function(&body);

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&globals).section(&exports).section(&code);
    module.finish()
}

/// The index of an item in a list. Adds the item if the list does not have it yet.
fn index_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> u32 {
    let index = list.iter().position(|other| *other == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    });
    index as u32
}

/// The locals that are set somewhere, without repetition. Only these are mirrored, since exports are slow and
/// the other locals stay 0.
pub(super) fn mirrored(program: &Program) -> Vec<u8> {
    let set: BTreeSet<u8> = program.code().iter().filter(|instr| sets_local(instr.op)).map(|instr| instr.arg).collect();
    set.into_iter().collect()
}

fn sets_local(op: Op) -> bool {
    matches!(op, Op::LocalSet | Op::LocalTee)
}

/// The name of the exported global that mirrors a local.
pub(super) fn local_name(local: u8) -> String {
    format!("local {local}")
}

struct Body<'p> {
    program: &'p Program,
    lowering: Lowering,
    /// The locals that have a global, by the global's index.
    mirrored: &'p [u8],
    function: Function,
    /// The functions that the body calls, by index.
    imports: Vec<Import>,
    /// The first of the locals that count iterations: one local per loop, in the order of the loops' markers.
    counters: u32,
    loops: u32,
    /// The first of two locals that save operands across an instruction.
    kept: u32,
}

impl<'p> Body<'p> {
    fn new(program: &'p Program, lowering: Lowering, mirrored: &'p [u8]) -> Body<'p> {
        let counters = program.locals() as u32;
        let loops = program.code().iter().filter(|instr| instr.op == Op::Loop).count() as u32;
        let kept = counters + loops;
        let function = Function::new([(kept + 2, ValType::I32)]);
        Body { program, lowering, mirrored, function, imports: Vec::new(), counters, loops: 0, kept }
    }

    fn finish(mut self) -> Body<'p> {
        for (pc, instr) in self.program.code().iter().enumerate() {
            self.instruction(pc, *instr);
        }
        self.function.instructions().end();
        self
    }

    fn call(&mut self, import: Import) {
        let index = index_of(&mut self.imports, import);
        self.function.instructions().call(index);
    }

    /// A call of a report whose last argument is a pc.
    fn report(&mut self, import: Import, pc: usize) {
        self.function.instructions().i32_const(pc as i32);
        self.call(import);
    }

    fn instruction(&mut self, pc: usize, instr: Instr) {
        match instr.op {
            Op::Loop => self.begin_loop(pc),
            Op::EndLoop => {
                self.plain(instr);
                if self.program.is_dead_end(pc) {
                    self.function.instructions().unreachable();
                }
            }
            Op::BrIf => {
                self.report(STEP, pc);
                self.plain(instr);
            }
            Op::Halt => {
                self.report(HALT, pc);
                self.plain(instr);
            }
            _ => self.reporting(pc, instr),
        }
    }

    /// An instruction, and the report of the byte that it pushed or consumed.
    fn reporting(&mut self, pc: usize, instr: Instr) {
        let row = instr.op.row();
        let (top, second) = (self.kept, self.kept + 1);
        if let Reports::Consumed(_) = row.reports {
            // The operands are saved before the instruction consumes them.
            self.function.instructions().local_set(top);
            if row.pops == 2 {
                self.function.instructions().local_tee(second);
            }
            self.function.instructions().local_get(top);
        }
        if row.source != Source::Core {
            self.report(AT, pc);
        }
        self.plain(instr);
        match row.reports {
            Reports::Consumed(depth) => {
                self.function.instructions().local_get([top, second][depth]);
                self.report(STEP, pc);
                self.function.instructions().drop();
            }
            _ => self.report(STEP, pc),
        }
        if sets_local(instr.op)
            && let Ok(global) = self.mirrored.binary_search(&instr.arg)
        {
            self.function.instructions().local_get(instr.arg.into()).global_set(global as u32);
        }
    }

    /// The start of a loop that counts its iterations per entry.
    fn begin_loop(&mut self, pc: usize) {
        let counter = self.counters + self.loops;
        self.loops += 1;
        let first = (pc..).find(|pc| !self.program.code()[*pc].op.is_marker()).unwrap_or(pc);
        let block = if self.program.loop_leaves_value(pc) { BlockType::Result(ValType::I32) } else { BlockType::Empty };
        let mut sink = self.function.instructions();
        sink.i32_const(0).local_set(counter).loop_(block);
        sink.local_get(counter).i32_const(1).i32_add().local_tee(counter).i32_const(self.lowering.max_iterations as i32).i32_gt_u();
        sink.if_(BlockType::Empty);
        self.report(LIMIT, first);
        self.function.instructions().end();
    }

    /// The instruction itself, narrowed if asked for.
    fn plain(&mut self, Instr { op, arg }: Instr) {
        let row = op.row();
        if let Source::Import(module, name) = row.source {
            return self.call(Import { module, name, parameters: row.pops, results: row.pushes });
        }
        let narrowing = (self.lowering.narrowing)(row);
        let (opcode, alignment) = match narrowing {
            Narrowing::ByteAccess(opcode) => (opcode, 0),
            Narrowing::Exact | Narrowing::Mask => (row.opcode, 2),
        };
        let mut bytes = vec![opcode];
        match row.immediate {
            Immediate::None => {}
            Immediate::Value => bytes.extend(leb128(arg, 6)),
            Immediate::Local | Immediate::Label => bytes.extend(leb128(arg, 7)),
            Immediate::Offset => {
                bytes.push(alignment);
                bytes.extend(leb128(arg, 7));
            }
        }
        self.function.raw(bytes);
        if narrowing == Narrowing::Mask {
            self.function.instruction(&Instruction::I32Const(255)).instruction(&Instruction::I32And);
        }
    }
}

/// A byte in LEB128. `bits` is the number of its bits that fit into one byte of the encoding: 7, or 6 where
/// the next bit is the sign.
fn leb128(value: u8, bits: u32) -> Vec<u8> {
    if u32::from(value) < 1 << bits { vec![value] } else { vec![value & 0x7f | 0x80, value >> 7] }
}
