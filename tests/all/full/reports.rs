//! Reports of full programs.

#[test]
fn reports_show_types_where_values_read_alike() {
    use wasmformer::full::program::{Program, Value};
    use wasmformer::full::trace::{Effect, End, State, Step};
    use wasmformer::harness::full::Case;
    use wasmformer::harness::language::Language;
    use wasmformer::harness::report::StepDifference;
    use wasmformer::harness::{Full, Recorded, Run};

    let program = Program::default();
    let case = Case::new(&program, &[], &[]);
    let step = |value| Step { pc: 1, effect: Effect::Push(value) };
    let differs = |expected, actual| {
        let state = State {
            outputs: Vec::new(),
            errors: Vec::new(),
            requests: Vec::new(),
            memory: Vec::new(),
            globals: Vec::new(),
            tables: Vec::new(),
            dropped: Vec::new(),
        };
        let recorded = Recorded::<Full> { steps: vec![step(expected)], run: Run { end: End::Stopped, state } };
        let found = StepDifference::new(case, &recorded, 0, Some(step(actual)), Vec::new());
        (found.expected.unwrap(), found.actual.unwrap())
    };
    assert_eq!(differs(Value::I64(0), Value::I32(0)), ("i64 0".to_string(), "i32 0".to_string()));
    assert_eq!(differs(Value::I64(0), Value::I32(1)), ("0".to_string(), "1".to_string()));
    let returned = |value| End::Returned(vec![value]);
    let (expected, actual) = Full::ends_apart(case, &returned(Value::I64(0)), &returned(Value::I32(0)));
    assert_eq!((&expected[..], &actual[..]), ("returned i64 0", "returned i32 0"));
}
