//! The features of an operation: the numbers in the embedding of its opcode. Operations that share a feature
//! share the neurons that read the feature.

use super::operation::{Operation, Width};
use crate::full::isa::{Op, Row, Trap, Writes};

/// Less than minus any sum of an address and an offset.
const UNCHECKED: i64 = -(1 << 34);

/// A feature of an operation.
#[expect(missing_docs, reason = "the names say it, and below which operations have each")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// Emits a value of 32 bits.
    Result32,
    /// Emits a value of 64 bits.
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
    /// The weight of each bit that the operands have in common: 1 for and, −1 for or, −2 for xor.
    CommonBits,
    /// The sum of the operands is added to the result.
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
    /// second < top, or second > top, or the negation of either (inverted).
    Compare {
        width: Width,
        greater: bool,
        signed: bool,
        inverted: bool,
    },
    /// A relation of floats that the result depends on: the result is 1 where the relation holds, or 1 less
    /// (inverted).
    Float {
        width: Width,
        relation: Relation,
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
    /// May jump instead of emitting a result.
    MayJump,
    Remainder(Width),
    /// The first byte of what is emitted is always at this place.
    From(u8),
    /// Depends on which of third and second, as floats, has the larger magnitude.
    Ordered(Width),
    Align(Width),
    AddAligned(Width),
    /// Second is subtracted.
    Subtracts,
    RoundSum(Width),
    Normalized(Width),
    Normalize(Width),
    MultiplySignificands,
    MultiplyLow,
    MultiplyHigh,
    RoundProduct(Width),
    /// Emits a float: its sign and exponent are added to its significand.
    Pack(Width),
    Magnitude(Width),
    SignQuotient(Width),
    SignRemainder(Width),
    /// Reads or writes memory.
    Memory,
    /// The number of bytes that must be within the memory. For the bank, which needs no check, it is so
    /// little that no address is beyond the end.
    AccessWidth,
    /// Reads or writes the bank: the key of a byte is 1 more.
    Bank,
    Load,
    /// Loads at least this number of bytes.
    LoadAtLeast(u8),
    Store,
    /// Stores this number of bytes.
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
    /// Jumps if the comparison holds.
    BranchIfHolds,
    BranchTable,
    Call,
    /// The call counts towards the limit of the call depth.
    CallCounts,
    /// Operand top is the pc of the function to call.
    CallValue,
    Return,
    Output,
    Error,
    Exit,
    Ask,
    Poll,
    Send,
    Receive,
    Halt,
    Refused,
    Trap(Trap),
}

/// A relation of second and top as floats, of which at most one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// second < top.
    Less,
    /// second > top.
    Greater,
    /// Either is a NaN.
    Unordered,
}

impl Operation {
    /// The operation's features with their weights.
    pub fn features(self) -> Vec<(Feature, i64)> {
        use Feature as F;
        let mut features = match self {
            Operation::Wasm(op) => of_wasm(op),
            Operation::BranchIfZero => ones(&[F::BranchIfZero]),
            Operation::BranchIf(comparison) => [numeric(comparison.row()), ones(&[F::BranchIfHolds])].concat(),
            Operation::CallValue => ones(&[F::Call, F::CallCounts, F::CallValue]),
            Operation::CallHost => ones(&[F::Call, F::CallValue]),
            Operation::CallRoutine => ones(&[F::Call]),
            Operation::TableGet => ones(&[F::TableGet]),
            Operation::GrowTry => ones(&[F::GrowTry]),
            Operation::GrowFix => ones(&[F::GrowFix]),
            Operation::Divide { width, signed, .. } => division(width, signed),
            Operation::Remainder(width) => ones(&[F::Remainder(width)]),
            Operation::Magnitude(width) => ones(&[F::Magnitude(width)]),
            Operation::SignQuotient(width) => ones(&[F::SignQuotient(width)]),
            Operation::SignRemainder(width) => ones(&[F::SignRemainder(width)]),
            Operation::Differ(width) => {
                ones(&[Relation::Less, Relation::Greater].map(|relation| F::Float { width, relation, inverted: false }))
            }
            Operation::Align(width) => ones(&[F::Align(width), F::Ordered(width), F::MayJump]),
            Operation::AddAligned { width, subtracts } => {
                // The sum of 32-bit floats is less than 2^35.
                let from = F::From(if width == Width::W32 { 4 } else { 7 });
                [ones(&[F::AddAligned(width), from]), subtraction(subtracts)].concat()
            }
            Operation::RoundSum { width, subtracts, normalized } => {
                let rounds = if normalized { F::Normalized(width) } else { F::RoundSum(width) };
                [ones(&[rounds, F::Ordered(width), F::MayJump]), packed(width), subtraction(subtracts)].concat()
            }
            Operation::Normalize(width) => ones(&[F::Normalize(width), F::Shl(Width::W64), F::CopyLow, F::MayJump, F::From(7)]),
            // The product is less than 2^48.
            Operation::MultiplySignificands => ones(&[F::MultiplySignificands, F::MayJump, F::From(5)]),
            Operation::MultiplyLow => ones(&[F::MultiplyLow, F::MayJump, F::From(1)]),
            Operation::MultiplyHigh => ones(&[F::MultiplyHigh, F::From(7)]),
            Operation::RoundProduct(width) => [ones(&[F::RoundProduct(width)]), packed(width)].concat(),
            Operation::StoreLow => store(8, 4),
            Operation::StoreHigh => [store(4, 4), ones(&[F::StoreHigh])].concat(),
            Operation::BankLoad => bank(load(4)),
            Operation::BankStore => bank(store(4, 4)),
            Operation::Halt => ones(&[F::Halt]),
            Operation::Trap(trap) => ones(&[F::Trap(trap)]),
        };
        features.extend(self.emitted().map(|feature| (feature, 1)));
        features
    }

