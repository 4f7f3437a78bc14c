//! The figures of a measurement as a file, and their comparison with those of another measurement.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a figure says. The names in a file have the units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The cost of a token at one length of the trace.
    NanosecondsPerToken,
    /// The cost of a token at the longest trace, divided by the cost at the shortest.
    LongestToShortest,
    /// Resident memory at one length of the trace.
    ResidentMemoryBytes,
    /// The time from weights in a folder to a model that can run.
    LoadingMilliseconds,
    /// The speed of generating or of forced passes.
    TokensPerSecond,
    /// The speed in instructions of WebAssembly.
    InstructionsPerSecond,
    /// The number of tokens per instruction of WebAssembly.
    TokensPerInstruction,
    /// The speed of the prompt.
    PromptRowsPerSecond,
    /// The maximum resident memory during a run.
    PeakMemoryBytes,
}

/// How the figures of several programs or lengths become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// They do not: each is compared by itself.
    Each,
    /// The geometric mean: each program counts by its ratio, however fast it is.
    Geometric,
    /// The arithmetic mean.
    Arithmetic,
    /// The highest.
    Highest,
}

impl Quantity {
    /// How figures of this quantity are summarised.
    pub fn summary(self) -> Summary {
        match self {
            Quantity::NanosecondsPerToken | Quantity::LongestToShortest | Quantity::LoadingMilliseconds => Summary::Each,
            Quantity::TokensPerSecond | Quantity::InstructionsPerSecond | Quantity::PromptRowsPerSecond => Summary::Geometric,
            Quantity::TokensPerInstruction => Summary::Arithmetic,
            Quantity::ResidentMemoryBytes | Quantity::PeakMemoryBytes => Summary::Highest,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Quantity::NanosecondsPerToken => "ns per token",
            Quantity::LongestToShortest => "ns per token, longest trace / shortest",
            Quantity::ResidentMemoryBytes => "resident memory",
            Quantity::LoadingMilliseconds => "from weights in a folder to ready, ms",
            Quantity::TokensPerSecond => "tokens/s",
            Quantity::InstructionsPerSecond => "instructions/s",
            Quantity::TokensPerInstruction => "tokens per instruction",
            Quantity::PromptRowsPerSecond => "prompt rows/s",
            Quantity::PeakMemoryBytes => "peak memory",
        })
    }
}

/// A measured number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What the number says.
    pub quantity: Quantity,
    /// The form of the programs, or the engine; empty if there is only one.
    pub form: String,
    /// The program with its number of instructions, or the length of the trace.
    pub of: String,
    /// The number: finite and above zero.
    pub value: f64,
}

impl Figure {
    /// Whether two figures are of the same thing.
    fn is_of(&self, other: &Figure) -> bool {
        self.is_with(other) && self.of == other.of
    }

    /// Whether two figures differ at most in the program or length, and in the number.
    fn is_with(&self, other: &Figure) -> bool {
        (self.quantity, &self.form) == (other.quantity, &other.form)
    }
}

/// All figures of a measurement of one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The version of this package.
    pub wasmformer: String,
    /// The machine's name.
    pub machine: String,
    /// The passes: indexed or compiled.
    pub passes: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// Why a file is not a measurement.
#[derive(Debug, Error)]
pub enum MeasurementError {
    /// The file is not JSON of the expected form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A number cannot have been measured: its index among the figures, and the number.
    #[error("figure {0}, counted from 0, is {1}; a figure is above 0")]
    Number(usize, f64),
}

impl Measurement {
    /// A measurement of this build, without figures yet.
    pub fn new(machine: String, passes: &str) -> Measurement {
        Measurement { wasmformer: env!("CARGO_PKG_VERSION").to_string(), machine, passes: passes.to_string(), figures: Vec::new() }
    }

    /// Adds a figure. A number that says nothing is left out: infinite, where no time passed, or zero.
    pub fn add(&mut self, quantity: Quantity, form: &str, of: &str, value: f64) {
        if is_figure(value) {
            self.figures.push(Figure { quantity, form: form.to_string(), of: of.to_string(), value });
        }
    }

