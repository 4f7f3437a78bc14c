//! Generators of full programs from bytes.
//!
//! [`one`] makes modules around a single instruction, with operands at edge values (breadth). wasm-smith
//! makes whole modules with several functions, a memory, a table and globals (depth). These modules end
//! because they have fuel. wasm-smith rarely drops pushed values: it stores them, and no operands are left
//! before an end. So `stack` makes whole modules that use the operand stack in every way, including pushes
//! before every kind of end that are dropped again. A fuzzer's bytes, or the bytes of a seed, become a
//! program, the list of its functions to call, their arguments and the input.

mod body;
mod deep;
pub mod floats;
pub mod one;
pub(super) mod stack;

use arbitrary::{Arbitrary, Result, Unstructured};
use wasm_encoder::{EntityType, GlobalType, ImportSection, MemoryType, RefType, TableType, TypeSection, ValType};
use wasm_smith::{Config, MemoryOffsetChoices, Module};

use crate::full::isa::ValType as Type;
use crate::full::program::limits::PAGE;
use crate::full::program::{Call, Loaded, Value, load};
use crate::full::wasi::Process;
use crate::harness::engine::{Case, Engine, EngineError};
use crate::harness::full::Full;
use crate::harness::full::shrink::shrink;
use crate::harness::generate::{Generate, Shrunk};
use crate::harness::random::{digest, seeded_bytes};
use crate::wasm::{ReadError, Source};

/// The number of calls and loop iterations after which a generated module traps.
const FUEL: u32 = 100;

/// The maximum number of calls besides the first.
const MORE_CALLS: u8 = 3;

/// A generated module, the calls to make and the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The module, in the binary format.
    pub wasm: Vec<u8>,
    /// The exported functions to call, in order, on one instance. Each number is taken modulo the number of
    /// exported functions.
    pub choices: Vec<usize>,
    /// The numbers from which the arguments of all calls are made. They are repeated from the first when they
    /// run out. If there are no numbers, all arguments are 0.
    pub numbers: Vec<u64>,
    /// The bytes that `host.input` returns.
    pub input: Vec<u8>,
}

/// The number of bytes per seed. Most modules need fewer.
pub const SEEDED_BYTES: usize = 4096;

impl Generated {
    /// The module of a seed. It is always the same for this version of the generators.
    pub fn from_seed(seed: u64) -> Generated {
        Generated::from_start_of_seed(seed, SEEDED_BYTES)
    }

    /// The module of a number of first bytes of a seed. Fewer bytes give smaller modules.
    pub fn from_start_of_seed(seed: u64, bytes: usize) -> Generated {
        let bytes = seeded_bytes(seed, bytes);
        Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap_or_else(|error| unreachable!("generators take any bytes: {error}"))
    }

    /// The module as a program.
    ///
    /// # Errors
    /// Where the module exceeds a limit of the profile, or a segment does not fit.
    pub fn load(&self) -> std::result::Result<Loaded, ReadError> {
        load(&Source::named("generated"), &self.wasm, &Process::default())
    }

    /// The calls to make. The list is empty where no function is exported.
    pub fn calls(&self, loaded: &Loaded) -> Vec<Call> {
        let exported: Vec<u32> = loaded.program.exported_functions().collect();
        let functions = self.choices.iter().filter_map(|choice| Some(exported[choice.checked_rem(exported.len())?]));
        let mut numbers = if self.numbers.is_empty() { &[0] } else { &self.numbers[..] }.iter().cycle();
        let call = |function| {
            let params = &loaded.program.type_of(function).params;
            let value = |ty: Type, number: u64| match ty {
                Type::FuncRef => Value::reference(None),
                ty => Value::from_bits(ty, number),
            };
            let arguments = params.iter().zip(&mut numbers).map(|(ty, number)| value(*ty, *number));
            Call { function, arguments: arguments.collect() }
        };
        functions.map(call).collect()
    }
}

impl Generate for Full {
    type Generated = Generated;

    const STEP_LIMIT: usize = 1_000_000;

