//! From a function's structured control to flat code, in which each branch has the pc of its target.
//!
//! wasmparser validates each operator in turn, and the validator's operand stack gives the heights. Code
//! after an unconditional branch, up to the end of its block, can have any height and never runs, so it is
//! left out.

use wasmparser::{BlockType, BrTable, FuncValidator, Operator, OperatorsReader, ValidatorResources};

use super::{Branch, FuncType, Immediate, Instr, Refusal};
use crate::full::isa::{Op, ValType};
use crate::wasm::complaints::mnemonic;

/// The first byte of the opcodes of saturating conversions and bulk instructions. Their second byte is a
/// number in LEB128.
const PREFIX: u8 = 0xfc;
/// The opcode of `select` with the type of its result, which says nothing that validation does not know.
const TYPED_SELECT: u16 = 0x1c;
/// The byte for external references.
const EXTERN: u8 = 0x6f;

/// The code of a module, as functions are added to it.
#[derive(Default)]
pub(super) struct Code {
    pub instructions: Vec<Instr>,
    pub branches: Vec<Branch>,
    /// The byte offset in the module of each instruction.
    pub offsets: Vec<u64>,
}

/// The place to write a branch's target to: the instruction at a pc, or an index in the list of targets.
enum Pending {
    Instr(usize),
    Branch(usize),
}

/// A block, loop, arm or function body that is not closed yet.
struct Label {
    /// The start of a loop: the pc that a branch to this label goes to. `None` for a label whose branches go
    /// to its end.
    start: Option<u32>,
    /// The number of operands that a branch to this label takes along.
    arity: u32,
    /// The number of operands below those of the block.
    height: u32,
    /// The number of operands that the block leaves.
    results: u32,
    /// Whether the block's start is unreachable.
    dead: bool,
    /// The branches to the block's end.
    pending: Vec<Pending>,
    /// The pc of the `if`, until its second arm or its end is reached.
    condition: Option<usize>,
}

pub(super) struct Resolver<'m> {
    pub wasm: &'m [u8],
    pub types: &'m [FuncType],
    pub code: &'m mut Code,
    labels: Vec<Label>,
    /// Whether the next operator is unreachable.
    dead: bool,
    max_height: u32,
}

