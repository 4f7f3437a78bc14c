//! Lowering: a program as a real WebAssembly module whose every step reports.
//!
//! *Narrowed*, values stay bytes: `& 255` after add, sub and mul, byte loads and stores, nothing else.
//! *Instrumented*, each step calls `trace.step` with the byte it reports and its pc, a counter at each loop's
//! start calls `trace.limit`, and each local that is set somewhere is mirrored in an exported global, where it can be read
//! even after a trap.

use std::collections::BTreeSet;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    ImportSection, Instruction, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use crate::isa::{Immediate, Narrowing, Op, Reports, Row, Source, TABLE};
use crate::program::profile::MAX_ITERATIONS;
use crate::program::{Instr, Program};

/// How a program is lowered.
#[derive(Clone, Copy, Debug)]
pub struct Lowering {
    /// How each instruction is narrowed.
    pub narrowing: fn(&Row) -> Narrowing,
    /// Iterations of a loop for each time it is entered.
    pub max_iterations: u32,
}

impl Lowering {
    /// Narrowed to bytes as the table says: the byte profile's meaning.
    pub const NARROWED: Lowering = Lowering { narrowing: |row| row.narrowing, max_iterations: MAX_ITERATIONS };
    /// Not narrowed: WebAssembly's own meaning.
    pub const UNNARROWED: Lowering = Lowering { narrowing: |_| Narrowing::Exact, ..Lowering::NARROWED };
}

/// The reporting imports, in order, all of module `trace`: name, parameters, results.
const REPORTS: [(&str, usize, usize); 4] = [
    ("step", 2, 1),  // byte, pc; gives the byte back
    ("at", 1, 0),    // pc of the import about to be called, which may trap
    ("limit", 1, 0), // pc of the first instruction of an iteration too many; does not return
    ("halt", 1, 0),  // pc; does not return
];
const STEP: u32 = 0;
const AT: u32 = 1;
const LIMIT: u32 = 2;
const HALT: u32 = 3;

/// The module of a program, in the binary format.
pub fn lower(program: &Program, lowering: Lowering) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    let mut import = |module: &str, name: &str, parameters: usize, results: usize| {
        let index = types.len();
        types.ty().function(vec![ValType::I32; parameters], vec![ValType::I32; results]);
        imports.import(module, name, EntityType::Function(index));
    };
    for (name, parameters, results) in REPORTS {
        import("trace", name, parameters, results);
    }
    for row in imported() {
        if let Source::Import(module, name) = row.source {
            import(module, name, row.pops, row.pushes);
        }
    }
    let main = types.len();
    types.ty().function([], []);

    let mut functions = FunctionSection::new();
    functions.function(main);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    exports.export("main", ExportKind::Func, main);
    exports.export("memory", ExportKind::Memory, 0);
    let mirrored = mirrored(program);
    for (global, local) in mirrored.iter().enumerate() {
        globals.global(GlobalType { val_type: ValType::I32, mutable: true, shared: false }, &ConstExpr::i32_const(0));
        exports.export(&local_name((*local).into()), ExportKind::Global, global as u32);
    }
    let mut code = CodeSection::new();
    code.function(&Body::new(program, lowering, &mirrored).finish());

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&globals).section(&exports).section(&code);
    module.finish()
}

/// The locals that are set, each once: exports are dear, and the others stay 0.
fn mirrored(program: &Program) -> Vec<u8> {
    let set: BTreeSet<u8> = program.code().iter().filter(|instr| sets_local(instr.op)).map(|instr| instr.arg).collect();
    set.into_iter().collect()
}

fn sets_local(op: Op) -> bool {
    matches!(op, Op::LocalSet | Op::LocalTee)
}

/// The exported global that mirrors a local.
pub(super) fn local_name(local: usize) -> String {
    format!("local {local}")
}

/// The rows of instructions that are calls of imports.
fn imported() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(|row| row.source != Source::Core)
}

