//! The README says what the code says.

use wasmformer::byte::isa;
use wasmformer::{byte, full};

use crate::common::command::good;

const README: &str = include_str!("../../README.md");

#[test]
fn shows_the_table_of_instructions() {
    let table = isa::table_lines("  ").join("\n");
    assert!(README.contains(&table), "the README's table of instructions should be:\n{table}");
}

#[test]
fn shows_which_command_is_there_for_which_machine() {
    let table = good(["info", "--commands"]);
    says(&format!("<!-- commands -->\n{}<!-- /commands -->", table.stdout()));
}

#[test]
fn counts_the_weights() {
    let (model, _) = byte::machine::compile::<f32>().unwrap();
    says(&format!("{} are not zero", thousands(model.non_zeros())));
}

#[test]
fn gives_the_shape_of_the_full_machine() {
    let (model, bounds) = full::machine::compile::<f64>().unwrap();
    let config = &model.config;
    says(&format!("`{:?}` heads of width {}", config.heads_per_layer(), config.d_head));
    says(&format!("{} lanes, {} neurons a layer, a vocabulary of {}", config.d_model, config.d_ffn, thousands(config.vocab_size)));
    says(&format!("{} weights are not zero", thousands(model.non_zeros())));
    says(&format!("the largest bound is {:.0} % of 2^53", bounds.largest().bound as f64 / 2f64.powi(53) * 100.0));
    says(&format!("its weights in f64 ({} MB)", config.parameters() * 8 / 1_000_000));
}

fn says(words: &str) {
    assert!(README.contains(words), "the README should say: {words}");
}

fn thousands(count: usize) -> String {
    format!("{},{:03}", count / 1000, count % 1000)
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
        assert!(README.contains(&row), "the README should have the row {row}");
    }
}

#[test]
fn tells_what_a_prompt_keeps() {
    use wasmformer::full::listing::size::{DATA, INSTRUCTION, PLACE, ROW};
    says(&format!("{ROW} for a row, {INSTRUCTION} for an instruction, {PLACE} for a place of the table, {DATA} for a\nbyte of memory"));
}

#[test]
fn links_to_files_that_exist() {
    for link in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(link.starts_with("https:") || std::path::Path::new(link).exists(), "{link}");
    }
}
