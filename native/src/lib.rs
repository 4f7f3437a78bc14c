//! Straight-line code: sums and products over an array of numbers, as machine code where the processor is one
//! that this crate knows (x86-64 with AVX and FMA), else interpreted.
//!
//! # Contract
//!
//! All that is public is safe to use, with any operations and with any numbers. The unsafe code is in
//! `memory`, and rests on this:
//!
//! - A function reads and writes `numbers` below the count that it was compiled for, reads rows of `inputs`
//!   and writes `outputs` below the lengths that its operations need, and touches no other memory, stack
//!   included, but its constants. [`Code::new`] refuses operations beyond, and [`Code::run`] refuses slices
//!   that are shorter.
//! - A function has no loops and no calls. It returns with the processor's state as the calling convention
//!   wants it.
//! - Memory is writable before it is executable, and never both.
//!
//! Results are those of the order of summation that is written down in [`Sum`], or of another. So they are
//! certain only where every partial sum is an exact integer. Then they are never a negative zero, if no
//! number and no input is.

mod interpreter;
mod memory;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use std::fmt::Debug;

pub use memory::Row;

/// `constant + Σ weight · numbers[index]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sum {
    /// The constant.
    pub constant: f64,
    /// Indices of numbers, with their weights.
    pub terms: Vec<(u16, f64)>,
}

/// A piece of a function: from a number on it is `slope · x + height`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// The lowest number in the piece.
    pub from: f64,
    /// The slope.
    pub slope: f64,
    /// The height of the line at zero.
    pub height: f64,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// `numbers[to] = sum`
    Sum {
        /// The result's index.
        to: u16,
        /// The sum.
        sum: Sum,
    },
    /// `numbers[to] = max(0, sum)`
    Positive {
        /// The result's index.
        to: u16,
        /// The sum.
        sum: Sum,
    },
    /// `numbers[to] = numbers[factor] · sum`
    Product {
        /// The result's index.
        to: u16,
        /// The index of the other factor.
        factor: u16,
        /// The sum.
        sum: Sum,
    },
    /// `numbers[to]` is a function of the sum, in pieces. Below the first piece it is 0.
    Pieces {
        /// The result's index.
        to: u16,
        /// What the function is of.
        sum: Sum,
        /// The pieces in ascending order.
        pieces: Vec<Piece>,
    },
    /// `numbers[to] = inputs[row][from]`
    Input {
        /// The result's index.
        to: u16,
        /// The row of inputs.
        row: u16,
        /// The input's index in the row.
        from: u16,
    },
    /// `numbers[to]` has the bits of the sum as an `i64`: the sum must be an integer that has one.
    Integer {
        /// The result's index.
        to: u16,
        /// The sum.
        sum: Sum,
    },
    /// `outputs[to] = sum`
    Output {
        /// The output's index.
        to: u16,
        /// The sum.
        sum: Sum,
    },
}

/// The type of inputs and outputs: `f32` or `f64`. Numbers are always `f64`, which holds all numbers of both.
pub trait Number: Copy + Debug + Send + Sync + private::Sealed + 'static {
    /// Whether the type is `f32`.
    const IS_NARROW: bool;
    /// The number as it is computed with.
    fn widen(self) -> f64;
    /// The nearest number of this type.
    fn narrow(number: f64) -> Self;
}

mod private {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Number for f32 {
    const IS_NARROW: bool = true;

    fn widen(self) -> f64 {
        self.into()
    }

    fn narrow(number: f64) -> f32 {
        number as f32
    }
}

impl Number for f64 {
    const IS_NARROW: bool = false;

    fn widen(self) -> f64 {
        self
    }

