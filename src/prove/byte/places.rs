//! Layers 5 to 7: locals by index, cells by address, and bytes of files by offset.

use super::attention::{ByToken, Retrieved, previous, retrieved, writing};
use super::invariant::{BYTE, Holds, Invariant};
use super::situation::Situation;
use super::stack::{after, mark};
use crate::byte::isa::{Immediate, Op};
use crate::byte::profile::{CELLS, FILE_CAPACITY};
use crate::prove::network::{Head, Linear, Network};
use crate::prove::obligation::{Log, Tally};
use crate::prove::retrieval::{Class, Dimension, Role, Wrong, check};
use crate::prove::{Failure, Kind, Method, Refutation};
use crate::transformer::Attention;

/// What the heads of layers 5 to 7 retrieve.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Value and tag of a local, and of a cell.
    pub local: [Retrieved; 2],
    pub cell: [Retrieved; 2],
}

/// Whether an instruction writes a local.
pub(super) fn writes_local(op: Option<Op>) -> bool {
    op.is_some_and(|op| op.row().immediate == Immediate::Local && op.row().pops > 0)
}

/// Whether an instruction writes a cell.
pub(super) fn writes_cell(op: Option<Op>) -> bool {
    op == Some(Op::I32Store)
}

/// The kinds of rows by what their previous instruction wrote.
fn classes(invariant: &Invariant, lanes: &ByToken, head: &Head, last: i64, is_wanted: impl Fn(Option<Op>) -> bool) -> Vec<Class> {
    let class = |op: Option<Op>| Class {
        name: after(op),
        mark: head.key.iter().map(|key| mark(invariant, lanes, key, op)).collect(),
        numbers: (0, last),
        role: if is_wanted(op) { Role::Wanted } else { Role::Other },
    };
    previous().map(class).collect()
}

fn local(invariant: &Invariant, lanes: &ByToken, head: &Head, tally: &mut Tally) -> Result<(), Failure> {
    for (query, key) in head.query.iter().zip(&head.key) {
        invariant.reads_only(query, || "the query".to_string(), |holds| matches!(holds, Holds::Operand | Holds::One))?;
        let allowed = |holds| matches!(holds, Holds::Written | Holds::WrittenSquared | Holds::Previous | Holds::One);
        invariant.reads_only(key, || "the key".to_string(), allowed)?;
    }
    let dimension = |(query, key): (&Linear, &Linear)| Dimension {
        quadratic: invariant.weight(key, Holds::WrittenSquared),
        linear: invariant.weight(key, Holds::Written),
        slope: invariant.weight(query, Holds::Operand),
        constant: invariant.weight(query, Holds::One),
    };
    let dimensions: Vec<Dimension> = head.query.iter().zip(&head.key).map(dimension).collect();
    let classes = classes(invariant, lanes, head, BYTE, writes_local);
    check(&dimensions, (0, BYTE), &classes, tally).map_err(|Wrong { wanted, number, class }| {
        let situation = Situation::Local { local: wanted, found: number };
        Failure::at(situation, format!("for the local {wanted}, {class} with the operand {number} can win"))
    })
}

fn cell(invariant: &Invariant, lanes: &ByToken, head: &Head, tally: &mut Tally) -> Result<(), Failure> {
    let mut dimensions = Vec::new();
    for (query, key) in head.query.iter().zip(&head.key) {
        let allowed = |holds| matches!(holds, Holds::Operand | Holds::Top(_) | Holds::One);
        invariant.reads_only(query, || "the query".to_string(), allowed)?;
        let allowed = |holds| matches!(holds, Holds::Written | Holds::Base | Holds::AddressSquared | Holds::Previous | Holds::One);
        invariant.reads_only(key, || "the key".to_string(), allowed)?;
        let slope = invariant.weight(query, Holds::Operand);
        let linear = invariant.weight(key, Holds::Written);
        if invariant.number(query, Holds::Top) != Some(slope) || invariant.weight(key, Holds::Base) != linear {
            let situation = Situation::Cell { base: 1, offset: 2, found: (2, 1) };
            return Err(Failure::at(situation, "the query is not a multiple of top plus operand, or the key not of base plus operand"));
        }
        let (quadratic, constant) = (invariant.weight(key, Holds::AddressSquared), invariant.weight(query, Holds::One));
        dimensions.push(Dimension { quadratic, linear, slope, constant });
    }
    let last = CELLS as i64 - 1;
    let classes = classes(invariant, lanes, head, last, writes_cell);
    check(&dimensions, (0, last), &classes, tally).map_err(|Wrong { wanted, number, class }| {
        let split = |address: i64| (address.min(BYTE), address - address.min(BYTE));
        let (base, offset) = split(wanted);
        let situation = Situation::Cell { base, offset, found: split(number) };
        Failure::at(situation, format!("for the address {wanted}, {class} with the address {number} can win"))
    })
}

