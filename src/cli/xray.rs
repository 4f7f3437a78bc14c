//! `wasmformer xray`.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use super::results::Results;
use super::{CliError, Outcome};
use crate::byte::isa::Op;
use crate::byte::program::reader::read_file;
use crate::byte::program::{Files, Program};
use crate::byte::trace::Token;
use crate::circuit::Circuit;
use crate::harness::byte::Case;
use crate::studio::xray::{Candidate, HeadRay, Machine, XRay};
use crate::transformer::Attention;

#[derive(Args)]
pub(super) struct XrayArgs {
    /// The program, .wat or .wasm
    file: PathBuf,
    /// Only this step, counted from 0; without it, every step
    #[arg(long, value_name = "N")]
    step: Option<usize>,
    /// Print JSON, one step a line
    #[arg(long)]
    json: bool,
}

impl XrayArgs {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let module = read_file(&self.file)?;
        print(&Machine::compiled(), &module.program, &module.header.files(), self.step, self.json, out)
    }
}

/// Prints the X-ray of one step, or of every step.
pub(super) fn print(
    machine: &Machine,
    program: &Program,
    files: &Files,
    step: Option<usize>,
    json: bool,
    out: &mut Results<'_>,
) -> Result<Outcome, CliError> {
    let stop = out.stop().clone();
    let mut written = Ok(());
    let mut shown = 0;
    let steps = machine.examine(
        Case::new(program, files),
        |index| step.is_none_or(|wanted| wanted == index),
        |xray| {
            shown += 1;
            written = if json {
                serde_json::to_string(&xray).map_err(io::Error::from).and_then(|line| writeln!(out, "{line}"))
            } else {
                text(out, machine.circuit(), program, &xray)
            };
            if written.is_err() || step.is_some() { ControlFlow::Break(()) } else { stop.flow() }
        },
    )?;
    written?;
    match step {
        Some(step) if shown == 0 => Err(CliError::Usage(format!("there is no step {step}: the run has steps 0 to {}", steps - 1))),
        _ => Ok(Outcome::Good),
    }
}

/// The X-ray for people: heads with what they attended to, neurons whose gates are open, and the lanes that changed.
fn text(out: &mut dyn Write, circuit: &Circuit, program: &Program, xray: &XRay) -> io::Result<()> {
    let token = |id| Token::from_id(id).map_or_else(|| id.to_string(), |token| token.to_string());
    writeln!(out, "step {}  pc {}  {}  → {}  (row {})", xray.step, xray.pc, xray.instruction, token(xray.token), xray.row)?;
    let names: Vec<&str> = circuit.lanes().iter().map(|lane| &lane.name[..]).collect();
    let held: Vec<String> = names.iter().zip(&xray.embedding).filter(|(_, x)| **x != 0).map(|(name, x)| format!("{name} {x}")).collect();
    writeln!(out, "\nembedding\n  {}", held.join(", "))?;
    let mut before = &xray.embedding;
    for (index, layer) in xray.layers.iter().enumerate() {
        writeln!(out, "\nlayer {index}")?;
        for head in &layer.heads {
            writeln!(out, "  head    {:<38}  {}", head.name, attention(head, program, xray))?;
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
    writeln!(out, "\nlogits, highest first\n  {}\n", highest.join(", "))
}

fn attention(head: &HeadRay, program: &Program, xray: &XRay) -> String {
    let Some(Candidate { row, key, score, value }) = &head.attended else {
        return format!("sum over {} rows: {:?}", head.rows, head.result);
    };
    let place = match head.kind {
        Attention::Cross(store) => format!("offset {row} of file {store}"),
        _ => place(*row, program, xray),
    };
    let beaten = match &head.runner_up {
        Some(next) => format!("next lower {} at row {}", next.score, next.row),
        None => "no row scores lower".to_string(),
    };
    let tied = if head.tied > 0 { format!(", {} earlier tied", head.tied) } else { String::new() };
    format!("{place}: query {:?} · key {key:?} = {score}, {beaten}{tied}; value {value:?}", head.query)
}

/// What a row of the sequence is: the prompt's rows come first, the last of them executes step 0.
fn place(row: usize, program: &Program, xray: &XRay) -> String {
    let prompt = xray.row - xray.step;
    let part = match row {
        _ if row > prompt => return format!("row {row} (step {}'s token)", row - prompt - 1),
        0 => return "row 0 (start)".to_string(),
        _ if row % 2 == 1 => "opcode",
        _ => "operand",
    };
    let pc = (row - 1) / 2;
    let op = program.code().get(pc).map_or(Op::Halt, |instr| instr.op);
    format!("row {row} ({part} of pc {pc}, {op})")
}

fn changes(out: &mut dyn Write, names: &[&str], before: &[i64], after: &[i64]) -> io::Result<()> {
    let lanes = names.iter().zip(before.iter().zip(after)).filter(|(_, (before, after))| before != after);
    let changed: Vec<String> = lanes.map(|(name, (before, after))| format!("{name} {before} → {after}")).collect();
    if changed.is_empty() { Ok(()) } else { writeln!(out, "  lanes   {}", changed.join(", ")) }
}
