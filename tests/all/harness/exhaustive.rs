//! The exhaustive domains: a share of each domain runs on the transformer, and all cases run on the reference
//! VM.

use std::ops::ControlFlow;

use wasmformer::byte;
use wasmformer::byte::isa::Op;
use wasmformer::harness::exhaustive::{Situation, domains, run};
use wasmformer::harness::{VmEngine, record};

/// One of this many programs of each domain runs on the transformer here; `wasmformer exhaustive` runs all
/// programs.
const STRIDE: usize = 256;

#[test]
fn a_share_of_each_domain_agrees() {
    let (model, bounds) = byte::machine::compile::<f32>().unwrap();
    for domain in domains() {
        let tally = run(&domain, &model, &bounds, STRIDE, &|| ControlFlow::Continue(())).unwrap();
        assert!(tally.divergences.is_empty(), "{}: {}", domain.name, tally.divergences[0].1);
        assert!(tally.cases > 0 && tally.lane_values > 0, "{} tests nothing", domain.name);
    }
}

#[test]
fn the_programs_of_a_domain_test_all_of_its_cases() {
    let mut cases = 0;
    for domain in domains() {
        let mut tested = vec![false; domain.cases];
        for index in 0..domain.programs {
            let generated = domain.program(index);
            let mut situation = Situation::new(&generated.program, &generated.files);
            for step in record(&VmEngine, generated.case(), usize::MAX).unwrap().steps {
                if let Some(case) = domain.case(&situation, generated.program.code()[step.pc], step) {
                    tested[case] = true;
                }
                situation.step(step);
            }
        }
        let missing = tested.iter().position(|tested| !tested);
        assert_eq!(missing, None, "{}: a case that no program tests", domain.name);
        cases += domain.cases;
    }
    assert!(cases >= 11 * 65_536 + 2 * 65_536 + 511 * 256 + 2 * 4 * 32 * 256, "{cases} cases");
}

#[test]
fn a_fault_is_found() {
    let (mut model, bounds) = byte::machine::compile::<f32>().unwrap();
    // The embedding of `i32.sub` loses the lane that makes the instruction a subtraction.
    let opcode = usize::from(Op::I32Sub.row().opcode);
    let difference = model.config.lane("own_difference").unwrap();
    *model.embedding.get_mut(opcode, difference) = 0.0;
    let domain = domains().into_iter().find(|domain| domain.name.starts_with("i32.sub")).unwrap();
    let tally = run(&domain, &model, &bounds, STRIDE, &|| ControlFlow::Continue(())).unwrap();
    assert_eq!(tally.divergences.len(), tally.programs);
}
