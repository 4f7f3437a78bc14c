//! A module for changing its code: its bodies as instructions, each with the operand stack before and after
//! it.

use std::ops::Range;

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{CodeSection, Function, Ieee32, Ieee64, Instruction, Module, RawSection, RefType, SectionId, ValType};
use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, HeapType, Operator, Parser, ValidPayload, Validator, ValidatorResources,
};

use crate::full::program::reader::FEATURES;

/// A module with its bodies as instructions.
pub(super) struct Draft<'a> {
    wasm: &'a [u8],
    /// The number of imported functions. The functions with bodies follow them.
    imported: u32,
    pub bodies: Vec<Body<'a>>,
    /// The bodies in the binary format.
    written: Vec<Vec<u8>>,
}

/// The body of a function.
#[derive(Clone)]
pub(super) struct Body<'a> {
    locals: Vec<(u32, ValType)>,
    /// The smallest code of a function of this type: it pushes constants only.
    smallest: Vec<Instruction<'a>>,
    /// The body's instructions. The last is the `end` of the function.
    pub code: Vec<Placed<'a>>,
}

/// An instruction with its place.
#[derive(Clone)]
pub(super) struct Placed<'a> {
    pub instruction: Instruction<'a>,
    /// The number of open blocks before the instruction, including the function itself.
    pub depth: usize,
    /// The minimum number of open blocks during the instruction.
    least_depth: usize,
    /// The number of operands before the instruction.
    height: usize,
    /// The number of operands, from the bottom, that the instruction does not change.
    kept: usize,
    /// The types of the values that the instruction pushes.
    pushes: Vec<ValType>,
}

impl<'a> Draft<'a> {
    /// The bodies of a valid module.
    pub(super) fn read(wasm: &'a [u8]) -> Option<Draft<'a>> {
        let mut validator = Validator::new_with_features(FEATURES);
        let mut allocations = FuncValidatorAllocations::default();
        let (mut imported, mut bodies) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            if let ValidPayload::Func(function, body) = validator.payload(&payload.ok()?).ok()? {
                imported = function.index - bodies.len() as u32;
                let (read, returned) = Body::read(function, &body, allocations)?;
                bodies.push(read);
                allocations = returned;
            }
        }
        let written = bodies.iter().map(Body::written).collect();
        Some(Draft { wasm, imported, bodies, written })
    }

    /// The module with one body replaced.
    pub(super) fn with_body(&self, index: usize, body: &Body<'_>) -> Vec<u8> {
        self.assembled(index..index + 1, &body.written())
    }

    /// The functions that a function calls, in order.
    pub(super) fn calls(&self, function: u32) -> Vec<u32> {
        let body = function.checked_sub(self.imported).and_then(|index| self.bodies.get(index as usize));
        let mut calls: Vec<u32> = body.into_iter().flat_map(|body| &body.code).filter_map(Placed::calls).collect();
        calls.sort_unstable();
        calls.dedup();
        calls
    }

    /// Whether these bodies are already the smallest valid bodies.
    pub(super) fn is_empty(&self, mut range: Range<usize>) -> bool {
        range.all(|index| self.bodies[index].code.len() <= self.bodies[index].smallest.len())
    }

    /// The module with some bodies replaced by the smallest valid bodies.
    pub(super) fn emptied(&self, range: Range<usize>) -> Vec<u8> {
        let mut draft = Draft { bodies: self.bodies.clone(), written: self.written.clone(), ..*self };
        draft.empty(range);
        draft.assembled(0..0, &[])
    }

    /// Replaces bodies by the smallest valid bodies.
    pub(super) fn empty(&mut self, range: Range<usize>) {
        for index in range {
            let body = self.bodies[index].emptied();
            self.set_body(index, body);
        }
    }

    /// Replaces a body in this draft.
    pub(super) fn set_body(&mut self, index: usize, body: Body<'a>) {
        self.written[index] = body.written();
        self.bodies[index] = body;
    }