    /// The feature for how the operation emits what it writes; `None` where another feature already says
    /// that.
    fn emitted(self) -> Option<Feature> {
        match (self, self.writes()) {
            // A division may jump instead of emitting its quotient. For a byte from outside, the network
            // emits the question.
            (Operation::Divide { .. } | Operation::Wasm(Op::Input | Op::Poll | Op::Receive), _) => None,
            // The place of the first byte is given.
            (
                Operation::AddAligned { .. }
                | Operation::RoundSum { .. }
                | Operation::Normalize(_)
                | Operation::MultiplySignificands
                | Operation::MultiplyLow
                | Operation::MultiplyHigh
                | Operation::RoundProduct(_),
                _,
            ) => None,
            (Operation::Wasm(Op::Nop | Op::Drop), _) | (_, Writes::Memory) => Some(Feature::Step),
            (_, Writes::Pushed | Writes::Local | Writes::Global) => Some(match Width::of(self.value()) {
                Width::W32 => Feature::Result32,
                Width::W64 => Feature::Result64,
            }),
            _ => None,
        }
    }
}

fn ones(features: &[Feature]) -> Vec<(Feature, i64)> {
    features.iter().map(|feature| (*feature, 1)).collect()
}

/// The features of what an instruction of WebAssembly does besides emitting its result.
fn of_wasm(op: Op) -> Vec<(Feature, i64)> {
    use Feature as F;
    let row = op.row();
    match op {
        Op::Unreachable => ones(&[F::Trap(Trap::Unreachable)]),
        Op::Nop | Op::Drop => Vec::new(),
        Op::Br => ones(&[F::Branch]),
        Op::BrIf => ones(&[F::BranchIf]),
        Op::BrTable => ones(&[F::BranchTable]),
        Op::Return => ones(&[F::Return]),
        Op::Call => ones(&[F::Call, F::CallCounts]),
        Op::Select => ones(&[F::Select]),
        Op::LocalGet => ones(&[F::LocalGet, F::CopyTop]),
        Op::GlobalGet => ones(&[F::GlobalGet, F::CopyTop]),
        Op::LocalSet | Op::LocalTee => ones(&[F::LocalSet, F::CopyTop]),
        Op::GlobalSet => ones(&[F::GlobalSet, F::CopyTop]),
        Op::MemorySize => ones(&[F::MemorySize]),
        Op::I32Const | Op::I64Const => ones(&[F::Const]),
        Op::Output => ones(&[F::Output]),
        Op::Error => ones(&[F::Error]),
        Op::Input => ones(&[F::Ask]),
        Op::Poll => ones(&[F::Poll]),
        Op::Send => ones(&[F::Send]),
        Op::Receive => ones(&[F::Receive]),
        Op::Exit => ones(&[F::Exit]),
        Op::Refused => ones(&[F::Refused]),
        _ if row.writes == Writes::Memory => store(row.bytes, row.bytes),
        _ if row.accesses() => load(row.bytes),
        _ if row.bytes > 0 => ones(&[extension(row)]),
        _ => numeric(row),
    }
}

