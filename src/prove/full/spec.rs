//! What instructions mean, in integers: the halves of the result, from the bytes of the operands.
//!
//! The definitions are those of the WebAssembly specification: sums modulo 2^32, orders of signed numbers,
//! and so on. The same definitions give numbers where all bytes are known; so the reference VM is compared
//! with them on samples of operands (`agrees`).

use super::bits::element;
use super::check::{Stop, Wanted};
use super::expr::Expr;
use super::fetch;
use super::given::{Given, SECOND, THIRD, TOP, byte_of, event, truth, value};
use super::machine::{HALF, Phase, Registers};
use super::region::{Byte, Region};
use super::site::pages;
use crate::full::isa::{Op, Trap, Writes};
use crate::full::listing::operation::{Operation, Width};
use crate::full::listing::token::{Event, Family};

/// More than a sum of eight products of a byte and a number below 2^32 carries.
const CARRIES: i128 = 1 << 11;

/// The byte that is enumerated as the distance of a shift, and the number of distances.
fn enumerates(operation: Operation) -> Option<(Byte, usize)> {
    use Op::{I32Rotl, I32Rotr, I32Shl, I32ShrS, I32ShrU, I64Rotl, I64Rotr, I64Shl, I64ShrS, I64ShrU};
    let Operation::Wasm(op) = operation else { return None };
    let shifts = [I32Shl, I32ShrS, I32ShrU, I32Rotl, I32Rotr, I64Shl, I64ShrS, I64ShrU, I64Rotl, I64Rotr];
    shifts.contains(&op).then(|| (byte_of(TOP, 0), 8 * Width::of(operation.value()).bytes()))
}

/// The width of a number that an operation writes byte by byte; `None` if it does not.
pub(super) fn writes_value(operation: Operation) -> Option<Width> {
    let writes = matches!(operation.writes(), Writes::Pushed | Writes::Local | Writes::Global);
    writes.then(|| Width::of(operation.value()))
}

/// What the token of an operation must be. `None` if nothing is stated here of the operation.
pub(super) fn wanted(operation: Operation, given: &mut Given<'_>) -> Option<Result<Wanted, Stop>> {
    Some(match operation {
        Operation::Wasm(Op::Nop | Op::Drop) => event(Event::Step.token()),
        Operation::Wasm(Op::Unreachable) => event(Event::Trap(Trap::Unreachable).token()),
        Operation::Wasm(Op::Input) => event(Event::Ask.token()),
        Operation::Wasm(Op::Poll) => event(Event::Poll.token()),
        Operation::Wasm(Op::Receive) => event(Event::Receive.token()),
        Operation::Wasm(Op::Refused) => event(Event::Refused.token()),
        Operation::Halt => event(Event::Halt.token()),
        Operation::Trap(trap) => event(Event::Trap(trap).token()),
        Operation::Wasm(Op::Output) => byte_of_top(given, Family::Output),
        Operation::Wasm(Op::Error) => byte_of_top(given, Family::Error),
        Operation::Wasm(Op::Send) => byte_of_top(given, Family::Send),
        Operation::Wasm(Op::Exit) => byte_of_top(given, Family::Exit),
        Operation::TableGet => element_of_table(given),
        Operation::GrowTry => grow(given),
        Operation::GrowFix => length_before(given),
        Operation::Wasm(op) => return of_wasm(op, given),
        _ => return None,
    })
}

fn byte_of_top(given: &mut Given<'_>, family: Family) -> Result<Wanted, Stop> {
    Ok(Wanted::Token { first: family.token(0), number: given.byte(TOP, 0), unit: 1 })
}

/// The pc of the function in a place of the table, whose type must be the index.
fn element_of_table(given: &mut Given<'_>) -> Result<Wanted, Stop> {
    let [number, pc, ty] = element(given.symbols);
    let index = fetch::between(given.symbols, 0).get("index").cloned().unwrap_or_default();
    let trap = |trap| event(Event::Trap(trap).token());
    // The place exists if the element is found that has its number.
    let past = number.minus(&given.half(TOP, 0)).add(-2);
    if given.at_least(&past, 1)? || !given.at_least(&past, 0)? {
        return trap(Trap::TableOutOfBounds);
    }
    if !given.at_least(&ty, 1)? {
        return trap(Trap::UninitializedElement);
    }
    let differs = ty.minus(&index);
    if given.at_least(&differs, 1)? || !given.at_least(&differs, 0)? {
        return trap(Trap::IndirectCallType);
    }
    value(false, pc, Expr::default())
}