    /// Reads a measurement.
    ///
    /// # Errors
    /// Where the text is not one.
    pub fn parse(json: &[u8]) -> Result<Measurement, MeasurementError> {
        let measurement: Measurement = serde_json::from_slice(json)?;
        match measurement.figures.iter().enumerate().find(|(_, figure)| !is_figure(figure.value)) {
            Some((index, figure)) => Err(MeasurementError::Number(index, figure.value)),
            None => Ok(measurement),
        }
    }

    /// Compares this measurement with a baseline. Only figures that both have count, so that means are of the
    /// same programs.
    pub fn compare(&self, baseline: &Measurement) -> Comparison {
        let counterpart = |figure: &Figure| baseline.figures.iter().find(|other| other.is_of(figure));
        let pairs: Vec<(&Figure, f64)> = self.figures.iter().filter_map(|figure| Some((figure, counterpart(figure)?.value))).collect();
        let mut rows: Vec<Row> = Vec::new();
        let mut first_of_each: Vec<&Figure> = Vec::new();
        for (figure, before) in &pairs {
            if figure.quantity.summary() == Summary::Each {
                rows.push(Row::of(figure, figure.of.clone(), *before, figure.value));
            } else if !first_of_each.iter().any(|first| first.is_with(figure)) {
                first_of_each.push(figure);
                let alike = || pairs.iter().filter(|(other, _)| other.is_with(figure));
                let summary = figure.quantity.summary();
                let of = match (alike().count(), summary) {
                    (1, _) => figure.of.clone(),
                    (count, Summary::Geometric) => format!("geometric mean of {count}"),
                    (count, Summary::Arithmetic) => format!("mean of {count}"),
                    (count, _) => format!("highest of {count}"),
                };
                let before = summarised(summary, alike().map(|(_, before)| *before));
                rows.push(Row::of(figure, of, before, summarised(summary, alike().map(|(other, _)| other.value))));
            }
        }
        let alone =
            |figures: &[Figure], others: &[Figure]| figures.iter().filter(|figure| !others.iter().any(|other| other.is_of(figure))).count();
        Comparison { rows, only_baseline: alone(&baseline.figures, &self.figures), only_now: alone(&self.figures, &baseline.figures) }
    }
}

fn is_figure(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

fn summarised(summary: Summary, values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count() as f64;
    match summary {
        Summary::Geometric => (values.map(f64::ln).sum::<f64>() / count).exp(),
        Summary::Arithmetic => values.sum::<f64>() / count,
        Summary::Highest | Summary::Each => values.fold(0.0, f64::max),
    }
}

/// What a baseline and a new measurement say of the same thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the numbers say.
    pub quantity: Quantity,
    /// The form of the programs, or the engine; empty if there is only one.
    pub form: String,
    /// The program, the length of the trace, or how several were summarised.
    pub of: String,
    /// The baseline's number.
    pub baseline: f64,
    /// The new number.
    pub now: f64,
}

impl Row {
    fn of(figure: &Figure, of: String, baseline: f64, now: f64) -> Row {
        Row { quantity: figure.quantity, form: figure.form.clone(), of, baseline, now }
    }

    /// The new number divided by the baseline's.
    pub fn ratio(&self) -> f64 {
        self.now / self.baseline
    }
}

