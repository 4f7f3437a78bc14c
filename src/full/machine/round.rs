//! Floats from sums and products of significands: aligned, rounded to nearest, ties to even, and packed.
//!
//! A result with p as the place of its highest bit loses its bits below p − M, where M is the number of bits
//! of a fraction. For each p there are neurons, whose gates are open only for that p: the bits of top are
//! known. The result's exponent follows from the operands' exponents and p; its fraction's leading bit is
//! included in the significand, and adds 1 to the exponent.

use super::fetch::Instruction;
use super::gate::{all, is_zero_if, not, step_guarded, step_if};
use super::own::HALF;
use super::significand::{CLOSED, FARTHEST, Ordered, infinite};
use super::slots::Operands;
use crate::circuit::{Form, Graph, Lane};
use crate::full::listing::features::Feature;
use crate::full::listing::operation::Width;

/// What these operations add to the results of all instructions.
pub struct Floats {
    pub low: Form,
    pub high: Form,
    /// Per half: the exponent and sign.
    pub packed: [Form; 2],
    /// The number of reasons to jump.
    pub jumps: Form,
}

/// The number of bits of a fraction.
fn fraction(width: Width) -> usize {
    if width == Width::W32 { 23 } else { 52 }
}

impl Floats {
    /// Places the neurons of these results.
    pub fn place(g: &mut Graph, i: &Instruction, o: &Operands, ordered: Ordered, top: &[Lane]) -> Floats {
        let mut floats = Floats {
            low: Form::default(),
            high: Form::default(),
            packed: [(); 2].map(|()| Form::default()),
            jumps: ordered.exceptions.clone(),
        };
        floats.align(g, i, &ordered);
        floats.add(g, i, &ordered, top);
        let mut exponent = ordered.exponent - ordered.apart;
        // 8 · (u + 1)
        exponent += (0..7).map(|u| g.step(ordered.apart - 2 - 8 * u)).sum::<Form>() * 8;
        for width in Width::ALL {
            let fraction = fraction(width);
            // The larger significand's highest bit is at M + v + 1.
            let places = fraction + 2..fraction + 12;
            let is = i.is(Feature::RoundSum(width));
            let mut found = Form::from(is);
            for place in places.clone() {
                let above: Form = top[place + 1..places.end].iter().map(|bit| Form::from(*bit)).sum();
                let here = floats.round(g, width, is, &(top[place] - above), place, top, &Form::default());
                exponent += &here * (place as i64 - fraction as i64 - 10);
                found -= here;
            }
            floats.jumps += found;

            let is = i.is(Feature::Normalized(width));
            floats.keep(g, width, is, &top[63].into(), 63, top);
            let here = g.neuron(top[63], is);
            exponent += &here * (63 - fraction as i64 - 10);
            let shift: Form = (0..6).map(|bit| top[bit] * (1 << bit)).sum();
            exponent -= g.neuron(is, shift);
            floats.jumps += is - here;
            // A sum that the rounding takes.
            let least = 64 - (fraction as i64 + 2);
            floats.jumps += step_guarded(g, Form::from(least - 1) - o.top.low, i.is(Feature::Normalize(width)));
        }
        floats.multiply(g, i, &ordered);
        // The product of 64-bit floats has lost its lowest 48 bits; bit 58 says whether one of them was 1.
        for (width, least, sticky) in [(Width::W32, 46, Form::default()), (Width::W64, 56, top[58].into())] {
            let is = i.is(Feature::RoundProduct(width));
            for (carried, here) in [top[least] - top[least + 1], top[least + 1].into()].into_iter().enumerate() {
                let here = floats.round(g, width, is, &here, least + carried, top, &sticky);
                exponent += here * (carried as i64 - 1 - infinite(width) / 2);
            }
        }
        let exponent = g.lane("exponent to pack", exponent);
        g.state(exponent, (-(1 << 13), 1 << 14), "an exponent, or what is left where none is packed");
        let sign = floats.sign(g, i, &ordered);
        for width in Width::ALL {
            let is = i.is(Feature::Pack(width));
            let worth = 1 << (fraction(width) % 32);
            floats.packed[width as usize] += g.neuron(is, exponent) * worth + all(g, &[is, sign]) * (HALF / 2);
        }
        floats
    }

    /// The record for sums: the difference of exponents, and by its family, which operand is smaller.
    fn align(&mut self, g: &mut Graph, i: &Instruction, ordered: &Ordered) {
        let aligns = Width::ALL.map(|width| i.is(Feature::Align(width)));
        let any = aligns[0] + aligns[1];
        self.low += g.neuron(&any, ordered.apart) + &any * 62;
        let swapped = all(g, &[any.clone(), ordered.less.into()]) + g.relu(&any + ordered.low_less - ordered.less - ordered.greater - 1);
        self.low += swapped * (HALF - 256);
        // If a sum is not a normal number for sure, its exponent is near one of the ends.
        self.jumps += step_guarded(g, Form::from(FARTHEST) - ordered.exponent, any);
        for (width, is) in Width::ALL.into_iter().zip(aligns) {
            self.jumps += step_guarded(g, ordered.exponent - (infinite(width) - 1), is);
        }
    }

