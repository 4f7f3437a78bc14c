//! The machine's own instructions. Most are instructions of WebAssembly; each other one does a part of an
//! instruction of WebAssembly.

use std::fmt;
use std::sync::LazyLock;

use crate::full::floats::{is_comparison, is_on_floats};
use crate::full::isa::{Op, Operand, TABLE, Trap, Writes};

/// The number of bits that an operation works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// 32.
    W32,
    /// 64.
    W64,
}

use Width::{W32, W64};

/// The comparisons of integers that [`Operation::BranchIf`] has: each one and its negation. The machine has
/// other operations for `i32.eqz`.
const COMPARISONS: [[Op; 2]; 10] = [
    [Op::I32Eq, Op::I32Ne],
    [Op::I32LtS, Op::I32GeS],
    [Op::I32LtU, Op::I32GeU],
    [Op::I32GtS, Op::I32LeS],
    [Op::I32GtU, Op::I32LeU],
    [Op::I64Eq, Op::I64Ne],
    [Op::I64LtS, Op::I64GeS],
    [Op::I64LtU, Op::I64GeU],
    [Op::I64GtS, Op::I64LeS],
    [Op::I64GtU, Op::I64LeU],
];

impl Width {
    /// Both widths.
    pub const ALL: [Width; 2] = [W32, W64];

