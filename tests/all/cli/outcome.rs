//! The end of a command: a program that did not run is not counted as agreeing, no known result is lost, and
//! no process or file is left behind.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::tempdir;
use wasmformer::byte::program::reader::read_file;
use wasmformer::harness::byte::{Case, Observed, Run, Watch};
use wasmformer::harness::compare::Partial;
use wasmformer::harness::corpus::Place;
use wasmformer::harness::engines::Bounded;
use wasmformer::harness::report::Difference;
use wasmformer::harness::residuals::Residuals;
use wasmformer::harness::{Byte, Engine, EngineError, Verdict, VmEngine, compare};
use wasmformer::harness::{Emitted, Transformer};
use wasmformer::wasm::find::{find, find_programs};

use crate::common::command::{ADDITION, BINARY, Ran, folder, shell, text, wasmformer};

const FULL: &[u8] = b"(module (func (export \"main\") (result i32) i32.const 3))";
const HANGS: &str = r#"echo '{"type":"hello","protocol":1,"engine":"script"}'; read load; echo '{"type":"loaded"}'; sleep 600"#;

/// Whether signals end this process and the processes that it starts. Under `nohup` they are ignored.
fn interruptions_arrive() -> bool {
    signals("self", "SigIgn:") & 1 == 0
}

/// The mask of the signals that a process ignores or catches; all signals if the system does not report it.
fn signals(process: &str, kind: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix(kind)).and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(u64::MAX)
}

fn start(arguments: &[&str], temporary: &Path) -> Child {
    let mut command = Command::new(BINARY);
    command.args(arguments).env("TMPDIR", temporary);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn interrupt(child: Child, signal: Signal) -> Ran {
    kill_process(Pid::from_child(&child), signal).unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn an_interruption_ends_engines_with_all_they_started_and_leaves_no_folder() {
    if !interruptions_arrive() {
        return;
    }
    for signal in [Signal::INT, Signal::TERM] {
        let (temporary, notes) = (tempdir().unwrap(), tempdir().unwrap());
        let started = notes.path().join("started");
        // The second process leaves the engine's process group and its parent.
        let script = format!("setsid sh -c 'echo $$ > {0}.tmp; mv {0}.tmp {0}; sleep 987' & {HANGS}", started.display());
        let command = format!("sh -c '{}'", script.replace('\'', "'\"'\"'"));
        let arguments = ["diff", ADDITION, "corpus/regressions", "--engine-timeout", "600", "--engine-cmd", &command];
        let child = start(&arguments, temporary.path());
        wait_for("the engine starts", || started.exists());
        let begin = Instant::now();
        let ran = interrupt(child, signal);
        assert!(begin.elapsed() < Duration::from_secs(60));
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.starts_with("interrupted: "), "{ran:?}");
        assert!(ran.stdout().contains("stopped: 4 not compared") && ran.stdout().contains("0 agree, 0 diverge, 0 failed"), "{ran:?}");
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "a temporary folder is left");
        let descendant = fs::read_to_string(&started).unwrap();
        let state = fs::read_to_string(format!("/proc/{}/stat", descendant.trim())).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "a descendant outlived its engine: {state}");
    }
}

#[test]
fn what_left_its_group_is_ended_with_its_engine() {
    let notes = tempdir().unwrap();
    let file = notes.path().join("alive");
    let script = format!("setsid sh -c \"sleep 4; echo > {}\" & sleep 600", file.display());
    let ran = wasmformer(["diff", ADDITION, "--engine-timeout", "1", "--engine-cmd", &format!("sh -c '{script}'")]);
    assert!(ran.status == 1 && ran.stdout().contains("hangs"), "{ran:?}");
    std::thread::sleep(Duration::from_secs(5));
    assert!(!file.exists(), "a descendant outlived its engine");
}

