//! `wasmformer info`.

mod stock;

use std::io::Write;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{CliError, Outcome, commands};
use crate::circuit::bounds::Worst;
use crate::circuit::labels::Labels;
use crate::circuit::{Bounds, Circuit};
use crate::full::listing::size;
use crate::transformer::{Model, Number};
use crate::{byte, full};

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MachineName {
    /// One function, byte values, four small files
    Byte,
    /// Any module of WebAssembly 2.0 without vectors
    Full,
    /// The byte language, on the Llama architecture
    Stock,
}

#[derive(Args)]
pub(super) struct Info {
    /// The machine
    #[arg(long, alias = "model", value_enum, default_value_t = MachineName::Byte)]
    machine: MachineName,
    /// Print a table in Markdown that shows which command exists for which machine, and nothing else
    #[arg(long, conflicts_with = "machine")]
    commands: bool,
    /// Print one object of JSON: the shape, every lane, head and neuron as in `labels.json` of an export, the
    /// bounds and the stated ranges
    #[arg(long, conflicts_with = "commands")]
    json: bool,
}

impl Info {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        match self.machine {
            _ if self.commands => commands::print(out),
            MachineName::Byte if self.json => describe_json::<f32>(out, &byte::machine::circuit()),
            MachineName::Full if self.json => describe_json::<f64>(out, &full::machine::circuit()),
            MachineName::Stock if self.json => describe_json::<f32>(out, &byte::stock::circuit()),
            MachineName::Byte => describe::<f32>(out, &byte::machine::circuit()),
            MachineName::Stock => stock::describe(out),
            MachineName::Full => {
                let outcome = describe::<f64>(out, &full::machine::circuit())?;
                memory(out)?;
                Ok(outcome)
            }
        }
    }
}

fn describe<T: Number>(out: &mut dyn Write, circuit: &Circuit) -> Result<Outcome, CliError> {
    let (model, bounds) = circuit.compile::<T>().map_err(|error| CliError::Usage(error.to_string()))?;
    shape(out, circuit, &model)?;
    layers(out, circuit)?;
    lanes(out, circuit)?;
    proof::<T>(out, circuit, &bounds)?;
    Ok(Outcome::Good)
}

/// Prints the description as JSON.
fn describe_json<T: Number>(out: &mut dyn Write, circuit: &Circuit) -> Result<Outcome, CliError> {
    let (model, bounds) = circuit.compile::<T>().map_err(|error| CliError::Usage(error.to_string()))?;
    let config = &model.config;
    let Labels { lanes, layers } = Labels::of(circuit);
    let bound = |worst: &Worst| {
        let Worst { layer, product, at, bound } = worst;
        json!({ "layer": layer, "product": product.to_string(), "at": at, "bound": *bound as i64 })
    };
    let description = json!({
        "machine": config.machine,
        "heads_per_layer": config.heads_per_layer(),
        "d_model": config.d_model,
        "d_head": config.d_head,
        "d_ffn": config.d_ffn,
        "vocab_size": config.vocab_size,
        "parameters": config.parameters(),
        "non_zero": model.non_zeros(),
        "exact_to": T::EXACT as i64,
        "bounds": bounds.worst.iter().map(bound).collect::<Vec<_>>(),
        "stated_ranges": circuit.statements().iter().map(|statement| json!({
            "after": statement.stage.to_string(),
            "lane": circuit.name(statement.lane),
            "range": statement.range.to_string(),
            "reason": statement.reason,
        })).collect::<Vec<_>>(),
        "lanes": lanes,
        "layers": layers,
    });
    writeln!(out, "{description}")?;
    Ok(Outcome::Good)
}

/// Prints the memory that the parts of a program's prompt take.
fn memory(out: &mut dyn Write) -> Result<(), CliError> {
    writeln!(out, "\nmemory kept for a prompt, in bytes: the estimate that is compared with --max-memory")?;
    for (what, bytes) in size::COSTS {
        writeln!(out, "  {what:<32}  {bytes:>4}")?;
    }
    Ok(())
}

fn shape<T: Number>(out: &mut dyn Write, circuit: &Circuit, model: &Model<T>) -> Result<(), CliError> {
    let config = &model.config;
    writeln!(out, "machine     {}", config.machine)?;
    writeln!(out, "layers      {}", config.layers())?;
    writeln!(out, "heads       {:?}", config.heads_per_layer())?;
    writeln!(out, "d_model     {} ({} lanes named)", config.d_model, circuit.lanes().len())?;
    writeln!(out, "d_head      {}", config.d_head)?;
    writeln!(out, "d_ffn       {}", config.d_ffn)?;
    writeln!(out, "vocabulary  {}", config.vocab_size)?;
    writeln!(out, "parameters  {}", config.parameters())?;
    writeln!(out, "non-zero    {}", model.non_zeros())?;
    Ok(())
}

fn layers(out: &mut dyn Write, circuit: &Circuit) -> Result<(), CliError> {
    for (index, layer) in circuit.layers().iter().enumerate() {
        writeln!(out, "\nlayer {index}: {} heads, {} neurons", layer.heads.len(), layer.neurons.len())?;
        for head in &layer.heads {
            writeln!(out, "  head    {} ({})", head.name, head.kind)?;
        }
        for neuron in &layer.neurons {
            writeln!(out, "  neuron  {}", neuron.name)?;
        }
    }
    Ok(())
}

fn lanes(out: &mut dyn Write, circuit: &Circuit) -> Result<(), CliError> {
    writeln!(out, "\nlanes")?;
    for (index, lane) in circuit.lanes().iter().enumerate() {
        let positional = lane.positional.map(|range| format!(" [positional encoding, {range}]")).unwrap_or_default();
        writeln!(out, "  {index:>3}  {:<26}  {}{positional}", lane.name, lane.meaning)?;
    }
    Ok(())
}

fn proof<T: Number>(out: &mut dyn Write, circuit: &Circuit, bounds: &Bounds) -> Result<(), CliError> {
    writeln!(out, "\nproven bounds: no partial sum of these products exceeds them; integers are exact to {}", T::EXACT)?;
    for Worst { layer, product, at, bound } in &bounds.worst {
        let layer = layer.map_or("-".to_string(), |layer| layer.to_string());
        writeln!(out, "  layer {layer}  {:<22}  {bound:>9}  ({at})", product.to_string())?;
    }
    let Worst { product, at, bound, .. } = bounds.largest();
    writeln!(out, "  largest: {bound} ({product}, {at}), {:.1} % of the limit", *bound as f64 / T::EXACT as f64 * 100.0)?;

    writeln!(out, "\nstated ranges: held by every debug pass, because intervals cannot derive them")?;
    for statement in circuit.statements() {
        let lane = circuit.name(statement.lane);
        writeln!(out, "  after {}: {lane} in {}, because {}", statement.stage, statement.range, statement.reason)?;
    }
    Ok(())
}
