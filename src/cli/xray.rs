//! `wasmformer xray`.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;

use super::engines::{Commanded, load, machine_of_weights};
use super::files::write_file;
use super::full::{Invocation, Invoked};
use super::results::Results;
use super::{CliError, Outcome};
use crate::harness::{Case, byte};
use crate::load::{LanguageName, Program, load_bytes};
use crate::studio::picture;
use crate::studio::why::{self, Term};
use crate::studio::xray::{Candidate, Examiner, HeadRay, XRay};
use crate::transformer::Attention;
use crate::wasm::Bytes;

#[derive(Args)]
pub(super) struct XrayArgs {
    /// The program, .wat or .wasm; - is standard input
    file: PathBuf,
    /// Show only this token, counted from 0, instead of all tokens. In the byte language each step is one
    /// token
    #[arg(long, value_name = "N")]
    step: Option<usize>,
    /// The machine [default: the smallest machine that can run the program]
    #[arg(long, alias = "model", value_enum)]
    machine: Option<LanguageName>,
    /// Run the weights in this folder instead of the compiled weights
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Print JSON, one token per line
    #[arg(long)]
    json: bool,
    /// Draw the step as a picture, and print nothing
    #[arg(long, value_name = "FILE", requires = "step", conflicts_with = "json")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    invocation: Invocation,
}

impl XrayArgs {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let machine = match (self.machine, self.weights.as_deref()) {
            (None, Some(weights)) => Some(machine_of_weights(weights)?),
            (machine, _) => machine.or(self.invocation.is_given().then_some(LanguageName::Full)),
        };
        let bytes = Bytes::read(&self.file)?;
        match load_bytes(&bytes, machine)? {
            Program::Byte(module) => {
                let files = module.header.files();
                self.show(byte::Case::new(&module.program, &files), out)
            }
            Program::Full(file) => {
                let invoked = Invoked::load(&self.file, &bytes.source, *file, &self.invocation)?;
                self.show(invoked.case(invoked.loaded.header.input()), out)
            }
        }
    }

    fn show<L: Commanded>(&self, case: Case<'_, L>, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let machine = match &self.weights {
            Some(weights) => Examiner::<L>::of(load::<L>(weights)?),
            None => Examiner::compiled(),
        };
        match (&self.svg, self.step) {
            (Some(path), Some(step)) => draw(&machine, case, step, path),
            _ => print(&machine, case, self.step, self.json, out),
        }
    }
}

/// Draws one step.
fn draw<L: Commanded>(machine: &Examiner<L>, case: Case<'_, L>, step: usize, path: &Path) -> Result<Outcome, CliError> {
    let mut tokens = Vec::new();
    let mut picture = None;
    let steps = machine.examine(
        case,
        |index| index <= step,
        |xray, prompt_row| {
            tokens.push(L::token_name(xray.token));
            if xray.step < step {
                return ControlFlow::Continue(());
            }
            let row = |row: usize| match row.checked_sub(xray.row - xray.step + 1) {
                Some(earlier) => format!("{} (token of step {earlier})", tokens[earlier]),
                None => prompt_row(row),
            };
            picture = Some(picture::step(&xray, &picture::Names { row: &row, token: L::token_name }));
            ControlFlow::Break(())
        },
    )?;
    let Some(picture) = picture else { return Err(no_step(step, steps)) };
    write_file(path, &picture)?;
    Ok(Outcome::Good)
}

fn no_step(step: usize, steps: usize) -> CliError {
    CliError::Usage(format!("there is no step {step}: the run has steps 0 to {}", steps - 1))
}

/// Prints the X-ray of one token, or of every one.
pub(super) fn print<L: Commanded>(
    machine: &Examiner<L>,
    case: Case<'_, L>,
    step: Option<usize>,
    json: bool,
    out: &mut Results<'_>,
) -> Result<Outcome, CliError> {
    let stop = out.stop().clone();
    let mut written = Ok(());
    let mut shown = 0;
    let steps = machine.examine(
        case,
        |index| step.is_none_or(|wanted| wanted == index),
        |xray, prompt_row| {
            shown += 1;
            written = if json {
                serde_json::to_string(&xray).map_err(io::Error::from).and_then(|line| writeln!(out, "{line}"))
            } else {
                text(out, machine, &xray, prompt_row)
            };
            if written.is_err() || step.is_some() { ControlFlow::Break(()) } else { stop.flow() }
        },
    )?;
    written?;
    match step {
        Some(step) if shown == 0 => Err(no_step(step, steps)),
        _ => Ok(Outcome::Good),
    }
}

