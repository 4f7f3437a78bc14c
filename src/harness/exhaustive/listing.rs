//! A builder of listings for the domains.

use crate::byte::isa::Op;
use crate::byte::profile::MAX_LOCALS;
use crate::byte::program::{Files, Instr, Program};
use crate::harness::byte::Generated;

/// A listing that is being built.
#[derive(Default)]
pub(super) struct Listing(Vec<Instr>);

impl Listing {
    /// Appends an instruction without an immediate.
    pub fn op(&mut self, op: Op) -> &mut Listing {
        self.with(op, 0)
    }

    /// Appends an instruction with its immediate.
    pub fn with(&mut self, op: Op, arg: u8) -> &mut Listing {
        self.0.push(Instr::new(op, arg));
        self
    }

    /// Pushes a constant.
    pub fn constant(&mut self, value: u8) -> &mut Listing {
        self.with(Op::I32Const, value)
    }

    /// Pushes a local.
    pub fn get(&mut self, local: u8) -> &mut Listing {
        self.with(Op::LocalGet, local)
    }

    /// Pops a value into a local.
    pub fn set(&mut self, local: u8) -> &mut Listing {
        self.with(Op::LocalSet, local)
    }

    /// Adds to a local, mod 256.
    pub fn increase(&mut self, local: u8, by: u8) -> &mut Listing {
        self.get(local).constant(by).op(Op::I32Add).set(local)
    }

    /// Calls an `fs` import on a file.
    pub fn file(&mut self, op: Op, file: u8) -> &mut Listing {
        self.constant(file).op(op)
    }

    /// Opens a file and drops its descriptor.
    pub fn open(&mut self, file: u8) -> &mut Listing {
        self.file(Op::FdOpen, file).op(Op::Output)
    }

    /// A loop of 1 to 256 iterations. The iterations are counted in a local of the loop's own.
    pub fn repeat(&mut self, counter: u8, times: usize, body: impl FnOnce(&mut Listing)) -> &mut Listing {
        // For 256 iterations the counter starts at 0 and wraps to 255.
        self.constant((times % 256) as u8).set(counter).op(Op::Loop);
        body(self);
        self.get(counter).constant(1).op(Op::I32Sub).with(Op::LocalTee, counter).op(Op::BrIf).op(Op::EndLoop)
    }

    /// The program, with all locals declared.
    pub fn finish(&mut self, files: Files) -> Generated {
        let code = std::mem::take(&mut self.0);
        let program = Program::new(code, MAX_LOCALS).unwrap_or_else(|refusal| unreachable!("a domain's listing is valid: {refusal:?}"));
        Generated { program, files }
    }
}