    /// The module with `body` in place of the bodies in `replaced`.
    fn assembled(&self, replaced: Range<usize>, body: &[u8]) -> Vec<u8> {
        let mut code = CodeSection::new();
        for (index, written) in self.written.iter().enumerate() {
            code.raw(if replaced.contains(&index) { body } else { written });
        }
        let mut module = Module::new();
        for (id, data) in sections(self.wasm) {
            if id == SectionId::Code as u8 {
                module.section(&code);
            } else {
                module.section(&RawSection { id, data });
            }
        }
        module.finish()
    }
}

/// The sections of a module.
pub(super) fn sections(wasm: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    Parser::new(0)
        .parse_all(wasm)
        .filter_map(Result::ok)
        .filter_map(|payload| payload.as_section())
        .filter_map(|(id, range)| Some((id, wasm.get(range.start as usize..range.end as usize)?)))
}

/// A type as the encoder has it. A function of a known type is a function of any type, since the profile's
/// types of references do not name one.
fn encoded(ty: wasmparser::ValType) -> Option<ValType> {
    match ty {
        wasmparser::ValType::Ref(reference) if matches!(reference.heap_type(), HeapType::Concrete(_)) => {
            Some(ValType::Ref(RefType::FUNCREF))
        }
        ty => RoundtripReencoder.val_type(ty).ok(),
    }
}