    /// The width of a value.
    pub fn of(value: Operand) -> Width {
        if value.ty().is_some_and(|ty| ty.bits() == 32) { W32 } else { W64 }
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
    /// Exactly this instruction of WebAssembly.
    Wasm(Op),
    /// Jump if top is 0: the first half of `if`.
    BranchIfZero,
    /// Jump if this comparison of integers holds: in the fused form, a comparison and the branch that takes
    /// its result.
    BranchIf(Op),
    /// Call the function whose pc is operand top. The arguments are below the pc.
    CallValue,
    /// Like `CallValue`, for a function of the host: the call does not count towards the call depth.
    CallHost,
    /// Call a routine of the machine, or a function of the host. The call does not count towards the call
    /// depth.
    CallRoutine,
    /// Pop an index; check the type of the function in that place of the table, and push the function's pc.
    TableGet,
    /// Push the memory's length after growing by top pages, or −1 if it cannot grow. From then on, the memory
    /// has that length.
    GrowTry,
    /// Compute the old length from the result of `GrowTry` and the number of pages to grow by, which is below
    /// it on the stack.
    GrowFix,
    /// Divide second by top, unsigned. The operation jumps where the network cannot divide: at a 64-bit
    /// divisor of 2^32 or more, and if `signed` is set, at a negative operand.
    Divide {
        /// The operands' width.
        width: Width,
        /// Whether the operation jumps where an operand is negative.
        signed: bool,
        /// Whether the operands stay below the quotient.
        keeps: bool,
    },
    /// Compute the remainder from dividend, divisor and quotient.
    Remainder(Width),
    /// Push the magnitude of second.
    Magnitude(Width),
    /// Compute the signed quotient from dividend, divisor and the quotient of their magnitudes.
    SignQuotient(Width),
    /// Compute the signed remainder from dividend, divisor and the remainder of their magnitudes.
    SignRemainder(Width),
    /// The first half of `i64.store`: check the bounds of all eight bytes, and store the lower four. Pops
    /// nothing.
    StoreLow,
    /// The second half of `i64.store`: store the upper four bytes, and pop both operands.
    StoreHigh,
    /// Compute whether one of two floats is less than the other.
    Differ(Width),
    /// Push how far apart the exponents of two floats are, and which has the smaller magnitude. This and the
    /// following operations have the floats as third and second. They jump where they cannot be sure.
    Align(Width),
    /// Compute the sum, or the difference, of the significands from what `Align` pushed, which it replaces.
    AddAligned {
        /// The floats' width.
        width: Width,
        /// Whether second is subtracted.
        subtracts: bool,
    },
    /// Compute the float from the sum of significands. The operation jumps where the sum's leading bits are
    /// 0.
    RoundSum {
        /// The floats' width.
        width: Width,
        /// Whether second is subtracted.
        subtracts: bool,
        /// Whether `Normalize` has shifted the sum. The operation then jumps only where the sum is 0.
        normalized: bool,
    },
    /// Shift a sum of significands to the left, by the number of its leading zeros, and add this number. The
    /// operation jumps if the sum needs no shift.
    Normalize(Width),
    /// Push the product of the significands of two 32-bit floats.
    MultiplySignificands,
    /// Push what the lowest 48 bits of the product of the significands of two 64-bit floats carry, in two
    /// digits: the higher one is in units of 32.
    MultiplyLow,
    /// Compute the upper bits of this product. The carry is top.
    MultiplyHigh,
    /// Compute the product as a float from the product of significands.
    RoundProduct(Width),
    /// Push the word at address top of the bank.
    BankLoad,
    /// Store top as a word at address second of the bank.
    BankStore,
    /// The end of the run.
    Halt,
    /// The end of the run by a trap.
    Trap(Trap),
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
            const TRAPS: [Operation; 2] = [Operation::Trap(Trap::IntegerOverflow), Operation::Trap(Trap::InvalidConversion)];
            use Operation::{BankLoad, BankStore, BranchIfZero, CallHost, CallRoutine, CallValue, GrowFix, GrowTry, Halt, StoreHigh};
            use Operation::{StoreLow, TableGet};
            let own = [BranchIfZero, CallValue, CallHost, CallRoutine, TableGet, GrowTry, GrowFix, StoreLow, StoreHigh, Halt];
            let branches = COMPARISONS.into_iter().flatten().chain([Op::I64Eqz]).map(Operation::BranchIf);
            let own = own.into_iter().chain([BankLoad, BankStore]).chain(branches);
            let of_wasm = TABLE.iter().filter(|row| is_native(row.op)).map(|row| Operation::Wasm(row.op));
            let on_integers = of_wasm.chain(own).chain(TRAPS).chain(Width::ALL.into_iter().flat_map(per_width));
            on_integers.chain(Width::ALL.into_iter().flat_map(Operation::on_floats)).collect()
        });
        &ALL
    }

    /// The operation that jumps where a branch does that takes the result of a comparison; `None` if there is
    /// none.
    pub fn of_branch(comparison: Op, branch: Op) -> Option<Operation> {
        let if_zero = match branch {
            Op::BrIf => false,
            Op::If => true,
            _ => return None,
        };
        match (comparison, if_zero) {
            (Op::I32Eqz, false) => Some(Operation::BranchIfZero),
            (Op::I32Eqz, true) => Some(Operation::Wasm(Op::BrIf)),
            (Op::I64Eqz, false) => Some(Operation::BranchIf(comparison)),
            _ => {
                let pair = COMPARISONS.into_iter().find(|pair| pair.contains(&comparison))?;
                pair.into_iter().find(|op| (*op != comparison) == if_zero).map(Operation::BranchIf)
            }
        }
    }

    /// The parts of arithmetic on floats of a width.
    fn on_floats(width: Width) -> Vec<Operation> {
        let sums = [false, true].into_iter().flat_map(|subtracts| {
            let round = [false, true].map(|normalized| Operation::RoundSum { width, subtracts, normalized });
            [Operation::AddAligned { width, subtracts }].into_iter().chain(round)
        });
        let products: &[Operation] = match width {
            W32 => &[Operation::MultiplySignificands, Operation::RoundProduct(W32)],
            W64 => &[Operation::MultiplyLow, Operation::MultiplyHigh, Operation::RoundProduct(W64)],
        };
        [Operation::Differ(width), Operation::Align(width), Operation::Normalize(width)]
            .into_iter()
            .chain(sums)
            .chain(products.iter().copied())
            .collect()
    }

    /// The change of the operand stack's height. For calls, the change depends on the callee and is not
    /// included.
    pub fn delta(self) -> i64 {
        self.shape().0
    }

    /// What the operation writes. A pushed value goes to the operand stack, unless a shift gives another
    /// slot.
    pub fn writes(self) -> Writes {
        self.shape().1
    }

    /// The type of the value that the operation pushes, or writes to a local or a global.
    pub fn value(self) -> Operand {
        self.shape().2
    }

    /// The change of the height, what the operation writes, and the type of the value written.
    fn shape(self) -> (i64, Writes, Operand) {
        use Writes::{Memory, Nothing, Pushed};
        match self {
            Operation::Wasm(op) => {
                let row = op.row();
                (row.delta(), row.writes, row.pushes.first().or(row.pops.last()).copied().unwrap_or(Operand::I32))
            }
            Operation::CallValue | Operation::CallHost | Operation::CallRoutine | Operation::Halt | Operation::Trap(_) => {
                (0, Nothing, Operand::Several)
            }
            Operation::BranchIfZero => (-1, Nothing, Operand::I32),
            Operation::BranchIf(comparison) => (-(comparison.row().pops.len() as i64), Nothing, Operand::I32),
            Operation::TableGet => (0, Pushed, Operand::I32),
            Operation::GrowTry => (1, Pushed, Operand::I32),
            Operation::GrowFix => (-1, Pushed, Operand::I32),
            Operation::Divide { width, keeps, .. } => (if keeps { 1 } else { -1 }, Pushed, width.value()),
            Operation::Magnitude(width) => (1, Pushed, width.value()),
            Operation::Remainder(width) | Operation::SignQuotient(width) | Operation::SignRemainder(width) => (-2, Pushed, width.value()),
            Operation::Differ(_) => (-1, Pushed, Operand::I32),
            Operation::Align(_) | Operation::MultiplyLow => (0, Pushed, Operand::I32),
            Operation::AddAligned { .. } | Operation::MultiplySignificands | Operation::MultiplyHigh => (0, Pushed, Operand::I64),
            Operation::Normalize(_) => (-1, Pushed, Operand::I64),
            Operation::RoundSum { width, .. } | Operation::RoundProduct(width) => (-2, Pushed, width.value()),
            Operation::StoreLow => (0, Memory, Operand::I64),
            Operation::StoreHigh => (-2, Memory, Operand::I64),
            Operation::BankLoad => (0, Pushed, Operand::I32),
            Operation::BankStore => (-2, Memory, Operand::I32),
        }
    }
}