/// A measurement beside a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What both have.
    pub rows: Vec<Row>,
    /// The number of figures that only the baseline has.
    pub only_baseline: usize,
    /// The number of figures that only the new measurement has.
    pub only_now: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(figures: &[(Quantity, &str, &str, f64)]) -> Measurement {
        let mut measurement = Measurement::new("full".to_string(), "indexed");
        figures.iter().for_each(|(quantity, form, of, value)| measurement.add(*quantity, form, of, *value));
        measurement
    }

    /// What, of what, before, now, ratio.
    fn told(comparison: &Comparison) -> Vec<(String, &str, f64, f64, f64)> {
        let rounded = |number: f64| (number * 1e6).round() / 1e6;
        let row = |row: &'_ Row| (format!("{}, {}", row.quantity, row.form), rounded(row.baseline), rounded(row.now), rounded(row.ratio()));
        comparison.rows.iter().map(|each| (row(each), &each.of[..])).map(|((what, a, b, ratio), of)| (what, of, a, b, ratio)).collect()
    }

    #[test]
    fn what_both_have_is_summarised_as_its_quantity_wants() {
        use Quantity::{NanosecondsPerToken, PeakMemoryBytes, TokensPerInstruction, TokensPerSecond};
        let before = measured(&[
            (NanosecondsPerToken, "", "after 10 tokens", 50.0),
            (NanosecondsPerToken, "", "after 100 tokens", 60.0),
            (TokensPerSecond, "fused", "a", 100.0),
            (TokensPerSecond, "fused", "b", 400.0),
            (TokensPerSecond, "plain", "a", 7.0),
            (TokensPerInstruction, "fused", "a", 1.0),
            (TokensPerInstruction, "fused", "b", 2.0),
            (PeakMemoryBytes, "fused", "a", 5.0),
            (PeakMemoryBytes, "fused", "b", 9.0),
        ]);
        let now = measured(&[
            (NanosecondsPerToken, "", "after 10 tokens", 25.0),
            (NanosecondsPerToken, "", "after 100 tokens", 60.0),
            (TokensPerSecond, "fused", "b", 200.0),
            (TokensPerSecond, "fused", "a", 800.0),
            (TokensPerSecond, "plain", "a", 14.0),
            (TokensPerInstruction, "fused", "a", 1.0),
            (TokensPerInstruction, "fused", "b", 5.0),
            (PeakMemoryBytes, "fused", "a", 8.0),
            (PeakMemoryBytes, "fused", "b", 3.0),
        ]);
        let comparison = now.compare(&before);
        assert_eq!((comparison.only_baseline, comparison.only_now), (0, 0));
        let row = |what: &str, of, before, now, ratio| (what.to_string(), of, before, now, ratio);
        assert_eq!(
            told(&comparison),
            [
                row("ns per token, ", "after 10 tokens", 50.0, 25.0, 0.5),
                row("ns per token, ", "after 100 tokens", 60.0, 60.0, 1.0),
                row("tokens/s, fused", "geometric mean of 2", 200.0, 400.0, 2.0),
                row("tokens/s, plain", "a", 7.0, 14.0, 2.0),
                row("tokens per instruction, fused", "mean of 2", 1.5, 3.0, 2.0),
                row("peak memory, fused", "highest of 2", 9.0, 8.0, 0.888_889),
            ]
        );
    }

    #[test]
    fn what_only_one_side_has_is_counted_and_in_no_mean() {
        let of = |figures: &[(&str, f64)]| {
            measured(&figures.iter().map(|(of, value)| (Quantity::TokensPerSecond, "", *of, *value)).collect::<Vec<_>>())
        };
        let comparison = of(&[("a", 3.0), ("c", 1e9)]).compare(&of(&[("a", 2.0), ("b", 1e-9), ("d", 1e-9)]));
        assert_eq!(told(&comparison), [("tokens/s, ".to_string(), "a", 2.0, 3.0, 1.5)]);
        assert_eq!((comparison.only_baseline, comparison.only_now), (2, 1));
        let apart = of(&[("a", 3.0)]).compare(&of(&[]));
        assert_eq!(apart, Comparison { rows: Vec::new(), only_baseline: 0, only_now: 1 });
    }

    #[test]
    fn a_file_is_read_as_it_was_written_or_refused() {
        let measurement = measured(&[
            (Quantity::LoadingMilliseconds, "", "", 0.1 + 0.2),
            (Quantity::TokensPerSecond, "", "no time passed", f64::INFINITY),
            (Quantity::TokensPerSecond, "", "no token", 0.0),
        ]);
        let json = serde_json::to_string(&measurement).unwrap();
        assert_eq!(Measurement::parse(json.as_bytes()).unwrap(), measurement);
        assert_eq!(measurement.figures.len(), 1);
        let refused = |from: &str, to: &str| Measurement::parse(json.replace(from, to).as_bytes()).unwrap_err().to_string();
        assert_eq!(refused("0.30000000000000004", "-0.5"), "figure 0, counted from 0, is -0.5; a figure is above 0");
        assert!(refused("loading_milliseconds", "loading").starts_with("unknown variant `loading`"));
        assert!(refused("\"passes\"", "\"ways\"").starts_with("missing field `passes`"));
    }
}