/// The memory's length after growing, or −1 if that is more than it may be.
fn grow(given: &mut Given<'_>) -> Result<Wanted, Stop> {
    let length = pages(given.symbols).plus(&given.half(TOP, 0));
    let most = Registers::unknown(given.symbols, "in the row").get("max pages").cloned().unwrap_or_default();
    let fails = given.at_least(&length.minus(&most), 1)?;
    value(false, if fails { Expr::constant(HALF - 1) } else { length }, Expr::default())
}

/// The length before, from the length after, which is not less than the pages that it grew by; or −1.
fn length_before(given: &mut Given<'_>) -> Result<Wanted, Stop> {
    let (length, by) = (given.half(TOP, 0), given.half(SECOND, 0));
    let highest = given.byte(TOP, 3);
    if given.at_least(&highest, 128)? {
        return value(false, length, Expr::default());
    }
    let before = length.minus(&by);
    if given.at_least(&before, 0)? { value(false, before, Expr::default()) } else { Err(Stop::Void) }
}

fn of_wasm(op: Op, given: &mut Given<'_>) -> Option<Result<Wanted, Stop>> {
    let wide = writes_value(Operation::Wasm(op)) == Some(Width::W64);
    let here = fetch::between(given.symbols, 0);
    let immediate = |lane: &str| here.get(lane).cloned().unwrap_or_default();
    Some(match op {
        Op::I32Const | Op::I64Const => value(wide, immediate("immediate low"), immediate("immediate high")),
        Op::LocalGet | Op::LocalSet | Op::LocalTee | Op::GlobalGet | Op::GlobalSet => value(wide, given.half(TOP, 0), given.half(TOP, 1)),
        Op::Select => select(given),
        Op::MemorySize => value(false, pages(given.symbols), Expr::default()),
        Op::I32Add | Op::I64Add => add(given, wide),
        Op::I32Sub | Op::I64Sub => subtract(given, wide),
        Op::I32Mul | Op::I64Mul => multiply(given, wide),
        Op::I32And | Op::I64And => bitwise(given, wide, |a, b| a & b),
        Op::I32Or | Op::I64Or => bitwise(given, wide, |a, b| a | b),
        Op::I32Xor | Op::I64Xor => bitwise(given, wide, |a, b| a ^ b),
        Op::I32Shl | Op::I64Shl => shift_left(given, wide),
        Op::I32ShrU | Op::I64ShrU => shift_right(given, wide, false),
        Op::I32ShrS | Op::I64ShrS => shift_right(given, wide, true),
        Op::I32Rotl | Op::I64Rotl => rotate(given, wide, true),
        Op::I32Rotr | Op::I64Rotr => rotate(given, wide, false),
        Op::I32Clz | Op::I64Clz => count(given, wide, |byte| (byte as u8).leading_zeros(), true),
        Op::I32Ctz | Op::I64Ctz => count(given, wide, |byte| (byte as u8).trailing_zeros(), false),
        Op::I32Popcnt | Op::I64Popcnt => ones(given, wide),
        Op::I32WrapI64 | Op::I64ExtendI32U => value(wide, given.half(TOP, 0), Expr::default()),
        Op::I32Extend8S | Op::I64Extend8S => extend(given, wide, 1),
        Op::I32Extend16S | Op::I64Extend16S => extend(given, wide, 2),
        Op::I64Extend32S | Op::I64ExtendI32S => extend(given, wide, 4),
        _ => return holds(op, given).map(|holds| truth(holds?)),
    })
}

