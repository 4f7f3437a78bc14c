//! `bench`: its counts are those of the reference VM and of the network. Times are not tested.

use std::collections::HashMap;
use std::fs;

use crate::common::command::{LONG, folder, good, text, unusable};

/// Sums the numbers up to 100 by 64-bit additions; the long size sums up to 100,000.
const SUM: &str = r#"(module
  (func $sum (param $n i64) (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (local.get $sum) (local.get $n)))
      (br_if $next (i64.ne (local.tee $n (i64.sub (local.get $n) (i64.const 1))) (i64.const 0)))))
  (func (export "main") (call $sum (i64.const 100)))
  (func (export "long") (call $sum (i64.const 100000))))"#;

/// A row of a table: its cells by column.
type Row<'a> = HashMap<&'a str, &'a str>;

/// The rows of a table whose first column is `heading`.
fn rows<'a>(printed: &'a str, heading: &str) -> Vec<Row<'a>> {
    let cells = |line: &'a str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let mut lines = printed.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |")));
    let columns = cells(lines.next().unwrap_or_else(|| panic!("no table of {heading} in {printed}")));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells);
    rows.map(|row| columns.iter().copied().zip(row).collect()).collect()
}

/// The rows of a table whose first column is `heading`, by the contents of that column.
fn table<'a>(printed: &'a str, heading: &'a str) -> HashMap<&'a str, Row<'a>> {
    rows(printed, heading).into_iter().map(|row| (row[heading], row)).collect()
}

fn number(cell: &str) -> u64 {
    cell.replace(',', "").parse().unwrap_or_else(|_| panic!("{cell} is not a number"))
}

/// The number of steps: lines of a trace without the heading.
fn steps(path: &str, invoke: &str) -> u64 {
    good(["trace", path, "--engine", "vm", "--model", "full", "--invoke", invoke]).lines().len() as u64 - 1
}

#[test]
fn the_full_machine_s_tokens_are_counted_by_instruction() {
    let folder = folder(&[("sum.wat", SUM.as_bytes())]);
    let sum = folder.path().join("sum.wat");
    let ran = good(["bench", "--model", "full", "--longest", "1000", "--limit", "30000", text(&sum), "corpus/programs/fibonacci.wat"]);
    let printed = ran.stdout();
    assert_eq!(ran.stderr, "", "no progress bar in a pipe");

    let growth = table(printed, "length of the trace");
    assert_eq!(growth.keys().copied().collect::<Vec<_>>(), ["1,000"]);

    let programs = rows(printed, "program");
    let told: Vec<_> = programs.iter().map(|row| (row["program"], row["class"], row["form"])).collect();
    let (sum_64, fibonacci_32) = (("sum", "64-bit"), ("fibonacci", "i32"));
    let expected = [sum_64, fibonacci_32].into_iter().flat_map(|(name, class)| [(name, class, "plain"), (name, class, "fused")]);
    assert!(told.iter().copied().eq(expected), "{told:?}");
    let instructions = [steps(text(&sum), "main"), steps("corpus/programs/fibonacci.wat", "main")];
    for (row, instructions) in programs.iter().zip(instructions.into_iter().flat_map(|count| [count, count])) {
        assert_eq!(number(row["instructions"]), instructions);
        let ratio = number(row["tokens"]) as f64 / instructions as f64;
        assert_eq!(row["tokens per instruction"], format!("{ratio:.2}"));
        assert!(row["form"] == "fused" || ratio > 1.0, "in the plain form every instruction ends with a token");
    }
    for [plain, fused] in programs.as_chunks::<2>().0 {
        assert!(number(fused["tokens"]) < number(plain["tokens"]), "{printed}");
    }

    // One average of the i32 programs, one of the 64-bit programs, and one of both.
    for form in ["| plain | ", "| fused | "] {
        assert_eq!(printed.lines().filter(|line| line.starts_with(form)).count(), 3, "{printed}");
    }
}

#[test]
fn the_long_size_is_run_where_it_ends_within_the_limit() {
    let folder = folder(&[("sum.wat", SUM.replace("100000", "200").as_bytes())]);
    let sum = folder.path().join("sum.wat");
    let bench = |limit: &str| good(["bench", "--model", "full", "--longest", "0", "--limit", limit, text(&sum)]).stdout().to_string();
    let long = steps(text(&sum), "long");
    assert_eq!(number(table(&bench(&long.to_string()), "program")["sum (long)"]["instructions"]), long);
    let main = steps(text(&sum), "main");
    let printed = bench(&(long - 1).to_string());
    assert_eq!(number(table(&printed, "program")["sum"]["instructions"]), main);
    assert!(printed.contains("; 0 were stopped there"));
    let printed = bench("10");
    assert_eq!(number(table(&printed, "program")["sum, stopped"]["instructions"]), 10);
    assert!(printed.contains("; 1 were stopped there") && !printed.contains("length of the trace"), "{printed}");
}

