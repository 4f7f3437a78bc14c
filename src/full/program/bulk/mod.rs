//! `memory.copy`, `memory.fill`, `memory.init` and `data.drop`: instructions of WebAssembly 2.0 that become
//! calls of routines. The routines consist of instructions of the profile, so every engine that executes the
//! joined module executes these instructions too.
//!
//! A call of a routine counts towards the limit of calls in progress.

mod segments;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use wasmparser::{Operator, Result};

use super::join::Sections;
use super::{Module, reader};
pub(super) use segments::Segments;

/// An instruction that becomes a call of a routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Bulk {
    /// `memory.copy`
    Copy,
    /// `memory.fill`
    Fill,
    /// `memory.init` of a segment.
    Init(u32),
    /// `data.drop` of a segment.
    Drop(u32),
}

impl Bulk {
    /// The bulk instruction, if the operator is one.
    pub fn of(operator: &Operator<'_>) -> Option<Bulk> {
        match *operator {
            Operator::MemoryCopy { .. } => Some(Bulk::Copy),
            Operator::MemoryFill { .. } => Some(Bulk::Fill),
            Operator::MemoryInit { data_index, .. } => Some(Bulk::Init(data_index)),
            Operator::DataDrop { data_index } => Some(Bulk::Drop(data_index)),
            _ => None,
        }
    }

    /// The bulk instructions of a module, in reachable and unreachable code.
    ///
    /// # Errors
    /// Never for a module that the reader has accepted.
    pub fn all_in(sections: &Sections<'_>) -> Result<BTreeSet<Bulk>> {
        let mut found = BTreeSet::new();
        for body in &sections.bodies {
            for operator in body.get_operators_reader()? {
                found.extend(Bulk::of(&operator?));
            }
        }
        Ok(found)
    }

    /// The name of the routine that is called, directly or by a function made for the instruction.
    pub fn routine(self) -> &'static str {
        match self {
            Bulk::Copy => "memory.copy",
            Bulk::Fill => "memory.fill",
            Bulk::Init(_) => "memory.init",
            Bulk::Drop(_) => "data.drop",
        }
    }
}

/// The module of routines.
pub(super) fn routines() -> &'static Module {
    static MODULE: LazyLock<Module> = LazyLock::new(|| reader::built_in("the routines of bulk instructions", include_str!("routines.wat")));
    &MODULE
}