fn add(given: &mut Given<'_>, wide: bool) -> Result<Wanted, Stop> {
    let [[low, low_of_top], [high, high_of_top]] = [0, 1].map(|half| [SECOND, TOP].map(|operand| given.half(operand, half)));
    let (low, carry) = given.wrapped(&low.plus(&low_of_top), 1);
    let (high, _) = given.wrapped(&Expr::sum([(&high, 1), (&high_of_top, 1), (&carry, 1)]), 1);
    value(wide, low, high)
}

fn subtract(given: &mut Given<'_>, wide: bool) -> Result<Wanted, Stop> {
    let [[low, low_of_top], [high, high_of_top]] = [0, 1].map(|half| [SECOND, TOP].map(|operand| given.half(operand, half)));
    let mut wrapped = |difference: &Expr| {
        let difference = given.normal(difference);
        let borrow = given.reaches(&difference.times(-1), 1);
        (difference.plus(&borrow.times(HALF)), borrow)
    };
    let (low, borrow) = wrapped(&low.minus(&low_of_top));
    let (high, _) = wrapped(&Expr::sum([(&high, 1), (&high_of_top, -1), (&borrow, -1)]));
    value(wide, low, high)
}

/// The product is the sum of the products of the bytes of top with second. Of each product, the lower half
/// takes what second's bytes give below 2^32, and the upper half what they give from there on and below 2^64.
/// What the lower half carries is counted in units of 32 first, and these are added to the upper half before
/// it is taken modulo 2^32. The rest that the lower half carries is less than 32, and is added after that, so
/// that the upper half can reach 2^32 again. Then byte 7 is 256, which stands for 0.
fn multiply(given: &mut Given<'_>, wide: bool) -> Result<Wanted, Stop> {
    let mut half = |start: usize| {
        let mut products = Vec::new();
        for place in 0..if wide { 8 } else { 4 } {
            let places: Vec<Option<usize>> = (start..start + 4).map(|to| to.checked_sub(place)).collect();
            let shifted = given.window(SECOND, &places, 8, false);
            let byte = given.byte(TOP, place);
            let product = given.symbols.gated_by_bytes(given.region, &byte, &shifted);
            products.push(product.unwrap_or_else(|| given.symbols.gated(&byte, &shifted)));
        }
        let sum = Expr::sum(products.iter().map(|product| (product, 1)));
        given.normal(&sum)
    };
    let (low, high) = (half(0), half(4));
    let mut divided = |number: &Expr, unit: i128| {
        let count = given.quotient(number, unit, CARRIES);
        (given.normal(&number.minus(&count.times(unit))), count)
    };
    let (low, coarse) = divided(&low, 32 * HALF);
    let (low, fine) = divided(&low, HALF);
    let (high, _) = divided(&high, 32 * HALF);
    let (high, _) = divided(&high.plus(&coarse.times(32)), HALF);
    value(wide, low, high.plus(&fine))
}

fn bitwise(given: &mut Given<'_>, wide: bool, on: fn(u8, u8) -> u8) -> Result<Wanted, Stop> {
    let mut half = |half: usize| {
        let mut parts = Vec::new();
        for place in 0..4 {
            let bytes = [TOP, SECOND].map(|operand| byte_of(operand, 4 * half + place));
            let table = |top: usize, second: usize| i128::from(on(second as u8, top as u8)) << (8 * place);
            // Where bytes are known, so is the result.
            let known = bytes.map(|byte| given.region.values(byte).and_then(|values| values.iter().position(|can_be| *can_be)));
            parts.push(match known {
                [Some(top), Some(second)] => Expr::constant(table(top, second)),
                _ => given.symbols.of_pair(bytes, table).unwrap_or_default(),
            });
        }
        Expr::sum(parts.iter().map(|part| (part, 1)))
    };
    let halves = [half(0), half(1)];
    let [low, high] = halves;
    value(wide, low, high)
}

/// The distance of a shift of a number of so many bytes: whole bytes, and bits.
fn split(given: &mut Given<'_>, bytes: usize) -> Result<(usize, usize), Stop> {
    let distance = given.distance(8 * bytes)?;
    Ok((distance / 8, distance % 8))
}

