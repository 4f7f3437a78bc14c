//! The exit status if standard output or standard error is not read to the end, or is full.

use crate::common::command::{ADDITION, LONG, LOOP_LIMIT, good, shell, text};
use crate::common::exported::exported_with_a_wrong_sum;

#[test]
fn stops_quietly_when_nobody_reads_on() {
    let trace = format!("trace --engine vm {LONG}");
    let diff = format!("diff --json {ADDITION}");
    for (command, reader, lines) in [(&trace, "head -1", 1), (&trace, "true", 0), (&diff, "true", 0)] {
        let ran = shell(&format!("(\"$WASMFORMER\" {command}; echo status $? >&2) | {reader}"));
        assert_eq!((ran.lines().len(), ran.stderr.as_str()), (lines, "status 2\n"), "{command} | {reader}");
    }
}

#[test]
fn keeps_its_status_when_nobody_reads_the_errors() {
    for (arguments, status) in [(LOOP_LIMIT, 1), ("no/such.wat", 2)] {
        let run = format!("\"$WASMFORMER\" run --engine vm {arguments} 2>&1 > /dev/null");
        let ran = shell(&format!("exec 3>&1; (sleep 0.2; {run}; echo status $? >&3) | true"));
        assert_eq!(ran.stdout(), format!("status {status}\n"), "{arguments}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn says_when_results_cannot_be_written() {
    for command in ["info", &format!("run {ADDITION}"), &format!("diff {ADDITION}")] {
        let ran = shell(&format!("\"$WASMFORMER\" {command} > /dev/full"));
        assert!(ran.status == 2 && ran.stderr.starts_with("error: the results cannot be written: "), "{command}: {ran:?}");
    }
}

#[test]
fn a_known_divergence_is_told_by_the_status_though_nobody_reads_on() {
    let folder = exported_with_a_wrong_sum();
    let weights = folder.path().join("weights");
    let weights = text(&weights);
    let output = folder.path().join("soak");
    let output = text(&output);
    for command in [
        format!("diff {ADDITION} --weights {weights}"),
        format!("shrink {ADDITION} --weights {weights}"),
        format!("soak --count 20 -o {output} --weights {weights}"),
    ] {
        let ran = shell(&format!("(\"$WASMFORMER\" {command} 2> /dev/null; echo status $? >&2) | true"));
        assert_eq!(ran.stderr, "status 1\n", "{command}");
    }
}

#[test]
fn what_is_cut_short_is_not_good() {
    for command in ["suite --engine vm", "listing corpus/long/three-nested-loops.wat", "gen --count 100000", "spec --engine vm"] {
        let ran = shell(&format!("(\"$WASMFORMER\" {command}; echo status $? >&2) | true"));
        assert_eq!(ran.stderr, "status 2\n", "{command}");
    }
    let help = good(["--help"]);
    assert!(help.stdout().contains("Exit statuses:") && help.stdout().contains("cut short"), "{help:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_never_good() {
    for command in ["--help", "--version", "gen", "soak --help"] {
        let ran = shell(&format!("\"$WASMFORMER\" {command} > /dev/full"));
        assert!(ran.status == 2 && ran.stderr.starts_with("error: the results cannot be written: "), "{command}: {ran:?}");
    }
}