    fn narrow(number: f64) -> f64 {
        number
    }
}

/// The lengths that functions need of the slices that they are given. They lie together, since they are read
/// with each run.
#[derive(Clone, Debug, Default)]
struct Needs {
    functions: Vec<Need>,
    /// The lengths of the rows of all functions.
    inputs: Vec<u32>,
}

/// The lengths that a function needs.
#[derive(Clone, Copy, Debug)]
struct Need {
    numbers: u32,
    outputs: u32,
    /// The first of its rows among those of all functions, and the number of its rows.
    first: u32,
    rows: u32,
}

impl Needs {
    /// What functions need. `None` if their operations reach numbers beyond the given count, or read a number
    /// that is not kept before they have computed it.
    fn of(functions: &[Vec<Op>], numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<Needs> {
        let mut needs = Needs::default();
        functions.iter().try_for_each(|function| needs.add(function, numbers, is_kept)).map(|()| needs)
    }

    fn add(&mut self, function: &[Op], numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<()> {
        let (mut inputs, mut outputs) = (Vec::new(), 0);
        let mut is_computed = vec![false; numbers];
        for op in function {
            match op {
                Op::Input { row, from, .. } => {
                    inputs.resize(inputs.len().max(usize::from(*row) + 1), 0);
                    let length = &mut inputs[usize::from(*row)];
                    *length = (u32::from(*from) + 1).max(*length);
                }
                Op::Output { to, .. } => outputs = outputs.max(u32::from(*to) + 1),
                _ => {}
            }
            let is_there = |number: u16| usize::from(number) < numbers;
            if !op.read().all(|number| is_there(number) && (is_kept(number) || is_computed[usize::from(number)])) {
                return None;
            }
            if let Some(number) = op.computed() {
                if !is_there(number) {
                    return None;
                }
                is_computed[usize::from(number)] = true;
            }
        }
        // No operation has an index of more than 16 bits.
        let numbers = numbers.min(1 << u16::BITS) as u32;
        let first = u32::try_from(self.inputs.len()).ok()?;
        self.functions.push(Need { numbers, outputs, first, rows: inputs.len() as u32 });
        self.inputs.extend(inputs);
        Some(())
    }

    /// # Panics
    ///
    /// If there is no such function, or a slice is shorter.
    #[inline(always)]
    fn check<N>(&self, function: usize, numbers: &[f64], inputs: &[Row<'_, N>], outputs: &[N]) {
        let need = self.functions[function];
        let lengths = &self.inputs[need.first as usize..][..need.rows as usize];
        let are_enough = need.numbers as usize <= numbers.len() && need.outputs as usize <= outputs.len() && lengths.len() <= inputs.len();
        // One row after another: their lengths have just been written so, and are slow to read as vectors.
        let are_long = lengths.iter().zip(inputs).all(|(needed, row)| *needed as usize <= row.len());
        assert!(are_enough && are_long, "a slice is too short");
    }
}

impl Op {
    /// The numbers that are read.
    pub fn read(&self) -> impl Iterator<Item = u16> {
        let (factor, sum) = match self {
            Op::Sum { sum, .. } | Op::Positive { sum, .. } | Op::Pieces { sum, .. } => (None, Some(sum)),
            Op::Integer { sum, .. } | Op::Output { sum, .. } => (None, Some(sum)),
            Op::Product { factor, sum, .. } => (Some(*factor), Some(sum)),
            Op::Input { .. } => (None, None),
        };
        factor.into_iter().chain(sum.into_iter().flat_map(|sum| &sum.terms).map(|(index, _)| *index))
    }

    /// The number that is computed.
    pub fn computed(&self) -> Option<u16> {
        match self {
            Op::Sum { to, .. } | Op::Positive { to, .. } | Op::Product { to, .. } | Op::Pieces { to, .. } => Some(*to),
            Op::Integer { to, .. } | Op::Input { to, .. } => Some(*to),
            Op::Output { .. } => None,
        }
    }
}

/// Functions, compiled.
#[derive(Debug)]
pub struct Code<N>(Functions<N>);

#[derive(Debug)]
enum Functions<N> {
    Machine(memory::Machine<N>),
    Interpreted(Needs, Vec<Vec<Op>>),
}

impl<N: Number> Code<N> {
    /// Compiles functions over this count of numbers. A number that is not kept has no certain value before a
    /// function computes it, nor after the function. Where the processor is not known, or the system gives no
    /// memory that can be executed, functions are interpreted.
    ///
    /// # Errors
    ///
    /// `None` if an operation reaches beyond the numbers, or reads a number that has no certain value.
    pub fn new(functions: Vec<Vec<Op>>, numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<Code<N>> {
        let needs = Needs::of(&functions, numbers, is_kept)?;
        Some(Code(match memory::Machine::new(&needs, &functions, is_kept) {
            Some(machine) => Functions::Machine(machine),
            None => Functions::Interpreted(needs, functions),
        }))
    }

    /// [`Code::new`], but the functions are interpreted on every processor.
    ///
    /// # Errors
    ///
    /// As [`Code::new`].
    pub fn interpreted(functions: Vec<Vec<Op>>, numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<Code<N>> {
        let needs = Needs::of(&functions, numbers, is_kept)?;
        Some(Code(Functions::Interpreted(needs, functions)))
    }

    /// Whether the functions are machine code.
    pub fn is_machine_code(&self) -> bool {
        matches!(self.0, Functions::Machine(_))
    }

    /// Runs a function.
    ///
    /// # Panics
    ///
    /// If there is no such function, or a slice is shorter than the function needs.
    #[inline(always)]
    pub fn run(&self, function: usize, numbers: &mut [f64], inputs: &[Row<'_, N>], outputs: &mut [N]) {
        match &self.0 {
            Functions::Machine(machine) => machine.run(function, numbers, inputs, outputs),
            Functions::Interpreted(needs, functions) => {
                needs.check(function, numbers, inputs, outputs);
                interpreter::run(&functions[function], numbers, inputs, outputs);
            }
        }
    }
}