/// Shifted by u bytes and v bits, the bytes that stay in each half times 2^v can carry less than 2^v. A half
/// modulo 2^32 is a multiple of 2^v, so adding the carry from below gives no other carry.
fn shift_left(given: &mut Given<'_>, wide: bool) -> Result<Wanted, Stop> {
    let (whole, bits) = split(given, if wide { 8 } else { 4 })?;
    let mut half = |start: usize| {
        let places: Vec<Option<usize>> = (start..start + 4).map(|to| to.checked_sub(whole)).collect();
        let number = given.window(SECOND, &places, 8, false).times(1 << bits);
        given.wrapped(&number, (1 << bits) - 1)
    };
    let (low, carry) = half(0);
    let (high, _) = half(4);
    value(wide, low, high.plus(&carry))
}

/// Rotated by whole bytes and then by bits, what each half carries enters the other half, or itself. To the
/// right by u bytes and v bits is to the left by the other whole bytes and 8 − v bits.
fn rotate(given: &mut Given<'_>, wide: bool, left: bool) -> Result<Wanted, Stop> {
    let of = if wide { 8 } else { 4 };
    let (whole, bits) = split(given, of)?;
    let (whole, bits) = if left { (whole, bits) } else { (of - 1 - whole, 8 - bits) };
    let mut half = |start: usize| {
        let places: Vec<Option<usize>> = (start..start + 4).map(|to| Some((to + of - whole) % of)).collect();
        let number = given.window(SECOND, &places, 8, false).times(1 << bits);
        given.wrapped(&number, (1 << bits) - 1)
    };
    let (low, carry) = half(0);
    if !wide {
        return value(false, low.plus(&carry), Expr::default());
    }
    let (high, carry_of_high) = half(4);
    value(true, low.plus(&carry_of_high), high.plus(&carry))
}

/// In units of 1/256: a shift by u bytes and v bits drops u bytes, multiplies by 2^(8 − v), and drops the
/// lowest byte. Copies of the sign fill the places above.
fn shift_right(given: &mut Given<'_>, wide: bool, signed: bool) -> Result<Wanted, Stop> {
    let of = if wide { 8 } else { 4 };
    let (whole, bits) = split(given, of)?;
    let power = 1 << (8 - bits);
    // The copies of the sign that the multiplication brings into the topmost byte.
    let copies = if signed { given.negative(SECOND, of / 4 - 1).times(HALF * (256 - power)) } else { Expr::default() };
    let mut half = |start: usize| {
        let places: Vec<Option<usize>> = (whole + start..whole + start + 4).map(Some).collect();
        given.window(SECOND, &places, of, signed).times(power)
    };
    let low = half(0);
    if !wide {
        let low = given.normal(&low.plus(&copies));
        return Ok(Wanted::Value { wide, unit: 256, halves: [Some(low), None], emitted: None });
    }
    let high = half(4).plus(&copies);
    let high = given.normal(&high);
    // The fraction of the upper half belongs to the lower half. It is what the lowest byte leaves.
    let lowest = whole + 4;
    let left = |value: i128| (value << (8 - bits)) & 255;
    let fraction = match lowest {
        0..8 => given.of(SECOND, lowest, left),
        _ if signed => given.of(SECOND, 7, |value| if value >= 128 { left(255) } else { 0 }),
        _ => Expr::default(),
    };
    let upper = given.normal(&high.minus(&fraction));
    let upper =
        Expr { terms: upper.terms.iter().map(|(symbol, weight)| (*symbol, weight / 256)).collect(), constant: upper.constant / 256 };
    let phase = given.phase;
    let (low_matters, emitted) = match phase {
        Phase::Middle(place) => (place <= 4, (place <= 4).then_some(upper)),
        _ => (given.is_all(&upper)?, None),
    };
    let low = low_matters.then(|| low.plus(&fraction.times(HALF)));
    Ok(Wanted::Value { wide, unit: 256, halves: [low, Some(high)], emitted })
}

