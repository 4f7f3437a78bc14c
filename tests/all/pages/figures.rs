//! What only a measurement gives: `benches/measure` keeps what commands print in `benches/figures`, and the
//! pages have these lines, or numbers rounded from them.

use super::facts::{BENCHES, COMPARISON, FULL, Fact, MUTATE, README, thousands};
use super::text::page;

pub const ALL: &[fn() -> Vec<Fact>] = &[tables, long_trace, speeds, mutants, full_proof];

/// What a command printed, after the lines that say when and where.
fn kept(name: &str) -> (String, String) {
    let text = page(&format!("benches/figures/{name}.txt"));
    let (command, rest) = text.split_once('\n').unwrap();
    let (measured, printed) = rest.split_once('\n').unwrap();
    assert!(command.starts_with("$ wasmformer "), "{command}");
    (measured.strip_prefix("# ").unwrap().to_string(), printed.to_string())
}

fn has_number(line: &str) -> bool {
    line.contains(|c: char| c.is_ascii_digit())
}

/// The tables of `bench`, line by line, with the date and the machine.
fn tables() -> Vec<Fact> {
    let mut facts = Vec::new();
    for name in ["bench", "bench-full", "compiled", "compiled-full", "specialized", "specialized-full"] {
        let (measured, printed) = kept(name);
        facts.push((BENCHES, format!("Measured on {measured}.")));
        facts.extend(printed.lines().filter(|line| has_number(line)).map(|line| (BENCHES, format!("{line}\n"))));
    }
    facts
}

fn long_trace() -> Vec<Fact> {
    let (_, printed) = kept("long");
    let steps = printed.lines().next().unwrap().split(' ').rev().nth(1).unwrap().parse().unwrap();
    assert!(printed.contains("1 agree, 0 diverge"), "{printed}");
    vec![(BENCHES, format!("A trace of {} steps agrees with the reference VM", thousands(steps)))]
}

/// What the proof of the full machine comes to.
fn full_proof() -> Vec<Fact> {
    let (_, printed) = kept("prove-full");
    let (obligations, proved) = printed.split_once('\n').unwrap();
    let samples = obligations.strip_suffix(" samples").unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    let instructions = proved.split(" instructions are proved").next().unwrap();
    vec![
        (README, format!("| {instructions} instructions, for all operands: proved")),
        (FULL, format!("the tokens of {instructions} instructions are right")),
        (FULL, format!("tested: on {} samples |", thousands(samples))),
    ]
}

/// The cells of the first row that begins with these words; those that are no numbers are left out.
fn cells(table: &str, beginning: &str) -> Vec<f64> {
    let row = table.lines().find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("{beginning}"));
    row.split('|').filter_map(|cell| cell.split_whitespace().next()?.replace(',', "").parse().ok()).collect()
}

/// Rounded to two digits.
fn rounded(number: f64) -> String {
    let unit = 10f64.powf(number.log10().floor() - 1.0);
    thousands(((number / unit).round() * unit) as usize)
}

/// The speeds and ratios that other pages give.
fn speeds() -> Vec<Fact> {
    let (byte, full) = (kept("bench").1, kept("bench-full").1);
    let (byte_compiled, full_compiled) = (kept("compiled").1, kept("compiled-full").1);
    let mean = |form: &str| cells(&full, &format!("| {form} | all but floats |"))[1];
    let median = |table: &str, form: &str| {
        let rows = table.lines().filter(|line| line.contains(&format!("| i32 | {form} |")) && line.matches('|').count() == 14);
        let mut speeds: Vec<f64> = rows.map(|row| row.split('|').nth(7).unwrap().trim().replace(',', "").parse().unwrap()).collect();
        speeds.sort_by(f64::total_cmp);
        speeds[speeds.len() / 2]
    };
    let per_second = |table: &str, length: &str| 1e9 / cells(table, length)[1];
    let suite = cells(&byte, "| the compliance suite |");
    let long = cells(&byte, "| corpus/long/");
    let (indexed, forced) = (3, 4);
    assert!(long[forced] / long[indexed] > 2.0);
    let [(plain, fused), (plain_compiled, fused_compiled)] =
        [&full, &full_compiled].map(|table| (rounded(median(table, "plain")), rounded(median(table, "fused"))));
    vec![
        (README, format!("| 1 | {:.2}, or {:.2} in the fused form |", mean("plain"), mean("fused"))),
        (README, format!("| {} | {plain}, or {fused} in the fused form |", rounded(per_second(&byte, "| 1,000,000 |")))),
        (
            README,
            format!(
                "| {} | {plain_compiled}, or {fused_compiled} in the fused form |",
                rounded(per_second(&byte_compiled, "| 1,000,000 |"))
            ),
        ),
        (COMPARISON, format!("about {} tokens/s, one core", rounded(per_second(&full, "| 1,000,000 |")))),
        (BENCHES, format!("{:.1} times as fast on the suite", suite[forced] / suite[indexed])),
    ]
}

/// The rows of a table of the page of mutants: the name, then columns of counts.
fn rows(page: &str, columns: usize) -> Vec<(&str, Vec<usize>)> {
    let lines = page.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == columns + 2);
    let row = |line: &'_ str| line.split('|').skip(2).filter_map(|cell| cell.trim().parse().ok()).collect::<Vec<usize>>();
    lines.map(|line| (line.split('|').nth(1).unwrap().trim(), row(line))).filter(|(_, cells)| cells.len() == columns).collect()
}

/// Columns of both tables of mutants.
const KILLED: usize = 1;
const BY_SUITE: usize = 2;

/// `wasmformer mutate` prints the tables of mutants, and takes minutes. Here the rows must add up to the last
/// row, and the columns of each row to its mutants; the text must say what the last row says.
fn mutants() -> Vec<Fact> {
    let page = page(MUTATE);
    let mut facts = Vec::new();
    for (columns, killers) in [(7, 2..5), (8, 2..5)] {
        let rows = rows(&page, columns);
        let ((_, sums), parts) = rows.split_last().unwrap();
        for column in 0..columns {
            assert_eq!(parts.iter().map(|(_, cells)| cells[column]).sum::<usize>(), sums[column], "column {column}");
        }
        for (part, cells) in &rows {
            assert_eq!(cells[killers.clone()].iter().sum::<usize>(), cells[KILLED], "{part}");
            assert_eq!(cells[KILLED] + cells[killers.end..].iter().sum::<usize>(), cells[0], "{part}");
            let cells: String = cells.iter().map(|cell| format!(" {cell} |")).collect();
            facts.push((MUTATE, format!("| {part} |{cells}")));
        }
    }
    let (byte, full) = (rows(&page, 7).pop().unwrap().1, rows(&page, 8).pop().unwrap().1);
    let percent = |part: usize, whole: usize| format!("{:.2} %", 100.0 * part as f64 / whole as f64);
    assert_eq!(byte[6], 0, "mutants that no rule explains");
    let (killed, by_suite) = (byte[KILLED], byte[BY_SUITE]);
    let exercised = full[KILLED] + full[7];
    let alone = format!("kills {} of them, {}.", thousands(by_suite), percent(by_suite, killed));
    facts.extend([
        (MUTATE, alone),
        (MUTATE, format!("`wasmformer mutate --machine full --sample {}`", full[0])),
        (MUTATE, format!("Of the {exercised} mutants that are exercised and not equivalent")),
        (MUTATE, format!("{} are killed: {}.", full[KILLED], percent(full[KILLED], exercised))),
    ]);
    facts
}
