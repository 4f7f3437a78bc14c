//! Two modules into one: the program, followed by the routines it needs.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, DataSection, ElementSection, ExportSection, Function, FunctionSection, GlobalSection, ImportSection, MemorySection,
    Module, NameMap, NameSection, StartSection, TableSection, TypeSection,
};
use wasmparser::{FunctionBody, Import, TypeRef};

use super::sections::Sections;
use super::{MODULE, Process};
use crate::program::full;

/// Where the functions, types and globals of one of the modules go. Memories and tables stay: only the program has any.
struct Renumbering {
    /// The new index of each function; [`NOWHERE`] for those left out.
    functions: Vec<u32>,
    first_type: u32,
    first_global: u32,
}

/// Of a function that is left out, since nothing that stays refers to it.
const NOWHERE: u32 = u32::MAX;

impl Reencode for Renumbering {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        Ok(self.functions[function as usize])
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, reencode::Error> {
        Ok(self.first_type + ty)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, reencode::Error> {
        Ok(self.first_global + global)
    }
}

/// What the program needs of the routines, each with its function index there.
struct Needed<'a> {
    /// Functions of the host, which stay imports.
    host: Vec<(usize, Import<'a>)>,
    bodies: Vec<(usize, FunctionBody<'a>)>,
    /// Functions made for the process.
    made: Vec<(usize, Function)>,
}

impl<'a> Needed<'a> {
    fn new(routines: &Sections<'a>, wanted: &[(usize, usize)], process: &Process) -> Result<Needed<'a>, reencode::Error> {
        let reached = routines.reachable(wanted.iter().map(|&(_, routine)| routine))?;
        let mut needed = Needed { host: Vec::new(), bodies: Vec::new(), made: Vec::new() };
        for (function, import) in routines.imported_functions().enumerate().filter(|(function, _)| reached[*function]) {
            match process.function(import.module, import.name) {
                Some(made) => needed.made.push((function, made)),
                None => needed.host.push((function, *import)),
            }
        }
        let bodies = routines.bodies.iter().enumerate().map(|(index, body)| (routines.imported() + index, body.clone()));
        needed.bodies = bodies.filter(|(function, _)| reached[*function]).collect();
        Ok(needed)
    }
}

/// Joins `program` with what it needs of `routines`; `wanted` has the routine for each of the program's imports of WASI,
/// both by function index.
pub(super) fn merge(
    program: &full::Module,
    routines: &full::Module,
    wanted: &[(usize, usize)],
    process: &Process,
) -> Result<Vec<u8>, reencode::Error> {
    let (program, routines) = (&Sections::read(&program.wasm)?, &Sections::read(&routines.wasm)?);
    let needed = Needed::new(routines, wanted, process)?;
    let (mut program_to, mut routines_to) = renumber(program, routines, wanted, &needed);
    let mut module = Module::new();

    let mut types = TypeSection::new();
    for (to, sections) in [(&mut program_to, program), (&mut routines_to, routines)] {
        for ty in &sections.types {
            types.ty().func_type(&to.func_type(ty.clone())?);
        }
    }
    module.section(&types);

    let mut imports = ImportSection::new();
    for import in program.imports.iter().filter(|import| import.module != MODULE) {
        program_to.parse_import(&mut imports, *import)?;
    }
    for (_, import) in &needed.host {
        routines_to.parse_import(&mut imports, *import)?;
    }
    module.section(&imports);

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for (body, &ty) in program.bodies.iter().zip(&program.functions[program.imported()..]) {
        functions.function(program_to.type_index(ty)?);
        program_to.parse_function_body(&mut code, body.clone())?;
    }
    for (function, body) in &needed.bodies {
        functions.function(routines_to.type_index(routines.functions[*function])?);
        routines_to.parse_function_body(&mut code, body.clone())?;
    }
    for (function, made) in &needed.made {
        functions.function(routines_to.type_index(routines.functions[*function])?);
        code.function(made);
    }
    module.section(&functions);

    if let Some(section) = program.tables.clone() {
        let mut tables = TableSection::new();
        program_to.parse_table_section(&mut tables, section)?;
        module.section(&tables);
    }
    if let Some(section) = program.memories.clone() {
        let mut memories = MemorySection::new();
        program_to.parse_memory_section(&mut memories, section)?;
        module.section(&memories);
    }
    let mut globals = GlobalSection::new();
    for (to, sections) in [(&mut program_to, program), (&mut routines_to, routines)] {
        if let Some(section) = sections.globals.clone() {
            to.parse_global_section(&mut globals, section)?;
        }
    }
    module.section(&globals);
    if let Some(section) = program.exports.clone() {
        let mut exports = ExportSection::new();
        program_to.parse_export_section(&mut exports, section)?;
        module.section(&exports);
    }
    if let Some(start) = program.start {
        module.section(&StartSection { function_index: program_to.function_index(start)? });
    }
    if let Some(section) = program.elements.clone() {
        let mut elements = ElementSection::new();
        program_to.parse_element_section(&mut elements, section)?;
        module.section(&elements);
    }
    module.section(&code);
    if let Some(section) = program.data.clone() {
        let mut data = DataSection::new();
        program_to.parse_data_section(&mut data, section)?;
        module.section(&data);
    }
    module.section(&names(&[(program, &program_to), (routines, &routines_to)]));
    Ok(module.finish())
}

/// Imports first, the program's before the host's for the routines; then the program's functions, the routines, those made.
fn renumber(program: &Sections<'_>, routines: &Sections<'_>, wanted: &[(usize, usize)], needed: &Needed<'_>) -> (Renumbering, Renumbering) {
    let mut program_functions = vec![NOWHERE; program.functions.len()];
    let mut routine_functions = vec![NOWHERE; routines.functions.len()];
    let mut next = 0..;
    let mut place = |slot: &mut u32| *slot = next.next().expect("fewer functions than indices");

    for (function, import) in program.imported_functions().enumerate() {
        if import.module != MODULE {
            place(&mut program_functions[function]);
        }
    }
    needed.host.iter().for_each(|(function, _)| place(&mut routine_functions[*function]));
    program_functions[program.imported()..].iter_mut().for_each(&mut place);
    needed.bodies.iter().for_each(|(function, _)| place(&mut routine_functions[*function]));
    needed.made.iter().for_each(|(function, _)| place(&mut routine_functions[*function]));
    for &(import, routine) in wanted {
        program_functions[import] = routine_functions[routine];
    }

    let globals = program.globals.as_ref().map_or(0, wasmparser::SectionLimited::count);
    let imported_globals = program.imports.iter().filter(|import| matches!(import.ty, TypeRef::Global(_))).count();
    (
        Renumbering { functions: program_functions, first_type: 0, first_global: 0 },
        Renumbering {
            functions: routine_functions,
            first_type: program.types.len() as u32,
            first_global: globals + imported_globals as u32,
        },
    )
}

/// The names of all functions that stay; a routine has its own name, not that of the program's import.
fn names(modules: &[(&Sections<'_>, &Renumbering)]) -> NameSection {
    let mut names = BTreeMap::new();
    for (sections, to) in modules {
        for &(function, name) in &sections.names {
            match to.functions.get(function as usize) {
                None | Some(&NOWHERE) => {}
                Some(&index) => drop(names.insert(index, name)),
            }
        }
    }
    let mut functions = NameMap::new();
    for (index, name) in names {
        functions.append(index, name);
    }
    let mut section = NameSection::new();
    section.functions(&functions);
    section
}
