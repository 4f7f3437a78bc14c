//! The body of one function: random instructions that fit the operands on the stack. [`control`] generates
//! ends of every kind.

mod control;
mod tables;

use arbitrary::{Result, Unstructured};
use wasm_encoder::{Function, Instruction, InstructionSink};

use super::one::{EDGES, constant, encoded, instructions, operand};
use super::stack::{SEGMENT, World, rarely, val_type};
use crate::full::isa::{Op, Row, ValType as Type, Writes};
use crate::full::program::Value;
use crate::full::program::limits::PAGE;

/// The maximum nesting depth of loops. Each loop has a local that counts.
const LOOPS: usize = 2;
/// The maximum nesting depth of blocks.
const BLOCKS: usize = 5;

/// An open block.
struct Label {
    /// The types of the operands of a branch to the block. `None` for a loop: only the branch at the loop's
    /// own end targets it.
    branch: Option<Vec<Type>>,
    /// The number of operands below the block's own operands.
    height: usize,
}

/// A body that is being generated.
pub(super) struct Body<'b, 'u, 'a> {
    u: &'u mut Unstructured<'a>,
    world: &'b mut World,
    /// The function's index.
    index: u32,
    /// The types of the locals that may be set. The locals that count loops follow.
    locals: Vec<Type>,
    loops: usize,
    stack: Vec<Type>,
    labels: Vec<Label>,
    /// Whether the next instruction would be unreachable.
    dead: bool,
    /// The number of statements left to generate.
    left: u32,
    code: Function,
}