/// The features of an instruction that only computes, by the width of its operands.
fn numeric(row: &Row) -> Vec<(Feature, i64)> {
    use Feature as F;
    use Op::*;
    let width = row.pops.first().map_or(Width::W64, |operand| Width::of(*operand));
    let signed = row.signed;
    let compare = |greater, inverted| {
        let mut features = ones(&[F::Compare { width, greater, signed, inverted }]);
        features.extend(inverted.then_some((F::Inverted, 1)));
        features
    };
    use Relation::{Greater, Less, Unordered};
    let float = |inverted, relations: &[Relation]| {
        let features: Vec<F> = relations.iter().map(|relation| F::Float { width, relation: *relation, inverted }).collect();
        let mut features = ones(&features);
        features.extend(inverted.then_some((F::Inverted, 1)));
        features
    };
    match row.op {
        F32Eq | F64Eq => float(true, &[Less, Greater, Unordered]),
        F32Ne | F64Ne => float(false, &[Less, Greater, Unordered]),
        F32Lt | F64Lt => float(false, &[Less]),
        F32Gt | F64Gt => float(false, &[Greater]),
        F32Le | F64Le => float(true, &[Greater, Unordered]),
        F32Ge | F64Ge => float(true, &[Less, Unordered]),
        I32Eqz | I64Eqz => ones(&[F::Eqz(width)]),
        I32Eq | I64Eq => ones(&[F::Eq(width)]),
        I32Ne | I64Ne => ones(&[F::Ne(width)]),
        I32LtS | I32LtU | I64LtS | I64LtU => compare(false, false),
        I32GtS | I32GtU | I64GtS | I64GtU => compare(true, false),
        I32LeS | I32LeU | I64LeS | I64LeU => compare(true, true),
        I32GeS | I32GeU | I64GeS | I64GeU => compare(false, true),
        I32Clz | I64Clz => ones(&[F::Clz(width)]),
        I32Ctz | I64Ctz => ones(&[F::Ctz(width)]),
        I32Popcnt | I64Popcnt => ones(&[F::Popcnt(width)]),
        I32Add | I64Add => ones(&[F::Add]),
        I32Sub | I64Sub => ones(&[F::Sub]),
        I32Mul | I64Mul => ones(&[F::Mul]),
        I32And | I64And => vec![(F::CommonBits, 1)],
        I32Or | I64Or => vec![(F::CommonBits, -1), (F::BothOperands, 1)],
        I32Xor | I64Xor => vec![(F::CommonBits, -2), (F::BothOperands, 1)],
        I32Shl | I64Shl => ones(&[F::Shl(width)]),
        I32ShrS | I32ShrU | I64ShrS | I64ShrU => ones(&[if signed { F::ShrS(width) } else { F::ShrU(width) }, F::Fraction]),
        I32Rotl | I64Rotl => ones(&[F::Rotl(width), F::Rotation]),
        I32Rotr | I64Rotr => ones(&[F::Rotr(width), F::Rotation]),
        // The machine has other operations instead.
        _ => Vec::new(),
    }
}

/// The feature of a conversion, by its sign and its number of low bytes.
fn extension(row: &Row) -> Feature {
    match (row.signed, row.bytes) {
        (false, _) => Feature::CopyLow,
        (true, 1) => Feature::Extend8,
        (true, 2) => Feature::Extend16,
        (true, _) => Feature::Extend32,
    }
}

fn load(bytes: u32) -> Vec<(Feature, i64)> {
    let at_least = [2, 4, 8].into_iter().filter(|least| *least <= bytes).map(|least| (Feature::LoadAtLeast(least as u8), 1));
    [(Feature::Memory, 1), (Feature::AccessWidth, bytes.into()), (Feature::Load, 1)].into_iter().chain(at_least).collect()
}

/// The features of a store of `bytes` bytes; `there` bytes, which may be more, must be within the memory.
fn store(there: u32, bytes: u32) -> Vec<(Feature, i64)> {
    vec![(Feature::Memory, 1), (Feature::AccessWidth, there.into()), (Feature::Store, 1), (Feature::StoreWidth(bytes as u8), 1)]
}

fn subtraction(subtracts: bool) -> Vec<(Feature, i64)> {
    subtracts.then_some((Feature::Subtracts, 1)).into_iter().collect()
}

fn packed(width: Width) -> Vec<(Feature, i64)> {
    ones(&[Feature::Pack(width), Feature::From(width.bytes() as u8 - 1)])
}

/// The features of an access to the bank instead of memory.
fn bank(access: Vec<(Feature, i64)>) -> Vec<(Feature, i64)> {
    let weight = |(feature, weight)| (feature, if feature == Feature::AccessWidth { UNCHECKED } else { weight });
    access.into_iter().map(weight).chain([(Feature::Bank, 1)]).collect()
}

fn division(width: Width, signed: bool) -> Vec<(Feature, i64)> {
    let mut features = ones(&[Feature::Divide(width)]);
    features.extend(signed.then_some((Feature::Signed(width), 1)));
    features.extend((signed || width == Width::W64).then_some((Feature::MayJump, 1)));
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_means_something() {
        for operation in Operation::all() {
            let emitted = operation.emitted().map(|feature| (feature, 1));
            let does_nothing = matches!(operation, Operation::Wasm(Op::Nop | Op::Drop));
            let own = operation.features().into_iter().filter(|feature| Some(*feature) != emitted).count();
            assert_eq!(own == 0, does_nothing, "{operation}");
        }
    }
}
