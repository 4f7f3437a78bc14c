//! The machine's own instructions, and what each means as features: the numbers that its opcode's embedding carries.
//!
//! Most are instructions of WebAssembly; the others are parts of one. Instructions that share a feature share the
//! neurons that read it.

use std::fmt;
use std::sync::LazyLock;

use super::token::{Family, Token};
use crate::full::isa::{Op, TABLE};

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
    /// Call a routine of the machine's own, or a function of the host: neither counts against the depth of calls.
    CallRoutine,
    /// The pc of the function in a place of the table, its type checked.
    TableGet,
    /// Push the memory's length as it would be after growing by top, or −1; the memory has that length from then on.
    GrowTry,
    /// From that and the number of pages below it, the length before.
    GrowFix,
    /// Divide second by top, unsigned. Jumps where it cannot: 64 bits with a divisor of 2^32 or more; if `signed`, where
    /// an operand is negative. If `keeps`, the operands stay below the quotient.
    Divide { width: Width, signed: bool, keeps: bool },
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

/// What an operation can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// Emits a value, of which 32 bits count.
    Result32,
    /// Emits a value, of which 64 bits count.
    Result64,
    /// Emits `step`.
    Step,
    Const,
    /// The result is top.
    CopyTop,
    /// The result is the lower half of top.
    CopyLow,
    LocalGet,
    GlobalGet,
    /// The step writes a local.
    LocalSet,
    /// The step writes a global.
    GlobalSet,
    Add,
    Sub,
    Mul,
    /// What counts each bit in common: 1 for and, −1 for or, −2 for xor.
    CommonBits,
    /// The sum of the operands counts too.
    BothOperands,
    Shl(Width),
    ShrU(Width),
    ShrS(Width),
    Rotl(Width),
    Rotr(Width),
    /// Any rotation.
    Rotation,
    /// The result is in units of 1/256.
    Fraction,
    Eqz(Width),
    Eq(Width),
    Ne(Width),
    /// second < top, or second > top, or (inverted) the opposite.
    Compare {
        width: Width,
        greater: bool,
        signed: bool,
        inverted: bool,
    },
    /// A comparison that is inverted.
    Inverted,
    Clz(Width),
    Ctz(Width),
    Popcnt(Width),
    Extend8,
    Extend16,
    Extend32,
    Select,
    Divide(Width),
    /// Jumps where an operand is negative.
    Signed(Width),
    /// May jump instead of giving a result.
    MayJump,
    Remainder(Width),
    Magnitude(Width),
    SignQuotient(Width),
    SignRemainder(Width),
    /// Reads or writes memory.
    Memory,
    /// How many bytes must be there.
    AccessWidth,
    Load,
    /// Loads at least so many bytes.
    LoadAtLeast(u8),
    Store,
    /// Stores so many bytes.
    StoreWidth(u8),
    /// Stores the upper half of top.
    StoreHigh,
    MemorySize,
    GrowTry,
    GrowFix,
    TableGet,
    Branch,
    BranchIf,
    BranchIfZero,
    BranchTable,
    Call,
    /// The call counts against the depth of calls.
    CallCounts,
    /// The function to call is top.
    CallValue,
    Return,
    Output,
    Error,
    Exit,
    Ask,
    Poll,
    Halt,
    Refused,
    Unreachable,
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
            let of_wasm = TABLE.iter().map(|row| Operation::Wasm(row.op)).filter(|operation| operation.is_native());
            of_wasm.chain(own).chain(Width::ALL.into_iter().flat_map(per_width)).collect()
        });
        &ALL
    }

    /// Whether it is an operation of its own, and not lowered to others.
    fn is_native(self) -> bool {
        use Op::*;
        let Operation::Wasm(op) = self else { return true };
        let divides = matches!(op, I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU);
        let extends = matches!(op, I32Load8S | I32Load16S | I64Load8S | I64Load16S | I64Load32S);
        !divides && !extends && !matches!(op, If | Else | CallIndirect | MemoryGrow | I64Store)
    }

    /// The token of its opcode.
    pub fn token(self) -> Token {
        let number = Operation::all().iter().position(|operation| *operation == self);
        Family::Opcode.token(number.unwrap_or(0) as u16)
    }

    /// By how much the height of the operand stack changes. Calls change it by what their callee says.
    pub fn delta(self) -> i64 {
        use crate::full::isa::Signature;
        match self {
            Operation::Wasm(op) => match (op, op.row().signature) {
                (_, Signature::Fixed(pops, result)) => result.map_or(0, |_| 1) - pops.len() as i64,
                (Op::LocalGet | Op::GlobalGet, _) => 1,
                (Op::LocalSet | Op::GlobalSet | Op::Drop | Op::BrIf | Op::BrTable, _) => -1,
                (Op::Select, _) => -2,
                _ => 0,
            },
            Operation::BranchIfZero | Operation::GrowFix | Operation::Divide { keeps: false, .. } => -1,
            Operation::GrowTry | Operation::Divide { keeps: true, .. } | Operation::Magnitude(_) => 1,
            Operation::Remainder(_) | Operation::SignQuotient(_) | Operation::SignRemainder(_) | Operation::StoreHigh => -2,
            Operation::CallValue
            | Operation::CallHost
            | Operation::CallRoutine
            | Operation::TableGet
            | Operation::StoreLow
            | Operation::Halt => 0,
        }
    }

    /// Whether it stores to memory: then its address is below the value.
    pub fn is_store(self) -> bool {
        self.features().iter().any(|(feature, _)| *feature == Feature::Store)
    }

    /// Whether its result goes to the operand stack, unless a shift says otherwise.
    pub fn pushes(self) -> bool {
        let features = self.features();
        let is = |sought: &[Feature]| features.iter().any(|(feature, _)| sought.contains(feature));
        let results = [Feature::Result32, Feature::Result64, Feature::Divide(W32), Feature::Divide(W64), Feature::Ask, Feature::Poll];
        is(&results) && !is(&[Feature::LocalSet, Feature::GlobalSet])
    }

    /// Its features with their weights.
    pub fn features(self) -> Vec<(Feature, i64)> {
        use Feature as F;
        let ones = |features: &[Feature]| features.iter().map(|feature| (*feature, 1)).collect::<Vec<_>>();
        let result = |width| if width == W64 { F::Result64 } else { F::Result32 };
        match self {
            Operation::Wasm(op) => of_wasm(op),
            Operation::BranchIfZero => ones(&[F::BranchIfZero]),
            Operation::CallValue => ones(&[F::Call, F::CallCounts, F::CallValue]),
            Operation::CallHost => ones(&[F::Call, F::CallValue]),
            Operation::CallRoutine => ones(&[F::Call]),
            Operation::TableGet => ones(&[F::TableGet, F::Result32]),
            Operation::GrowTry => ones(&[F::GrowTry, F::Result32]),
            Operation::GrowFix => ones(&[F::GrowFix, F::Result32]),
            Operation::Divide { width, signed, .. } => {
                let mut features = ones(&[F::Divide(width)]);
                features.extend(signed.then_some((F::Signed(width), 1)));
                features.extend((signed || width == W64).then_some((F::MayJump, 1)));
                features
            }
            Operation::Remainder(width) => ones(&[F::Remainder(width), result(width)]),
            Operation::Magnitude(width) => ones(&[F::Magnitude(width), result(width)]),
            Operation::SignQuotient(width) => ones(&[F::SignQuotient(width), result(width)]),
            Operation::SignRemainder(width) => ones(&[F::SignRemainder(width), result(width)]),
            Operation::StoreLow => vec![(F::Memory, 1), (F::AccessWidth, 8), (F::Store, 1), (F::StoreWidth(4), 1), (F::Step, 1)],
            Operation::StoreHigh => {
                vec![(F::Memory, 1), (F::AccessWidth, 4), (F::Store, 1), (F::StoreWidth(4), 1), (F::StoreHigh, 1), (F::Step, 1)]
            }
            Operation::Halt => ones(&[F::Halt]),
        }
    }
}