impl<'m> Resolver<'m> {
    pub(super) fn new(wasm: &'m [u8], types: &'m [FuncType], code: &'m mut Code) -> Resolver<'m> {
        Resolver { wasm, types, code, labels: Vec::new(), dead: false, max_height: 0 }
    }

    /// Appends a function's body, which `validator` validates. Returns the greatest height of the operand
    /// stack.
    ///
    /// # Errors
    /// Where the body is not valid.
    pub(super) fn body(
        mut self,
        operators: OperatorsReader<'_>,
        validator: &mut FuncValidator<ValidatorResources>,
        results: usize,
    ) -> Result<u32, wasmparser::Error> {
        self.open(None, results as u32, 0, results as u32, None);
        let mut reader = operators;
        while !reader.eof() {
            let (operator, offset) = reader.read_with_offset()?;
            let height = validator.operand_stack_height();
            validator.op(offset, &operator)?;
            self.operator(&operator, offset, height);
            if !self.dead {
                self.max_height = self.max_height.max(validator.operand_stack_height());
            }
        }
        reader.finish()?;
        Ok(self.max_height)
    }

    fn operator(&mut self, operator: &Operator<'_>, offset: u64, height: u32) {
        match operator {
            Operator::Block { blockty } => {
                let (params, results) = self.arities(*blockty);
                self.open(None, results, height.saturating_sub(params), results, None);
            }
            Operator::Loop { blockty } => {
                let (params, results) = self.arities(*blockty);
                self.open(Some(self.pc() as u32), params, height.saturating_sub(params), results, None);
            }
            Operator::If { blockty } => {
                let (params, results) = self.arities(*blockty);
                let condition = self.pc();
                self.emit(Op::If, Immediate::None, offset, height);
                self.open(None, results, height.saturating_sub(params + 1), results, (!self.dead).then_some(condition));
            }
            Operator::Else => self.otherwise(offset),
            Operator::End => self.close(offset),
            _ if self.dead => {}
            Operator::Br { relative_depth } => {
                self.branch(Op::Br, *relative_depth, offset, height);
                self.dead = true;
            }
            Operator::BrIf { relative_depth } => self.branch(Op::BrIf, *relative_depth, offset, height),
            Operator::BrTable { targets } => {
                self.branches(targets, offset, height);
                self.dead = true;
            }
            Operator::Return | Operator::Unreachable => {
                let op = if matches!(operator, Operator::Return) { Op::Return } else { Op::Unreachable };
                self.emit(op, Immediate::None, offset, height);
                self.dead = true;
            }
            _ => self.plain(operator, offset, height),
        }
    }

    /// An instruction that continues at the next one, or calls a function.
    fn plain(&mut self, operator: &Operator<'_>, offset: u64, height: u32) {
        let op = self.opcode(offset).map(|opcode| if opcode == TYPED_SELECT { Op::Select.row().opcode } else { opcode });
        let Some(op) = op.and_then(Op::from_opcode) else {
            // A bulk instruction of memory.
            let refusal = Refusal::Instruction(mnemonic(operator).into());
            return self.emit(Op::Refused, Immediate::Refused(refusal), offset, height);
        };
        let immediate = self.immediate(op, offset).unwrap_or_else(|error| unreachable!("it was read and validated before: {error}"));
        self.emit(op, immediate, offset, height);
    }

    /// The opcode at a byte offset, as in [`Row::opcode`](crate::full::isa::Row::opcode). `None` for an
    /// opcode that does not fit.
    fn opcode(&self, offset: u64) -> Option<u16> {
        let bytes = &self.wasm[offset as usize..];
        if bytes[0] != PREFIX {
            return Some(bytes[0].into());
        }
        let byte = wasmparser::BinaryReader::new(&bytes[1..], offset + 1).read_var_u32().ok()?;
        Some(u16::from_be_bytes([PREFIX, u8::try_from(byte).ok()?]))
    }

    /// The immediate of the instruction at a byte offset, of the kind given in the instruction's row.
    fn immediate(&self, op: Op, offset: u64) -> Result<Immediate, wasmparser::Error> {
        use crate::full::isa::Immediate as Is;
        let mut reader = wasmparser::BinaryReader::new(&self.wasm[offset as usize + 1..], offset + 1);
        if self.wasm[offset as usize] == PREFIX {
            reader.read_var_u32()?;
        }
        Ok(match op.row().immediate {
            Is::I32 => Immediate::I32(reader.read_var_i32()?),
            Is::I64 => Immediate::I64(reader.read_var_i64()?),
            Is::F32 => Immediate::F32(reader.read_f32()?.bits()),
            Is::F64 => Immediate::F64(reader.read_f64()?.bits()),
            Is::Local => Immediate::Local(reader.read_var_u32()?),
            Is::Global => Immediate::Global(reader.read_var_u32()?),
            Is::Function => Immediate::Function(reader.read_var_u32()?),
            Is::Reference => Immediate::Reference(reader.read_var_u32()?),
            Is::Null => Immediate::Null(if reader.read_u8()? == EXTERN { ValType::ExternRef } else { ValType::FuncRef }),
            Is::Indirect => Immediate::Indirect { ty: reader.read_var_u32()?, table: reader.read_var_u32()? },
            Is::Table => Immediate::Table(reader.read_var_u32()?),
            Is::Tables => Immediate::Tables { to: reader.read_var_u32()?, from: reader.read_var_u32()? },
            Is::Init => {
                let segment = reader.read_var_u32()?;
                Immediate::Init { table: reader.read_var_u32()?, segment }
            }
            Is::Element => Immediate::Element(reader.read_var_u32()?),
            Is::Offset => {
                let _alignment = reader.read_var_u32()?;
                Immediate::Offset(reader.read_var_u32()?)
            }
            Is::None | Is::Memory | Is::Label | Is::Labels | Is::Refusal => Immediate::None,
        })
    }

    /// The numbers of a block's parameters and results.
    fn arities(&self, block: BlockType) -> (u32, u32) {
        match block {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.types[index as usize];
                (ty.params.len() as u32, ty.results.len() as u32)
            }
        }
    }

