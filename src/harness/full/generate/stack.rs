//! Modules whose functions use the operand stack in every way: pushes that are dropped again before every
//! kind of end, tees, blocks with parameters and results, branches that discard operands, calls by name and
//! through the table, including calls of imported functions. The functions use bulk memory instructions too,
//! with ranges that overlap each other or cross the memory's end. Some modules have values that are
//! references, and tables that change.
//!
//! A function calls only functions with higher indices or imported functions, and loops count down, so every
//! program ends. Some modules also have a function that calls itself until the number of calls in progress is
//! close to its limit.

use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, GlobalSection, GlobalType, HeapType, Ieee32, Ieee64, ImportSection, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

use super::body::Body;
use super::deep;
use super::one::operand;
use crate::full::isa::{Row, ValType as Type};
use crate::full::program::limits::PAGE;

/// The types of a function's or block's parameters and results.
pub(super) type Signature = (Vec<Type>, Vec<Type>);

/// The types of the values of a module without floats, of one with floats, and of one with references.
const TYPES: [&[Type]; 3] =
    [&[Type::I32, Type::I64], &[Type::I32, Type::I64, Type::F32, Type::F64], &[Type::I32, Type::I64, Type::FuncRef, Type::ExternRef]];

/// The declarations that all functions of a module share.
pub(super) struct World {
    /// The types of values that the module uses.
    pub values: &'static [Type],
    /// The signatures of all functions, the imported functions first.
    pub signatures: Vec<Signature>,
    /// The types of the globals. All globals are mutable.
    pub globals: Vec<Type>,
    /// The functions in the table, by place. This table does not change.
    pub table: Vec<u32>,
    /// The functions that references refer to: functions of the host, and the last function of the module,
    /// which calls none through a table that changes.
    pub referred: Vec<u32>,
    /// The module's types, by index.
    pub types: Vec<Signature>,
}

/// The functions that modules import: the host's functions and one unserved function.
pub(super) const IMPORTS: [(&str, &str, &[Type], &[Type]); 8] = [
    ("host", "output", &[Type::I32], &[]),
    ("host", "error", &[Type::I32], &[]),
    ("host", "input", &[], &[Type::I32]),
    ("host", "poll", &[], &[Type::I32]),
    ("host", "send", &[Type::I32], &[]),
    ("host", "receive", &[], &[Type::I32]),
    ("host", "exit", &[Type::I32], &[]),
    ("env", "absent", &[Type::I32], &[Type::I32]),
];
pub(super) const OUTPUT: u32 = 0;
pub(super) const INPUT: u32 = 2;
/// The first of the imports that end the run.
pub(super) const EXIT: u32 = 6;
pub(super) const ABSENT: u32 = 7;

/// The number of bytes of each of the two data segments. The first segment is active, at the end of the
/// memory's first page. The second is passive.
pub(super) const SEGMENT: u32 = 20;

impl World {
    /// Whether the module's values are of the types that an instruction pops and pushes.
    pub(super) fn takes(&self, row: &Row) -> bool {
        row.pops.iter().chain(row.pushes).filter_map(|operand| operand.ty()).all(|ty| self.values.contains(&ty))
    }

    /// The index of a type. Adds the type if it is new.
    pub(super) fn type_of(&mut self, signature: &Signature) -> u32 {
        let known = self.types.iter().position(|known| known == signature);
        known.unwrap_or_else(|| {
            self.types.push(signature.clone());
            self.types.len() - 1
        }) as u32
    }

    /// Draws signatures, globals and a table.
    fn draw(u: &mut Unstructured<'_>) -> Result<World> {
        let imported = IMPORTS.map(|(_, _, params, results)| (params.to_vec(), results.to_vec()));
        let values = TYPES[u.int_in_range(0..=3usize)?.saturating_sub(1)];
        let mut world = World {
            values,
            signatures: imported.to_vec(),
            globals: types(u, values, 1..=4)?,
            table: Vec::new(),
            referred: Vec::new(),
            types: Vec::new(),
        };
        for _ in 0..u.int_in_range(1..=4)? {
            // Exactly one result is drawn more often than none or several, because a single result is moved
            // in special ways.
            let results = if u.arbitrary()? { types(u, values, 1..=1)? } else { types(u, values, 0..=3)? };
            world.signatures.push((types(u, values, 0..=3)?, results));
        }
        for _ in 0..u.int_in_range(2..=8)? {
            world.table.push(u.int_in_range(0..=world.signatures.len() as u32 - 1)?);
        }
        if values.contains(&Type::FuncRef) {
            world.referred = vec![world.signatures.len() as u32 - 1, OUTPUT, INPUT];
        }
        Ok(world)
    }

    /// Whether the module has references, and tables that change.
    pub(super) fn has_references(&self) -> bool {
        !self.referred.is_empty()
    }
}

/// The number of places at the start of each table that changes, and of references in the passive segment.
pub(super) const PLACES: u32 = 5;
/// The table of functions that changes.
pub(super) const CHANGING: u32 = 1;
/// The table of external references.
pub(super) const EXTERNAL: u32 = 2;

