//! The bits of the operands' bytes: and, or, xor; leading zeros, trailing zeros, ones.
//!
//! A byte's bits are looked up by the byte's value, among the rows whose token is a byte. Such a row always
//! exists: every operand was emitted byte by byte, and the listing contains the bytes 0 and 255. Where the
//! program is in the weights, a store has all bytes. `x or y = x + y − (x and y)`, `x xor y = x + y − 2·(x
//! and y)`.

use super::fetch::{Instruction, Source};
use super::held::BYTES;
use super::own::Own;
use super::slots::Operands;
use crate::circuit::{Form, Graph, Key, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// What is found out about the operands' bits.
pub struct Bits {
    /// Per half, the bits that the operands have in common, times the weight that the instruction gives them.
    pub common: [Form; 2],
    /// The count of zeros or ones.
    pub counts: Form,
    /// The bits of top, the lowest first.
    pub of_top: Vec<Lane>,
}

/// Looks up the bits of the operands.
pub fn place(g: &mut Graph, own: &Own, source: Source<'_>, i: &Instruction, o: &Operands) -> Bits {
    let key = Key { key: own.byte_key.into(), square: own.byte_key_squared.into() };
    let bits: Vec<Form> = own.bits.iter().map(|bit| (*bit).into()).collect();
    let find = |g: &mut Graph, name: &str, byte: Lane, values: Vec<Form>| match source {
        Source::Prompt => g.nearest_of(name, byte + 1, &key, values),
        Source::Weights(_) => g.nearest_held(name, BYTES, byte + 1, &key, values),
    };
    let mut of_second = Vec::new();
    let mut of_top = Vec::new();
    for place in 0..8 {
        of_second.push(find(g, &format!("bits of second's byte {place}"), o.second.bytes[place], bits.clone()));
        let counts = [own.not_zero, own.leading_zeros, own.trailing_zeros].map(Form::from);
        let values = bits.iter().cloned().chain(counts).collect();
        of_top.push(find(g, &format!("bits of top's byte {place}"), o.top.bytes[place], values));
    }
    let factor = i.is(Feature::CommonBits);
    let common = [0, 4].map(|half| {
        let in_common = |(place, bit): (usize, usize)| {
            let both = of_second[half + place][bit] + of_top[half + place][bit] - 1;
            g.neuron(both, factor) * (1 << (8 * place + bit))
        };
        (0..4).flat_map(|place| (0..8).map(move |bit| (place, bit))).map(in_common).sum::<Form>()
    });
    let mut counts = Form::default();
    for width in Width::ALL {
        let [clz, ctz, popcnt] = [Feature::Clz(width), Feature::Ctz(width), Feature::Popcnt(width)].map(|feature| i.is(feature));
        let not_zero = |places: std::ops::Range<usize>| places.map(|place| Form::from(of_top[place][8])).sum::<Form>();
        let ones: Form = (0..width.bytes()).flat_map(|place| of_top[place][..8].iter()).map(|bit: &Lane| Form::from(*bit)).sum();
        counts += g.neuron(popcnt, ones);
        for (place, byte) in of_top.iter().enumerate().take(width.bytes()) {
            counts += g.neuron(clz - not_zero(place + 1..width.bytes()), byte[9]);
            counts += g.neuron(ctz - not_zero(0..place), byte[10]);
        }
    }
    Bits { common, counts, of_top: of_top.iter().flat_map(|byte| &byte[..8]).copied().collect() }
}
