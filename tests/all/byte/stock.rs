//! The stock machine: by its own softmax pass every word is the one that the reference VM's trace asks for.

use wasmformer::byte::stock::{self, MAX_ROWS, Vocabulary, Word};
use wasmformer::circuit::check::RangeCheck;
use wasmformer::circuit::llama::{LlamaError, PIN, UNDERFLOW};
use wasmformer::circuit::{Form, ONE};
use wasmformer::harness::byte::compliance::{STEP_LIMIT, suite};
use wasmformer::harness::byte::{Case, Generated, StockEngine, WasmiEngine};
use wasmformer::harness::{VmEngine, compare, record};
use wasmformer::transformer::forward::Row;
use wasmformer::transformer::llama::{LlamaModel, Pass, Session};
use wasmformer::transformer::{Network, Observer, Stage};

/// The suite's programs of at most so many words are run here; `suite --machine stock` runs all of them.
const SHORT: usize = 700;

/// The prompt and the run of a case, as identifiers.
fn words(case: Case<'_>) -> (Vec<usize>, Vec<usize>) {
    let vocabulary = Vocabulary::new();
    let recorded = record(&VmEngine, case, STEP_LIMIT).unwrap();
    let run = stock::run(case.program, case.files, &recorded.steps, recorded.run.end);
    let ids = |words: Vec<Word>| words.into_iter().map(|word| vocabulary.id(word)).collect();
    (ids(stock::prompt(case.program, case.files)), ids(run))
}

/// Checks every lane against the proven ranges. The constant lane is a power of two here.
struct Pinned<'b>(RangeCheck<'b>);

impl Observer<f32> for Pinned<'_> {
    fn residual(&mut self, stage: Stage, lanes: &[f32]) {
        let mut lanes = lanes.to_vec();
        lanes[ONE.0] /= 2f32.powi(PIN);
        self.0.residual(stage, &lanes);
    }
}

#[test]
fn every_word_of_short_programs_is_right_and_every_lane_in_its_range() {
    let (model, proof) = stock::compile().unwrap();
    let pass = Pass::new(&model);
    let mut check = Pinned(RangeCheck::new(&proof.bounds));
    let mut programs = 0;
    for entry in suite().unwrap() {
        let files = entry.module.header.files();
        let (prompt, run) = words(Case::new(&entry.module.program, &files));
        assert!(prompt.len() + run.len() <= MAX_ROWS, "{} has {} words", entry.path, prompt.len() + run.len());
        if prompt.len() + run.len() > SHORT {
            continue;
        }
        programs += 1;
        let mut session = Session::new(&pass);
        prompt.iter().for_each(|token| session.push(*token, &mut check));
        for (at, expected) in run.iter().enumerate() {
            assert_eq!(session.token(), *expected, "{}: word {at} of the run", entry.path);
            session.push(*expected, &mut check);
        }
    }
    assert_eq!(check.0.violation, None);
    assert!(programs >= 75 && check.0.checked > 1 << 20, "{programs} programs, {} lanes", check.0.checked);
}

#[test]
fn a_step_takes_at_most_four_words() {
    for entry in suite().unwrap() {
        let files = entry.module.header.files();
        let case = Case::new(&entry.module.program, &files);
        let recorded = record(&VmEngine, case, STEP_LIMIT).unwrap();
        let run = stock::run(case.program, case.files, &recorded.steps, recorded.run.end);
        let longest = run.split(|word| matches!(word, Word::Pc(_))).map(|step| step.len() + 1).max();
        assert!(longest.is_some_and(|longest| longest <= 4), "{}: {longest:?}", entry.path);
    }
}

#[test]
fn generated_programs_agree() {
    let engine = StockEngine::default();
    let mut steps = 0;
    for seed in 0..60 {
        let generated = Generated::from_seed(seed);
        let (verdict, recorded) = compare(generated.case(), &[&VmEngine, &WasmiEngine::default(), &engine], 400).unwrap();
        assert!(!matches!(verdict, wasmformer::Verdict::Diverge(_)), "seed {seed}: {verdict:?}");
        steps += recorded.steps.len();
    }
    assert!(steps > 1000, "{steps}");
}

