//! Whole programs, by swarm testing.
//!
//! Each program draws its own weights for the kinds of instructions. Many weights are 0, so that unusual
//! mixtures occur. Code is generated from left to right and the stack's height is always known, so every
//! program is valid. A loop ends by counting down a local of its own, which no other code writes. Values that
//! would be dropped are output or stored. One program per [`TRAPS`] has one deliberate trap. The other
//! programs are generated such that they do not trap.

use arbitrary::{Result, Unstructured};

use super::{Generated, byte, descriptor, files};
use crate::byte::isa::Op;
use crate::byte::isa::Trap;
use crate::byte::profile::{FILE_CAPACITY, FILES, MAX_ITERATIONS};
use crate::byte::program::{Instr, Program};

/// One program per this many traps deliberately.
pub const TRAPS: u32 = 8;

/// How large programs may become.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Instructions, markers included.
    pub instructions: usize,
    /// Approximate number of steps. An estimate of the steps is kept below this limit, except for deliberate
    /// traps.
    pub steps: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { instructions: 64, steps: 160 }
    }
}

/// A kind of code that can be generated at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Constant,
    Binary,
    Load,
    Store,
    LocalGet,
    LocalSet,
    LocalTee,
    Open,
    Read,
    Write,
    Close,
    Output,
    Loop,
    EndLoop,
    Continue,
    Halt,
}

/// Each kind with its usual weight.
const KINDS: [(Kind, u32); 16] = [
    (Kind::Constant, 24),
    (Kind::Binary, 24),
    (Kind::Load, 8),
    (Kind::Store, 8),
    (Kind::LocalGet, 10),
    (Kind::LocalSet, 6),
    (Kind::LocalTee, 4),
    (Kind::Open, 3),
    (Kind::Read, 6),
    (Kind::Write, 6),
    (Kind::Close, 2),
    (Kind::Output, 4),
    (Kind::Loop, 5),
    (Kind::EndLoop, 4),
    (Kind::Continue, 4),
    (Kind::Halt, 1),
];

const BINARY: [Op; 11] =
    [Op::I32Add, Op::I32Sub, Op::I32Mul, Op::I32And, Op::I32Or, Op::I32Eq, Op::I32Ne, Op::I32LtS, Op::I32GtS, Op::I32LeS, Op::I32GeS];

/// The maximum number of instructions that close a loop, and of those of one statement.
const RESERVE: usize = 8;
/// The maximum nesting depth of loops.
const NESTING: usize = 3;

/// A whole program of at most `limits`.
pub fn generate(u: &mut Unstructured<'_>, limits: Limits) -> Result<Generated> {
    let files = files(u)?;
    let mut maker = Maker::new(u, limits)?;
    let trap = maker.u.ratio(1, TRAPS)?.then(|| maker.u.choose(&Trap::ALL).copied()).transpose()?;
    let size = maker.u.int_in_range(4..=limits.instructions)?;
    let trap_at = maker.u.int_in_range(0..=size)?;
    let mut pending = trap;
    while maker.code.len() + RESERVE + maker.owed() < size {
        if maker.code.len() >= trap_at
            && let Some(trap) = pending.take()
        {
            maker.trap(trap)?;
        }
        let kind = maker.kind()?;
        maker.make(kind)?;
        if maker.u.is_empty() {
            break;
        }
    }
    while !maker.loops.is_empty() {
        maker.end_loop()?;
    }
    if let Some(trap) = pending {
        maker.trap(trap)?;
    }
    maker.drain(0)?;
    let program = Program::from_code(maker.code).unwrap_or_else(|refusal| unreachable!("made with the height in hand: {refusal}"));
    Ok(Generated { program, files })
}

/// A loop that is being generated.
struct Open {
    /// The stack's height at the loop's start.
    entry: usize,
    /// The local that counts the loop's iterations down.
    counter: u8,
    /// The value of [`Maker::times`] outside the loop.
    outer: usize,
}

struct Maker<'a, 'u> {
    u: &'a mut Unstructured<'u>,
    limits: Limits,
    weights: Vec<(Kind, u32)>,
    locals: Vec<u8>,
    addresses: Vec<u8>,
    code: Vec<Instr>,
    height: usize,
    loops: Vec<Open>,
    counters: Vec<u8>,
    /// The maximum number of times that code at this place is executed.
    times: usize,
    /// The maximum number of steps of the code so far.
    steps: usize,
    /// Per file: the maximum offset that its descriptor may have reached, counting all iterations of the code
    /// generated since the file was opened. `None` while the file may be closed.
    advanced: [Option<usize>; FILES],
}