/// Zeros from one end: whole bytes of zeros, and the zeros of the first byte that is not 0.
fn count(given: &mut Given<'_>, wide: bool, zeros: fn(i128) -> u32, leading: bool) -> Result<Wanted, Stop> {
    let of = if wide { 8 } else { 4 };
    for passed in 0..of {
        let place = if leading { of - 1 - passed } else { passed };
        let byte = given.byte(TOP, place);
        if given.at_least(&byte, 1)? {
            let zeros = given.of(TOP, place, |byte| zeros(byte).into());
            return value(wide, zeros.add(8 * passed as i128), Expr::default());
        }
    }
    value(wide, Expr::constant(8 * of as i128), Expr::default())
}

fn ones(given: &mut Given<'_>, wide: bool) -> Result<Wanted, Stop> {
    let of = if wide { 8 } else { 4 };
    let counts: Vec<Expr> = (0..of).map(|place| given.of(TOP, place, |byte| byte.count_ones().into())).collect();
    value(wide, Expr::sum(counts.iter().map(|count| (count, 1))), Expr::default())
}

/// Whether a comparison of integers holds; `None` if the instruction is none.
pub(super) fn holds(op: Op, given: &mut Given<'_>) -> Option<Result<bool, Stop>> {
    let row = op.row();
    let width = row.pops.first().map_or(Width::W64, |operand| Width::of(*operand));
    let holds: fn(std::cmp::Ordering) -> bool = match op {
        Op::I32Eqz | Op::I64Eqz => return Some(is_zero(given, width)),
        Op::I32Eq | Op::I64Eq => std::cmp::Ordering::is_eq,
        Op::I32Ne | Op::I64Ne => std::cmp::Ordering::is_ne,
        Op::I32LtS | Op::I32LtU | Op::I64LtS | Op::I64LtU => std::cmp::Ordering::is_lt,
        Op::I32GtS | Op::I32GtU | Op::I64GtS | Op::I64GtU => std::cmp::Ordering::is_gt,
        Op::I32LeS | Op::I32LeU | Op::I64LeS | Op::I64LeU => std::cmp::Ordering::is_le,
        Op::I32GeS | Op::I32GeU | Op::I64GeS | Op::I64GeU => std::cmp::Ordering::is_ge,
        _ => return None,
    };
    Some(order(given, width, row.signed).map(holds))
}

fn is_zero(given: &mut Given<'_>, width: Width) -> Result<bool, Stop> {
    let low = given.half(TOP, 0);
    let high = given.half(TOP, 1);
    Ok(!given.at_least(&low, 1)? && (width == Width::W32 || !given.at_least(&high, 1)?))
}

/// How second compares with top.
fn order(given: &mut Given<'_>, width: Width, signed: bool) -> Result<std::cmp::Ordering, Stop> {
    let mut compare = |half: usize, signed: bool| {
        let [second, top] = [SECOND, TOP].map(|operand| if signed { given.signed_half(operand, half) } else { given.half(operand, half) });
        let difference = given.normal(&second.minus(&top));
        Ok(if given.at_least(&difference, 1)? {
            std::cmp::Ordering::Greater
        } else if given.at_least(&difference, 0)? {
            std::cmp::Ordering::Equal
        } else {
            std::cmp::Ordering::Less
        })
    };
    match width {
        Width::W32 => compare(0, signed),
        Width::W64 => Ok(compare(1, signed)?.then(compare(0, false)?)),
    }
}

fn select(given: &mut Given<'_>) -> Result<Wanted, Stop> {
    let condition = given.half(TOP, 0);
    let chosen = if given.at_least(&condition, 1)? { THIRD } else { SECOND };
    value(true, given.half(chosen, 0), given.half(chosen, 1))
}

/// The lowest bytes, as a signed number.
fn extend(given: &mut Given<'_>, wide: bool, bytes: usize) -> Result<Wanted, Stop> {
    let places: Vec<Option<usize>> = (0..8).map(Some).collect();
    value(wide, given.window(TOP, &places[..4], bytes, true), given.window(TOP, &places[4..], bytes, true))
}

/// The cases in which the byte that is enumerated is known.
pub(super) fn start(operation: Operation) -> Vec<Region> {
    match enumerates(operation) {
        None => vec![Region::default()],
        Some((byte, distances)) => {
            (0..distances).filter_map(|known| Region::default().restrict(byte, |value| value % distances == known)).collect()
        }
    }
}
