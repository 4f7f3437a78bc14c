//! The machine's own instructions. Most are instructions of WebAssembly; the others are parts of one.

use std::fmt;
use std::sync::LazyLock;

use crate::full::isa::{Op, Operand, TABLE, Writes};

/// How many bits an operation works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// 32.
    W32,
    /// 64.
    W64,
}

use Width::{W32, W64};

impl Width {
    /// Both.
    pub const ALL: [Width; 2] = [W32, W64];

    /// That of a value.
    pub fn of(value: Operand) -> Width {
        if value == Operand::I32 { W32 } else { W64 }
    }

    /// A value of this width.
    pub fn value(self) -> Operand {
        match self {
            W32 => Operand::I32,
            W64 => Operand::I64,
        }
    }

    /// The number of bytes.
    pub fn bytes(self) -> usize {
        match self {
            W32 => 4,
            W64 => 8,
        }
    }
}

/// An instruction of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Just what this instruction of WebAssembly does.
    Wasm(Op),
    /// Jump if top is 0: the first half of `if`.
    BranchIfZero,
    /// Call the function whose pc is top; arguments below it.
    CallValue,
    /// As `CallValue`, of a function of the host: it does not count against the depth of calls.
    CallHost,
    /// Call a routine of the machine's own, or a function of the host: neither counts against the depth of
    /// calls.
    CallRoutine,
    /// The pc of the function in a place of the table, its type checked.
    TableGet,
    /// Push the memory's length as it would be after growing by top, or −1; the memory has that length from
    /// then on.
    GrowTry,
    /// From that and the number of pages below it, the length before.
    GrowFix,
    /// Divide second by top, unsigned. Jumps where it cannot: 64 bits with a divisor of 2^32 or more, and
    /// what `signed` says.
    Divide {
        /// The operands' width.
        width: Width,
        /// Whether it jumps where an operand is negative.
        signed: bool,
        /// Whether the operands stay below the quotient.
        keeps: bool,
    },
    /// From dividend, divisor and quotient the remainder.
    Remainder(Width),
    /// Push the magnitude of second.
    Magnitude(Width),
    /// From dividend, divisor and the quotient of their magnitudes the signed quotient.
    SignQuotient(Width),
    /// From dividend, divisor and the remainder of their magnitudes the signed remainder.
    SignRemainder(Width),
    /// The first half of `i64.store`: checks all eight bytes, stores the lower four; pops nothing.
    StoreLow,
    /// The second half.
    StoreHigh,
    /// The end of the run.
    Halt,
}

impl Operation {
    /// All operations, in the order of their opcodes' tokens.
    pub fn all() -> &'static [Operation] {
        static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
            let per_width = |width| {
                let divide = |(signed, keeps)| Operation::Divide { width, signed, keeps };
                [(false, false), (false, true), (true, false), (true, true)].map(divide).into_iter().chain([
                    Operation::Remainder(width),
                    Operation::Magnitude(width),
                    Operation::SignQuotient(width),
                    Operation::SignRemainder(width),
                ])
            };
            use Operation::{BranchIfZero, CallHost, CallRoutine, CallValue, GrowFix, GrowTry, Halt, StoreHigh, StoreLow, TableGet};
            let own = [BranchIfZero, CallValue, CallHost, CallRoutine, TableGet, GrowTry, GrowFix, StoreLow, StoreHigh, Halt];
            let of_wasm = TABLE.iter().filter(|row| is_native(row.op)).map(|row| Operation::Wasm(row.op));
            of_wasm.chain(own).chain(Width::ALL.into_iter().flat_map(per_width)).collect()
        });
        &ALL
    }

    /// By how much the height of the operand stack changes. Calls change it by what their callee says.
    pub fn delta(self) -> i64 {
        self.shape().0
    }

    /// What it writes. What it pushes goes to the operand stack, unless a shift says otherwise.
    pub fn writes(self) -> Writes {
        self.shape().1
    }

    /// The value that it pushes, or writes to a local or a global.
    pub fn value(self) -> Operand {
        self.shape().2
    }

    /// By how much it changes the height, what it writes, and of what type that is.
    fn shape(self) -> (i64, Writes, Operand) {
        use Writes::{Memory, Nothing, Pushed};
        match self {
            Operation::Wasm(op) => {
                let row = op.row();
                (row.delta(), row.writes, row.pushes.first().or(row.pops.last()).copied().unwrap_or(Operand::I32))
            }
            Operation::CallValue | Operation::CallHost | Operation::CallRoutine | Operation::Halt => (0, Nothing, Operand::Several),
            Operation::BranchIfZero => (-1, Nothing, Operand::I32),
            Operation::TableGet => (0, Pushed, Operand::I32),
            Operation::GrowTry => (1, Pushed, Operand::I32),
            Operation::GrowFix => (-1, Pushed, Operand::I32),
            Operation::Divide { width, keeps, .. } => (if keeps { 1 } else { -1 }, Pushed, width.value()),
            Operation::Magnitude(width) => (1, Pushed, width.value()),
            Operation::Remainder(width) | Operation::SignQuotient(width) | Operation::SignRemainder(width) => (-2, Pushed, width.value()),
            Operation::StoreLow => (0, Memory, Operand::I64),
            Operation::StoreHigh => (-2, Memory, Operand::I64),
        }
    }
}

/// Whether the machine has an instruction of WebAssembly as it is, and not as several of its own.
fn is_native(op: Op) -> bool {
    let signed_load = op.row().accesses() && op.row().signed;
    !signed_load && op.gives_remainder().is_none() && !matches!(op, Op::If | Op::Else | Op::CallIndirect | Op::MemoryGrow | Op::I64Store)
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Wasm(op) => write!(f, "{op}"),
            other => write!(f, "{other:?}"),
        }
    }
}
