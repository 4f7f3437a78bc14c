//! Traces of weights that hold a program, beside those of the universal weights.

use std::ops::ControlFlow;

use wasmformer::harness::machine::Machine;
use wasmformer::harness::{Case, Emitted, NetworkEngine, Specialization, on_tokens};

/// The first tokens of a run.
pub fn tokens<L: Machine>(network: &NetworkEngine<L>, case: Case<'_, L>, most: usize) -> Vec<usize> {
    let mut tokens = Vec::new();
    let keep = |emitted: &Emitted<'_>| {
        tokens.push(emitted.token);
        if tokens.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    network.run_observed(case, &mut on_tokens(keep), &mut ()).unwrap();
    tokens
}

/// Asserts that the weights that hold a program make the trace of the universal ones, by indexed passes and,
/// of the first tokens, by dense ones. Returns the number of tokens.
pub fn same_trace<L: Machine>(name: &str, case: Case<'_, L>, form: L::Form, most_dense: usize) -> usize {
    let universal = NetworkEngine::<L>::indexed().in_form(form);
    let expected = tokens(&universal, case.shorten(), usize::MAX);
    let Specialization { model, .. } = Specialization::<L>::of(case.shorten(), form, name).unwrap();
    let indexed = NetworkEngine::<L>::proven(&model).expect("the weights as compiled");
    assert!(tokens(&indexed, case.shorten(), usize::MAX) == expected, "{name}, indexed");
    let dense = NetworkEngine::<L>::new(model).unwrap();
    let found = tokens(&dense, case, most_dense);
    assert!(!found.is_empty() && expected.starts_with(&found), "{name}, dense");
    expected.len()
}
