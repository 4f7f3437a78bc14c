//! Layer 0: opcode and operand of the instruction at pc, and what the previous instruction did.

use super::attention::{ByToken, EXACT, by_token, writing};
use super::invariant::{Holds, Invariant, LAST};
use super::situation::Situation;
use crate::prove::network::{Head, Linear, Network};
use crate::prove::obligation::{Log, Tally};
use crate::prove::retrieval::{Class, Dimension, Role, Wrong, check};
use crate::prove::{Failure, Kind, Method, Refutation};
use crate::transformer::Attention;

/// Which row of an instruction's two is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Opcode,
    Operand,
}

/// Whose row is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Current,
    Previous,
}

/// The rows that are found by index: the start token's, two for each instruction, and one for each step.
fn classes(invariant: &Invariant, head: &Head, part: Part, wanted: (i64, i64)) -> Vec<Class> {
    let mark = |opcode: i64, operand: i64| {
        let mark = |key: &Linear| {
            let of = |holds| invariant.weight(key, holds);
            of(Holds::One) + of(Holds::IsOpcode) * opcode + of(Holds::IsOperand) * operand
        };
        head.key.iter().map(mark).collect()
    };
    let is_start = wanted == (-1, -1);
    let role = |is: Part| match (is == part && !is_start, is, part) {
        (true, ..) => Role::Wanted,
        // An instruction's opcode comes before its operand.
        (_, Part::Opcode, Part::Operand) => Role::Earlier,
        _ => Role::Other,
    };
    let start = if is_start { Role::Wanted } else { Role::Other };
    let mut classes = vec![
        Class { name: "the start token's".to_string(), mark: mark(1, 1), numbers: (-1, -1), role: start },
        Class { name: "an opcode's".to_string(), mark: mark(1, 0), numbers: (0, LAST), role: role(Part::Opcode) },
        Class { name: "an operand's".to_string(), mark: mark(0, 1), numbers: (0, LAST), role: role(Part::Operand) },
    ];
    classes.push(Class { name: "a step's".to_string(), mark: mark(0, 0), numbers: (0, 0), role: Role::Other });
    classes
}

/// Checks that a head finds an instruction's row by its index.
pub(super) fn by_index(
    invariant: &Invariant,
    head: &Head,
    number: Holds,
    part: Part,
    wanted: (i64, i64),
    tally: &mut Tally,
) -> Result<(), Failure> {
    for (query, key) in head.query.iter().zip(&head.key) {
        invariant.reads_only(query, || "the query".to_string(), |holds| holds == number || holds == Holds::One)?;
        let allowed = |holds| matches!(holds, Holds::Index | Holds::IndexSquared | Holds::IsOpcode | Holds::IsOperand | Holds::One);
        invariant.reads_only(key, || "the key".to_string(), allowed)?;
    }
    let dimension = |(query, key): (&Linear, &Linear)| Dimension {
        quadratic: invariant.weight(key, Holds::IndexSquared),
        linear: invariant.weight(key, Holds::Index),
        slope: invariant.weight(query, number),
        constant: invariant.weight(query, Holds::One),
    };
    let dimensions: Vec<Dimension> = head.query.iter().zip(&head.key).map(dimension).collect();
    let of = |wanted: (i64, i64), steps: bool, tally: &mut Tally| {
        let mut classes = classes(invariant, head, part, wanted);
        classes.truncate(if steps { 4 } else { 3 });
        check(&dimensions, wanted, &classes, tally).map_err(|wrong| {
            let Wrong { wanted, number, class } = wrong;
            let situation = Situation::Fetch { wanted, found: number };
            Failure::at(situation, format!("for the index {wanted}, {class} row of index {number} can win"))
        })
    };
    // The step at pc 0 is the first one, if there is such a step: no branch goes there. So there are no rows
    // of steps yet.
    match number {
        Holds::Pc if wanted.0 == 0 => {
            of((0, 0), false, tally)?;
            of((1, wanted.1), true, tally)
        }
        _ => of(wanted, true, tally),
    }
}

/// Discharges the obligations of layer 0. Gives the lanes that are functions of an instruction.
pub(super) fn prove(log: &mut Log, invariant: &Invariant, network: &Network) -> Result<ByToken, Box<Refutation>> {
    let heads = &network.layers[0].heads;
    let written = |tally: &mut Tally| {
        let writing = writing(invariant, heads, 0, |kind| kind == Attention::HardMax)?;
        tally.cases += writing.len() as u64;
        Ok(writing)
    };
    let statement =
        "the heads of layer 0 write only flags, the operand, and what the previous instruction did; each head's lanes are of one row";
    let writing = log.discharge((Kind::Induction, Method::Enumeration), "layer 0: lanes written", statement, written)?;
    for (index, head) in &writing {
        let of = |lane: usize| match invariant.holds(lane) {
            Holds::Operand => (Of::Current, Part::Operand),
            Holds::Previous => (Of::Previous, Part::Opcode),
            _ => (Of::Current, Part::Opcode),
        };
        let targets: Vec<_> = head.writes().map(|(lane, ..)| of(lane)).collect();
        let (whose, part) = targets[0];
        let (number, name) = match whose {
            Of::Current => (Holds::Pc, "pc"),
            Of::Previous => (Holds::PreviousPc, "the previous pc"),
        };
        let what = if part == Part::Opcode { "opcode" } else { "operand" };
        let statement = format!("it chooses the {what} row of the instruction at {name}; where that is -1, the start token's row");
        log.discharge((Kind::Retrieval, Method::Enumeration), format!("layer 0, head {index}"), statement, |tally| {
            if targets.iter().any(|target| *target != targets[0]) {
                return Err(Failure::new("it writes lanes that are of different rows"));
            }
            by_index(invariant, head, number, part, (0, LAST), tally)?;
            by_index(invariant, head, number, part, (-1, -1), tally)
        })?;
    }
    let statement = "each lane written is a function of the chosen row's token; the operand lane is that of the operand byte";
    log.discharge((Kind::Induction, Method::Enumeration), "layer 0: values", statement, |tally| {
        let mut lanes = vec![vec![0i128; network.tokens.len()]; network.d_model];
        for (index, head) in &writing {
            for (lane, dimension, weight) in head.writes() {
                let value = &head.value[dimension];
                invariant.reads_only(value, || format!("the value of head {index}"), |holds| holds == Holds::Own)?;
                lanes[lane].iter_mut().zip(by_token(&network.tokens, value)).for_each(|(sum, own)| *sum += i128::from(weight) * own);
                tally.cases += network.tokens.len() as u64;
            }
        }
        if let Some((lane, _)) = lanes.iter().enumerate().find(|(_, of)| of.iter().any(|number| number.abs() >= EXACT)) {
            return Err(Failure::new(format!("the lane {} can hold a number that is not exact", invariant.name(lane))));
        }
        let lanes = ByToken(lanes.into_iter().map(|of| of.into_iter().map(|number| number as i64).collect()).collect());
        let operand = invariant.lane(Holds::Operand);
        match (0..=255).find(|byte| lanes.0[operand][usize::from(*byte)] != i64::from(*byte)) {
            Some(byte) => {
                let situation = Situation::Operand { byte };
                Err(Failure::at(
                    situation,
                    format!("of the operand byte {byte}, the lane operand gets {}", lanes.0[operand][usize::from(byte)]),
                ))
            }
            None => Ok(lanes),
        }
    })
}