impl<'a, 'u> Maker<'a, 'u> {
    fn new(u: &'a mut Unstructured<'u>, limits: Limits) -> Result<Maker<'a, 'u>> {
        let mut weights = Vec::new();
        for (kind, weight) in KINDS {
            let weight = match u.int_in_range(0..=3)? {
                0 if kind != Kind::Constant => 0,
                1 => weight * 4,
                _ => weight,
            };
            weights.push((kind, weight));
        }
        let some = |u: &mut Unstructured<'u>| (0..4).map(|_| byte(u)).collect::<Result<Vec<u8>>>();
        let (locals, addresses) = (some(u)?, some(u)?);
        Ok(Maker {
            u,
            limits,
            weights,
            locals,
            addresses,
            code: Vec::new(),
            height: 0,
            loops: Vec::new(),
            counters: Vec::new(),
            times: 1,
            steps: 0,
            advanced: [None; FILES],
        })
    }

    fn push(&mut self, instr: impl Into<Instr>) {
        let instr = instr.into();
        let row = instr.op.row();
        self.height = self.height - row.pops + row.pushes;
        self.steps += self.times * usize::from(!instr.op.is_marker());
        self.code.push(instr);
    }

    fn constant(&mut self, value: u8) {
        self.push(Instr::new(Op::I32Const, value));
    }

    /// Operands that may be popped here.
    fn available(&self) -> usize {
        self.height - self.floor()
    }

    fn floor(&self) -> usize {
        self.loops.last().map_or(0, |open| open.entry)
    }

    /// The number of instructions that are needed to close all open loops.
    fn owed(&self) -> usize {
        self.loops.len() * 3 + self.available()
    }

    /// A random kind that can be generated here, drawn with the program's weights.
    fn kind(&mut self) -> Result<Kind> {
        let possible: Vec<_> = self.weights.iter().copied().filter(|(kind, _)| self.is_possible(*kind)).collect();
        let total: u32 = possible.iter().map(|(_, weight)| weight).sum();
        let mut at = self.u.int_in_range(0..=total.max(1) - 1)?;
        for (kind, weight) in possible {
            if at < weight {
                return Ok(kind);
            }
            at -= weight;
        }
        Ok(Kind::Constant)
    }

    fn is_possible(&self, kind: Kind) -> bool {
        let cheap = self.steps + self.times * RESERVE < self.limits.steps;
        match kind {
            Kind::Constant | Kind::LocalGet | Kind::Open | Kind::Read => cheap,
            // In a loop, the next iteration would find the file closed.
            Kind::Close => cheap && self.loops.is_empty(),
            Kind::EndLoop => !self.loops.is_empty(),
            Kind::Binary | Kind::Store => self.available() >= 2,
            Kind::Load | Kind::LocalSet | Kind::LocalTee | Kind::Write | Kind::Output => self.available() >= 1,
            Kind::Loop => cheap && self.loops.len() < NESTING && self.limits.steps / self.times > 2 * RESERVE,
            Kind::Continue => cheap && self.loops.iter().any(|open| open.entry == self.height),
            Kind::Halt => self.code.len() > self.limits.instructions / 2,
        }
    }

    fn make(&mut self, kind: Kind) -> Result<()> {
        match kind {
            Kind::Constant => {
                let value = if self.u.ratio(1, 4)? { *self.u.choose(&self.addresses)? } else { byte(self.u)? };
                self.constant(value);
            }
            Kind::Binary => {
                let op = *self.u.choose(&BINARY)?;
                self.push(op);
            }
            Kind::Load | Kind::Store => {
                let offset = if self.u.ratio(2, 3)? { 0 } else { byte(self.u)? };
                self.push(Instr::new(if kind == Kind::Load { Op::I32Load } else { Op::I32Store }, offset));
            }
            Kind::LocalGet => {
                let local = self.any_local()?;
                self.push(Instr::new(Op::LocalGet, local));
            }
            Kind::LocalSet | Kind::LocalTee => {
                let local = self.free_local()?;
                self.push(Instr::new(if kind == Kind::LocalSet { Op::LocalSet } else { Op::LocalTee }, local));
            }
            Kind::Open => {
                let file = descriptor(self.u)?;
                self.open(file);
            }
            Kind::Read => {
                let file = self.opened()?;
                self.advance(file);
                self.constant(file);
                self.push(Op::FdRead);
            }
            Kind::Write => self.write()?,
            Kind::Close => {
                let file = descriptor(self.u)?;
                self.advanced[usize::from(file)] = None;
                self.constant(file);
                self.push(Op::FdClose);
            }
            Kind::Output => self.push(Op::Output),
            Kind::Loop => self.begin_loop()?,
            Kind::EndLoop => self.end_loop()?,
            Kind::Continue => self.continue_loop()?,
            Kind::Halt => self.push(Op::Halt),
        }
        Ok(())
    }

    fn any_local(&mut self) -> Result<u8> {
        if self.u.ratio(3, 4)? { self.u.choose(&self.locals).copied() } else { byte(self.u) }
    }

    /// A random local that is not the counter of an open loop.
    fn free_local(&mut self) -> Result<u8> {
        let mut local = self.any_local()?;
        while self.counters.contains(&local) {
            local = local.wrapping_add(1);
        }
        Ok(local)
    }