    fn from_seed(seed: u64) -> Generated {
        Generated::from_seed(seed)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Generated> {
        let given = Generated { wasm: bytes.to_vec(), choices: vec![0], numbers: Vec::new(), input: Vec::new() };
        if given.load().is_ok() { Some(given) } else { Generated::arbitrary(&mut Unstructured::new(bytes)).ok() }
    }

    fn with_case<R>(generated: &Generated, run: impl FnOnce(Case<'_, Full>) -> R) -> std::result::Result<R, ReadError> {
        let loaded = generated.load()?;
        let calls = generated.calls(&loaded);
        Ok(run(Case::of(&loaded, &calls, &generated.input)))
    }

    fn digest(generated: &Generated) -> u64 {
        let bytes = generated.wasm.iter().chain(&generated.input).map(|byte| u64::from(*byte));
        digest(bytes.chain(generated.choices.iter().map(|choice| *choice as u64)).chain(generated.numbers.iter().copied()))
    }

    fn shrink(
        generated: &Generated,
        engines: &[&dyn Engine<Full>],
        limit: usize,
    ) -> std::result::Result<Option<Shrunk<Generated>>, EngineError> {
        shrink(generated, engines, limit)
    }

    fn text(generated: &Generated, about: &str) -> String {
        let Generated { wasm, choices, numbers, input } = generated;
        format!("{about}: exports {choices:?}, numbers {numbers:?}, input {input:?}, module {wasm:?}")
    }
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Generated> {
        let mut choices = vec![u.arbitrary::<u8>()?.into()];
        let numbers = (0..4).map(|_| Ok(one::operand(u, Type::I64)?.bits())).collect::<Result<_>>()?;
        let mut input = Vec::new();
        for _ in 0..u.int_in_range(0..=8)? {
            input.push(u.arbitrary()?);
        }
        let wasm = match u.int_in_range(0..=7)? {
            0 => one::generate(u)?,
            1..=3 => stack::generate(u)?,
            _ => whole(u)?,
        };
        // The number of further calls is drawn from the bytes left after the module. If no bytes are left,
        // there is one call only.
        for _ in 0..u.int_in_range(0..=MORE_CALLS)? {
            choices.push(u.arbitrary::<u8>()?.into());
        }
        Ok(Generated { wasm, choices, numbers, input })
    }
}

/// A whole module within the profile and its limits. Some have floats, some have references. Rarely a module
/// imports unserved functions: calling these ends the run.
fn whole(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let floats = stack::rarely(u, 4)?;
    let unserved = stack::rarely(u, 5)?;
    let references = stack::rarely(u, 4)?;
    let config = Config {
        allow_floats: floats,
        available_imports: Some(imports(unserved)),
        bulk_memory_enabled: true,
        compact_imports_enabled: false,
        disallow_traps: u.arbitrary()?,
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: references,
        gc_enabled: false,
        max_data_segments: 4,
        max_element_segments: 4,
        // More than can be imported, so the module has at least one function of its own.
        max_funcs: 11,
        max_globals: 6,
        max_imports: 5,
        max_instructions: u.int_in_range(10..=300)?,
        max_memories: 1,
        max_memory32_bytes: u64::from(PAGE) * 3,
        max_table_elements: 20,
        max_types: 8,
        memory64_enabled: false,
        memory_offset_choices: MemoryOffsetChoices(80, 15, 5),
        min_funcs: 1,
        multi_value_enabled: true,
        reference_types_enabled: references,
        max_tables: if references { 3 } else { 1 },
        relaxed_simd_enabled: false,
        saturating_float_to_int_enabled: floats,
        sign_extension_ops_enabled: true,
        simd_enabled: false,
        // A table without a limit could grow by tens of thousands of places in one step.
        table_max_size_required: references,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    };
    let mut module = Module::new(config, u)?;
    module.ensure_termination(FUEL).unwrap_or_else(|error| unreachable!("no function has an invalid body: {error}"));
    Ok(module.to_bytes())
}

/// A module with all imports that a generated module may have: functions of the host, optionally unserved
/// functions, and a memory, a table and globals, which are created as declared.
fn imports(unserved: bool) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], []);
    types.ty().function([], [ValType::I32]);
    types.ty().function([ValType::I64, ValType::I32], [ValType::I64]);
    let mut imports = ImportSection::new();
    let host = [("output", 0), ("input", 1), ("exit", 0), ("error", 0), ("poll", 1), ("send", 0), ("receive", 1)];
    for (name, ty) in host {
        imports.import("host", name, EntityType::Function(ty));
    }
    if unserved {
        for (name, ty) in [("absent", 0), ("missing", 1), ("nowhere", 2)] {
            imports.import("env", name, EntityType::Function(ty));
        }
    }
    let memory = MemoryType { minimum: 1, maximum: Some(3), memory64: false, shared: false, page_size_log2: None };
    imports.import("env", "memory", memory);
    let table = TableType { element_type: RefType::FUNCREF, table64: false, minimum: 4, maximum: Some(20), shared: false };
    imports.import("env", "table", table);
    imports.import("env", "base", GlobalType { val_type: ValType::I32, mutable: false, shared: false });
    imports.import("env", "pointer", GlobalType { val_type: ValType::I64, mutable: true, shared: false });
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports);
    module.finish()
}
