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

/// A row of inputs.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Row<'r, N> {
    /// The start of the row. Machine code reads this field, which is the first.
    start: *const N,
    row: &'r [N],
}

impl<'r, N> From<&'r [N]> for Row<'r, N> {
    #[inline(always)]
    fn from(row: &'r [N]) -> Row<'r, N> {
        Row { start: row.as_ptr(), row }
    }
}

/// The lengths that a function needs of the slices that it is given.
#[derive(Clone, Debug, Default)]
struct Needs {
    numbers: usize,
    /// Per row.
    inputs: Vec<usize>,
    outputs: usize,
}

impl Needs {
    /// What operations need. `None` if they reach numbers beyond the given count, or read a number that is
    /// not kept before they have computed it.
    fn of(function: &[Op], numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<Needs> {
        let mut needs = Needs { numbers, inputs: Vec::new(), outputs: 0 };
        let mut is_computed = vec![false; numbers];
        for op in function {
            match op {
                Op::Input { row, from, .. } => {
                    let rows = needs.inputs.len().max(usize::from(*row) + 1);
                    needs.inputs.resize(rows, 0);
                    let length = &mut needs.inputs[usize::from(*row)];
                    *length = (*length).max(usize::from(*from) + 1);
                }
                Op::Output { to, .. } => needs.outputs = needs.outputs.max(usize::from(*to) + 1),
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
        Some(needs)
    }

    /// # Panics
    ///
    /// If a slice is shorter.
    #[inline(always)]
    fn check<N>(&self, numbers: &[f64], inputs: &[Row<'_, N>], outputs: &[N]) {
        let are_enough = self.numbers <= numbers.len() && self.inputs.len() <= inputs.len() && self.outputs <= outputs.len();
        // One row after another: their lengths have just been written so, and are slow to read as vectors.
        let are_long = self.inputs.iter().zip(inputs).all(|(needed, row)| *needed <= row.row.len());
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
    Interpreted(Vec<(Needs, Vec<Op>)>),
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
        let functions = checked(functions, numbers, is_kept)?;
        let machine = memory::Machine::new(&functions, is_kept);
        Some(Code(machine.map_or(Functions::Interpreted(functions), Functions::Machine)))
    }

    /// [`Code::new`], but the functions are interpreted on every processor.
    ///
    /// # Errors
    ///
    /// As [`Code::new`].
    pub fn interpreted(functions: Vec<Vec<Op>>, numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<Code<N>> {
        Some(Code(Functions::Interpreted(checked(functions, numbers, is_kept)?)))
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
            Functions::Interpreted(functions) => {
                let (needs, ops) = &functions[function];
                needs.check(numbers, inputs, outputs);
                interpreter::run(ops, numbers, inputs, outputs);
            }
        }
    }
}

/// Functions with what they need.
fn checked(functions: Vec<Vec<Op>>, numbers: usize, is_kept: &dyn Fn(u16) -> bool) -> Option<Vec<(Needs, Vec<Op>)>> {
    let functions = functions.into_iter().map(|ops| Some((Needs::of(&ops, numbers, is_kept)?, ops)));
    functions.collect()
}