    fn pc(&self) -> usize {
        self.code.instructions.len()
    }

    fn emit(&mut self, op: Op, immediate: Immediate, offset: u64, height: u32) {
        if !self.dead {
            self.code.instructions.push(Instr { op, immediate, height });
            self.code.offsets.push(offset);
        }
    }

    fn open(&mut self, start: Option<u32>, arity: u32, height: u32, results: u32, condition: Option<usize>) {
        self.labels.push(Label { start, arity, height, results, dead: self.dead, pending: Vec::new(), condition });
    }

    /// `else`: the first arm jumps to the end, and the `if` jumps here when its condition is 0.
    fn otherwise(&mut self, offset: u64) {
        let label = self.labels.last().expect("validation matched it with an if");
        let (height, entered) = (label.height + label.results, !label.dead);
        if !self.dead {
            let end = Branch { target: u32::MAX, arity: 0, height };
            let jump = Pending::Instr(self.pc());
            self.emit(Op::Else, Immediate::Branch(end), offset, height);
            self.labels.last_mut().expect("as before").pending.push(jump);
        }
        self.dead = !entered;
        self.resolve_condition();
    }

    /// `end`: the target of branches to this block; at the end of a function, a return.
    fn close(&mut self, offset: u64) {
        self.resolve_condition();
        let label = self.labels.pop().expect("validation matched it with its block");
        let target = self.pc() as u32;
        let reached = !self.dead || !label.pending.is_empty();
        for pending in label.pending {
            match pending {
                Pending::Instr(pc) => self.code.instructions[pc].set_target(target),
                Pending::Branch(index) => self.code.branches[index].target = target,
            }
        }
        self.dead = label.dead;
        if self.labels.is_empty() && reached {
            self.emit(Op::Return, Immediate::None, offset, label.results);
        }
    }

    /// Makes the next instruction the target of the innermost label's `if`, if that `if` has no target yet.
    fn resolve_condition(&mut self) {
        let target = self.pc() as u32;
        if let Some(pc) = self.labels.last_mut().and_then(|label| label.condition.take()) {
            let height = self.code.instructions[pc].height - 1;
            self.code.instructions[pc].immediate = Immediate::Branch(Branch { target, arity: 0, height });
        }
    }

    /// A branch to the label at a depth. Where the target is not known yet, the label records `pending`.
    fn target(&mut self, depth: u32, pending: Pending) -> Branch {
        let index = self.labels.len() - 1 - depth as usize;
        let label = &mut self.labels[index];
        if label.start.is_none() {
            label.pending.push(pending);
        }
        Branch { target: label.start.unwrap_or(u32::MAX), arity: label.arity, height: label.height }
    }

    fn branch(&mut self, op: Op, depth: u32, offset: u64, height: u32) {
        let branch = self.target(depth, Pending::Instr(self.pc()));
        self.emit(op, Immediate::Branch(branch), offset, height);
    }

    fn branches(&mut self, targets: &BrTable<'_>, offset: u64, height: u32) {
        let first = self.code.branches.len();
        let depths = targets.targets().chain([Ok(targets.default())]);
        for depth in depths {
            let depth = depth.unwrap_or_else(|error| unreachable!("it was validated before: {error}"));
            let branch = self.target(depth, Pending::Branch(self.code.branches.len()));
            self.code.branches.push(branch);
        }
        self.emit(Op::BrTable, Immediate::Branches(first as u32..self.code.branches.len() as u32), offset, height);
    }
}