impl Body<'_, '_, '_> {
    /// The code of a function with about this many statements.
    pub(super) fn draw(u: &mut Unstructured<'_>, world: &mut World, index: u32, statements: u32) -> Result<Function> {
        let (params, results) = world.signatures[index as usize].clone();
        let mut locals = params.clone();
        for _ in 0..u.int_in_range(1..=4)? {
            locals.push(*u.choose(world.values)?);
        }
        let declared = locals[params.len()..].iter().copied().chain([Type::I32; LOOPS]);
        let code = Function::new(declared.map(|ty| (1, val_type(ty))).collect::<Vec<_>>());
        let label = Label { branch: Some(results.clone()), height: 0 };
        let stack = Vec::new();
        let mut body = Body { u, world, index, locals, loops: 0, stack, labels: vec![label], dead: false, left: statements, code };
        body.inside(&results)?;
        body.sink().end();
        Ok(body.code)
    }

    fn sink(&mut self) -> InstructionSink<'_> {
        self.code.instructions()
    }

    /// Generates the contents of the innermost block, so that the block's results are on the stack at its
    /// end.
    fn inside(&mut self, results: &[Type]) -> Result<()> {
        while !self.dead && self.left > 0 && !rarely(self.u, 12)? {
            self.left -= 1;
            self.statement()?;
        }
        if self.dead {
            return Ok(());
        }
        let height = self.labels.last().map_or(0, |label| label.height);
        if self.stack[height..] != *results {
            while self.is_loop() && self.available() > 0 {
                self.drop();
            }
            self.provide(results)?;
            if self.stack.len() > height + results.len() {
                // There are operands below the results. A branch discards them.
                self.dropped()?;
                let returns = self.labels.len() == 1 && self.u.arbitrary()?;
                self.code.instruction(if returns { &Instruction::Return } else { &Instruction::Br(0) });
                self.dead = true;
            }
        }
        self.dropped()
    }

    /// Code before an end or a call: sometimes pushes that are dropped again.
    fn dropped(&mut self) -> Result<()> {
        if self.dead {
            return Ok(());
        }
        for _ in 0..self.u.int_in_range(0..=5usize)?.saturating_sub(3) {
            match self.u.int_in_range(0..=6)? {
                0 => drop(self.sink().nop()),
                1 => drop(self.sink().memory_size(0).drop()),
                _ => {
                    let ty = *self.u.choose(self.world.values)?;
                    self.source(ty)?;
                    self.drop();
                }
            }
        }
        Ok(())
    }

    fn drop(&mut self) {
        self.stack.pop();
        self.sink().drop();
    }

    /// Whether the innermost block is a loop. A branch to it would go back to its start.
    fn is_loop(&self) -> bool {
        self.labels.last().is_some_and(|label| label.branch.is_none())
    }

    /// The number of operands of the innermost block.
    fn available(&self) -> usize {
        self.stack.len() - self.labels.last().map_or(0, |label| label.height)
    }

    fn statement(&mut self) -> Result<()> {
        match self.u.int_in_range(0..=34)? {
            0..=3 => {
                let ty = *self.u.choose(self.world.values)?;
                self.source(ty)
            }
            4..=9 => self.result(),
            10..=12 => self.set(),
            13 | 14 => self.dropped(),
            15 => {
                if self.available() > 0 {
                    self.drop();
                }
                Ok(())
            }
            16 => self.select(),
            17 | 18 => self.store(),
            19..=21 => self.block(),
            22 | 23 => self.condition(),
            24 => self.repeat(),
            25 | 26 => self.branch_if(),
            27 | 28 => self.call(),
            29 => self.call_indirect(),
            30 => self.end(),
            31..=33 if self.world.has_references() && self.u.ratio(2, 3)? => self.tables(),
            31..=33 => self.bulk(),
            _ => self.grow(),
        }
    }

    /// Pushes a value of a local, a global or a constant.
    fn source(&mut self, ty: Type) -> Result<()> {
        let of_type = |types: &[Type]| (0..types.len() as u32).filter(|index| types[*index as usize] == ty).collect::<Vec<u32>>();
        let (locals, globals) = (of_type(&self.locals), of_type(&self.world.globals));
        match self.u.int_in_range(0..=5)? {
            0..=2 if !locals.is_empty() => {
                let index = *self.u.choose(&locals)?;
                self.sink().local_get(index);
            }
            3 if !globals.is_empty() => {
                let index = *self.u.choose(&globals)?;
                self.sink().global_get(index);
            }
            _ if ty == Type::FuncRef && self.u.arbitrary()? => {
                let function = *self.u.choose(&self.world.referred)?;
                self.sink().ref_func(function);
            }
            _ => {
                let value = operand(self.u, ty)?;
                constant(&mut self.sink(), ty, value);
            }
        }
        self.stack.push(ty);
        Ok(())
    }

    /// Provides these operands on top of the stack. The operands on top are used as the first of them as far
    /// as their types fit, and the rest are pushed.
    fn provide(&mut self, types: &[Type]) -> Result<()> {
        let most = self.available().min(types.len());
        let there = (0..=most).rev().find(|count| self.stack.ends_with(&types[..*count])).unwrap_or(0);
        for ty in &types[there..] {
            self.source(*ty)?;
            if rarely(self.u, 4)? {
                self.tee()?;
            }
        }
        Ok(())
    }

    /// Provides these operands on top of the stack, and takes them.
    fn take(&mut self, types: &[Type]) -> Result<()> {
        self.provide(types)?;
        self.stack.truncate(self.stack.len() - types.len());
        Ok(())
    }

    /// Any instruction with a result.
    fn result(&mut self) -> Result<()> {
        let pushes = |row: &&Row| row.writes == Writes::Pushed && row.op != Op::MemoryGrow && self.world.takes(row);
        let rows: Vec<_> = instructions().filter(pushes).collect();
        let row = *self.u.choose(&rows)?;
        let (Some(params), Some(result)) = (row.params(), row.pushes[0].ty()) else { return Ok(()) };
        if row.accesses() {
            self.take(&params)?;
            self.mask()?;
        } else if row.op.gives_remainder().is_some() && self.u.ratio(15, 16)? {
            self.take(&params[..1])?;
            let divisor = *self.u.choose(&EDGES[1..30])?;
            constant(&mut self.sink(), params[1], Value::from_bits(params[1], divisor));
        } else {
            self.take(&params)?;
        }
        match row.op {
            Op::I32Const | Op::I64Const | Op::F32Const | Op::F64Const => {
                let value = operand(self.u, result)?;
                constant(&mut self.sink(), result, value);
            }
            op => {
                let offset = self.u.int_in_range(0..=9)?;
                self.code.raw(encoded(op, offset));
            }
        }
        self.stack.push(result);
        if rarely(self.u, 4)? { self.tee() } else { Ok(()) }
    }

    /// Most of the time, reduces the address on top to one within the memory.
    fn mask(&mut self) -> Result<()> {
        if self.u.ratio(31, 32)? {
            self.sink().i32_const(0xffe0).i32_and();
        }
        Ok(())
    }

    /// Copies the top operand to a local of its type with `local.tee`, if there is such a local.
    fn tee(&mut self) -> Result<()> {
        let Some(local) = self.local_for_top()? else { return Ok(()) };
        self.sink().local_tee(local);
        Ok(())
    }

    fn local_for_top(&mut self) -> Result<Option<u32>> {
        let top = self.stack.last().copied().filter(|_| self.available() > 0);
        let locals: Vec<u32> = (0..self.locals.len() as u32).filter(|index| Some(self.locals[*index as usize]) == top).collect();
        if locals.is_empty() { Ok(None) } else { Ok(Some(*self.u.choose(&locals)?)) }
    }

    /// Sets a local, or a global, to the top operand.
    fn set(&mut self) -> Result<()> {
        if self.available() == 0 {
            self.result()?;
        }
        let globals: Vec<u32> =
            (0..self.world.globals.len() as u32).filter(|index| Some(&self.world.globals[*index as usize]) == self.stack.last()).collect();
        let local = self.local_for_top()?;
        if rarely(self.u, 4)? && !globals.is_empty() {
            let global = *self.u.choose(&globals)?;
            self.sink().global_set(global);
        } else if let Some(local) = local {
            self.sink().local_set(local);
        } else {
            return Ok(());
        }
        self.stack.pop();
        Ok(())
    }

    fn select(&mut self) -> Result<()> {
        let ty = *self.u.choose(self.world.values)?;
        self.take(&[ty, ty, Type::I32])?;
        if ty.is_reference() || rarely(self.u, 4)? {
            self.sink().typed_select(val_type(ty));
        } else {
            self.sink().select();
        }
        self.stack.push(ty);
        Ok(())
    }

    fn store(&mut self) -> Result<()> {
        let rows: Vec<_> = instructions().filter(|row| row.writes == Writes::Memory && self.world.takes(row)).collect();
        let row = *self.u.choose(&rows)?;
        let Some(&[address, value]) = row.params().as_deref() else { return Ok(()) };
        self.provide(&[address])?;
        self.mask()?;
        self.source(value)?;
        self.dropped()?;
        self.stack.truncate(self.stack.len() - 2);
        let offset = self.u.int_in_range(0..=9)?;
        self.code.raw(encoded(row.op, offset));
        Ok(())
    }

    /// A bulk memory instruction: on overlapping ranges, at the memory's beginning or end, or with a part of
    /// a segment.
    fn bulk(&mut self) -> Result<()> {
        let near = *self.u.choose(&[0, 40, PAGE - 60])?;
        self.number(near, 32)?;
        match self.u.int_in_range(0..=6)? {
            0..=2 => {
                self.number(near, 32)?;
                self.number(0, 48)?;
                self.dropped()?;
                self.sink().memory_copy(0, 0);
            }
            3 | 4 => {
                self.source(Type::I32)?;
                self.number(0, 48)?;
                self.dropped()?;
                self.sink().memory_fill(0);
            }
            _ => {
                self.number(0, SEGMENT / 2)?;
                self.number(0, SEGMENT / 2)?;
                self.dropped()?;
                self.sink().memory_init(0, 1);
                if rarely(self.u, 2)? {
                    self.sink().data_drop(1);
                }
            }
        }
        self.stack.truncate(self.stack.len() - 3);
        Ok(())
    }

    /// Pushes a number between `first` and `first + most`. Rarely pushes any number.
    fn number(&mut self, first: u32, most: u32) -> Result<()> {
        if rarely(self.u, 32)? {
            return self.source(Type::I32);
        }
        let number = first + self.u.int_in_range(0..=most)?;
        self.sink().i32_const(number as i32);
        self.stack.push(Type::I32);
        if rarely(self.u, 4)? { self.tee() } else { Ok(()) }
    }

    fn grow(&mut self) -> Result<()> {
        let pages = self.u.int_in_range(0..=1)?;
        self.sink().i32_const(pages).memory_grow(0);
        self.stack.push(Type::I32);
        Ok(())
    }
}