/// Whether the machine has this instruction of WebAssembly as one operation. Others are several operations,
/// or are lowered to other instructions, as most instructions on floats are.
fn is_native(op: Op) -> bool {
    let row = op.row();
    let signed_load = row.accesses() && row.signed;
    !signed_load
        && (!is_on_floats(op) || is_comparison(op))
        && op.gives_remainder().is_none()
        && !row.uses_table()
        && !matches!(op, Op::If | Op::Else | Op::MemoryGrow | Op::I64Store | Op::ElemDrop | Op::RefNull | Op::RefIsNull | Op::RefFunc)
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The token of the end that it leads to is named `refused`.
            Operation::Wasm(Op::Refused) => f.write_str("refuse"),
            Operation::Wasm(op) => write!(f, "{op}"),
            Operation::Trap(trap) => write!(f, "trap.{trap}"),
            Operation::BranchIf(comparison) => write!(f, "BranchIf({comparison})"),
            Operation::Divide { width, signed, keeps } => {
                let [signed, keeps] = [(signed, ",signed"), (keeps, ",keeps")].map(|(is, name)| if *is { name } else { "" });
                write!(f, "Divide({width:?}{signed}{keeps})")
            }
            Operation::AddAligned { width, subtracts } => {
                write!(f, "{}Aligned({width:?})", if *subtracts { "Subtract" } else { "Add" })
            }
            Operation::RoundSum { width, subtracts, normalized } => {
                let what = if *subtracts { "Difference" } else { "Sum" };
                write!(f, "Round{what}({width:?}{})", if *normalized { ",normalized" } else { "" })
            }
            other => write!(f, "{other:?}"),
        }
    }
}
