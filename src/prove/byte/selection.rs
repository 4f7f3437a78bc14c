//! Instructions that report a byte from a local, a cell or a file: the byte counts once where the row that
//! was found is the wanted one, and not at all elsewhere.

use std::collections::BTreeMap;

use super::attention::{Retrieved, previous};
use super::invariant::BYTE;
use super::neurons::Open;
use super::ranges::Ranges;
use super::situation::Situation;
use super::steps::{Ends, name};
use crate::byte::isa::Op;
use crate::byte::profile::{CELLS, FILES};
use crate::prove::Failure;
use crate::prove::obligation::Tally;

/// A row that can be found: its tag, and the number of the local or cell that it wrote, if it wrote one.
#[derive(Clone, Copy, Debug)]
struct Row {
    tag: i64,
    wrote: Option<i64>,
    /// Base and operand of what it wrote.
    place: (i64, i64),
}

/// What instructions ask for: its number, and what it adds to each neuron's gate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    number: i64,
    gates: Vec<i64>,
}

/// `local.get` and `i32.load`.
pub(super) fn place(
    ranges: Ranges<'_>,
    ends: &mut Ends<'_>,
    open: &[Open],
    tag: &Retrieved,
    writes: fn(Option<Op>) -> bool,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let is_cell = ends.op == Op::I32Load;
    if let Some(open) = open.iter().find(|open| open.value.values.len() != 1 || reads_more(open) || (open.gate.reads_top() && !is_cell)) {
        return Err(Failure::new(format!("neuron {} does not select one value", open.index)));
    }
    debug_assert!(ranges.found.local[0].is_by_token() && ranges.found.cell[0].is_by_token());
    let rows = rows(tag, writes, is_cell);
    let asked = asked(open, is_cell);
    // Whether a count of the value gives the right token for all bytes: by count, and whether the row
    // matches.
    let mut fine: BTreeMap<(i128, bool), bool> = BTreeMap::new();
    for (Asked { number, gates }, (top, operand)) in &asked {
        for row in &rows {
            let count = |(open, gate): (&Open, &i64)| {
                let gate = i128::from(*gate) + i128::from(open.gate.tag) * i128::from(row.tag);
                gate.max(0) * i128::from(open.value.values[0].1) * i128::from(open.weight)
            };
            let count: i128 = open.iter().zip(gates).map(count).sum();
            let is_wanted = row.wrote == Some(*number);
            tally.cases += 1;
            let is_fine = match fine.get(&(count, is_wanted)) {
                Some(is_fine) => *is_fine,
                None => {
                    let is_fine = counts_right(ends, count, is_wanted, is_cell)?;
                    fine.insert((count, is_wanted), is_fine);
                    is_fine
                }
            };
            if !is_fine {
                let situation = if is_cell {
                    Situation::Cell { base: *top, offset: *operand, found: row.place }
                } else {
                    Situation::Local { local: *operand, found: row.place.1 }
                };
                let found = row.wrote.map_or("a row that wrote none".to_string(), |wrote| format!("a row that wrote {wrote}"));
                return Err(Failure::at(
                    situation,
                    format!("for {number} and {found}, with the tag {}, the value counts {count} times", row.tag),
                ));
            }
        }
    }
    Ok(())
}

/// Whether a value that counts so many times gives the right token, for all bytes: itself if the row is the
/// wanted one, else 0.
fn counts_right(ends: &mut Ends<'_>, count: i128, is_wanted: bool, is_cell: bool) -> Result<bool, Failure> {
    for byte in 0..=BYTE {
        let value = count * i128::from(byte);
        let token = ends.token(0, if is_cell { [0, value, 0] } else { [value, 0, 0] })?;
        if token as i64 != if is_wanted { byte } else { 0 } {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a neuron depends on more than what selects a value.
fn reads_more(open: &Open) -> bool {
    let value = &open.value;
    let of_value = value.constant != 0 || value.operand != 0 || value.tag != 0 || value.reads_top() || value.reads_second();
    of_value || open.gate.reads_second() || !open.gate.values.is_empty()
}

/// All rows that can be found. Rows that differ neither by their tag nor by what they wrote are one.
fn rows(tag: &Retrieved, writes: fn(Option<Op>) -> bool, is_cell: bool) -> Vec<Row> {
    let all = || (0..=BYTE).flat_map(|base| (0..=BYTE).map(move |operand| (base, operand)));
    let places: Vec<(i64, i64)> = match is_cell {
        // Where the tag is a function of the sum, one base and operand for each sum are enough.
        true if tag.written == tag.base => (0..CELLS as i64).map(|address| (address.min(BYTE), address - address.min(BYTE))).collect(),
        false if tag.base == 0 => (0..=BYTE).map(|operand| (0, operand)).collect(),
        _ => all().collect(),
    };
    let mut rows = BTreeMap::new();
    for (mark, op) in tag.previous.iter().zip(previous()) {
        for (base, operand) in &places {
            let wrote = writes(op).then_some(if is_cell { base + operand } else { *operand });
            let tag = mark + tag.written * operand + tag.base * base;
            rows.entry((tag, wrote)).or_insert(Row { tag, wrote, place: (*base, *operand) });
        }
    }
    rows.into_values().collect()
}

/// All that an instruction can ask for, each with a top and an operand that ask for it.
fn asked(open: &[Open], is_cell: bool) -> BTreeMap<Asked, (i64, i64)> {
    let mut asked = BTreeMap::new();
    for top in if is_cell { 0..=BYTE } else { 0..=0 } {
        for operand in 0..=BYTE {
            let gates = open.iter().map(|open| open.gate.constant + open.gate.top[top as usize] + open.gate.operand * operand).collect();
            asked.entry(Asked { number: top + operand, gates }).or_insert((top, operand));
        }
    }
    asked
}

/// `fd_read`.
pub(super) fn files(ends: &mut Ends<'_>, open: &[Open], tally: &mut Tally) -> Result<(), Failure> {
    if let Some(open) = open.iter().find(|open| reads_more(open) || open.gate.tag != 0 || open.gate.operand != 0) {
        return Err(Failure::new(format!("neuron {} does not select bytes of files", open.index)));
    }
    for descriptor in 0..FILES {
        // How many times each file's byte counts.
        let mut counts = [0i128; FILES];
        for open in open {
            let gate = i128::from(open.gate.on(descriptor, 0, 0)).max(0);
            for (holds, weight) in &open.value.values {
                if let super::invariant::Holds::FileByte(file) = holds {
                    counts[*file] += gate * i128::from(*weight) * i128::from(open.weight);
                }
            }
        }
        for (file, count) in counts.into_iter().enumerate() {
            tally.cases += 1;
            if count != i128::from(file == descriptor) {
                let situation = Situation::File { file: descriptor, offset: 0, found: 0 };
                return Err(Failure::at(
                    situation,
                    format!("for the descriptor {descriptor}, the byte of file {file} counts {count} times"),
                ));
            }
        }
        for byte in 0..=BYTE {
            tally.cases += 1;
            let token = ends.token(0, [0, 0, byte.into()])?;
            if token as i64 != byte {
                let situation = Situation::File { file: descriptor, offset: 0, found: 0 };
                return Err(Failure::at(situation, format!("for the byte {byte}, the token is {}", name(Some(token)))));
            }
        }
    }
    Ok(())
}