#[test]
fn an_interrupted_soak_tells_what_it_knows_and_goes_on() {
    if !interruptions_arrive() {
        return;
    }
    for (model, name) in [("byte", "byte-seed-1"), ("full", "full-seed-1")] {
        let folder = tempdir().unwrap();
        let output = folder.path().join("out");
        let checkpoint = output.join(format!("{name}.checkpoint.json"));
        let options = ["soak", "--model", model, "--engine", "vm", "--engine", "wasmi"];
        let child = start(&[&options[..], &["--count", "100000000", "-o", text(&output)]].concat(), folder.path());
        wait_for("a checkpoint", || checkpoint.exists());
        let ran = interrupt(child, Signal::TERM);
        assert_eq!(ran.status, 2, "{ran:?}");
        let next = fs::read_to_string(&checkpoint).unwrap();
        let next = serde_json::from_str::<Value>(&next).unwrap()["next"].as_u64().unwrap();
        assert!(ran.stdout().contains(&format!("\n{next} programs, ")), "{ran:?}");
        assert!(ran.stderr.contains(&format!("the same command will continue at program {next}")), "{ran:?}");

        let soak = |count: u64, output: &Path| wasmformer(options.into_iter().chain(["--count", &count.to_string(), "-o", text(output)]));
        let fewer = soak(next - 1, &output);
        assert!(fewer.status == 2 && fewer.stderr.contains(&format!("an interrupted run has {next} programs already")), "{fewer:?}");
        let resumed = soak(next, &output);
        assert!(resumed.stderr.contains(&format!("continuing at program {next}")), "{resumed:?}");
        assert_eq!(resumed.stdout(), soak(next, &folder.path().join("anew")).stdout());
        assert!(!output.exists(), "a folder that was made for it is removed");
    }
}

#[test]
fn a_soak_keeps_its_checkpoint_until_its_results_are_told() {
    let output = tempdir().unwrap();
    let soak = format!("\"$WASMFORMER\" soak --count 40 -o {}", text(output.path()));
    let lost = shell(&format!("{soak} > /dev/full"));
    assert!(lost.status == 2 && lost.stderr.contains("the results cannot be written"), "{lost:?}");
    let told = shell(&soak);
    assert!(told.status == 0 && told.stderr.contains("continuing at program 40") && told.stdout().contains("\n40 programs"), "{told:?}");
    assert_eq!(fs::read_dir(output.path()).unwrap().count(), 0, "the folder is the user's, and stays");
}

#[test]
fn a_damaged_checkpoint_is_told() {
    let output = tempdir().unwrap();
    let checkpoint = output.path().join("byte-seed-1.checkpoint.json");
    let soak = || shell(&format!("\"$WASMFORMER\" soak --count 40 -o {}", text(output.path())));
    fs::write(&checkpoint, "{\"of\":").unwrap();
    let ran = soak();
    assert!(ran.status == 0 && ran.stderr.contains("damaged: EOF") && ran.stdout().contains("\n40 programs"), "{ran:?}");

    shell(&format!("\"$WASMFORMER\" soak --count 40 -o {} > /dev/full", text(output.path())));
    let tampered = fs::read_to_string(&checkpoint).unwrap().replace("\"next\":40", "\"next\":18446744073709551615");
    fs::write(&checkpoint, tampered).unwrap();
    let ran = soak();
    assert!(ran.status == 0 && ran.stderr.contains("damaged: its counts do not add up to") && ran.stdout().contains("\n40 programs"));
}