    /// Opens a file. The descriptor that this pushes is left on the stack as an operand for other
    /// instructions.
    fn open(&mut self, file: u8) {
        self.advanced[usize::from(file)] = Some(0);
        self.constant(file);
        self.push(Op::FdOpen);
    }

    /// A random descriptor that is open. It is opened here if necessary.
    fn opened(&mut self) -> Result<u8> {
        let file = descriptor(self.u)?;
        if self.advanced[usize::from(file)].is_none() {
            self.open(file);
        }
        Ok(file)
    }

    fn advance(&mut self, file: u8) {
        if let Some(advanced) = &mut self.advanced[usize::from(file)] {
            *advanced += self.times;
        }
    }

    /// Writes the top of the stack. Opens the file again where its end may have been reached.
    fn write(&mut self) -> Result<()> {
        let file = descriptor(self.u)?;
        let room = self.advanced[usize::from(file)].is_some_and(|advanced| advanced + self.times <= FILE_CAPACITY);
        if !room {
            self.open(file);
            self.push(Op::Output);
        }
        self.advance(file);
        self.constant(file);
        self.push(Op::FdWrite);
        Ok(())
    }

    /// `counter = n; loop; counter -= 1; …`
    fn begin_loop(&mut self) -> Result<()> {
        let most = (self.limits.steps / self.times / (2 * RESERVE)).min(MAX_ITERATIONS as usize);
        let iterations = if self.u.ratio(1, 8)? { most } else { self.u.int_in_range(1..=most.clamp(1, 5))? };
        let counter = self.free_local()?;
        // For 256 iterations the counter starts at 0 and wraps to 255.
        self.constant(iterations as u8);
        self.push(Instr::new(Op::LocalSet, counter));
        self.push(Op::Loop);
        self.loops.push(Open { entry: self.height, counter, outer: self.times });
        self.counters.push(counter);
        self.times *= iterations;
        self.push(Instr::new(Op::LocalGet, counter));
        self.constant(1);
        self.push(Op::I32Sub);
        self.push(Instr::new(Op::LocalSet, counter));
        Ok(())
    }

    /// A `br_if` to an enclosing loop whose entry height is the current height. The branch is taken if the
    /// loop's counter AND a random local is not 0.
    fn continue_loop(&mut self) -> Result<()> {
        let depths: Vec<usize> = (0..self.loops.len()).filter(|depth| self.loop_at(*depth).entry == self.height).collect();
        let depth = *self.u.choose(&depths)?;
        let counter = self.loop_at(depth).counter;
        let local = self.any_local()?;
        self.push(Instr::new(Op::LocalGet, counter));
        self.push(Instr::new(Op::LocalGet, local));
        self.push(Op::I32And);
        self.push(Instr::new(Op::BrIf, depth as u8));
        Ok(())
    }

    fn loop_at(&self, depth: usize) -> &Open {
        &self.loops[self.loops.len() - 1 - depth]
    }

    /// `…; counter; br_if 0; end`
    fn end_loop(&mut self) -> Result<()> {
        let floor = self.floor();
        self.drain(floor)?;
        if let Some(Open { counter, outer, .. }) = self.loops.pop() {
            self.push(Instr::new(Op::LocalGet, counter));
            self.push(Op::BrIf);
            self.push(Op::EndLoop);
            self.counters.pop();
            self.times = outer;
        }
        Ok(())
    }

    /// Makes the values above a height observable, and removes them from the stack.
    fn drain(&mut self, height: usize) -> Result<()> {
        while self.height > height {
            match self.u.int_in_range(0..=3)? {
                0 if self.height >= height + 2 => self.push(Op::I32Store),
                1 => {
                    let local = self.free_local()?;
                    self.push(Instr::new(Op::LocalSet, local));
                }
                _ => self.push(Op::Output),
            }
        }
        Ok(())
    }

    /// Code that traps, whatever the code before it does.
    fn trap(&mut self, trap: Trap) -> Result<()> {
        let file = descriptor(self.u)?;
        let begin = |maker: &mut Self| {
            maker.push(Op::Loop);
            maker.loops.push(Open { entry: maker.height, counter: 0, outer: maker.times });
        };
        match trap {
            Trap::ClosedDescriptor => {
                self.constant(file);
                self.push(Op::FdClose);
                if self.u.arbitrary()? {
                    self.constant(file);
                    self.push(Op::FdRead);
                } else {
                    let value = byte(self.u)?;
                    self.constant(value);
                    self.constant(file);
                    self.push(Op::FdWrite);
                }
            }
            Trap::FileFull => {
                self.open(file);
                self.push(Op::Output);
                begin(self);
                let value = byte(self.u)?;
                self.constant(value);
                self.constant(file);
                self.push(Op::FdWrite);
            }
            Trap::LoopLimit => begin(self),
        }
        if trap != Trap::ClosedDescriptor {
            let condition = byte(self.u)?.max(1);
            self.constant(condition);
            self.push(Op::BrIf);
            self.push(Op::EndLoop);
            self.loops.pop();
        }
        Ok(())
    }
}
