//! Every instruction that can be used alone, on all pairs of edge operands. Instructions of one float are run
//! on floats from all of their range too. Shifts and rotations are run with
//! every amount, and loads and stores of every width at every alignment and on both sides of the memory's
//! end.

use rayon::prelude::*;

use super::generate::{Generated, one};
use super::{Full, Statistics};
use crate::full::isa::{Op, Row, ValType};
use crate::full::program::Value;
use crate::full::program::limits::PAGE;
use crate::full::vm::numeric;
use crate::harness::engine::Engine;
use crate::harness::generate::Generate;
use crate::harness::soak::judge;
use crate::harness::{EngineError, Stop, Tick};

/// The offsets of accesses.
const OFFSETS: [u32; 5] = [0, 1, 3, PAGE - 8, u32::MAX];

/// Floats per instruction of one float, besides its edges, as a power of two.
const SPREAD: u32 = 10;

/// The maximum number of cases per program. It keeps programs short.
const TOGETHER: usize = 400;

/// The modules that execute one instruction in all its cases.
#[derive(Clone, Debug)]
pub struct Domain {
    /// The instruction.
    pub op: Op,
    /// The modules.
    pub modules: Vec<Part>,
}

/// A module that executes an instruction in some of its cases. A case that traps has a module of its own.
#[derive(Clone, Debug)]
pub struct Part {
    /// The module, in the binary format.
    pub wasm: Vec<u8>,
    /// The number of cases in the module.
    pub cases: usize,
    /// Whether the module traps.
    pub traps: bool,
}

impl Domain {
    /// The number of cases.
    pub fn cases(&self) -> usize {
        self.modules.iter().map(|part| part.cases).sum()
    }

    /// The number of cases that trap.
    pub fn trapping(&self) -> usize {
        self.modules.iter().filter(|part| part.traps).count()
    }

    /// The domain with every `stride`-th module only.
    #[must_use]
    pub fn each(self, stride: usize) -> Domain {
        Domain { modules: self.modules.into_iter().step_by(stride).collect(), ..self }
    }
}

/// The domains of all instructions.
pub fn domains() -> impl Iterator<Item = Domain> {
    one::instructions().map(domain)
}

fn domain(row: &Row) -> Domain {
    let mut domain = Domain { op: row.op, modules: Vec::new() };
    let offsets = if row.accesses() { &OFFSETS[..] } else { &[0] };
    for offset in offsets {
        let (plain, trapping): (Vec<_>, Vec<_>) = operands(row).into_iter().partition(|operands| !traps(row.op, operands, *offset));
        let part = |cases: &[Vec<Value>], traps| Part { wasm: one::module(row.op, cases, *offset), cases: cases.len(), traps };
        domain.modules.extend(plain.chunks(TOGETHER).map(|cases| part(cases, false)));
        domain.modules.extend(trapping.chunks(1).map(|cases| part(cases, true)));
    }
    domain
}

/// All lists of operands of an instruction.
fn operands(row: &Row) -> Vec<Vec<Value>> {
    let mut lists: Vec<Vec<Value>> = vec![Vec::new()];
    for (index, ty) in row.params().unwrap_or_default().iter().enumerate() {
        let values: Vec<Value> = match (row.accesses(), index) {
            (true, 0) => one::ADDRESSES.iter().map(|address| Value::I32(*address as i32)).collect(),
            (true, _) => one::edges(*ty).step_by(5).collect(),
            (false, _) if ty.is_float() && row.pops.len() == 1 => one::edges(*ty).chain(spread(*ty)).collect(),
            (false, 1) if is_shift(row.op) => (0..=66).chain([u64::MAX]).map(|amount| Value::from_bits(*ty, amount)).collect(),
            (false, _) => one::edges(*ty).collect(),
        };
        lists = lists.iter().flat_map(|list| values.iter().map(|value| [&list[..], &[*value]].concat())).collect();
    }
    lists
}

/// Floats at equal distances over all bits of a type.
fn spread(ty: ValType) -> impl Iterator<Item = Value> {
    // Odd, so that the low bits vary too.
    let distance = (1u64 << (ty.bits() - SPREAD)) + 7;
    (0..1u64 << SPREAD).map(move |index| Value::from_bits(ty, index.wrapping_mul(distance)))
}

fn is_shift(op: Op) -> bool {
    use Op::{I32Rotl, I32Rotr, I32Shl, I32ShrS, I32ShrU, I64Rotl, I64Rotr, I64Shl, I64ShrS, I64ShrU};
    matches!(op, I32Shl | I32ShrS | I32ShrU | I32Rotl | I32Rotr | I64Shl | I64ShrS | I64ShrU | I64Rotl | I64Rotr)
}

fn traps(op: Op, operands: &[Value], offset: u32) -> bool {
    match (op, operands) {
        (Op::Unreachable, _) => true,
        (_, [address, ..]) if op.access_width() > 0 => address.bits() + u64::from(offset) + u64::from(op.access_width()) > u64::from(PAGE),
        (Op::MemoryGrow, _) | (_, []) => false,
        _ => numeric::evaluate(op, operands).is_err(),
    }
}

/// Runs a domain on all engines, in parallel on rayon's current pool. Returns the reports of all divergences.
/// `tick` is called after each module. Once it returns a break, no further module is started.
///
/// # Errors
/// Where the first engine cannot run a module at all.
pub fn run(domain: &Domain, engines: &[&(dyn Engine<Full> + Sync)], tick: &Tick<'_>) -> Result<(Statistics, Vec<String>), EngineError> {
    let stop = Stop::default();
    let one = |part: &Part| -> Result<(Statistics, Vec<String>), EngineError> {
        if stop.is_requested() {
            return Ok(Default::default());
        }
        let engines: Vec<&dyn Engine<Full>> = engines.iter().map(|engine| *engine as &dyn Engine<Full>).collect();
        let generated = Generated { wasm: part.wasm.clone(), choices: vec![0], numbers: Vec::new(), input: Vec::new() };
        let mut statistics = Statistics::default();
        let report = judge(&generated, &engines, Full::STEP_LIMIT, &mut statistics)?;
        stop.heed(tick());
        Ok((statistics, report.iter().map(ToString::to_string).collect()))
    };
    domain.modules.par_iter().map(one).try_reduce(Default::default, |mut sum, (statistics, reports)| {
        sum.0.merge(statistics);
        sum.1.extend(reports);
        Ok(sum)
    })
}