#[test]
fn exhaustive_and_mutate_tell_what_they_had() {
    if !interruptions_arrive() {
        return;
    }
    let temporary = tempdir().unwrap();
    for command in [&["exhaustive"][..], &["exhaustive", "--model", "full"], &["mutate"]] {
        let child = start(command, temporary.path());
        wait_for("interruptions are heard", || signals(&child.id().to_string(), "SigCgt:") & 1 << (Signal::TERM.as_raw() - 1) != 0);
        let ran = interrupt(child, Signal::TERM);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stdout().contains("stopped after ") && ran.stdout().contains("\nall "), "{ran:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_thread_may_start_there_is_an_error_and_no_panic() {
    for limit in 1..8 {
        let diff = format!("ulimit -u {limit}; exec '{BINARY}' diff '{ADDITION}' --engine-cmd cat --engine-timeout 5");
        let ran: Ran = match rustix::process::getuid().is_root() {
            // The limit does not apply to root.
            true => Command::new("su").args(["nobody", "-s", "/bin/bash", "-c", &diff]).output().unwrap().into(),
            false => Command::new("bash").args(["-c", &diff]).output().unwrap().into(),
        };
        assert_ne!(ran.status, 0, "{limit}: {ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn one_entry_that_cannot_be_read_does_not_end_a_comparison() {
    use std::os::unix::fs::symlink;
    let programs = folder(&[("a.wat", FULL), ("below/b.wat", FULL)]);
    let at = |name: &str| programs.path().join(name);
    symlink("nowhere", at("dangling.wat")).unwrap();
    symlink(".", at("loop")).unwrap();
    symlink("..", at("below/up")).unwrap();
    let found = find(programs.path()).unwrap();
    assert_eq!(found.programs, [at("a.wat"), at("below/b.wat")]);
    let reasons: Vec<String> = found.unreadable.iter().map(ToString::to_string).collect();
    assert!(reasons[0].contains("below/up: cannot be read: a link to a folder that contains the link"), "{reasons:?}");
    assert!(reasons[1].contains("dangling.wat: cannot be read: No such file"), "{reasons:?}");
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(find_programs(programs.path()).is_err());
    let ran = wasmformer(["diff", text(programs.path()), "--engine", "vm"]);
    assert_eq!((ran.status, ran.lines().last()), (2, Some(&"2 agree, 0 diverge, 0 inconclusive, 3 unreadable")), "{ran:?}");
}

#[test]
fn the_corpus_travels_in_the_command() {
    let elsewhere = tempdir().unwrap();
    let ran: Ran = Command::new(BINARY).args(["diff", "--engine", "vm"]).current_dir(elsewhere.path()).output().unwrap().into();
    // The programs built with toolchains are not embedded; only the script that builds them uses them.
    let mut programs = find_programs(Path::new("corpus")).unwrap();
    programs.retain(|path| !path.starts_with("corpus/toolchains"));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let expected = format!("{} agree, 0 diverge, 0 inconclusive, 0 unreadable", programs.len());
    assert_eq!(ran.lines().last(), Some(&expected.as_str()));

    let embedded = Place::of_corpus("corpus");
    let paths: Vec<_> = programs.iter().map(|path| path.display().to_string()).collect();
    let mut names: Vec<_> = embedded.iter().map(ToString::to_string).collect();
    names.sort();
    let mut sorted = paths.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    for place in embedded {
        let file = Place::File(place.to_string().into());
        assert_eq!(place.read().unwrap().bytes, file.read().unwrap().bytes);
        assert_eq!(place.beside("in"), file.beside("in"));
        assert_eq!((place.beside("long.in"), place.stem()), (file.beside("long.in"), file.stem()));
    }
}

/// The reference VM with one logit per step. At one step the logit differs.
struct Logged {
    name: &'static str,
    other_at: usize,
}

impl Engine<Byte> for Logged {
    fn name(&self) -> &str {
        self.name
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let mut index = 0;
        VmEngine.run(case, &mut |observed| {
            let logits = vec![if index == self.other_at { 1.0 } else { 0.0 }];
            index += 1;
            let token = watch(&Observed::Token(&Emitted { token: 0, logits: Some(&|| logits.clone()), digest: None }));
            if token.is_break() { token } else { watch(observed) }
        })
    }

    fn transformer(&self) -> Option<&dyn Transformer<Byte>> {
        Some(self)
    }
}

impl Transformer<Byte> for Logged {
    fn has_logits(&self) -> bool {
        true
    }

    fn lanes(&self) -> Option<&[String]> {
        None
    }

    fn prompt_rows(&self, _: Case<'_>) -> Result<usize, EngineError> {
        Ok(1)
    }

    fn run_seen(&self, case: Case<'_>, watch: &mut Watch<'_>, _: Residuals<'_>) -> Result<Run, EngineError> {
        self.run(case, watch)
    }
}

#[test]
fn beyond_a_bounded_engine_the_others_are_still_compared_with_each_other() {
    let module = read_file(Path::new(ADDITION)).unwrap();
    let files = module.header.files();
    let case = Case::new(&module.program, &files);
    let right = |name| Logged { name, other_at: usize::MAX };
    let (first, second) = (right("first"), right("second"));
    let bounded = Bounded::new(Box::new(right("first")), (5, usize::MAX));
    let at = |other_at| match compare(case, &[&VmEngine, &bounded, &second, &Logged { name: "third", other_at }], 1000).unwrap().0 {
        Verdict::Diverge(report) => {
            let Difference::Logits(at) = report.difference else { panic!("{report}") };
            (report.reference, Some(at.step))
        }
        Verdict::Agree { partial, .. } => {
            assert_eq!(partial, [Partial { engine: "first".to_string(), steps: 5 }]);
            (String::new(), None)
        }
        verdict => panic!("{verdict:?}"),
    };
    assert_eq!(at(usize::MAX), (String::new(), None));
    assert_eq!(at(2), ("second".to_string(), Some(2)));
    assert_eq!(at(7), ("second".to_string(), Some(7)));
    let wrong = Bounded::new(Box::new(Logged { name: "wrong", other_at: 7 }), (5, usize::MAX));
    let beyond = compare(case, &[&VmEngine, &first, &wrong], 1000).unwrap().0;
    assert!(matches!(beyond, Verdict::Agree { partial, .. } if partial[0].steps == 5), "what is beyond was not compared");
}
