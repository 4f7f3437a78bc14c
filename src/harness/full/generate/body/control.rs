//! Generating blocks, branches, ends of every kind, and calls.

use arbitrary::Result;
use wasm_encoder::BlockType;

use super::{BLOCKS, Body, LOOPS, Label};
use crate::full::isa::ValType as Type;
use crate::harness::full::generate::stack::{ABSENT, EXIT, Signature, rarely, val_type};

impl Body<'_, '_, '_> {
    /// A random type of a block. The block's parameters are some of the operands on the stack.
    fn signature(&mut self) -> Result<Signature> {
        let count = self.available().min(self.u.int_in_range(0..=2)?);
        let params = self.stack[self.stack.len() - count..].to_vec();
        let mut results = Vec::new();
        for _ in 0..self.u.int_in_range(0..=2)? {
            results.push(*self.u.choose(self.world.values)?);
        }
        Ok((params, results))
    }

    fn block_type(&mut self, signature: &Signature) -> BlockType {
        match (&signature.0[..], &signature.1[..]) {
            ([], []) => BlockType::Empty,
            ([], [result]) => BlockType::Result(val_type(*result)),
            _ => BlockType::FunctionType(self.world.type_of(signature)),
        }
    }

    /// Generates the inside of a block whose beginning is already written.
    fn nested(&mut self, signature: &Signature, branch: Option<Vec<Type>>) -> Result<()> {
        self.labels.push(Label { branch, height: self.stack.len() - signature.0.len() });
        self.inside(&signature.1)
    }

    /// Sets the stack as it is after the block.
    fn leave(&mut self, signature: &Signature) {
        if let Some(label) = self.labels.pop() {
            self.stack.truncate(label.height);
        }
        self.dead = false;
        self.stack.extend(&signature.1);
    }

    pub(super) fn block(&mut self) -> Result<()> {
        if self.labels.len() > BLOCKS {
            return Ok(());
        }
        let signature = self.signature()?;
        let ty = self.block_type(&signature);
        self.sink().block(ty);
        self.nested(&signature, Some(signature.1.clone()))?;
        self.leave(&signature);
        self.sink().end();
        Ok(())
    }

    /// An `if`. It has an `else` where the types require one, and otherwise at random.
    pub(super) fn condition(&mut self) -> Result<()> {
        if self.labels.len() > BLOCKS {
            return Ok(());
        }
        let signature = self.signature()?;
        self.take_condition(&signature.0)?;
        let ty = self.block_type(&signature);
        self.sink().if_(ty);
        self.nested(&signature, Some(signature.1.clone()))?;
        if signature.0 != signature.1 || self.u.arbitrary()? {
            self.sink().else_();
            let below = self.labels.pop().map_or(0, |label| label.height);
            self.stack.truncate(below);
            self.stack.extend(&signature.0);
            self.dead = false;
            self.nested(&signature, Some(signature.1.clone()))?;
        }
        self.leave(&signature);
        self.sink().end();
        Ok(())
    }

    /// Provides these operands and a condition above them, and takes the condition.
    fn take_condition(&mut self, below: &[Type]) -> Result<()> {
        self.provide(below)?;
        self.source(Type::I32)?;
        if self.u.arbitrary()? {
            self.sink().i32_eqz();
        }
        self.dropped()?;
        self.stack.pop();
        Ok(())
    }

    /// A loop that counts down.
    pub(super) fn repeat(&mut self) -> Result<()> {
        if self.labels.len() > BLOCKS || self.loops == LOOPS {
            return Ok(());
        }
        let (params, results) = self.signature()?;
        let turns = self.u.int_in_range(1..=3)?;
        let counter = (self.locals.len() + self.loops) as u32;
        self.sink().i32_const(turns).local_set(counter);
        let again = (params.clone(), params.clone());
        let ty = self.block_type(&(params.clone(), results.clone()));
        self.sink().loop_(ty);
        self.loops += 1;
        self.nested(&again, None)?;
        self.loops -= 1;
        if !self.dead {
            self.dropped()?;
            self.sink().local_get(counter).i32_const(1).i32_sub().local_tee(counter).br_if(0);
            self.inside(&results)?;
        }
        self.leave(&(params, results));
        self.sink().end();
        Ok(())
    }

    /// A random label that a branch may target, or else the function's label, with the types of the branch's
    /// operands.
    fn label(&mut self) -> Result<(u32, Vec<Type>)> {
        let outermost = self.labels.len() - 1;
        let depth = self.u.int_in_range(0..=outermost)?;
        let branch = self.labels[outermost - depth].branch.clone();
        Ok(match branch {
            Some(types) => (depth as u32, types),
            None => (outermost as u32, self.labels[0].branch.clone().unwrap_or_default()),
        })
    }

    pub(super) fn branch_if(&mut self) -> Result<()> {
        let (depth, types) = self.label()?;
        self.take_condition(&types)?;
        self.sink().br_if(depth);
        Ok(())
    }

    /// Code that leaves the block before its end: a branch, a return or a trap.
    pub(super) fn end(&mut self) -> Result<()> {
        let (depth, types) = self.label()?;
        match self.u.int_in_range(0..=7)? {
            0 => {
                self.dropped()?;
                self.sink().unreachable();
            }
            1 | 2 => {
                let results = self.labels[0].branch.clone().unwrap_or_default();
                self.provide(&results)?;
                self.dropped()?;
                self.sink().return_();
            }
            3 | 4 => {
                self.provide(&types)?;
                self.source(Type::I32)?;
                self.dropped()?;
                let outermost = self.labels.len() - 1;
                let fits = |depth: &u32| self.labels[outermost - *depth as usize].branch.as_ref() == Some(&types);
                let fitting: Vec<u32> = (0..=outermost as u32).filter(fits).collect();
                let mut targets = Vec::new();
                for _ in 0..self.u.int_in_range(0..=3)? {
                    targets.push(*self.u.choose(&fitting)?);
                }
                self.sink().br_table(targets, depth);
            }
            _ => {
                self.provide(&types)?;
                self.dropped()?;
                self.sink().br(depth);
            }
        }
        self.dead = true;
        Ok(())
    }

    /// A call by name of a function with a higher index, or of an imported function.
    pub(super) fn call(&mut self) -> Result<()> {
        let mut functions: Vec<u32> = (self.index + 1..self.world.signatures.len() as u32).collect();
        functions.extend(if rarely(self.u, 64)? { 0..=ABSENT } else { 0..=EXIT - 1 });
        let function = *self.u.choose(&functions)?;
        let (params, results) = self.world.signatures[function as usize].clone();
        self.provide(&params)?;
        self.dropped()?;
        self.sink().call(function);
        self.stack.truncate(self.stack.len() - params.len());
        self.stack.extend(&results);
        Ok(())
    }

    /// A call through the table of a function with a higher index, or of a function of the host. Rarely a
    /// call of an empty or missing place, which traps.
    pub(super) fn call_indirect(&mut self) -> Result<()> {
        let callable = |function: u32| function > self.index || function < EXIT;
        let places: Vec<usize> = (0..self.world.table.len()).filter(|place| callable(self.world.table[*place])).collect();
        if places.is_empty() {
            return Ok(());
        }
        let mut place = *self.u.choose(&places)?;
        let signature = self.world.signatures[self.world.table[place] as usize].clone();
        if rarely(self.u, 24)? {
            // The empty place, or the first place beyond the table.
            place = self.world.table.len() + self.u.int_in_range(0..=1)?;
        }
        self.provide(&signature.0)?;
        self.sink().i32_const(place as i32);
        self.stack.push(Type::I32);
        if self.u.arbitrary()? {
            self.tee()?;
        }
        self.dropped()?;
        let ty = self.world.type_of(&signature);
        self.sink().call_indirect(0, ty);
        self.stack.truncate(self.stack.len() - signature.0.len() - 1);
        self.stack.extend(&signature.1);
        Ok(())
    }
}
