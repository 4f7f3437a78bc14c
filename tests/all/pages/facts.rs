//! What the code says, in the words of the pages. Each fact is a page and words that must be in it; the
//! numbers in the words are computed here.

use std::collections::BTreeMap;

use wasmformer::byte::isa;
use wasmformer::byte::profile;
use wasmformer::full::listing::size::{DATA, INSTRUCTION, PLACE, ROW};
use wasmformer::full::listing::{MAX_IMMEDIATES, MAX_LINES};
use wasmformer::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_INSTRUCTIONS, MAX_PAGES, MAX_TABLE, PAGE};
use wasmformer::harness::byte::compliance::suite;
use wasmformer::harness::compare::logits_digest;
use wasmformer::harness::corpus::Place;
use wasmformer::harness::engines::external::{message, process, results};
use wasmformer::harness::exhaustive;
use wasmformer::harness::full::exhaustive as edges;
use wasmformer::harness::mutate::Mutant;
use wasmformer::harness::mutate::byte::equivalence::Rules;
use wasmformer::harness::mutate::byte::probes::probes;
use wasmformer::transformer::Number;
use wasmformer::wasm::MAX_FILE;
use wasmformer::{byte, full};

use super::text::{files, is_clone};
use crate::common::command::{ADDITION, good};

pub const README: &str = "README.md";
pub const BENCHES: &str = "benches/README.md";
pub const BYTE: &str = "src/byte/README.md";
pub const CLI: &str = "src/cli/README.md";
pub const COMPARISON: &str = "src/comparison.md";
pub const CORPUS: &str = "corpus/README.md";
pub const ENGINES: &str = "engines/README.md";
pub const FULL: &str = "src/full/README.md";
pub const MUTATE: &str = "src/harness/mutate/README.md";
pub const SECURITY: &str = ".github/SECURITY.md";

