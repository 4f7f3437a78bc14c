//! Benchmarks of the engines on the same programs, with criterion: `cargo bench`. For whole tables there is
//! `wasmformer bench`.

use std::ops::ControlFlow;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use wasmformer::byte;
use wasmformer::byte::program::reader::read_bytes;
use wasmformer::harness::bench::NESTED_LOOPS;
use wasmformer::harness::byte::{Case, NetworkEngine, WasmiEngine};
use wasmformer::harness::{Byte, Engine, VmEngine};
use wasmformer::transformer::folder::{parse_config, parse_weights, serialize, serialize_config};
use wasmformer::transformer::{IndexedModel, Model};
use wasmformer::wasm::Source;

const STEPS: u64 = 1_000;

fn engines(criterion: &mut Criterion) {
    let module = read_bytes(&Source::named("nested-loops.wat"), NESTED_LOOPS.as_bytes()).expect("the program is valid");
    let files = module.header.files();
    let case = Case::new(&module.program, &files);
    let (dense, indexed) = (NetworkEngine::dense(), NetworkEngine::indexed());
    let (wasmi, forced) = (WasmiEngine::default(), indexed.clone().forced());
    let mut group = criterion.benchmark_group("first 1,000 steps of nested loops");
    group.throughput(Throughput::Elements(STEPS));
    for engine in [&VmEngine as &dyn Engine<Byte>, &wasmi, &indexed, &forced, &dense] {
        first_steps(&mut group, case, engine);
    }
}

fn first_steps(group: &mut BenchmarkGroup<'_, WallTime>, case: Case<'_>, engine: &dyn Engine<Byte>) {
    group.bench_function(engine.name(), |bencher| {
        bencher.iter(|| {
            let mut steps = 0;
            let run = engine.run(case, &mut |_| {
                steps += 1;
                if steps < STEPS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            run.expect("every engine runs it")
        });
    });
}

fn loading(criterion: &mut Criterion) {
    let (model, _) = byte::machine::compile::<f32>().expect("the byte machine compiles");
    let (config, weights) = (serialize_config::<f32>(&model.config), serialize(&model));
    criterion.bench_function("weights in memory to ready", |bencher| {
        bencher.iter(|| {
            let model: Model<f32> = parse_weights(parse_config::<f32>(&config).expect("valid"), &weights).expect("valid");
            IndexedModel::new(&model)
        });
    });
}

criterion_group!(benches, engines, loading);
criterion_main!(benches);
