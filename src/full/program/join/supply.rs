//! Bytes that a library is given: a function is added that puts them into the memory.

use wasm_encoder::{Function, InstructionSink, MemArg, MemArgTarget, ValType};

use super::super::{Export, FuncType, Module};
use crate::full::isa;

/// Maximum number of bytes given at once. Eight of them take three instructions.
const MAX_BYTES: usize = 1 << 20;

/// Bytes for the memory, with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// The name by which arguments refer to the bytes' address.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where they are put.
    pub place: Place,
}

/// Where bytes are put.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// At an address.
    At(u32),
    /// Where an exported function says, which is given the number of bytes, and 1 if it takes a second
    /// argument: an alignment, or a kind.
    By(String),
}

impl Supply {
    /// The export of the function that puts the bytes into the memory.
    pub fn export(&self) -> String {
        format!("bytes {}", self.name)
    }

    /// Checks that the bytes can be put into a module's memory.
    ///
    /// # Errors
    /// The reason why they cannot.
    pub(super) fn check(&self, module: &Module) -> Result<(), String> {
        let Supply { name, bytes, place } = self;
        if !module.has_memory() {
            return Err(format!("bytes {name}: the module has no memory"));
        }
        if bytes.len() > MAX_BYTES {
            return Err(format!("bytes {name}: {} bytes; at most {MAX_BYTES} are given at once", bytes.len()));
        }
        let Place::By(allocator) = place else { return Ok(()) };
        let exported = module.exports.iter().find_map(|(exported, export)| match export {
            Export::Function(index) if exported == allocator => Some(module.function_type(*index)),
            _ => None,
        });
        match exported {
            None => Err(format!("bytes {name}: no function \"{allocator}\" is exported")),
            Some(ty) if !allocates(ty) => {
                Err(format!("bytes {name}: {allocator} is {ty}, but an allocator is [i32] -> [i32] or [i32 i32] -> [i32]"))
            }
            Some(_) => Ok(()),
        }
    }

    /// The function that puts the bytes into the memory, and their address into a global. `allocator` is the
    /// index and the number of parameters of the function that says where.
    pub(super) fn function(&self, allocator: Option<(u32, usize)>, global: u32) -> Function {
        let mut function = Function::new([(1, ValType::I32)]);
        let mut body = function.instructions();
        match (&self.place, allocator) {
            (Place::At(address), _) => drop(body.i32_const(*address as i32)),
            (Place::By(_), None) => drop(body.unreachable()),
            (Place::By(_), Some((allocator, parameters))) => {
                body.i32_const(self.bytes.len() as i32);
                if parameters > 1 {
                    body.i32_const(1);
                }
                body.call(allocator);
            }
        }
        body.local_tee(0).global_set(global);
        store(&mut body, &self.bytes);
        body.end();
        function
    }
}

/// Whether a function of this type can say where bytes are put.
fn allocates(ty: &FuncType) -> bool {
    let i32 = |ty: &isa::ValType| *ty == isa::ValType::I32;
    matches!(ty.params.len(), 1 | 2) && ty.params.iter().all(i32) && ty.results == [isa::ValType::I32]
}

/// Stores bytes from the address in local 0 on.
fn store(body: &mut InstructionSink<'_>, bytes: &[u8]) {
    let at = |offset: usize| MemArg { offset: offset as u64, align: 0, target: MemArgTarget::Memory(0), ordering: None };
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, &word) in words.iter().enumerate() {
        body.local_get(0).i64_const(i64::from_le_bytes(word)).i64_store(at(8 * index));
    }
    for (index, &byte) in rest.iter().enumerate() {
        body.local_get(0).i32_const(i32::from(byte)).i32_store8(at(8 * words.len() + index));
    }
}
