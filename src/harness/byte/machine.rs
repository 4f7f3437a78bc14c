//! The parts of the byte machine around its network.

use serde_json::{Value, json};

use super::Byte;
use crate::byte::isa::Op;
use crate::byte::machine::{self, ByteHost, specialized};
use crate::byte::trace::{End, Replay, State, Step, Token};
use crate::byte::vm::Vm;
use crate::circuit::{Bounds, Circuit};
use crate::harness::engine::Case;
use crate::harness::machine::{Held, Machine, MachineError, Reader, Size, check_held};
use crate::transformer::{Config, Model};

/// Turns the tokens of a run into steps. Each token is one step.
#[derive(Debug)]
pub struct ByteReader<'a> {
    replay: Replay<'a>,
    step: [Step; 1],
}

/// The steps of the reference VM. Each step is a token, with the step's pc as the lesson.
#[derive(Debug)]
pub struct Lessons<'a>(Vm<'a>);

impl Iterator for Lessons<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        self.0.step().map(|step| (step.token.id(), step.pc))
    }
}

impl Machine for Byte {
    type Number = f32;
    type Vocabulary = ();
    type Form = ();
    type Lowered = Size;
    type Host<'a> = ByteHost<'a>;
    type Reader<'a> = ByteReader<'a>;
    type Lessons<'a> = Lessons<'a>;
    type Lesson = usize;

    const FORMS: &'static [()] = &[()];
    const CHECKS_INDEXED: bool = false;
    const MEASURED: (usize, u64) = (usize::MAX, u64::MAX);

    fn compiled() -> (Model<f32>, Bounds) {
        machine::compile().expect("the byte machine compiles, as the tests show")
    }

    fn circuit() -> Circuit {
        machine::circuit()
    }

    fn specialized(case: Case<'_, Byte>, _lowered: &Size) -> Held {
        let instructions = case.program.code().len();
        Held {
            circuit: specialized::circuit(case.program),
            tokens: Token::COUNT,
            prompt: specialized::prompt(),
            stores: specialized::stores(instructions),
            rows: (0..=instructions).map(|row| specialized::row_name(case.program, row)).collect(),
            host: Some(json!({ "listing": listing(case) })),
        }
    }

    fn without_program(config: &Config) -> Circuit {
        specialized::without_program(config.vocab_size.saturating_sub(Token::COUNT))
    }

    fn prompt_tokens(case: Case<'_, Byte>, _lowered: &Size, (): &()) -> Vec<usize> {
        let listing = listing(case);
        [Token::Start.id()].into_iter().chain(listing.into_iter().flatten().map(usize::from)).collect()
    }

    fn supports(config: &Config) -> Result<(), MachineError> {
        Ok(ByteHost::supports(config)?)
    }

    fn form_name((): ()) -> Option<&'static str> {
        None
    }

    /// One row, and two rows per instruction. This is little, so the memory limit is not applied: `host` and
    /// `indexed` are 0.
    fn lower(case: Case<'_, Byte>, (): ()) -> Result<Size, MachineError> {
        Ok(Size { rows: 1 + 2 * case.program.code().len() as u64, host: 0, indexed: 0 })
    }

    fn size(lowered: &Size) -> Size {
        *lowered
    }

    fn surround<'a>(
        case: Case<'a, Byte>,
        lowered: &'a Size,
        (): &'a (),
        config: &Config,
    ) -> Result<(ByteHost<'a>, ByteReader<'a>), MachineError> {
        config.specialized.as_ref().map_or(Ok(()), |specialized| check_held(case.shorten(), lowered, &(), specialized))?;
        let step = [Step { pc: 0, token: Token::Start }];
        Ok((ByteHost::new(case.program, case.files, config)?, ByteReader { replay: Replay::new(case.program), step }))
    }

    fn prompt_row(case: Case<'_, Byte>, _lowered: &Size, row: usize) -> String {
        let part = match row {
            0 => return "start".to_string(),
            _ if row % 2 == 1 => "opcode",
            _ => "operand",
        };
        let pc = (row - 1) / 2;
        let op = case.program.code().get(pc).map_or(Op::Halt, |instr| instr.op);
        format!("{part} of pc {pc}, {op}")
    }

    fn program_json(case: Case<'_, Byte>, _lowered: &Size, (): &()) -> Value {
        json!({ "listing": listing(case), "files": case.files })
    }

    fn lessons<'a>(case: Case<'a, Byte>) -> Option<Lessons<'a>> {
        Some(Lessons(Vm::new(case.program, case.files)))
    }
}

/// Opcode and operand of each instruction.
fn listing(case: Case<'_, Byte>) -> Vec<[u8; 2]> {
    case.program.code().iter().map(|instr| [instr.op.row().opcode, instr.arg]).collect()
}

impl ByteReader<'_> {
    fn step(&mut self, step: Step) -> &[Step] {
        // First: what has just been stored in parts is slow to read as a whole, and this is read soon.
        self.step = [step];
        self.replay.step(step.pc, step.token);
        &self.step
    }
}

impl Reader<Byte> for ByteReader<'_> {
    fn take(&mut self, host: &ByteHost<'_>, token: usize) -> &[Step] {
        self.step(host.as_step(token))
    }

    fn take_for(&mut self, pc: usize, token: usize) -> &[Step] {
        self.step(Step { pc, token: Token::from_id(token).unwrap_or(Token::Pad) })
    }

    fn at(&self, host: &ByteHost<'_>) -> Option<u64> {
        Some(host.pc() as u64)
    }

    /// The end is known by the host, see [`Reader::finish`].
    fn end(&self) -> Option<End> {
        None
    }

    fn finish(self, host: ByteHost<'_>) -> (Option<End>, State) {
        let end = host.end();
        let (outputs, files) = host.into_outputs_and_files();
        (end, self.replay.into_state(outputs, files))
    }
}