impl<'a> Body<'a> {
    fn read(
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'a>,
        allocations: FuncValidatorAllocations,
    ) -> Option<(Body<'a>, FuncValidatorAllocations)> {
        let mut validator = function.into_validator(allocations);
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader).ok()?;
        let locals = body.get_locals_reader().ok()?.into_iter().map(|local| {
            let (count, ty) = local.ok()?;
            Some((count, RoundtripReencoder.val_type(ty).ok()?))
        });
        let locals = locals.collect::<Option<_>>()?;
        let mut code = Vec::new();
        let mut operators = body.get_operators_reader().ok()?;
        let mut types = Vec::new();
        while !operators.eof() {
            let offset = operators.original_position();
            let operator = operators.read().ok()?;
            let (depth, height) = (validator.control_stack_height() as usize, validator.operand_stack_height() as usize);
            let base = validator.get_control_frame(0)?.height;
            let (pops, pushes) = operator.operator_arity(&validator)?;
            validator.op(offset, &operator).ok()?;
            let after = validator.operand_stack_height() as usize;
            let pushed = (0..after.min(pushes as usize)).rev().map(|depth| match validator.get_operand_type(depth) {
                Some(Some(ty)) => encoded(ty),
                // The type of an operand of unreachable code is unknown.
                _ => Some(ValType::I32),
            });
            types = pushed.collect::<Option<_>>()?;
            code.push(Placed {
                depth,
                least_depth: depth - usize::from(matches!(operator, Operator::End | Operator::Else)),
                height,
                kept: height.saturating_sub(pops as usize).max(base),
                pushes: types.clone(),
                instruction: RoundtripReencoder.instruction(operator).ok()?,
            });
        }
        // `types` belongs to the last instruction, the end of the function, so it has the types of the
        // results.
        let smallest = types.iter().map(|ty| zero(*ty)).collect::<Option<Vec<_>>>().unwrap_or_else(|| vec![Instruction::Unreachable]);
        let smallest = smallest.into_iter().chain([Instruction::End]).collect();
        Some((Body { locals, smallest, code }, validator.into_allocations()))
    }

    fn written(&self) -> Vec<u8> {
        written(&self.locals, self.code.iter().map(|placed| &placed.instruction))
    }

    /// The smallest body: it pushes constants only.
    fn emptied(&self) -> Body<'a> {
        let last = self.code.last();
        let place = |instruction: &Instruction<'a>| last.map(|last| Placed { instruction: instruction.clone(), ..last.clone() });
        Body { locals: Vec::new(), smallest: self.smallest.clone(), code: self.smallest.iter().filter_map(place).collect() }
    }

    /// The end of the longest stretch that begins at an instruction, consists of whole blocks and is within a
    /// length. It is `start` itself if there is no such stretch. `None` at the end of the function.
    pub(super) fn whole(&self, start: usize, length: usize) -> Option<usize> {
        let depth = self.code.get(start).filter(|_| start + 1 < self.code.len())?.depth;
        let last = (start + length).min(self.code.len() - 1);
        let within = self.code[start..last].iter().take_while(|placed| placed.least_depth >= depth).count();
        (start..=start + within).rev().find(|end| self.code[*end].depth == depth)
    }

    /// The body with a stretch of code replaced by constants of the types that the stretch leaves on the
    /// stack. `None` where the stretch does not consist of whole blocks, or where the body would not become
    /// smaller.
    pub(super) fn without(&self, range: Range<usize>) -> Option<Body<'a>> {
        let (first, next) = (&self.code[range.start], self.code.get(range.end)?);
        let stretch = &self.code[range.clone()];
        if next.depth != first.depth || stretch.iter().any(|placed| placed.least_depth < first.depth) {
            return None;
        }
        let kept = stretch.iter().map(|placed| placed.kept).fold(first.height.min(next.height), usize::min);
        let mut types = vec![None; next.height - kept];
        for index in range.clone().rev() {
            let pushes = &self.code[index].pushes;
            let bottom = self.code[index + 1].height.saturating_sub(pushes.len());
            for (height, ty) in (bottom..).zip(pushes) {
                if let Some(unknown) = height.checked_sub(kept).and_then(|place| types.get_mut(place)) {
                    unknown.get_or_insert(*ty);
                }
            }
        }
        let drops = (kept..first.height).rev().map(|height| (Instruction::Drop, height + 1, height, Vec::new()));
        let constants = types.into_iter().zip(kept..).map(|(ty, height)| Some((zero(ty?)?, height, height, vec![ty?])));
        let constants = constants.collect::<Option<Vec<_>>>()?;
        let place = |(instruction, height, kept, pushes)| Placed { instruction, height, kept, pushes, ..first.clone() };
        let replacement: Vec<_> = drops.chain(constants).map(place).collect();
        let weight = |code: &[Placed<'_>]| (code.len(), code.iter().filter(|placed| !placed.is_plain()).count());
        (weight(&replacement) < weight(stretch)).then(|| {
            let mut body = self.clone();
            body.code.splice(range, replacement.into_iter().map(|placed| Placed { least_depth: first.depth, ..placed }));
            body
        })
    }

    /// The body cut off before an instruction. It ends with a trap there.
    pub(super) fn cut(&self, at: usize) -> Body<'a> {
        let mut body = self.clone();
        let mut open = Vec::new();
        for placed in &self.code[..at] {
            match placed.instruction {
                Instruction::Block(_) | Instruction::Loop(_) => open.push(false),
                Instruction::If(_) => open.push(true),
                Instruction::Else => drop(open.pop().map(|_| open.push(false))),
                Instruction::End => drop(open.pop()),
                _ => {}
            }
        }
        let place = |instruction| Placed { instruction, ..self.code[at].clone() };
        body.code.truncate(at);
        body.code.push(place(Instruction::Unreachable));
        for lacks_else in open.into_iter().rev() {
            // An `if` whose `else` was cut off may have results without having parameters, so it needs an
            // `else`.
            if lacks_else {
                body.code.extend([Instruction::Else, Instruction::Unreachable].map(place));
            }
            body.code.push(place(Instruction::End));
        }
        body.code.push(place(Instruction::End));
        body
    }

    /// The body with one instruction replaced by another that pops and pushes the same types.
    pub(super) fn with(&self, index: usize, instruction: Instruction<'a>) -> Body<'a> {
        let mut body = self.clone();
        body.code[index].instruction = instruction;
        body
    }

    /// The body with the block that begins at an instruction replaced by the block's contents. Of an `if`,
    /// the contents are one of its arms.
    pub(super) fn unwrapped(&self, start: usize, keeps_else: bool) -> Option<Body<'a>> {
        let depth = self.code[start].depth;
        let end = (start + 1..self.code.len()).find(|index| self.code[*index].least_depth == depth && self.is_end(*index))?;
        let is_else = |index: &usize| self.code[*index].depth == depth + 1 && matches!(self.code[*index].instruction, Instruction::Else);
        let middle = (start + 1..end).find(is_else);
        let is_if = matches!(self.code[start].instruction, Instruction::If(_));
        let inside = match (middle, keeps_else) {
            (None, false) => start + 1..end,
            (Some(middle), false) => start + 1..middle,
            (Some(middle), true) => middle + 1..end,
            (None, true) if is_if => end..end,
            (None, true) => return None,
        };
        let condition = is_if.then(|| Placed { instruction: Instruction::Drop, ..self.code[start].clone() });
        let inside = inside.map(|index| {
            let placed = &self.code[index];
            let out = |label: u32| outside(label, (placed.depth - depth - 1) as u32);
            let instruction = match &placed.instruction {
                Instruction::Br(label) => Instruction::Br(out(*label)?),
                Instruction::BrIf(label) => Instruction::BrIf(out(*label)?),
                Instruction::BrTable(labels, last) => {
                    Instruction::BrTable(labels.iter().map(|label| out(*label)).collect::<Option<_>>()?, out(*last)?)
                }
                other => other.clone(),
            };
            Some(Placed { instruction, depth: placed.depth - 1, least_depth: placed.least_depth - 1, ..placed.clone() })
        });
        let inside = inside.collect::<Option<Vec<_>>>()?;
        let mut body = self.clone();
        body.code.splice(start..=end, condition.into_iter().chain(inside));
        Some(body)
    }

    fn is_end(&self, index: usize) -> bool {
        matches!(self.code[index].instruction, Instruction::End)
    }
}

