//! The invariant: what each lane of a row holds, by the lane's name in the config.
//!
//! A lane is written once (the depth and the result in several steps), by the part that [`Holds::set_by`]
//! names, and holds 0 before. The obligations show that each part writes what the invariant says.

use crate::byte::machine::{self, ConfigError};
use crate::byte::profile::FILES;
use crate::byte::trace::Token;
use crate::circuit::Interval;
use crate::prove::Failure;
use crate::prove::network::{Linear, Network};
use crate::transformer::{Config, Stage};

/// The greatest index of an instruction, and the greatest depth.
pub(super) const LAST: i64 = crate::byte::profile::MAX_INSTRUCTIONS as i64 - 1;
/// The greatest byte.
pub(super) const BYTE: i64 = 255;

/// What a lane holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Holds {
    /// 0.
    Nothing,
    /// 1 in every row.
    One,
    /// The host's index of the row, and its square.
    Index,
    IndexSquared,
    /// The host's marks of opcode rows and operand rows.
    IsOpcode,
    IsOperand,
    /// The pc that the row executes, and that of the step whose token it carries.
    Pc,
    PreviousPc,
    /// Whether the host says that the step traps.
    Fault,
    /// The offset of a file's descriptor.
    Offset(usize),
    /// A function of the row's token.
    Own,
    /// A function of the instruction at pc.
    Flag,
    /// The operand byte of the instruction at pc.
    Operand,
    /// A function of the previous instruction.
    Previous,
    /// The depth of the operand stack before the step, and its square.
    Depth,
    DepthSquared,
    /// A bit of the stack's top, and of the value below.
    Top(usize),
    Second(usize),
    /// The address operand of the previous step, if it was a store.
    Base,
    /// The operand byte of the previous instruction, if it wrote a local or a cell, and its square.
    Written,
    WrittenSquared,
    /// `(Base + Written)²`.
    AddressSquared,
    /// Value and tag of the row that the local head found.
    LocalValue,
    LocalTag,
    /// Value and tag of the row that the cell head found.
    CellValue,
    CellTag,
    /// The byte at a file's offset.
    FileByte(usize),
    /// The result of the step.
    Result,
    /// Quotients of the result.
    Quotient4096,
    Quotient256,
}

impl Holds {
    /// The lane of this name.
    fn named(name: &str) -> Option<Holds> {
        let numbered = |prefix: &str, end: usize| name.strip_prefix(prefix)?.parse().ok().filter(|number| *number < end);
        Some(match name {
            "one" => Holds::One,
            "index" => Holds::Index,
            "index_squared" => Holds::IndexSquared,
            "is_opcode" => Holds::IsOpcode,
            "is_operand" => Holds::IsOperand,
            "pc" => Holds::Pc,
            "previous_pc" => Holds::PreviousPc,
            "fault" => Holds::Fault,
            "operand" => Holds::Operand,
            "pushed" | "wrote" => Holds::Previous,
            "depth" => Holds::Depth,
            "depth_squared" => Holds::DepthSquared,
            "written_base" => Holds::Base,
            "written_operand" => Holds::Written,
            "written_operand_squared" => Holds::WrittenSquared,
            "written_address_squared" => Holds::AddressSquared,
            "local_value" => Holds::LocalValue,
            "local_tag" => Holds::LocalTag,
            "cell_value" => Holds::CellValue,
            "cell_tag" => Holds::CellTag,
            "result" => Holds::Result,
            "quotient_4096" => Holds::Quotient4096,
            "quotient_256" => Holds::Quotient256,
            _ => {
                let offset = numbered("offset_", FILES).map(Holds::Offset);
                let top = || numbered("top_bit_", 8).map(Holds::Top);
                let second = || numbered("second_bit_", 8).map(Holds::Second);
                return offset.or_else(top).or_else(second).or_else(|| numbered("file_byte_", FILES).map(Holds::FileByte));
            }
        })
    }

    /// The parts that may write the lane.
    pub fn set_by(self) -> &'static [Stage] {
        use Stage::{Attention, Ffn};
        match self {
            Holds::Flag | Holds::Operand | Holds::Previous => &[Attention(0)],
            Holds::Depth => &[Attention(1), Ffn(1)],
            Holds::DepthSquared => &[Ffn(2)],
            Holds::Top(_) | Holds::Second(_) => &[Attention(3)],
            Holds::Base | Holds::Written => &[Attention(4)],
            Holds::WrittenSquared | Holds::AddressSquared => &[Ffn(4)],
            Holds::LocalValue | Holds::LocalTag => &[Attention(5)],
            Holds::CellValue | Holds::CellTag => &[Attention(6)],
            Holds::FileByte(_) => &[Attention(7)],
            Holds::Result => &[Ffn(4), Ffn(5), Ffn(6), Ffn(7)],
            Holds::Quotient4096 => &[Ffn(5)],
            Holds::Quotient256 => &[Ffn(6)],
            _ => &[],
        }
    }
}