/// Both targets compile the same circuit: hard-max and softmax give the same logits, to the bit.
#[test]
fn both_targets_of_the_compiler_agree_to_the_bit() {
    let (published, _) = stock::circuit().compile::<f32>().unwrap();
    let (llama, _) = stock::compile().unwrap();
    let pass = Pass::new(&llama);
    let (mut dense, mut session) = (wasmformer::transformer::Session::new(&published), Session::new(&pass));
    let entry = suite().unwrap().into_iter().find(|entry| entry.path.ends_with("wrap-at-256")).unwrap();
    let (prompt, run) = words(Case::new(&entry.module.program, &entry.module.header.files()));
    for token in prompt.into_iter().chain(run) {
        dense.pass(&[Row { token, positional: vec![] }], &mut ());
        session.push(token, &mut ());
        assert_eq!(dense.logits(), session.logits());
    }
}

#[test]
fn a_spoiled_key_is_reported_where_it_first_matters() {
    let mut model: LlamaModel = stock::compile().unwrap().0;
    let key = &mut model.layers[1].key;
    let row = (0..64).rfind(|row| key.row(*row).any(|weight| weight != 0.0) && *row >= 16).unwrap();
    for lane in 0..key.columns() {
        *key.get_mut(row, lane) *= -1.0;
    }
    let engine = StockEngine::with(model);
    let generated = Generated::from_seed(1);
    let (verdict, _) = compare(generated.case(), &[&VmEngine, &engine], 400).unwrap();
    assert!(format!("{verdict:?}").contains("stock"), "{verdict:?}");
    assert!(matches!(verdict, wasmformer::Verdict::Diverge(_)), "{verdict:?}");
}

#[test]
fn the_proof_holds_with_the_margin_that_is_documented() {
    let (model, proof) = stock::compile().unwrap();
    assert_eq!(proof.rows, MAX_ROWS);
    assert!(proof.margins.iter().all(|margin| margin.keys.min(margin.recency) >= UNDERFLOW));
    assert!(proof.bounds.largest().bound < 1 << 24);
    assert_eq!(model.config.heads * model.config.head_dim, model.config.hidden_size);
}

/// What a circuit is refused for, after a change.
fn refused(change: impl FnOnce(&mut wasmformer::circuit::Circuit)) -> LlamaError {
    let mut circuit = stock::circuit();
    change(&mut circuit);
    circuit.compile_llama(MAX_ROWS).unwrap_err()
}

#[test]
fn what_breaks_an_assumption_is_refused_by_name() {
    let result = stock::circuit().lanes().iter().position(|lane| lane.name == "result").map(wasmformer::circuit::Lane).unwrap();
    let too_long = stock::circuit().compile_llama(10 * MAX_ROWS).unwrap_err().to_string();
    assert!(too_long.contains("latest pc") && too_long.contains("320000 rows"), "{too_long}");
    let head = |circuit: &mut wasmformer::circuit::Circuit, key: Form| {
        let copy = circuit.layers()[0].heads[0].clone();
        circuit.head(0, wasmformer::circuit::Head { name: "coarse".into(), key: vec![key], ..copy });
    };
    let wide = refused(|circuit| head(circuit, ONE * 4096));
    assert!(matches!(&wide, LlamaError::Margin { head, .. } if head == "coarse"), "{wide}");
    let constant = refused(|circuit| circuit.neuron(0, "writes one", ONE, ONE, ONE));
    assert!(matches!(&constant, LlamaError::NotConstant { reason } if reason.contains("writes one")), "{constant}");
    let gate = refused(|circuit| circuit.neuron(3, "steep", result * 1000, ONE, Form::default()));
    assert!(matches!(&gate, LlamaError::Gate { neuron, layer: 3, .. } if neuron == "steep"), "{gate}");
    let large = refused(|circuit| circuit.unembed(300, result * 4096));
    assert!(matches!(large, LlamaError::Circuit(_)), "{large}");
}