/// A page, and words that must be in it.
pub type Fact = (&'static str, String);

pub const ALL: &[fn() -> Vec<Fact>] = &[
    instructions,
    commands,
    shape_of_the_byte_machine,
    shape_of_the_full_machine,
    limits_of_the_byte_profile,
    limits_of_the_full_profile,
    claims,
    assertions_of_the_specification,
    classes_of_mutants,
    the_picture,
    digest,
    versions,
];

/// A number as pages write it: with commas.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

fn instructions() -> Vec<Fact> {
    vec![(BYTE, isa::table_lines("  ").join("\n"))]
}

fn commands() -> Vec<Fact> {
    let table = good(["info", "--commands"]);
    let mut facts = vec![(CLI, format!("<!-- commands -->\n{}<!-- /commands -->", table.stdout()))];
    let help = good(["--help"]);
    let statuses = help.stdout().split_once("Exit statuses:\n").unwrap().1;
    for line in statuses.lines().map_while(|line| line.trim().split_once("  ")) {
        facts.push((CLI, format!("| {} | {} |", line.0, line.1)));
    }
    let help = good(["diff", "--help"]);
    let default = |option: &str| {
        let rest = help.stdout().split_once(&format!("--{option} ")).unwrap().1;
        rest.split_once("[default: ").unwrap().1.split_once(']').unwrap().0.to_string()
    };
    facts.push((ENGINES, format!("the greeting and the loading included (default {})", default("engine-timeout"))));
    facts
}

fn shape_of_the_byte_machine() -> Vec<Fact> {
    let (model, _) = byte::machine::compile::<f32>().unwrap();
    let config = &model.config;
    let heads = format!("`{:?}` heads", config.heads_per_layer());
    let (parameters, non_zeros) = (thousands(config.parameters()), thousands(model.non_zeros()));
    let outside = model.embedding.non_zeros() + model.unembedding.non_zeros();
    let within = thousands(config.parameters() - 2 * config.vocab_size * config.d_model);
    vec![
        (README, format!("{} layers, {heads}, {} lanes |", config.layers(), config.d_model)),
        (README, format!("f32; {non_zeros} of {parameters} weights are not zero")),
        (BYTE, format!("d_model {}, {} layers with {heads} of width {}", config.d_model, config.layers(), config.d_head)),
        (BYTE, format!("{} neurons per layer, vocabulary {}, f32", config.d_ffn, config.vocab_size)),
        (BYTE, format!("{parameters} parameters, of which {non_zeros} are not zero")),
        (MUTATE, format!("mutants of {non_zeros} weights")),
        (BENCHES, format!("at most {} of the layers' {within} weights", thousands(model.non_zeros() - outside))),
        (README, format!("2^{} in f32, 2^{} in f64", f32::EXACT.ilog2(), f64::EXACT.ilog2())),
        (BYTE, format!("could exceed 2^{};", f32::EXACT.ilog2())),
        (BYTE, format!("which must stay below 2^{}", f32::EXACT.ilog2())),
        (COMPARISON, format!("a bound below 2^{} for every sum", f64::EXACT.ilog2())),
    ]
}

fn shape_of_the_full_machine() -> Vec<Fact> {
    let (model, bounds) = full::machine::compile::<f64>().unwrap();
    let config = &model.config;
    let heads = format!("`{:?}` heads", config.heads_per_layer());
    let (parameters, non_zeros, vocabulary) = (config.parameters(), thousands(model.non_zeros()), thousands(config.vocab_size));
    let byte = byte::machine::compile::<f32>().unwrap().0.config;
    vec![
        (README, format!("{} layers, {heads}, {} lanes", config.layers(), config.d_model)),
        (README, format!("| {}, {} | {}, {vocabulary} |", byte.d_ffn, byte.vocab_size, config.d_ffn)),
        (README, format!("f64; {non_zeros} of {} weights are not zero", thousands(parameters))),
        (COMPARISON, format!("{}, of which {non_zeros} are not zero", thousands(parameters))),
        (FULL, format!("{} layers with {heads} of width {}, {} lanes", config.layers(), config.d_head, config.d_model)),
        (FULL, format!(" {} neurons\nper layer", config.d_ffn)),
        (ENGINES, format!("some {} logits a token", thousands((config.vocab_size + 500) / 1000 * 1000))),
        (FULL, format!("a vocabulary of {vocabulary}, f64; {non_zeros} weights are not zero")),
        (FULL, format!("the largest bound is {:.0} % of 2^53", bounds.largest().bound as f64 / 2f64.powi(53) * 100.0)),
        (FULL, format!("its weights in f64 ({} MB)", parameters * 8 / 1_000_000)),
        (MUTATE, format!("All {} mutants of {non_zeros} weights", thousands(Mutant::all(&model).len()))),
    ]
}

fn limits_of_the_byte_profile() -> Vec<Fact> {
    let (instructions, iterations) = (profile::MAX_INSTRUCTIONS, profile::MAX_ITERATIONS);
    vec![
        (README, format!("The byte machine has {instructions}\ninstructions, byte values and {iterations} iterations per loop")),
        (BYTE, format!("| instructions, markers included | {instructions} |")),
        (BYTE, format!("| constants, offsets, local indices | 0 to {} |", u8::MAX)),
        (BYTE, format!("| memory | cells 0 to {} |", profile::CELLS - 1)),
        (BYTE, format!("each time it is entered | {iterations} |")),
        (BYTE, format!("| files | {} of {} bytes |", profile::FILES, profile::FILE_CAPACITY)),
    ]
}

fn limits_of_the_full_profile() -> Vec<Fact> {
    let rows = [
        format!("| memory | {MAX_PAGES} pages ({} MiB) |", (MAX_PAGES * PAGE) >> 20),
        format!("| calls in progress | {MAX_CALL_DEPTH} |"),
        format!("| slots of a frame, locals and operands | {MAX_FRAME_SLOTS} |"),
        format!("| instructions | {MAX_INSTRUCTIONS} |"),
        format!("| places of the table | {MAX_TABLE} |"),
        format!("| globals | {MAX_GLOBALS} |"),
        format!("| bytes of the program's file | {MAX_FILE} ({} MiB) |", MAX_FILE >> 20),
        format!("instructions | {MAX_LINES} |"),
        format!("halves | 2^{} − 2^38 |", MAX_IMMEDIATES.ilog2()),
        format!("arguments | {} |", u16::MAX),
        format!("{ROW} for a row, {INSTRUCTION} for an instruction, {PLACE} for a place of the table, {DATA} for a byte of"),
    ];
    let mut facts: Vec<Fact> = rows.into_iter().map(|row| (FULL, row)).collect();
    facts.push((README, format!("{} MiB of memory; {MAX_CALL_DEPTH} calls in progress", (MAX_PAGES * PAGE) >> 20)));
    facts.push((SECURITY, format!("{MAX_PAGES} pages of its own")));
    facts.push((ENGINES, format!("{MAX_CALL_DEPTH} calls of functions with {MAX_FRAME_SLOTS} locals")));
    let (yours, results) = (thousands(process::MAX_LINE), thousands(results::MAX_LINE));
    facts.push((ENGINES, format!("at most {yours} bytes in a line of yours, on\nthe results level {results}.")));
    facts.push((ENGINES, format!("The protocol is version {}.", message::PROTOCOL)));
    facts.extend(["hello", "load"].map(|line| (ENGINES, format!("\"type\":\"{line}\",\"protocol\":{}", message::PROTOCOL))));
    facts
}

/// The counts of what checks the claims.
fn claims() -> Vec<Fact> {
    let count = |folder: &str| Place::of_corpus(folder).len();
    let programs = suite().unwrap().len();
    let cases: usize = exhaustive::domains().iter().map(|domain| domain.cases).sum();
    let on_edges: usize = edges::domains().map(|domain| domain.cases()).sum();
    let of_commands = files("tests/cases".as_ref());
    let of_commands = of_commands.iter().filter(|path| path.extension().is_some_and(|extension| extension == "case")).count();
    assert!(of_commands > 50, "{of_commands}");
    for (planted, programs) in [(include_str!("../byte/planted.rs"), 2000), (include_str!("../full/planted.rs"), 6000)] {
        assert!(planted.contains(&format!("const PROGRAMS: u64 = {programs};")));
    }
    let mut facts = vec![
        (README, format!("| {programs} programs | `wasmformer suite` |")),
        (README, format!("| {programs} programs | `wasmformer suite --machine stock` |")),
        (README, format!("`wasmformer suite` runs {programs} programs")),
        (README, format!("every token, every logit's bits | {programs} programs")),
        (BYTE, format!("has {programs} examples")),
        (MUTATE, format!("the {programs} programs of the suite")),
        (README, format!("| {} programs | `cargo test programs` |", count("corpus/programs"))),
        (README, format!("| {} cases | `wasmformer exhaustive` |", thousands(cases))),
        (README, format!("| {} cases | `wasmformer exhaustive --machine full` |", thousands(on_edges))),
        (README, "| more than 50 files | `cargo test cases` |".to_string()),
        (README, "each found within 2,000 or 6,000 programs".to_string()),
    ];
    for folder in ["compliance", "full", "programs", "regressions", "long"] {
        facts.push((CORPUS, format!("| [`{folder}`]({folder}) | {} |", count(&format!("corpus/{folder}")))));
    }
    if is_clone() {
        // The package has the pages' files, but not the page.
        let bytes: u64 = files("web/studio/site".as_ref()).iter().map(|path| path.metadata().unwrap().len()).sum();
        assert!(bytes < 700_000, "{bytes}");
        facts.push(("web/README.md", "the pages weigh less than 700 kB".to_string()));
    }
    let built = files("corpus/toolchains/built".as_ref()).len();
    facts.push((CORPUS, format!("| [`toolchains`](toolchains/README.md) | {built} |")));
    facts
}

fn assertions_of_the_specification() -> Vec<Fact> {
    let passed = ["1", "2"].map(|version| {
        let ran = good(["spec", "--version", version, "--engine", "vm"]);
        let total = ran.lines().last().unwrap().to_string();
        assert!(total.ends_with(" 0 skipped, 0 failed"), "{total}");
        thousands(total.split_once(" files, ").unwrap().1.split(' ').next().unwrap().parse().unwrap())
    });
    vec![(README, format!("| {} and {} assertions;", passed[0], passed[1]))]
}

/// The mutants of the byte machine, and the classes of those that no program can tell.
fn classes_of_mutants() -> Vec<Fact> {
    let circuit = byte::machine::circuit();
    let (model, bounds) = circuit.compile::<f32>().unwrap();
    let rules = Rules::new(&model, &circuit, &bounds);
    let mutants = Mutant::all(&model);
    let mut classes = BTreeMap::<(&str, String), usize>::new();
    for class in mutants.iter().filter_map(|mutant| rules.class(*mutant)) {
        *classes.entry((class.name, format!("{:?}", class.proof).to_lowercase())).or_default() += 1;
    }
    let known_by = |proof: &str| classes.iter().filter(|((_, known), _)| known == proof).map(|(_, count)| count).sum::<usize>();
    let (enumerated, ranges, argued) = (known_by("enumerated"), known_by("derived"), known_by("argued"));
    let (all, equivalent) = (mutants.len(), classes.values().sum::<usize>());
    assert_eq!(enumerated + ranges + argued, equivalent);
    let mut facts: Vec<Fact> = classes.iter().map(|((name, _), count)| (MUTATE, format!("| {name} | {count} |"))).collect();
    facts.extend([
        (MUTATE, format!("{} such mutants of", thousands(all))),
        (MUTATE, format!("then {} probes", probes().len())),
        (MUTATE, format!("Every mutant that is not equivalent is killed: {}.", thousands(all - equivalent))),
        (MUTATE, format!("{} mutants are proved equivalent by the machine: {enumerated} by going", enumerated + ranges)),
        (MUTATE, format!("every value, {ranges} from the derived ranges. {argued} rest on an argument")),
        (README, format!("| {} mutants, none unexplained |", thousands(all))),
    ]);
    facts
}

/// What the README says beside the picture: the layers by what acts in them.
fn the_picture() -> Vec<Fact> {
    let ran = good(["xray", ADDITION, "--step", "34"]);
    let layers: Vec<&str> = ran.stdout().split("\nlayer ").skip(1).collect();
    let layer = |acts: &str| layers.iter().position(|layer| layer.contains(acts)).unwrap_or_else(|| panic!("{acts}"));
    let (fetch, bits, adds) = (layer("head    fetch constant"), layer("head    top bits"), layer("neuron  sum "));
    let (reaches, wraps) = (layer("neuron  reaches 256"), layer("neuron  wrap-around"));
    let result = ran.lines()[0].split_once("→ ").unwrap().1.split(' ').next().unwrap();
    assert!(layers[adds].contains("gate 1 · value 300 = 300") && layers[wraps].contains("value -256"));
    let words = format!(
        "the step that adds\n200 and 100 on the byte machine. Layer {fetch} fetches the opcode, layer {bits} the bits of the operands, \
         layer {adds} adds, layers {reaches} and {wraps} take 256 off: {result}."
    );
    vec![(README, words)]
}

/// The digest of logits that the page of engines gives as an example.
fn digest() -> Vec<Fact> {
    let digest = logits_digest(&[0.0, 1.0, -2.5]);
    vec![(ENGINES, format!("Of three logits 0, 1 and −2.5 it is `[{}, {}]`.", digest as u32, digest >> 32))]
}

/// One version for all packages, and the oldest Rust that builds them.
fn versions() -> Vec<Fact> {
    let version = env!("CARGO_PKG_VERSION");
    let mut facts =
        vec![(README, format!("Rust {} or later", env!("CARGO_PKG_RUST_VERSION"))), ("CHANGELOG.md", format!("\n## {version}"))];
    if is_clone() {
        facts.push(("engines/python/pyproject.toml", format!("\nversion = \"{version}\"\n")));
        facts.push(("CITATION.cff", format!("\nversion: {version}\n")));
        for (package, lock) in [
            ("engines/typescript/package.json", "engines/typescript/package-lock.json"),
            ("web/studio/package.json", "web/studio/package-lock.json"),
        ] {
            facts.extend([package, lock].map(|path| (path, format!("\"version\": \"{version}\""))));
        }
    }
    facts
}
