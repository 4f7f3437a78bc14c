//! The README and the pages say what the code says.

use std::collections::BTreeMap;

use wasmformer::byte::isa;
use wasmformer::harness::byte::compliance::suite;
use wasmformer::harness::corpus::Place;
use wasmformer::harness::exhaustive;
use wasmformer::harness::full::exhaustive as edges;
use wasmformer::harness::mutate::Mutant;
use wasmformer::harness::mutate::byte::equivalence::Rules;
use wasmformer::{byte, full};

use crate::common::command::good;
use crate::pages::{files, is_clone, page};

const README: &str = "README.md";
const BENCHES: &str = "benches/README.md";
const BYTE: &str = "src/byte/README.md";
const CORPUS: &str = "corpus/README.md";
const FULL: &str = "src/full/README.md";
const COMPARISON: &str = "src/comparison.md";
const MUTATE: &str = "src/harness/mutate/README.md";

fn says(words: &str) {
    on(README, words);
}

/// Fails unless a page has these words.
fn on(path: &str, words: &str) {
    assert!(page(path).contains(words), "{path} should say: {words}");
}

/// A number as pages write it: with commas.
fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

#[test]
fn shows_the_table_of_instructions() {
    let table = isa::table_lines("  ").join("\n");
    on(BYTE, &table);
}

#[test]
fn shows_which_command_is_there_for_which_machine() {
    let table = good(["info", "--commands"]);
    says(&format!("<!-- commands -->\n{}<!-- /commands -->", table.stdout()));
}

#[test]
fn counts_the_weights() {
    let (model, _) = byte::machine::compile::<f32>().unwrap();
    let non_zeros = thousands(model.non_zeros());
    says(&format!("f32; {non_zeros} of {} weights are not zero", thousands(model.config.parameters())));
    on(BYTE, &format!("{} parameters, of which {non_zeros} are not zero", thousands(model.config.parameters())));
    on(MUTATE, &format!("mutants of {non_zeros} weights"));
}

#[test]
fn gives_the_shape_of_the_full_machine() {
    let (model, bounds) = full::machine::compile::<f64>().unwrap();
    let config = &model.config;
    let heads = format!("`{:?}` heads", config.heads_per_layer());
    let (non_zeros, vocabulary) = (thousands(model.non_zeros()), thousands(config.vocab_size));
    says(&format!("{} layers, {heads}, {} lanes", config.layers(), config.d_model));
    says(&format!("| 100, 260 | {}, {vocabulary} |", config.d_ffn));
    says(&format!("f64; {non_zeros} of {} weights are not zero", thousands(config.parameters())));
    on(COMPARISON, &format!("{}, of which {non_zeros} are not zero", thousands(config.parameters())));
    on(FULL, &format!("{heads} of width {}, {} lanes, {} neurons", config.d_head, config.d_model, config.d_ffn));
    on(FULL, &format!("a vocabulary of {vocabulary}, f64; {non_zeros} weights are not zero"));
    on(FULL, &format!("the largest bound is {:.0} % of 2^53", bounds.largest().bound as f64 / 2f64.powi(53) * 100.0));
    on(FULL, &format!("its weights in f64 ({} MB)", config.parameters() * 8 / 1_000_000));
}

#[test]
fn shows_the_limits_of_the_full_profile() {
    use wasmformer::full::listing::MAX_IMMEDIATES;
    use wasmformer::full::listing::MAX_LINES;
    use wasmformer::full::program::limits::{MAX_CALL_DEPTH, MAX_FRAME_SLOTS, MAX_GLOBALS, MAX_INSTRUCTIONS, MAX_PAGES, MAX_TABLE, PAGE};
    use wasmformer::wasm::MAX_FILE;
    let rows = [
        format!("| memory | {MAX_PAGES} pages ({} MiB) |", (MAX_PAGES * PAGE) >> 20),
        format!("| calls in progress | {MAX_CALL_DEPTH} |"),
        format!("| slots of a frame, locals and operands | {MAX_FRAME_SLOTS} |"),
        format!("| instructions | {MAX_INSTRUCTIONS} |"),
        format!("| places of the table | {MAX_TABLE} |"),
        format!("| globals | {MAX_GLOBALS} |"),
        format!("| bytes of the program's file | {MAX_FILE} ({} MiB) |", MAX_FILE >> 20),
        format!("instructions | {} |", MAX_LINES),
        format!("halves | 2^{} − 2^37 |", MAX_IMMEDIATES.ilog2()),
        format!("arguments | {} |", u16::MAX),
    ];
    for row in rows {
        on(FULL, &row);
    }
    says(&format!("{} MiB of memory; {MAX_CALL_DEPTH} calls in progress", (MAX_PAGES * PAGE) >> 20));
}

#[test]
fn tells_what_a_prompt_keeps() {
    use wasmformer::full::listing::size::{DATA, INSTRUCTION, PLACE, ROW};
    on(FULL, &format!("{ROW} for a row, {INSTRUCTION} for an instruction, {PLACE} for a place of the table, {DATA} for a byte of"));
}

