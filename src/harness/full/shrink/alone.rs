//! A module that executes one instruction as it was executed in a run: on the same operands, memory and
//! globals.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink, MemorySection, MemoryType, Module, RefType, TableSection,
    TableType, TypeSection, ValType,
};

use super::Generated;
use crate::full::isa::{Op, ValType as Type};
use crate::full::program::imports::HOST;
use crate::full::program::limits::PAGE;
use crate::full::program::{Immediate, Program, Value};
use crate::full::trace::{Effect, State, Step};
use crate::full::vm::Vm;
use crate::harness::full::generate::one::{constant, encoded};
use crate::harness::full::generate::stack::val_type;

/// An executed instruction and the state before it.
pub(super) struct Situation {
    op: Op,
    immediate: Immediate,
    operands: Vec<Value>,
    effect: Effect,
    before: State,
    max_pages: u32,
}

/// The export of the function to run.
const MAIN: &str = "main";

impl Situation {
    /// The situation of a step of a program. `vm` is the VM before the step.
    pub(super) fn new(program: &Program, vm: &Vm<'_>, step: Step) -> Situation {
        let instr = &program.code[step.pc as usize];
        Situation {
            op: instr.op,
            immediate: instr.immediate.clone(),
            operands: vm.operands().to_vec(),
            effect: step.effect,
            before: vm.clone().into_state(),
            max_pages: program.memory.as_ref().map_or(0, |memory| memory.max_pages),
        }
    }

    /// The module, if the instruction can be used alone.
    pub(super) fn module(&self) -> Option<Generated> {
        let (code, results, local) = self.code()?;
        let mut function = Function::new(local.map(|ty| (1, val_type(ty))));
        function.raw(code);
        function.instructions().end();
        let input = match (self.op, self.effect) {
            (Op::Input | Op::Poll, Effect::Push(Value::I32(byte @ 0..=255))) => vec![byte as u8],
            _ => Vec::new(),
        };
        Some(Generated { wasm: self.encoded(&function, &results)?, choices: vec![0], numbers: Vec::new(), input })
    }

    /// The code, the types of the results that it leaves on the stack, and the type of its local, if it has
    /// one.
    fn code(&self) -> Option<(Vec<u8>, Vec<Type>, Option<Type>)> {
        let row = self.op.row();
        let mut code = Vec::new();
        let mut sink = InstructionSink::new(&mut code);
        let (mut results, mut local) = (Vec::new(), None);
        let taken = self.operands.len().checked_sub(row.pops.len()).map(|rest| &self.operands[rest..]);
        let condition = match self.operands.last() {
            Some(Value::I32(value)) => *value,
            _ => 0,
        };
        match (self.op, &self.immediate) {
            (Op::Return, _) => drop(sink.call(1)),
            (Op::Unreachable, _) => drop(sink.unreachable()),
            // `unreachable` traps unless the branch skips it, so the trap shows whether the branch was taken.
            (Op::If, _) => drop(sink.i32_const(condition).if_(BlockType::Empty).unreachable().end()),
            (Op::Else, _) => drop(sink.i32_const(1).if_(BlockType::Empty).else_().unreachable().end()),
            (Op::Br, _) => drop(sink.block(BlockType::Empty).block(BlockType::Empty).br(1).end().unreachable().end()),
            (Op::BrIf, _) => drop(sink.block(BlockType::Empty).i32_const(condition).br_if(0).unreachable().end()),
            (Op::BrTable, Immediate::Branches(targets)) => {
                let last = targets.len().checked_sub(1)?;
                let chosen = (condition as u32 as usize).min(last);
                let label = |target| u32::from(target != chosen);
                sink.block(BlockType::Empty).block(BlockType::Empty).i32_const(condition);
                sink.br_table((0..last).map(label), label(last)).end().unreachable().end();
            }
            (Op::Call, _) => drop(sink.call(1)),
            (Op::CallIndirect, _) => drop(sink.i32_const(0).call_indirect(0, 0)),
            (Op::LocalGet | Op::LocalSet | Op::LocalTee, _) => {
                let value = match self.effect {
                    Effect::Push(value) | Effect::Local(_, value) => value,
                    _ => return None,
                };
                constant(&mut sink, value.ty(), value);
                if self.op == Op::LocalTee {
                    sink.local_tee(0)
                } else {
                    sink.local_set(0).local_get(0)
                };
                (results, local) = (vec![value.ty()], Some(value.ty()));
            }
            (Op::GlobalGet, Immediate::Global(index)) => {
                sink.global_get(*index);
                results.push(self.before.globals.get(*index as usize)?.ty());
            }
            (Op::GlobalSet, Immediate::Global(index)) => {
                let value = *taken?.first()?;
                constant(&mut sink, value.ty(), value);
                sink.global_set(*index);
            }
            // The reduction of whole modules leaves no more of these.
            (Op::Refused | Op::RefNull | Op::RefIsNull | Op::RefFunc | Op::ElemDrop, _) => return None,
            (op, _) if op.row().uses_table() => return None,
            (op, immediate) => {
                for (operand, value) in row.pops.iter().zip(taken?) {
                    constant(&mut sink, operand.ty().unwrap_or(value.ty()), *value);
                }
                match (op, immediate) {
                    (Op::I32Const, Immediate::I32(value)) => drop(sink.i32_const(*value)),
                    (Op::I64Const, Immediate::I64(value)) => drop(sink.i64_const(*value)),
                    (Op::F32Const | Op::F64Const, immediate) => constant(&mut sink, row.results()?[0], immediate.constant()?),
                    (Op::Select, _) => drop(sink.select()),
                    (op, _) if op.is_host() => drop(sink.call(0)),
                    (op, Immediate::Offset(offset)) => code.extend(encoded(op, *offset)),
                    (op, _) => code.extend(encoded(op, 0)),
                }
                results = match self.op {
                    Op::Select => vec![taken?.first()?.ty()],
                    _ => row.results()?,
                };
            }
        }
        Some((code, results, local))
    }