/// The invariant of a config and its weights.
#[derive(Clone, Debug)]
pub(super) struct Invariant {
    holds: Vec<Holds>,
    names: Vec<String>,
}

impl Invariant {
    /// The invariant of a model.
    ///
    /// # Errors
    /// If the config is not a byte machine's, or lacks a lane of the invariant.
    pub fn of(config: &Config, network: &Network) -> Result<Invariant, ConfigError> {
        machine::ByteHost::supports(config)?;
        let mut holds: Vec<Holds> = config.lanes.iter().map(|name| Holds::named(name).unwrap_or(Holds::Nothing)).collect();
        holds.resize(network.d_model, Holds::Nothing);
        let mut set = |lane: usize, what: Holds| {
            if holds[lane] == Holds::Nothing {
                holds[lane] = what;
            }
        };
        network.tokens.iter().flat_map(Linear::terms).for_each(|(lane, _)| set(lane, Holds::Own));
        if let Some(layer) = network.layers.first() {
            layer.heads.iter().flat_map(|head| head.writes().collect::<Vec<_>>()).for_each(|(lane, ..)| set(lane, Holds::Flag));
        }
        let mut names = config.lanes.clone();
        names.resize_with(network.d_model, || "a lane without a name".to_string());
        let invariant = Invariant { holds, names };
        match Invariant::needed().find(|(_, needed)| !invariant.holds.contains(needed)) {
            Some((name, _)) => Err(ConfigError::NoLane(name)),
            None => Ok(invariant),
        }
    }

    /// The lanes that the invariant speaks of, by name, besides those that the host sets.
    fn needed() -> impl Iterator<Item = (String, Holds)> {
        let single = ["operand", "pushed", "depth", "depth_squared", "written_base", "written_operand", "written_operand_squared"];
        let rest =
            ["written_address_squared", "local_value", "local_tag", "cell_value", "cell_tag", "result", "quotient_4096", "quotient_256"];
        let single = single.into_iter().chain(rest).map(str::to_string);
        let bits = (0..8).flat_map(|bit| [format!("top_bit_{bit}"), format!("second_bit_{bit}")]);
        let names = single.chain(bits).chain((0..FILES).map(|file| format!("file_byte_{file}")));
        names.filter_map(|name| Holds::named(&name).map(|holds| (name, holds)))
    }

    pub fn holds(&self, lane: usize) -> Holds {
        self.holds[lane]
    }

    pub fn name(&self, lane: usize) -> &str {
        &self.names[lane]
    }

    /// The lanes that hold this.
    pub fn lanes(&self, what: Holds) -> impl Iterator<Item = usize> + '_ {
        self.holds.iter().enumerate().filter(move |(_, holds)| **holds == what).map(|(lane, _)| lane)
    }

    /// The lane that holds this.
    pub fn lane(&self, what: Holds) -> usize {
        self.lanes(what).next().unwrap_or_default()
    }

    /// Checks that a form reads only lanes that hold what `allowed` accepts.
    pub fn reads_only(&self, form: &Linear, who: impl Fn() -> String, allowed: impl Fn(Holds) -> bool) -> Result<(), Failure> {
        match form.terms().find(|(lane, _)| !allowed(self.holds(*lane))) {
            Some((lane, _)) => {
                Err(Failure::new(format!("{} reads the lane {}, which the proof has no reason for", who(), self.name(lane))))
            }
            None => Ok(()),
        }
    }

    /// The weight of a form on the lane that holds this.
    pub fn weight(&self, form: &Linear, what: Holds) -> i64 {
        form.weight(self.lane(what))
    }

    /// The weight of a form on a number whose bits are in lanes: that of its lowest bit, if every other bit's
    /// weight is its multiple.
    pub fn number(&self, form: &Linear, bit: impl Fn(usize) -> Holds) -> Option<i64> {
        let weights: Vec<i64> = (0..8).map(|i| self.weight(form, bit(i))).collect();
        (0..8).all(|i| weights[i] == weights[0] << i).then_some(weights[0])
    }
}

/// The tokens that a row of a run can carry: bytes, and the start token.
pub(super) fn carried() -> impl Iterator<Item = Token> {
    (0..=255).map(Token::Byte).chain([Token::Start])
}

/// A range from its lowest integer to its highest.
pub(super) fn range(low: i64, high: i64) -> Interval {
    Interval::new(low.into(), high.into())
}

/// The smallest range with all of these integers, and 0 if there are none.
pub(super) fn hull(numbers: impl IntoIterator<Item = i64>) -> Interval {
    let mut points = numbers.into_iter().map(|number| Interval::point(number.into()));
    let first = points.next().unwrap_or(Interval::point(0));
    points.fold(first, Interval::hull)
}