#[test]
fn counts_what_checks_a_claim() {
    let count = |folder: &str| Place::of_corpus(folder).len();
    says(&format!("| {} programs | `wasmformer suite` |", suite().unwrap().len()));
    says(&format!("| {} programs | `cargo test programs` |", count("corpus/programs")));
    let cases: usize = exhaustive::domains().iter().map(|domain| domain.cases).sum();
    says(&format!("| {} cases | `wasmformer exhaustive` |", thousands(cases)));
    let cases: usize = edges::domains().map(|domain| domain.cases()).sum();
    says(&format!("| {} cases | `wasmformer exhaustive --machine full` |", thousands(cases)));
    let cases = files("tests/cases".as_ref()).iter().filter(|path| path.extension().is_some_and(|extension| extension == "case")).count();
    assert!(cases > 50, "{cases}");
    says("| more than 50 files | `cargo test cases` |");
    for (planted, programs) in [(include_str!("byte/planted.rs"), 2000), (include_str!("full/planted.rs"), 6000)] {
        assert!(planted.contains(&format!("const PROGRAMS: u64 = {programs};")));
    }
    says("each found within 2,000 or 6,000 programs");
    for folder in ["compliance", "full", "programs", "regressions", "long"] {
        on(CORPUS, &format!("| [`{folder}`]({folder}) | {} |", count(&format!("corpus/{folder}"))));
    }
}

#[test]
fn counts_the_assertions_of_the_specification() {
    let ran = good(["spec", "--engine", "vm"]);
    let total = ran.lines().last().unwrap().to_string();
    let passed: usize = total.split_once(" files, ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    assert!(total.ends_with(" 0 failed"), "{total}");
    says(&format!("| {} assertions;", thousands(passed)));
}

#[test]
fn counts_the_mutants_and_the_classes_of_those_that_no_program_can_tell() {
    let circuit = byte::machine::circuit();
    let (model, bounds) = circuit.compile::<f32>().unwrap();
    let rules = Rules::new(&model, &circuit, &bounds);
    let mutants = Mutant::all(&model);
    let mut classes = BTreeMap::<&str, usize>::new();
    for class in mutants.iter().filter_map(|mutant| rules.class(*mutant)) {
        *classes.entry(class.name).or_default() += 1;
    }
    for (class, count) in &classes {
        on(MUTATE, &format!("| {class} | {count} |"));
    }
    let (all, equivalent) = (mutants.len(), classes.values().sum::<usize>());
    on(MUTATE, &format!("{} such mutants of", thousands(all)));
    on(MUTATE, &format!("Every mutant that is not equivalent is killed: {}.", thousands(all - equivalent)));
    says(&format!("| {} mutants, none unexplained |", thousands(all)));
    // Part, mutants, killed, first by suite, by generated, by probes, equivalent, unexplained.
    let page = page(MUTATE);
    let rows: Vec<Vec<usize>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.matches('|').count() == 9)
        .map(|line| line.split('|').filter_map(|cell| cell.trim().parse().ok()).collect::<Vec<_>>())
        .filter(|cells| cells.len() == 7)
        .collect();
    let (sums, parts) = rows.split_last().unwrap();
    for column in 0..7 {
        assert_eq!(parts.iter().map(|row| row[column]).sum::<usize>(), sums[column], "column {column}");
    }
    assert_eq!((sums[0], sums[5], sums[6]), (all, equivalent, 0));
}

/// Speeds are measured by `wasmformer bench`, whose tables are in `benches/README.md`: other pages round
/// them.
#[test]
fn rounds_the_speeds_of_the_measurements() {
    let page = page(BENCHES);
    let cells = |beginning: &str| -> Vec<f64> {
        let row = page.lines().find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("{beginning}"));
        row.split('|').filter_map(|cell| cell.trim().replace(',', "").parse().ok()).collect()
    };
    let near = |measured: f64, said: f64| assert!((measured / said - 1.0).abs() < 0.15, "{measured} is not {said}");
    let mean = |form: &str| cells(&format!("| {form} | all |"))[1];
    says(&format!("| 1 | {:.2}, or {:.2} in the fused form |", mean("plain"), mean("fused")));
    says("| 2,000,000 | 280,000, or 560,000 in the fused form |");
    near(1e9 / cells("| 1,000,000 | 4")[1], 2_000_000.0 * 1.08);
    let speed = |form: &str| {
        let rows = page.lines().filter(|line| line.contains(&format!("| i32 | {form} |")) && line.matches('|').count() == 14);
        let mut speeds: Vec<f64> = rows.map(|row| row.split('|').nth(7).unwrap().trim().replace(',', "").parse().unwrap()).collect();
        speeds.sort_by(f64::total_cmp);
        speeds[speeds.len() / 2]
    };
    near(speed("plain"), 280_000.0);
    near(speed("fused"), 560_000.0);
    on(COMPARISON, "about 400,000 tokens/s, one core");
    near(1e9 / cells("| 1,000,000 | 2")[1], 400_000.0);
}

#[test]
fn one_version_for_all_packages() {
    let version = env!("CARGO_PKG_VERSION");
    let line = |path: &str, line: String| on(path, &line);
    line("CHANGELOG.md", format!("\n## {version}"));
    if !is_clone() {
        return;
    }
    line("engines/python/pyproject.toml", format!("\nversion = \"{version}\"\n"));
    for package in ["engines/typescript", "web/studio"] {
        line(&format!("{package}/package.json"), format!("\"version\": \"{version}\""));
        line(&format!("{package}/package-lock.json"), format!("\"version\": \"{version}\""));
    }
}
