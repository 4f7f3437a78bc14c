//! The files of the studio's pages: those embedded from `web/studio/site`, and those generated from the
//! machine.
//!
//! Pages, style and scripts are embedded when this program is built. Weights, config, names and examples are
//! generated here, so that no page can disagree with the machine. The same files, written to a folder, work
//! behind any static web server, except that they cannot read a reader's own `.wat` and `.wasm` files.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::examples::EXAMPLES;
use super::xray::Examiner;
use crate::byte::isa::TABLE;
use crate::byte::program::reader::{Module, read_bytes};
use crate::circuit::{Circuit, Layer};
use crate::harness::byte::{Byte, Case, compliance};
use crate::harness::machine::Machine as _;
use crate::harness::tokens::Tokens;
use crate::transformer::folder;
use crate::wasm::{ReadError, Source};
use crate::{full, shown};

/// Path and contents of each embedded file.
const PAGES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// A program of many steps; the compliance suite has no such program.
const LONG: (&str, &str) = ("long/three-nested-loops", include_str!("../../corpus/long/three-nested-loops.wat"));

/// One file of the site.
#[derive(Clone, Debug)]
pub struct File {
    /// The path from the site's root, with slashes, but without a leading slash.
    pub path: String,
    /// The contents.
    pub contents: Vec<u8>,
}

impl File {
    /// The media type, by the name's extension.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("html") => "text/html; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}

/// All files of the site.
///
/// # Errors
/// The errors of [`compliance::suite`].
pub fn files(machine: &Examiner<Byte>) -> Result<Vec<File>, ReadError> {
    let made = |name: &str, contents| File { path: format!("model/{name}"), contents };
    let mut examples: Vec<Example> = compliance::suite()?.iter().map(|entry| Example::new(entry.path, &entry.module)).collect();
    examples.push(Example::new(LONG.0, &read_bytes(&Source::named(LONG.0), LONG.1.as_bytes())?));
    let mut files: Vec<File> =
        PAGES.iter().map(|(path, contents)| File { path: (*path).to_string(), contents: contents.to_vec() }).collect();
    files.extend([
        made(folder::CONFIG_FILE, folder::serialize_config::<f32>(&machine.model().config)),
        made(folder::WEIGHTS_FILE, folder::serialize_sparse(machine.model()).expect("the byte machine has few distinct weights")),
        made("circuit.json", names(machine.circuit()).to_string().into_bytes()),
        made("examples.json", serde_json::to_vec(&examples).expect("examples are plain data")),
    ]);
    Ok(files)
}

/// The folder of the files of the full machine.
pub const FULL: &str = "model/full/";

/// The files of the full machine: its weights in the sparse form, config and names, and the examples. It
/// takes a second or more to make them.
///
/// # Panics
/// If the machine does not compile, or an example is not a program; the tests show that neither happens.
pub fn full_files() -> Vec<File> {
    let circuit = full::machine::circuit();
    let (model, _) = circuit.compile::<f64>().expect("the full machine compiles, as the tests show");
    let mut config: serde_json::Value = serde_json::from_slice(&folder::serialize_config::<f64>(&model.config)).expect("a config is JSON");
    config["token_families"] = json!(Tokens::full().families);
    let weights = folder::serialize_sparse(&model).expect("the full machine has few distinct weights");
    let made = |name: &str, contents: Vec<u8>| File { path: format!("{FULL}{name}"), contents };
    let mut files = vec![
        made(folder::CONFIG_FILE, config.to_string().into_bytes()),
        made(folder::WEIGHTS_FILE, weights),
        made("circuit.json", names_of_parts(&circuit).to_string().into_bytes()),
    ];
    let mut listed = Vec::new();
    for example in EXAMPLES {
        let program = example.read().unwrap_or_else(|error| panic!("an example: {error}"));
        let name = program["name"].as_str().unwrap_or_default();
        listed.push(json!({ "name": name, "about": example.about }));
        files.push(made(&format!("programs/{name}.json"), program.to_string().into_bytes()));
        files.push(made(&format!("programs/{name}"), example.file().unwrap_or_else(|error| panic!("an example: {error}"))));
    }
    files.push(made("examples.json", json!(listed).to_string().into_bytes()));
    files
}

/// A file of the visitor's own, which the pages open.
pub fn own_file(name: &str, contents: Vec<u8>) -> File {
    File { path: format!("opened/{}", name_in_address(name)), contents }
}

/// A file's name as a part of an address. What an address cannot hold is replaced.
fn name_in_address(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    shown::shown(name).chars().map(kept).collect()
}

/// Writes the files into a new folder: all of them or none.
///
/// # Errors
/// If the folder exists or cannot be written.
pub fn write(files: &[File], folder: &Path) -> io::Result<()> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.symlink_metadata().is_ok() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "exists and is not replaced"));
    }
    let partial = tempfile::Builder::new().prefix(".studio-").tempdir_in(parent)?;
    let root = partial.path().join("site");
    for file in files {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().expect("below the root"))?;
        fs::write(path, &file.contents)?;
    }
    fs::rename(root, folder)
}

/// The names and meanings of lanes, heads, neurons and instructions, which are not in the weights.
fn names(circuit: &Circuit) -> serde_json::Value {
    let lanes = circuit.lanes().iter().map(|lane| {
        let positional = lane.positional.map(|range| [range.low, range.high]);
        json!({ "name": lane.name, "meaning": lane.meaning, "positional": positional.map(|ends| ends.map(|end| end as i64)) })
    });
    let instruction = |row: &crate::byte::isa::Row| json!({ "mnemonic": row.mnemonic, "meaning": row.meaning });
    json!({
        "lanes": lanes.collect::<Vec<_>>(),
        "layers": names_of_parts(circuit),
        "instructions": TABLE.iter().map(instruction).collect::<Vec<_>>(),
    })
}

/// The names of the heads and neurons of each layer.
fn names_of_parts(circuit: &Circuit) -> serde_json::Value {
    let layer = |layer: &Layer| {
        let heads: Vec<_> = layer.heads.iter().map(|head| &head.name).collect();
        let neurons: Vec<_> = layer.neurons.iter().map(|neuron| &neuron.name).collect();
        json!({ "heads": heads, "neurons": neurons })
    };
    circuit.layers().iter().map(layer).collect()
}

/// An example program of the pages.
#[derive(Serialize)]
struct Example {
    path: &'static str,
    about: Option<String>,
    #[serde(flatten)]
    listing: serde_json::Value,
}

impl Example {
    fn new(path: &'static str, Module { program, header, .. }: &Module) -> Example {
        Example {
            path,
            about: header.about.clone(),
            listing: Byte::program_json(Case::new(program, &header.files()), &Default::default(), &()),
        }
    }
}
