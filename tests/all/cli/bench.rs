//! `bench`: its counts are those of the reference VM and of the network. Times are not tested.

use std::collections::HashMap;

use crate::common::command::{folder, good, text};

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
