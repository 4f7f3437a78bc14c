//! What `info --machine stock` says.

use std::io::Write;

use super::{lanes, layers, proof};
use crate::byte::stock;
use crate::circuit::llama::{HeadMargin, LARGEST_GATE, PIN, UNDERFLOW};
use crate::cli::{CliError, Outcome};

pub(super) fn describe(out: &mut dyn Write) -> Result<Outcome, CliError> {
    let circuit = stock::circuit();
    let (model, proven) = circuit.compile_llama(stock::MAX_ROWS).map_err(|error| CliError::Usage(error.to_string()))?;
    let config = &model.config;
    writeln!(out, "machine     {}, a LlamaForCausalLM in f32", stock::NAME)?;
    writeln!(out, "layers      {}", config.layers)?;
    writeln!(out, "heads       {} of {} in each layer", config.heads, config.head_dim)?;
    writeln!(out, "hidden      {} ({} lanes named)", config.hidden_size, circuit.lanes().len())?;
    writeln!(out, "neurons     {} in each layer", config.intermediate_size)?;
    writeln!(out, "vocabulary  {}", config.vocab_size)?;
    writeln!(out, "parameters  {}", config.parameters())?;
    writeln!(out, "non-zero    {}", model.non_zeros())?;
    writeln!(out, "longest     {} words, prompt and run together", proven.rows)?;
    layers(out, &circuit)?;
    lanes(out, &circuit)?;
    proof::<f32>(out, &circuit, &proven.bounds)?;
    writeln!(
        out,
        "\nproven margins: how far scores are apart at the least, as softmax sees them; from {UNDERFLOW} on the weights are 1 and 0"
    )?;
    for HeadMargin { layer, head, keys, recency } in &proven.margins {
        writeln!(out, "  layer {layer}  {head:<14}  different keys {keys:>9.0}  equal keys, neighbouring rows {recency:>5.0}")?;
    }
    let (layer, neuron, gate) = &proven.gate;
    writeln!(out, "largest gate: {gate} (layer {layer}, {neuron}); SiLU is relu up to {}", LARGEST_GATE)?;
    writeln!(out, "squares of lanes: below 2^{:.0} together; the norm would see 2^{}", proven.squares.ceil(), 2 * PIN - 24)?;
    Ok(Outcome::Good)
}