impl Placed<'_> {
    /// The function that the instruction calls, if it is a call by name.
    pub(super) fn calls(&self) -> Option<u32> {
        if let Instruction::Call(function) = self.instruction { Some(function) } else { None }
    }

    /// Whether the instruction is one of those by which stretches of code are replaced.
    fn is_plain(&self) -> bool {
        matches!(
            self.instruction,
            Instruction::Drop | Instruction::I32Const(_) | Instruction::I64Const(_) | Instruction::F32Const(_) | Instruction::F64Const(_)
        )
    }
}

/// A label as it is after an enclosing block is removed. `inner` is the number of blocks between the branch
/// and that block. `None` for the label of the removed block.
fn outside(label: u32, inner: u32) -> Option<u32> {
    match label.cmp(&inner) {
        std::cmp::Ordering::Less => Some(label),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(label - 1),
    }
}

/// The constant 0 of a type.
fn zero<'a>(ty: ValType) -> Option<Instruction<'a>> {
    Some(match ty {
        ValType::I32 => Instruction::I32Const(0),
        ValType::I64 => Instruction::I64Const(0),
        ValType::F32 => Instruction::F32Const(Ieee32::new(0)),
        ValType::F64 => Instruction::F64Const(Ieee64::new(0)),
        ValType::Ref(ty) => Instruction::RefNull(ty.heap_type),
        _ => return None,
    })
}

/// A body in the binary format, without its length field.
fn written<'i, 'a: 'i>(locals: &[(u32, ValType)], code: impl IntoIterator<Item = &'i Instruction<'a>>) -> Vec<u8> {
    let mut function = Function::new(locals.iter().copied());
    for instruction in code {
        function.instruction(instruction);
    }
    function.into_raw_body()
}