/// What was compared with a baseline: figure, of what, and the ratio.
fn compared(printed: &str) -> Vec<(&str, &str, f64)> {
    rows(printed, "figure").iter().map(|row| (row["figure"], row["of"], row["now / baseline"].parse().unwrap())).collect()
}

/// The figures of a file that `--save` wrote.
fn figures(json: &str) -> Vec<serde_json::Value> {
    let measurement: serde_json::Value = serde_json::from_str(json).unwrap();
    measurement["figures"].as_array().unwrap().clone()
}

#[test]
fn figures_are_compared_with_those_of_a_baseline() {
    let folder = folder(&[("sum.wat", SUM.as_bytes())]);
    let [sum, saved, again] = ["sum.wat", "saved.json", "again.json"].map(|name| folder.path().join(name));
    let (sum, saved, again) = (text(&sum), text(&saved), text(&again));
    let bench = ["bench", "--machine", "full", "--limit", "2000", "corpus/programs/fibonacci.wat"];
    let first = good([&bench[..], &["--longest", "1000", "--save", saved, sum]].concat());
    assert!(!first.stdout().contains("baseline"), "{}", first.stdout());
    let before = fs::read_to_string(saved).unwrap();

    // Without `sum` and without lengths.
    let second = good([&bench[..], &["--longest", "0", "--baseline", saved, "--save", again]].concat());
    let now = fs::read_to_string(again).unwrap();
    let told = compared(second.stdout());
    let what: Vec<_> = told.iter().map(|(figure, of, _)| (*figure, *of == "fibonacci, 2,000 steps")).collect();
    let of_form = |form| ["tokens/s", "instructions/s", "tokens per instruction", "prompt rows/s"].map(|what| format!("{what}, {form}"));
    for figure in of_form("plain").iter().chain(&of_form("fused")) {
        assert!(what.contains(&(&figure[..], true)), "{figure}: {}", second.stdout());
    }
    assert!(what.contains(&("from weights in a folder to ready, ms", false)), "{what:?}");
    assert!(what.contains(&("instructions/s, vm", true)) && what.contains(&("instructions/s, wasmi", true)), "{what:?}");
    for (figure, _, ratio) in &told {
        assert!(*ratio > 0.0 && (*ratio == 1.0 || !figure.starts_with("tokens per instruction")), "{figure}: {ratio}");
    }
    let (before, now) = (figures(&before), figures(&now));
    let without = format!("Without a counterpart: {} figures of the baseline, 0 of this run.", before.len() - now.len());
    assert!(before.len() > now.len() && second.stdout().contains(&without), "{without}: {}", second.stdout());

    unusable(["bench", "--baseline", saved], &["measured on the machine full, and cannot be compared with the machine byte"]);
}

#[test]
fn the_byte_machine_s_figures_are_compared_too() {
    let folder = folder(&[]);
    let [saved, plot] = ["saved.json", "cost.svg"].map(|name| folder.path().join(name));
    let bench = ["bench", "--longest", "1000", "--limit", "20"];
    good([&bench[..], &[LONG, "--save", text(&saved), "--plot", text(&plot)]].concat());
    assert!(fs::read_to_string(&plot).unwrap().ends_with("</svg>\n"));
    let before = fs::read(&saved).unwrap();
    // The baseline is read before its file is replaced.
    let ran = good([&bench[..], &["--compiled", "--baseline", text(&saved), "--save", text(&saved)]].concat());
    let printed = ran.stdout();
    let what: Vec<_> = compared(printed).into_iter().map(|(figure, of, _)| (figure, of)).collect();
    for row in [("ns per token", "after 1,000 tokens"), ("tokens/s", "geometric mean of 2"), ("tokens/s, forced", "geometric mean of 2")] {
        assert!(what.contains(&row), "{printed}");
    }
    assert!(printed.contains("indexed passes. Now: ") && printed.contains("compiled passes.\n"), "{printed}");
    // Two figures of the network's generating, one forced, one of each judge.
    assert!(printed.contains("Without a counterpart: 5 figures of the baseline, 0 of this run."), "{printed}");
    assert!(fs::read(&saved).unwrap() != before);
}