struct Body<'p> {
    program: &'p Program,
    lowering: Lowering,
    /// The locals that have a global, by its index.
    mirrored: &'p [u8],
    function: Function,
    /// The first of the locals that count iterations, one for each loop, by the order of their markers.
    counters: u32,
    loops: u32,
    /// The first of two locals that keep operands across an instruction.
    kept: u32,
}

impl<'p> Body<'p> {
    fn new(program: &'p Program, lowering: Lowering, mirrored: &'p [u8]) -> Body<'p> {
        let counters = program.locals() as u32;
        let loops = program.code().iter().filter(|instr| instr.op == Op::Loop).count() as u32;
        let kept = counters + loops;
        let function = Function::new([(kept + 2, ValType::I32)]);
        Body { program, lowering, mirrored, function, counters, loops: 0, kept }
    }

    fn finish(mut self) -> Function {
        for (pc, instr) in self.program.code().iter().enumerate() {
            self.instruction(pc, *instr);
        }
        self.function.instructions().end();
        self.function
    }

    fn instruction(&mut self, pc: usize, instr: Instr) {
        let pc_const = pc as i32;
        match instr.op {
            Op::Loop => self.begin_loop(pc),
            Op::EndLoop => {
                self.plain(instr);
                if self.program.is_dead_end(pc) {
                    self.function.instructions().unreachable();
                }
            }
            Op::BrIf => {
                self.function.instructions().i32_const(pc_const).call(STEP);
                self.plain(instr);
            }
            Op::Halt => {
                self.function.instructions().i32_const(pc_const).call(HALT);
                self.plain(instr);
            }
            _ => self.reporting(pc_const, instr),
        }
    }

    /// An instruction, and the report of the byte that it pushed or consumed.
    fn reporting(&mut self, pc: i32, instr: Instr) {
        let row = instr.op.row();
        let (top, second) = (self.kept, self.kept + 1);
        if let Reports::Consumed(_) = row.reports {
            // Kept before the instruction consumes them.
            self.function.instructions().local_set(top);
            if row.pops == 2 {
                self.function.instructions().local_tee(second);
            }
            self.function.instructions().local_get(top);
        }
        if row.source != Source::Core {
            self.function.instructions().i32_const(pc).call(AT);
        }
        self.plain(instr);
        match row.reports {
            Reports::Consumed(depth) => {
                self.function.instructions().local_get([top, second][depth]).i32_const(pc).call(STEP).drop();
            }
            _ => {
                self.function.instructions().i32_const(pc).call(STEP);
            }
        }
        if sets_local(instr.op)
            && let Ok(global) = self.mirrored.binary_search(&instr.arg)
        {
            self.function.instructions().local_get(instr.arg.into()).global_set(global as u32);
        }
    }

    /// A loop that counts its iterations from each entry.
    fn begin_loop(&mut self, pc: usize) {
        let counter = self.counters + self.loops;
        self.loops += 1;
        let first = (pc..).find(|pc| !self.program.code()[*pc].op.is_marker()).unwrap_or(pc);
        let block = if self.program.loop_leaves_value(pc) { BlockType::Result(ValType::I32) } else { BlockType::Empty };
        let mut sink = self.function.instructions();
        sink.i32_const(0).local_set(counter).loop_(block);
        sink.local_get(counter).i32_const(1).i32_add().local_tee(counter).i32_const(self.lowering.max_iterations as i32).i32_gt_u();
        sink.if_(BlockType::Empty).i32_const(first as i32).call(LIMIT).end();
    }

    /// The instruction itself, narrowed if asked for.
    fn plain(&mut self, Instr { op, arg }: Instr) {
        let row = op.row();
        if let Source::Import(..) = row.source {
            let index = imported().position(|other| other.op == op).expect("a row of the table");
            self.function.instructions().call((REPORTS.len() + index) as u32);
            return;
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

/// A byte in LEB128; `bits` of it fit one byte of the encoding: 7, or 6 where the next one is the sign.
fn leb128(value: u8, bits: u32) -> Vec<u8> {
    if u32::from(value) < 1 << bits { vec![value] } else { vec![value & 0x7f | 0x80, value >> 7] }
}