fn file(invariant: &Invariant, head: &Head, file: usize, tally: &mut Tally) -> Result<(), Failure> {
    for (query, key) in head.query.iter().zip(&head.key) {
        invariant.reads_only(query, || "the query".to_string(), |holds| holds == Holds::Offset(file) || holds == Holds::One)?;
        invariant.reads_only(key, || "the key".to_string(), |holds| matches!(holds, Holds::Index | Holds::IndexSquared | Holds::One))?;
    }
    let dimension = |(query, key): (&Linear, &Linear)| Dimension {
        quadratic: invariant.weight(key, Holds::IndexSquared),
        linear: invariant.weight(key, Holds::Index),
        slope: invariant.weight(query, Holds::Offset(file)),
        constant: invariant.weight(query, Holds::One),
    };
    let dimensions: Vec<Dimension> = head.query.iter().zip(&head.key).map(dimension).collect();
    let last = FILE_CAPACITY as i64;
    let mark = head.key.iter().map(|key| invariant.weight(key, Holds::One)).collect();
    let class = Class { name: "the file's".to_string(), mark, numbers: (0, last), role: Role::Wanted };
    check(&dimensions, (0, last), &[class], tally).map_err(|Wrong { wanted, number, .. }| {
        let situation = Situation::File { file, offset: wanted, found: number };
        Failure::at(situation, format!("for the offset {wanted}, the file's row of offset {number} can win"))
    })
}

/// Discharges what the attention of layers 5 to 7 must do.
pub(super) fn prove(log: &mut Log, invariant: &Invariant, network: &Network, lanes: &ByToken) -> Result<Found, Box<Refutation>> {
    let mut found = Vec::new();
    for layer in 5..=7 {
        let heads = &network.layers[layer].heads;
        let statement = format!("the heads of layer {layer} write only what its attention sets");
        let name = format!("layer {layer}: lanes written");
        let writing = log.discharge((Kind::Induction, Method::Enumeration), name, statement, |tally| {
            let is_kind = |kind| if layer == 7 { matches!(kind, Attention::Cross(_)) } else { kind == Attention::HardMax };
            let writing = writing(invariant, heads, layer, is_kind)?;
            tally.cases += writing.len() as u64;
            Ok(writing)
        })?;
        for (index, head) in &writing {
            let statement = match (layer, head.kind) {
                (5, _) => "if a row wrote the operand's local, it chooses the latest such row".to_string(),
                (6, _) => "if a row wrote the cell at top plus operand, it chooses the latest such row".to_string(),
                (_, kind) => format!("it chooses the row of the file's offset ({kind})"),
            };
            log.discharge((Kind::Retrieval, Method::Enumeration), format!("layer {layer}, head {index}"), statement, |tally| {
                match (layer, head.kind) {
                    (5, _) => local(invariant, lanes, head, tally),
                    (6, _) => cell(invariant, lanes, head, tally),
                    (_, Attention::Cross(of)) if head.writes().all(|(lane, ..)| invariant.holds(lane) == Holds::FileByte(of)) => {
                        file(invariant, head, of, tally)
                    }
                    _ => Err(Failure::new("it writes lanes that are not of its file")),
                }
            })?;
        }
        let statement = match layer {
            5 | 6 => "the value is the chosen row's byte; the tag is a function of what the row's previous instruction wrote, and where",
            _ => "the value is the chosen row's byte",
        };
        log.discharge((Kind::Induction, Method::Enumeration), format!("layer {layer}: values"), statement, |tally| {
            for lane in 0..network.d_model {
                let holds = invariant.holds(lane);
                let is_set = matches!(
                    (layer, holds),
                    (5, Holds::LocalValue | Holds::LocalTag) | (6, Holds::CellValue | Holds::CellTag) | (7, Holds::FileByte(_))
                );
                if !is_set {
                    continue;
                }
                let retrieved = retrieved(invariant, &network.tokens, lanes, &writing, lane)?;
                match holds {
                    Holds::LocalTag | Holds::CellTag => {
                        if retrieved.token.iter().any(|own| *own != 0) {
                            return Err(Failure::new(format!("the lane {} depends on the row's token", invariant.name(lane))));
                        }
                        tally.cases += retrieved.previous.len() as u64;
                    }
                    _ => tally.cases += retrieved.expect(invariant.name(lane), i64::from)?,
                }
                found.push((holds, retrieved));
            }
            Ok(())
        })?;
    }
    let mut of = |holds: Holds| {
        let place = found.iter().position(|(of, _)| *of == holds).expect("each lane was retrieved");
        found.swap_remove(place).1
    };
    Ok(Found { local: [Holds::LocalValue, Holds::LocalTag].map(&mut of), cell: [Holds::CellValue, Holds::CellTag].map(&mut of) })
}
