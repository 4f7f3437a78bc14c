//! Straight-line code: sums and products over an array of numbers, as machine code where the processor is one
//! that this crate knows (x86-64), else interpreted.
//!
//! # Contract
//!
//! All that is public is safe to use, with any operations and with any numbers. The unsafe code is in
//! `memory`, and rests on this:
//!
//! - A function reads and writes `numbers` below [`Code::numbers`], reads `inputs` and writes `outputs` below
//!   the lengths that its operations need, and touches no other memory, stack included, but its constants.
//!   [`Code::new`] refuses operations beyond, and [`Code::run`] refuses slices that are shorter.
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
    /// `numbers[to] = inputs[from]`
    Input {
        /// The result's index.
        to: u16,
        /// The input's index.
        from: u16,
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

/// What a function needs of the slices that it is given.
#[derive(Clone, Copy, Debug, Default)]
struct Needs {
    inputs: usize,
    outputs: usize,
}

impl Needs {
    /// What operations need. `None` if they reach numbers beyond the given count.
    fn of(function: &[Op], numbers: usize) -> Option<Needs> {
        let mut needs = Needs::default();
        let is_number = |index: u16| usize::from(index) < numbers;
        for op in function {
            let reached = match op {
                Op::Sum { to, sum } | Op::Positive { to, sum } | Op::Pieces { to, sum, .. } => is_number(*to) && sum.is_over(numbers),
                Op::Product { to, factor, sum } => is_number(*to) && is_number(*factor) && sum.is_over(numbers),
                Op::Input { to, from } => {
                    needs.inputs = needs.inputs.max(usize::from(*from) + 1);
                    is_number(*to)
                }
                Op::Output { to, sum } => {
                    needs.outputs = needs.outputs.max(usize::from(*to) + 1);
                    sum.is_over(numbers)
                }
            };
            if !reached {
                return None;
            }
        }
        Some(needs)
    }
}

impl Sum {
    fn is_over(&self, numbers: usize) -> bool {
        self.terms.iter().all(|(index, _)| usize::from(*index) < numbers)
    }
}

/// Functions, compiled.
#[derive(Debug)]
pub struct Code<N> {
    numbers: usize,
    needs: Vec<Needs>,
    functions: Functions<N>,
}

#[derive(Debug)]
enum Functions<N> {
    Machine(memory::Machine<N>),
    Interpreted(Vec<Vec<Op>>),
}

impl<N: Number> Code<N> {
    /// Compiles functions over this count of numbers. Where the processor is not known, or the system gives
    /// no memory that can be executed, they are interpreted.
    ///
    /// # Errors
    ///
    /// `None` if an operation reaches beyond the numbers.
    pub fn new(functions: Vec<Vec<Op>>, numbers: usize) -> Option<Code<N>> {
        Code::interpreted(functions, numbers).map(|mut code| {
            if let Functions::Interpreted(functions) = &code.functions
                && let Some(machine) = memory::Machine::new(functions)
            {
                code.functions = Functions::Machine(machine);
            }
            code
        })
    }

    /// Functions that are interpreted on every processor.
    ///
    /// # Errors
    ///
    /// `None` if an operation reaches beyond the numbers.
    pub fn interpreted(functions: Vec<Vec<Op>>, numbers: usize) -> Option<Code<N>> {
        let needs = functions.iter().map(|function| Needs::of(function, numbers)).collect::<Option<Vec<Needs>>>()?;
        Some(Code { numbers, needs, functions: Functions::Interpreted(functions) })
    }

    /// The count of numbers that every function is given.
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// Whether the functions are machine code.
    pub fn is_machine_code(&self) -> bool {
        matches!(self.functions, Functions::Machine(_))
    }

    /// Runs a function.
    ///
    /// # Panics
    ///
    /// If there is no such function, or a slice is shorter than the function needs.
    #[inline]
    pub fn run(&self, function: usize, numbers: &mut [f64], inputs: &[N], outputs: &mut [N]) {
        let needs = self.needs[function];
        assert!(self.numbers <= numbers.len() && needs.inputs <= inputs.len() && needs.outputs <= outputs.len(), "a slice is too short");
        match &self.functions {
            Functions::Machine(machine) => machine.run(function, numbers, inputs, outputs),
            Functions::Interpreted(functions) => interpreter::run(&functions[function], numbers, inputs, outputs),
        }
    }
}