    /// The complete module with the code of `main`.
    fn encoded(&self, main: &Function, results: &[Type]) -> Option<Vec<u8>> {
        let is_host = self.op.is_host();
        let calls = matches!(self.op, Op::Call | Op::CallIndirect | Op::Return);
        let (mut types, mut functions, mut exports) = (TypeSection::new(), FunctionSection::new(), ExportSection::new());
        types.ty().function([], []);
        types.ty().function([], results.iter().map(|ty| val_type(*ty)));
        functions.function(1);
        exports.export(MAIN, ExportKind::Func, u32::from(is_host));
        let mut module = Module::new();
        let mut code = CodeSection::new();
        code.function(main);
        if is_host {
            let (params, results) = (self.op.row().params()?, self.op.row().results()?);
            types.ty().function(params.into_iter().map(val_type), results.into_iter().map(val_type));
        }
        module.section(&types);
        if is_host {
            let name = self.op.row().mnemonic.strip_prefix(HOST)?.strip_prefix('.')?;
            module.section(ImportSection::new().import(HOST, name, EntityType::Function(2)));
        }
        if calls {
            functions.function(0);
            let mut empty = Function::new([]);
            empty.instructions().end();
            code.function(&empty);
        }
        module.section(&functions);
        if self.op == Op::CallIndirect {
            let ty = TableType { element_type: RefType::FUNCREF, table64: false, minimum: 1, maximum: None, shared: false };
            module.section(TableSection::new().table(ty));
        }
        if self.op.row().uses_memory() {
            let minimum = self.before.memory.len() as u64 / u64::from(PAGE);
            let maximum = Some(self.max_pages.into());
            module.section(MemorySection::new().memory(MemoryType {
                minimum,
                maximum,
                memory64: false,
                shared: false,
                page_size_log2: None,
            }));
        }
        if matches!(self.op, Op::GlobalGet | Op::GlobalSet) {
            module.section(&self.globals());
        }
        module.section(&exports);
        if self.op == Op::CallIndirect {
            module.section(ElementSection::new().active(None, &ConstExpr::i32_const(0), Elements::Functions((&[1][..]).into())));
        }
        module.section(&code);
        if let Some((address, bytes)) = self.accessed() {
            module.section(DataSection::new().active(0, &ConstExpr::i32_const(address as i32), bytes.iter().copied()));
        }
        Some(module.finish())
    }

    fn globals(&self) -> GlobalSection {
        let mut globals = GlobalSection::new();
        for value in &self.before.globals {
            let (val_type, value) = match value {
                Value::I32(value) => (ValType::I32, ConstExpr::i32_const(*value)),
                Value::I64(value) => (ValType::I64, ConstExpr::i64_const(*value)),
            };
            globals.global(GlobalType { val_type, mutable: true, shared: false }, &value);
        }
        globals
    }

    /// The address and contents of the memory bytes that the instruction accesses. `None` if they are outside
    /// memory or all 0.
    fn accessed(&self) -> Option<(u32, &[u8])> {
        let Immediate::Offset(offset) = self.immediate else { return None };
        let address = self.operands.len().checked_sub(self.op.row().pops.len()).and_then(|first| self.operands.get(first))?;
        let address = (address.bits() as u32).checked_add(offset)?;
        let bytes = self.before.memory.get(address as usize..)?.get(..self.op.access_width() as usize)?;
        bytes.iter().any(|byte| *byte != 0).then_some((address, bytes))
    }
}
