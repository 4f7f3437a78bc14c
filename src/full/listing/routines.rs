//! Routines: code of the machine that a listing holds only if an instruction of the program may call it.
//! Calls of routines do not count towards the limit of calls in progress.

use super::ListingError;
use super::lines::Lowering;
use super::long_division::LongDivision;

/// A routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Routine {
    /// A division that the machine's own division cannot do.
    LongDivision(LongDivision),
    /// A function of the [routines of float instructions](super::floats), by index.
    Float(u32),
    /// A function of the [routines of table instructions](super::tables), by index.
    Table(u32),
}

impl Routine {
    /// Adds the routine's lines.
    pub(super) fn lower(self, l: &mut Lowering<'_>) -> Result<(), ListingError> {
        match self {
            Routine::LongDivision(division) => division.lower(l),
            Routine::Float(function) => l.float_routine(function),
            Routine::Table(function) => l.table_routine(function),
        }
    }
}
