//! Access to the residual streams of a run, row by row.

use std::collections::BTreeMap;

use crate::transformer::{Number, Observer, Stage};

/// An observer of each row's residual stream, `[d_model]`, after each stage, with the row's index in the
/// sequence.
pub struct Residuals<'r> {
    see: &'r mut dyn FnMut(usize, Stage, &[f64]),
    /// The number of rows seen after each stage. Engines process rows one by one or in batches, but within
    /// each stage in the order of the rows.
    rows: BTreeMap<Stage, usize>,
}

impl<'r> Residuals<'r> {
    /// Passes residual streams to a closure.
    pub fn new(see: &'r mut dyn FnMut(usize, Stage, &[f64])) -> Residuals<'r> {
        Residuals { see, rows: BTreeMap::new() }
    }

    /// Passes one row's residual stream to the closure.
    pub fn show(&mut self, row: usize, stage: Stage, lanes: &[f64]) {
        (self.see)(row, stage, lanes);
    }
}

impl<T: Number> Observer<T> for Residuals<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[T]) {
        let row = self.rows.entry(stage).or_insert(0);
        let lanes: Vec<f64> = lanes.iter().map(|lane| lane.to_f64()).collect();
        (self.see)(*row, stage, &lanes);
        *row += 1;
    }
}