/// The features of instructions that are WebAssembly's own.
fn of_wasm(op: Op) -> Vec<(Feature, i64)> {
    use Feature as F;
    use Op::*;
    let ones = |features: &[Feature]| features.iter().map(|feature| (*feature, 1)).collect::<Vec<_>>();
    let narrow = |feature| ones(&[feature, F::Result32]);
    let wide = |feature| ones(&[feature, F::Result64]);
    let bits = |common, both: bool, result| {
        let mut features = vec![(F::CommonBits, common), (result, 1)];
        features.extend(both.then_some((F::BothOperands, 1)));
        features
    };
    let rotate = |feature, result| ones(&[feature, F::Rotation, result]);
    let shift_right = |feature, result| ones(&[feature, F::Fraction, result]);
    let compare = |width, greater, signed, inverted| {
        let mut features = ones(&[F::Compare { width, greater, signed, inverted }, F::Result32]);
        features.extend(inverted.then_some((F::Inverted, 1)));
        features
    };
    let load = |result| {
        let width = op.access_width();
        let mut features = vec![(F::Memory, 1), (F::AccessWidth, i64::from(width)), (F::Load, 1), (result, 1)];
        features.extend([2, 4, 8].into_iter().filter(|least| *least <= width).map(|least| (F::LoadAtLeast(least as u8), 1)));
        features
    };
    let store = || {
        let width = op.access_width();
        vec![(F::Memory, 1), (F::AccessWidth, i64::from(width)), (F::Store, 1), (F::StoreWidth(width as u8), 1), (F::Step, 1)]
    };
    match op {
        Unreachable => ones(&[F::Unreachable]),
        Nop | Drop => ones(&[F::Step]),
        Br => ones(&[F::Branch]),
        BrIf => ones(&[F::BranchIf]),
        BrTable => ones(&[F::BranchTable]),
        Return => ones(&[F::Return]),
        Call => ones(&[F::Call, F::CallCounts]),
        Select => wide(F::Select),
        LocalGet => ones(&[F::LocalGet, F::CopyTop, F::Result64]),
        GlobalGet => ones(&[F::GlobalGet, F::CopyTop, F::Result64]),
        LocalSet | LocalTee => ones(&[F::LocalSet, F::CopyTop, F::Result64]),
        GlobalSet => ones(&[F::GlobalSet, F::CopyTop, F::Result64]),
        I32Load | I32Load8U | I32Load16U => load(F::Result32),
        I64Load | I64Load8U | I64Load16U | I64Load32U => load(F::Result64),
        I32Store | I32Store8 | I32Store16 | I64Store8 | I64Store16 | I64Store32 => store(),
        MemorySize => narrow(F::MemorySize),
        I32Const => narrow(F::Const),
        I64Const => wide(F::Const),
        I32Eqz => narrow(F::Eqz(W32)),
        I32Eq => narrow(F::Eq(W32)),
        I32Ne => narrow(F::Ne(W32)),
        I32LtS => compare(W32, false, true, false),
        I32LtU => compare(W32, false, false, false),
        I32GtS => compare(W32, true, true, false),
        I32GtU => compare(W32, true, false, false),
        I32LeS => compare(W32, true, true, true),
        I32LeU => compare(W32, true, false, true),
        I32GeS => compare(W32, false, true, true),
        I32GeU => compare(W32, false, false, true),
        I64Eqz => narrow(F::Eqz(W64)),
        I64Eq => narrow(F::Eq(W64)),
        I64Ne => narrow(F::Ne(W64)),
        I64LtS => compare(W64, false, true, false),
        I64LtU => compare(W64, false, false, false),
        I64GtS => compare(W64, true, true, false),
        I64GtU => compare(W64, true, false, false),
        I64LeS => compare(W64, true, true, true),
        I64LeU => compare(W64, true, false, true),
        I64GeS => compare(W64, false, true, true),
        I64GeU => compare(W64, false, false, true),
        I32Clz => narrow(F::Clz(W32)),
        I32Ctz => narrow(F::Ctz(W32)),
        I32Popcnt => narrow(F::Popcnt(W32)),
        I64Clz => wide(F::Clz(W64)),
        I64Ctz => wide(F::Ctz(W64)),
        I64Popcnt => wide(F::Popcnt(W64)),
        I32Add => narrow(F::Add),
        I32Sub => narrow(F::Sub),
        I32Mul => narrow(F::Mul),
        I64Add => wide(F::Add),
        I64Sub => wide(F::Sub),
        I64Mul => wide(F::Mul),
        I32And => bits(1, false, F::Result32),
        I32Or => bits(-1, true, F::Result32),
        I32Xor => bits(-2, true, F::Result32),
        I64And => bits(1, false, F::Result64),
        I64Or => bits(-1, true, F::Result64),
        I64Xor => bits(-2, true, F::Result64),
        I32Shl => narrow(F::Shl(W32)),
        I64Shl => wide(F::Shl(W64)),
        I32ShrS => shift_right(F::ShrS(W32), F::Result32),
        I32ShrU => shift_right(F::ShrU(W32), F::Result32),
        I64ShrS => shift_right(F::ShrS(W64), F::Result64),
        I64ShrU => shift_right(F::ShrU(W64), F::Result64),
        I32Rotl => rotate(F::Rotl(W32), F::Result32),
        I32Rotr => rotate(F::Rotr(W32), F::Result32),
        I64Rotl => rotate(F::Rotl(W64), F::Result64),
        I64Rotr => rotate(F::Rotr(W64), F::Result64),
        I32WrapI64 => narrow(F::CopyLow),
        I64ExtendI32S | I64Extend32S => wide(F::Extend32),
        I64ExtendI32U => wide(F::CopyLow),
        I32Extend8S => narrow(F::Extend8),
        I32Extend16S => narrow(F::Extend16),
        I64Extend8S => wide(F::Extend8),
        I64Extend16S => wide(F::Extend16),
        Output => ones(&[F::Output]),
        Error => ones(&[F::Error]),
        Input => ones(&[F::Ask]),
        Poll => ones(&[F::Poll]),
        Exit => ones(&[F::Exit]),
        Refused => ones(&[F::Refused]),
        If | Else | CallIndirect | MemoryGrow | I64Store => Vec::new(),
        I32Load8S | I32Load16S | I64Load8S | I64Load16S | I64Load32S => Vec::new(),
        I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU => Vec::new(),
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Wasm(op) => write!(f, "{op}"),
            other => write!(f, "{other:?}"),
        }
    }
}