    /// The smaller significand, shifted by whole bytes, is added to the larger one or subtracted from it.
    fn add(&mut self, g: &mut Graph, i: &Instruction, ordered: &Ordered, top: &[Lane]) {
        let adds = i.is(Feature::AddAligned(Width::W32)) + i.is(Feature::AddAligned(Width::W64)) - ordered.subtracts;
        for (applies, sign) in [(adds, 1), (Form::from(ordered.subtracts), -1)] {
            for shift in 0..8 {
                let is = (0..3).map(|bit| if shift >> bit & 1 == 1 { top[3 + bit].into() } else { not(top[3 + bit]) }).sum::<Form>();
                let here = is - 2 - not(applies.clone()) * CLOSED;
                // A shift of 7 stands for −1. A byte that is dropped gets a place beyond all others.
                let at = |k: usize| if shift == 7 { k + 1 } else { k.wrapping_sub(shift) };
                let half = |from: usize| {
                    let within = ordered
                        .smaller
                        .into_iter()
                        .enumerate()
                        .map(|(k, byte)| (at(k), byte))
                        .filter(|(k, _)| (from..from + 4).contains(k));
                    within.map(|(k, byte)| byte * (1 << (8 * (k - from)))).sum::<Form>()
                };
                self.low += g.neuron(&here, half(0)) * (2 * sign);
                self.high += g.neuron(&here, half(4)) * (2 * sign);
                if (1..7).contains(&shift) {
                    let dropped: Form = ordered.smaller[..shift].iter().map(|byte| Form::from(*byte)).sum();
                    self.low += step_if(g, dropped - 1, here, 1 << 11) * sign;
                }
            }
        }
        // Keeps the lower half above 0.
        self.low += ordered.subtracts * (2 * HALF);
        self.high -= ordered.subtracts * 2;
    }

    /// Whether the product of 64-bit floats has lost a bit that is 1. Where that is not known, it is not
    /// computed.
    fn multiply(&mut self, g: &mut Graph, i: &Instruction, ordered: &Ordered) {
        let zeros = ordered.low_zeros;
        self.high += step_guarded(g, Form::from(4) - zeros, i.is(Feature::MultiplyHigh)) * (1 << (58 - 32));
        self.jumps += is_zero_if(g, zeros - 5, i.is(Feature::MultiplyLow), 1 << 11);
    }

    /// The bits of top from the lowest one that a result keeps, where the instruction is this one and `here`
    /// is 1.
    fn keep(&mut self, g: &mut Graph, width: Width, is: Lane, here: &Form, place: usize, top: &[Lane]) {
        let gate = here - not(is) * CLOSED;
        let last = place - fraction(width);
        let half = |from: usize| (from..(from + 32).min(place + 1)).map(|bit| top[bit] * (1 << (bit - from))).sum::<Form>();
        self.low += g.neuron(&gate, half(last));
        if width == Width::W64 {
            self.high += g.neuron(gate, half(last + 32));
        }
    }

    /// The rounded significand where the instruction is this one and `here` is 1; `here` is at most 1.
    /// `sticky` is 1 if a bit below top's bits is 1. Returns whether both hold.
    #[expect(clippy::too_many_arguments, reason = "each is of another kind")]
    fn round(&mut self, g: &mut Graph, width: Width, is: Lane, here: &Form, place: usize, top: &[Lane], sticky: &Form) -> Form {
        self.keep(g, width, is, here, place, top);
        let last = place - fraction(width);
        let dropped: Form = (0..last).map(|bit| top[bit] * (1 << bit)).sum();
        let half = 1i64 << (last - 1);
        // Up if more than a half is dropped; or half, and the last bit or a bit further below is 1.
        self.low += step_guarded(g, dropped * 2 + sticky + top[last] - 2 * half - 1 - not(here) * (8 * half), is);
        g.neuron(here, is)
    }

    /// The sign of a result.
    fn sign(&self, g: &mut Graph, i: &Instruction, ordered: &Ordered) -> Lane {
        let [third, second] = ordered.signs;
        let is = Width::ALL.map(|width| i.is(Feature::RoundSum(width)) + i.is(Feature::Normalized(width)));
        let is = &is[0] + &is[1];
        let (less, greater, low_less) = (ordered.less, ordered.greater, ordered.low_less);
        let mut sign = all(g, &[is.clone(), third.into(), second.into()]);
        // Of different signs, that of the larger magnitude.
        sign += g.relu(&is + second - third + less - 2) + g.relu(&is + second - third + low_less - less - greater - 2);
        sign += g.relu(&is + third - second + greater - 2) + g.relu(&is + third - second - less - greater - low_less - 1);
        let product = i.is(Feature::RoundProduct(Width::W32)) + i.is(Feature::RoundProduct(Width::W64));
        sign += g.relu(&product + third - second - 1) + g.relu(product + second - third - 1);
        let sign = g.lane("sign to pack", sign);
        g.state(sign, (0, 1), "of the cases one applies");
        sign
    }
}