/// The X-ray for people: heads with what they attended to, neurons whose gates are open, the lanes that
/// changed, and why the token was chosen.
fn text<L: Commanded>(out: &mut dyn Write, machine: &Examiner<L>, xray: &XRay, prompt_row: &dyn Fn(usize) -> String) -> io::Result<()> {
    let token = L::token_name;
    let circuit = machine.circuit();
    writeln!(out, "step {}  pc {}  {}  → {}  (row {})", xray.step, xray.pc, xray.instruction, token(xray.token), xray.row)?;
    let names: Vec<&str> = circuit.lanes().iter().map(|lane| &lane.name[..]).collect();
    let held: Vec<String> = names.iter().zip(&xray.embedding).filter(|(_, x)| **x != 0).map(|(name, x)| format!("{name} {x}")).collect();
    writeln!(out, "\nembedding\n  {}", held.join(", "))?;
    let mut before = &xray.embedding;
    for (index, layer) in xray.layers.iter().enumerate() {
        writeln!(out, "\nlayer {index}")?;
        for head in &layer.heads {
            writeln!(out, "  head    {:<38}  {}", head.name, attention(head, xray, prompt_row))?;
        }
        changes(out, &names, before, &layer.attention)?;
        let shut = layer.neurons.iter().filter(|neuron| neuron.gate <= 0).count();
        for neuron in layer.neurons.iter().filter(|neuron| neuron.gate > 0) {
            writeln!(out, "  neuron  {:<38}  gate {} · value {} = {}", neuron.name, neuron.gate, neuron.value, neuron.output)?;
        }
        if shut > 0 {
            writeln!(out, "          {shut} of {} gates shut", layer.neurons.len())?;
        }
        changes(out, &names, &layer.attention, &layer.ffn)?;
        before = &layer.ffn;
    }
    let mut logits: Vec<(usize, i64)> = xray.logits.iter().copied().enumerate().collect();
    logits.sort_by_key(|(id, logit)| (-logit, *id));
    let highest: Vec<String> = logits.iter().take(5).map(|(id, logit)| format!("{} {logit}", token(*id))).collect();
    writeln!(out, "\nlogits, highest first\n  {}", highest.join(", "))?;
    let best: Vec<usize> = logits.iter().take(2).map(|(id, _)| *id).collect();
    reasons(out, machine, &names, xray, &best)?;
    writeln!(out)
}

/// The logits of the best tokens as sums over lanes, and each lane that they read as a sum of what was
/// written to it.
fn reasons<L: Commanded>(out: &mut dyn Write, machine: &Examiner<L>, names: &[&str], xray: &XRay, best: &[usize]) -> io::Result<()> {
    writeln!(out, "\nwhy {}", L::token_name(xray.token))?;
    let mut lanes = BTreeSet::new();
    for token in best {
        let terms = why::logit(machine.model(), xray, *token).into_iter().map(|Term { lane, weight, value }| {
            let by = if weight.abs() == 1 { String::new() } else { format!(", times {}", weight.abs()) };
            (weight * value, format!("{}{by}", names[lane]))
        });
        writeln!(out, "  logit of {} = {}", L::token_name(*token), sum(terms, xray.logits[*token]))?;
        lanes.extend(why::read(machine.model(), *token));
    }
    for lane in lanes {
        let written = why::written(machine.model(), xray, lane);
        if !written.is_empty() {
            let embedded = Some((xray.embedding[lane], "the embedding".to_string())).filter(|(amount, _)| *amount != 0);
            let added = written.iter().map(|added| (added.amount, format!("{}, layer {}", added.name, added.layer)));
            let value = xray.layers.last().map_or(&xray.embedding, |layer| &layer.ffn)[lane];
            writeln!(out, "  {} = {}", names[lane], sum(embedded.into_iter().chain(added), value))?;
        }
    }
    Ok(())
}

/// Amounts with what they come from, as a sum with its value.
fn sum(parts: impl IntoIterator<Item = (i64, String)>, value: i64) -> String {
    let mut text = String::new();
    for (amount, name) in parts {
        let sign = match (text.is_empty(), amount < 0) {
            (true, false) => "",
            (true, true) => "−",
            (false, false) => " + ",
            (false, true) => " − ",
        };
        text += &format!("{sign}{} ({name})", amount.abs());
    }
    if text.is_empty() { value.to_string() } else { format!("{text} = {value}") }
}

fn attention(head: &HeadRay, xray: &XRay, prompt_row: &dyn Fn(usize) -> String) -> String {
    let Some(Candidate { row, key, score, value }) = &head.attended else {
        return format!("sum over {} rows: {:?}", head.rows, head.result);
    };
    let place = match head.kind {
        Attention::Cross(store) => format!("offset {row} of file {store}"),
        _ => place(*row, xray, prompt_row),
    };
    let beaten = match &head.runner_up {
        Some(next) => format!("next lower {} at row {}", next.score, next.row),
        None => "no row scores lower".to_string(),
    };
    let tied = if head.tied > 0 { format!(", {} earlier tied", head.tied) } else { String::new() };
    format!("{place}: query {:?} · key {key:?} = {score}, {beaten}{tied}; value {value:?}", head.query)
}

/// What a row of the sequence is: the prompt's rows come first, the last of them emits token 0.
fn place(row: usize, xray: &XRay, prompt_row: &dyn Fn(usize) -> String) -> String {
    match row.checked_sub(xray.row - xray.step + 1) {
        Some(step) => format!("row {row} (step {step}'s token)"),
        None => format!("row {row} ({})", prompt_row(row)),
    }
}

fn changes(out: &mut dyn Write, names: &[&str], before: &[i64], after: &[i64]) -> io::Result<()> {
    let lanes = names.iter().zip(before.iter().zip(after)).filter(|(_, (before, after))| before != after);
    let changed: Vec<String> = lanes.map(|(name, (before, after))| format!("{name} {before} → {after}")).collect();
    if changed.is_empty() { Ok(()) } else { writeln!(out, "  lanes   {}", changed.join(", ")) }
}
