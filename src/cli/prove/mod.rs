//! `wasmformer prove`.

mod byte;
mod full;

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::engines::machine_of_weights;
use super::files::write_file;
use super::jobs::Jobs;
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::load::LanguageName;
use crate::prove::certificate::Certificate;
use crate::prove::{Method, Proof};
use crate::transformer::{Model, Number};

#[derive(Args)]
pub(super) struct Prove {
    /// The machine whose weights are proved [default: byte, or that of the weights given]. The stock machine
    /// is not proved: its attention is a softmax, and its embedding rotates
    #[arg(long, value_enum)]
    machine: Option<LanguageName>,
    /// Prove the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Write a certificate to this file: every obligation with its method, cases and time, as JSON
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Instead, try to prove changed weights. Of the byte machine: this many of those that `mutate` says some
    /// program notices, all of which must be refuted, and all of those that it says are equivalent. Of the
    /// full machine: this many of all; no program of `mutate` may notice one that is proved
    #[arg(long, value_name = "N", conflicts_with_all = ["weights", "certificate"])]
    mutants: Option<u32>,
    /// The seed by which the mutants are chosen
    #[arg(long, value_name = "S", default_value_t = 0, requires = "mutants")]
    seed: u64,
    #[command(flatten)]
    jobs: Jobs,
}

impl Prove {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let machine = match (self.machine, self.weights.as_deref()) {
            (Some(machine), _) => machine,
            (None, Some(folder)) => machine_of_weights(folder)?,
            (None, None) => LanguageName::Byte,
        };
        let start = Instant::now();
        let outcome = match machine {
            LanguageName::Byte => self.byte(out),
            LanguageName::Full => self.full(out),
        };
        complain(&format!("{:.1} s", start.elapsed().as_secs_f64()));
        outcome
    }

    /// Writes the certificate, if one is asked for, and gives the outcome. `program` shows a failure.
    fn certify<T: Number>(&self, proof: &Proof, model: &Model<T>, program: Option<String>) -> Result<Outcome, CliError> {
        if let Some(path) = &self.certificate {
            write_file(path, &Certificate::new(proof, model, program).bytes())?;
        }
        Ok(if proof.holds() { Outcome::Good } else { Outcome::Bad })
    }
}

/// Prints what a proof states and assumes, and its obligations.
fn obligations(proof: &Proof, out: &mut dyn Write) -> Result<(), CliError> {
    writeln!(out, "theorem: {}", proof.theorem)?;
    for assumption in proof.assumptions {
        writeln!(out, "assumed: {assumption}")?;
    }
    writeln!(out, "\n{:<12}  {:<11}  {:>9}  obligation", "kind", "method", "cases")?;
    for obligation in &proof.obligations {
        let (kind, method) = (obligation.kind.to_string(), obligation.method.to_string());
        writeln!(out, "{kind:<12}  {method:<11}  {:>9}  {}", obligation.cases, obligation.name)?;
    }
    Ok(())
}

/// The number of obligations that are checked by machine, and of arguments.
fn checked(proof: &Proof) -> (usize, usize) {
    let arguments = proof.obligations.iter().filter(|obligation| obligation.method == Method::Argument).count();
    (proof.obligations.len() - arguments, arguments)
}
