//! A measurement as a file, and the table that compares it with an earlier one.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{megabytes, thousands};
use crate::cli::CliError;
use crate::cli::files::write_file;
use crate::file::{ReadFault, read_bounded};
use crate::harness::bench::figures::{Measurement, Quantity, Row};
use crate::load::LanguageName;
use crate::shown;

/// The maximum size of a baseline in bytes. A measurement of all programs has less than a tenth of it.
const MAX_FILE: u64 = 1 << 20;

/// An earlier measurement to compare with.
pub(super) struct Baseline {
    path: PathBuf,
    measurement: Measurement,
}

impl Baseline {
    /// Reads a baseline for a machine.
    pub(super) fn read(path: &Path, machine: LanguageName) -> Result<Baseline, CliError> {
        let refused = |reason: String| CliError::Usage(format!("{}: {reason}", shown::path(path)));
        let bytes = File::open(path).map_err(ReadFault::Io).and_then(|file| read_bounded(file, MAX_FILE));
        let bytes = bytes.map_err(|fault| match fault {
            ReadFault::Io(error) => refused(format!("cannot be read: {error}")),
            ReadFault::TooLong => refused(format!("not a measurement that --save wrote: has more than {MAX_FILE} bytes")),
        })?;
        let measurement = Measurement::parse(&bytes)
            .map_err(|error| refused(format!("not a measurement that --save wrote: {}", shown::message(&error.to_string()))))?;
        if measurement.machine != machine.to_string() {
            let other = shown::shown(&measurement.machine);
            return Err(refused(format!("measured on the machine {other}, and cannot be compared with the machine {machine}")));
        }
        Ok(Baseline { path: path.to_path_buf(), measurement })
    }

    /// Prints the figures that a new measurement has too, side by side.
    pub(super) fn compare(&self, now: &Measurement, out: &mut dyn Write) -> Result<(), CliError> {
        let comparison = now.compare(&self.measurement);
        let build = |of: &Measurement| format!("wasmformer {}, {} passes", shown::shown(&of.wasmformer), shown::shown(&of.passes));
        writeln!(out, "\nThe baseline is {}: {}. Now: {}.\n", shown::path(&self.path), build(&self.measurement), build(now))?;
        writeln!(out, "| figure | of | baseline | now | now / baseline |")?;
        writeln!(out, "| --- | --- | ---: | ---: | ---: |")?;
        for row in &comparison.rows {
            let Row { quantity, form, of, baseline, now } = row;
            let figure = if form.is_empty() { quantity.to_string() } else { format!("{quantity}, {form}") };
            let [baseline, now] = [baseline, now].map(|value| shown_as(*quantity, *value));
            writeln!(out, "| {figure} | {of} | {baseline} | {now} | {:.2} |", row.ratio())?;
        }
        writeln!(
            out,
            "\nMeans are of what both measured. Without a counterpart: {} figures of the baseline, {} of this run.",
            comparison.only_baseline, comparison.only_now
        )?;
        Ok(())
    }
}

/// Writes a measurement, for a later run to compare with.
pub(super) fn save(path: &Path, measurement: &Measurement) -> Result<(), CliError> {
    let json = serde_json::to_string_pretty(measurement).map_err(|error| CliError::Usage(error.to_string()))?;
    write_file(path, &(json + "\n"))
}

/// A number with the digits that its quantity has elsewhere in the output.
fn shown_as(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::NanosecondsPerToken => format!("{value:.0}"),
        Quantity::LongestToShortest | Quantity::TokensPerInstruction => format!("{value:.2}"),
        Quantity::LoadingMilliseconds => format!("{value:.1}"),
        Quantity::ResidentMemoryBytes | Quantity::PeakMemoryBytes => megabytes(Some(value as u64)),
        Quantity::TokensPerSecond | Quantity::InstructionsPerSecond | Quantity::PromptRowsPerSecond => thousands(value as u64),
    }
}