/// Adds the tables that change, with a passive segment, and one that only declares.
fn changing(world: &World, tables: &mut TableSection, elements: &mut ElementSection) {
    for element_type in [RefType::FUNCREF, RefType::EXTERNREF] {
        let (minimum, maximum) = (PLACES.into(), Some((PLACES + 4).into()));
        tables.table(TableType { element_type, table64: false, minimum, maximum, shared: false });
    }
    let functions = world.referred.iter().map(|function| ConstExpr::ref_func(*function));
    let items: Vec<ConstExpr> = functions.chain([ConstExpr::ref_null(HeapType::FUNC)]).cycle().take(PLACES as usize).collect();
    elements.passive(Elements::Expressions(RefType::FUNCREF, items.into()));
    elements.declared(Elements::Functions(world.referred.as_slice().into()));
}

/// A random list of types.
fn types(u: &mut Unstructured<'_>, values: &[Type], count: std::ops::RangeInclusive<usize>) -> Result<Vec<Type>> {
    (0..u.int_in_range(count)?).map(|_| Ok(*u.choose(values)?)).collect()
}

/// A random module.
pub(super) fn generate(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    // Such a module takes a hundred times as many steps as others.
    let deep = rarely(u, 64)?;
    let mut world = World::draw(u)?;
    if deep {
        world.signatures.extend(deep::SIGNATURES.map(|(params, results)| (params.to_vec(), results.to_vec())));
        world.table.extend([world.signatures.len() as u32 - 1, *u.choose(&[OUTPUT, INPUT])?]);
    }
    let own = IMPORTS.len()..world.signatures.len() - if deep { deep::SIGNATURES.len() } else { 0 };
    let mut code = CodeSection::new();
    for function in own {
        let instructions = u.int_in_range(5..=60)?;
        code.function(&Body::draw(u, &mut world, function as u32, instructions)?);
    }
    if deep {
        for function in deep::functions(u, &mut world)? {
            code.function(&function);
        }
    }
    let (mut imports, mut functions) = (ImportSection::new(), FunctionSection::new());
    for (index, signature) in world.signatures.clone().iter().enumerate() {
        let ty = world.type_of(signature);
        if let Some((module, name, ..)) = IMPORTS.get(index) {
            imports.import(module, name, EntityType::Function(ty));
        } else {
            functions.function(ty);
        }
    }
    let mut encoded = TypeSection::new();
    for (params, results) in &world.types {
        encoded.ty().function(params.iter().map(|ty| val_type(*ty)), results.iter().map(|ty| val_type(*ty)));
    }
    let mut tables = TableSection::new();
    // One place of the table stays empty.
    let places = world.table.len() as u64 + 1;
    tables.table(TableType { element_type: RefType::FUNCREF, table64: false, minimum: places, maximum: None, shared: false });
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(world.table.as_slice().into()));
    if world.has_references() {
        changing(&world, &mut tables, &mut elements);
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: Some(3), memory64: false, shared: false, page_size_log2: None });
    let mut data = DataSection::new();
    let bytes = |first: u8| (0..SEGMENT as u8).map(move |index| first ^ (index * 0x0b));
    data.active(0, &ConstExpr::i32_const((PAGE - SEGMENT) as i32), bytes(0x7f));
    data.passive(bytes(0xc0));
    let mut globals = GlobalSection::new();
    for ty in &world.globals {
        let bits = operand(u, *ty)?.bits();
        let value = match ty {
            Type::I32 => ConstExpr::i32_const(bits as i32),
            Type::I64 => ConstExpr::i64_const(bits as i64),
            Type::F32 => ConstExpr::f32_const(Ieee32::new(bits as u32)),
            Type::F64 => ConstExpr::f64_const(Ieee64::new(bits)),
            Type::FuncRef => ConstExpr::ref_null(HeapType::FUNC),
            Type::ExternRef => ConstExpr::ref_null(HeapType::EXTERN),
        };
        globals.global(GlobalType { val_type: val_type(*ty), mutable: true, shared: false }, &value);
    }
    let mut exports = ExportSection::new();
    // Imported functions are rarely exported, since calling them tests little. In a module with deep
    // recursion, only the functions of the recursion are exported, so that they are called with no other
    // calls in progress.
    let first = match deep {
        true => world.signatures.len() - deep::SIGNATURES.len(),
        false if rarely(u, 16)? => 0,
        false => IMPORTS.len(),
    };
    for index in first..world.signatures.len() {
        exports.export(&format!("f{index}"), ExportKind::Func, index as u32);
    }
    let mut module = Module::new();
    module.section(&encoded).section(&imports).section(&functions).section(&tables).section(&memories).section(&globals);
    module.section(&exports).section(&elements).section(&DataCountSection { count: 2 }).section(&code).section(&data);
    Ok(module.finish())
}

/// True once per `times` on average. Never true when the bytes have run out, so fewer bytes give simpler
/// programs.
pub(super) fn rarely(u: &mut Unstructured<'_>, times: u8) -> Result<bool> {
    Ok(u.int_in_range(1..=times)? == times)
}

/// A type as a type of the encoder.
pub(in crate::harness::full) fn val_type(ty: Type) -> ValType {
    match ty {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
        Type::F32 => ValType::F32,
        Type::F64 => ValType::F64,
        Type::FuncRef => ValType::FUNCREF,
        Type::ExternRef => ValType::EXTERNREF,
    }
}
