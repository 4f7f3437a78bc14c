//! `wasmformer export`.

mod stock;

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::files::write_file;
use super::{CliError, Outcome, card};
use crate::circuit::labels::Labels;
use crate::circuit::{Bounds, Circuit};
use crate::harness::tokens::Tokens;
use crate::load::LanguageName;
use crate::transformer::folder::{self, Contents, Storage};
use crate::transformer::{Model, Number};
use crate::{byte, full, shown};

/// The Python files of a folder. The hub's entries for their classes are found by their contents.
const PYTHON: [(&str, &str); 5] = [
    ("configuration_wasmformer.py", include_str!("../../../engines/python/wasmformer/configuration_wasmformer.py")),
    ("modeling_wasmformer.py", include_str!("../../../engines/python/wasmformer/modeling_wasmformer.py")),
    ("numpy_wasmformer.py", include_str!("../../../engines/python/wasmformer/numpy_wasmformer.py")),
    ("tokenization_wasmformer.py", include_str!("../../../engines/python/wasmformer/tokenization_wasmformer.py")),
    ("torch_wasmformer.py", include_str!("../../../engines/python/wasmformer/torch_wasmformer.py")),
];
const LICENSE: &str = include_str!("../../../LICENSE");
/// What hubs keep out of the repository itself.
const LARGE_FILES: &str = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n";

#[derive(Args)]
pub(super) struct Export {
    /// The folder to write to; files of the same names that wasmformer did not write are not replaced. With
    /// --stock, a path that ends in .gguf is a file for llama.cpp
    folder: PathBuf,
    /// The machine
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    /// Write only the weights that are not 0, with their places
    #[arg(long)]
    sparse: bool,
    /// Write the stock machine instead, for transformers (LlamaForCausalLM) or llama.cpp as they are
    #[arg(long, conflicts_with_all = ["machine", "sparse"])]
    stock: bool,
}

impl Export {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        match self.machine {
            _ if self.stock => self.save_stock(out),
            LanguageName::Byte => self.save::<f32>(out, &byte::machine::circuit(), &Tokens::byte(), card::byte),
            LanguageName::Full => self.save::<f64>(out, &full::machine::circuit(), &Tokens::full(), card::full),
        }
    }

    fn save<T: Number>(&self, out: &mut dyn Write, circuit: &Circuit, tokens: &Tokens, card: Card<T>) -> Result<Outcome, CliError> {
        let (model, bounds) = circuit.compile::<T>().map_err(|error| CliError::Usage(error.to_string()))?;
        let storage = if self.sparse { Storage::Sparse } else { Storage::Dense };
        let labels = labels(circuit, tokens, &[]);
        write_folder(&model, labels, tokens, &|generates| card(&model, &bounds, generates), storage, &self.folder, out)
    }

    fn save_stock(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let (model, proof) = byte::stock::compile().map_err(|error| CliError::Usage(error.to_string()))?;
        if self.folder.extension().is_some_and(|extension| extension == "gguf") {
            refuse_other(&self.folder)?;
            write_file(&self.folder, &stock::gguf(&model))?;
            writeln!(out, "{}", self.folder.display())?;
            return Ok(Outcome::Good);
        }
        let files = stock::files(&model, &proof);
        folder::save_files(&files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect::<Vec<_>>(), &self.folder)?;
        files.iter().try_for_each(|(name, _)| writeln!(out, "{}", self.folder.join(name).display()))?;
        Ok(Outcome::Good)
    }
}

/// Refuses to replace a file that is not in the GGUF format.
fn refuse_other(path: &Path) -> Result<(), CliError> {
    let Ok(mut file) = File::open(path) else { return Ok(()) };
    let mut start = [0; 4];
    if file.read_exact(&mut start).is_ok() && start == *b"GGUF" {
        return Ok(());
    }
    Err(CliError::Usage(format!("{}: exists and is not a GGUF file, so it is not replaced", shown::path(path))))
}

/// Writes the card of a model, given whether the folder's classes can generate.
type Card<T> = fn(&Model<T>, &Bounds, bool) -> String;

/// Writes a model and what accompanies it to a folder, and the names of the files to `out`. `card` writes the
/// card, given whether the folder's classes can generate.
pub(super) fn write_folder<T: Number>(
    model: &Model<T>,
    labels: Value,
    tokens: &Tokens,
    card: &dyn Fn(bool) -> String,
    storage: Storage,
    path: &Path,
    out: &mut dyn Write,
) -> Result<Outcome, CliError> {
    let python: Vec<_> = PYTHON.map(|(name, text)| (name.to_string(), folder::marked() + text)).into();
    let auto_map = folder::auto_map(&python);
    let tokenizer_config = tokens.tokenizer_config(&auto_map);
    let mut texts = vec![("README.md".to_string(), card(auto_map.contains_key("AutoModelForCausalLM")))];
    texts.extend(python);
    let json = |name: &str, value: Value| (name.to_string(), value.to_string() + "\n");
    texts.extend([
        json("labels.json", labels),
        json("generation_config.json", tokens.generation_config()),
        json("tokenizer.json", tokens.tokenizer()),
        json("tokenizer_config.json", tokenizer_config),
        ("LICENSE".to_string(), LICENSE.to_string()),
        (".gitattributes".to_string(), folder::marked() + LARGE_FILES),
    ]);
    let contents = Contents { storage, entries: tokens.entries(), texts };
    folder::save_with(model, &contents, path)?;
    for name in [folder::WEIGHTS_FILE, folder::CONFIG_FILE].into_iter().chain(contents.texts.iter().map(|(name, _)| &name[..])) {
        writeln!(out, "{}", path.join(name).display())?;
    }
    Ok(Outcome::Good)
}

/// `labels.json`: what every token, lane, head and neuron is, and every row that holds the program.
pub(super) fn labels(circuit: &Circuit, tokens: &Tokens, rows: &[String]) -> Value {
    let Labels { lanes, layers } = Labels::of(circuit);
    let mut labels = json!({
        "written_by": folder::writer(),
        "machine": circuit.budget().machine,
        "tokens": tokens.names,
        "token_families": tokens.families,
        "lanes": lanes,
        "layers": layers,
    });
    if !rows.is_empty() {
        labels["program_rows"] = json!(rows);
    }
    labels
}
