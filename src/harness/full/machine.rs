//! The parts of the full machine around its network.

use std::cell::OnceCell;

use serde_json::{Value, json};

use super::Full;
use crate::circuit::{Bounds, Circuit};
use crate::full::listing::lower::{ListingForm, Lowered, lower};
use crate::full::listing::token::{Token, Vocabulary};
use crate::full::machine::decode::Decoder;
use crate::full::machine::host::FullHost;
use crate::full::machine::{self, NAME, specialized};
use crate::full::trace::{End, State, Step};
use crate::harness::engine::Case;
use crate::harness::engines::NetworkEngine;
use crate::harness::machine::{Held, Machine, MachineError, Reader, Size, check_held};
use crate::transformer::{Config, Model};

/// A program and its calls as a listing.
pub struct Listed {
    lowered: Lowered,
    size: Size,
    /// The tokens of the prompt. They are computed on first use, since a prompt that is too long is refused
    /// by its size before that.
    prompt: OnceCell<Vec<Token>>,
}

impl Listed {
    /// The tokens of the prompt.
    pub fn prompt(&self, case: Case<'_, Full>) -> &[Token] {
        let Lowered { listing, entries } = &self.lowered;
        self.prompt.get_or_init(|| listing.tokens(case.program, |function| entries[function as usize]))
    }
}

/// Turns the tokens of a run into steps.
pub struct FullReader<'a> {
    vocabulary: &'a Vocabulary,
    decoder: Decoder<'a>,
}

/// An empty iterator: the network's tokens cannot be derived from the reference VM's steps.
pub type NoLessons = std::iter::Empty<(usize, ())>;

impl Machine for Full {
    type Number = f64;
    type Vocabulary = Vocabulary;
    type Form = ListingForm;
    type Lowered = Listed;
    type Host<'a> = FullHost<'a>;
    type Reader<'a> = FullReader<'a>;
    type Lessons<'a> = NoLessons;
    type Lesson = ();

    const FORMS: &'static [ListingForm] = &[ListingForm::Plain, ListingForm::Fused];
    const CHECKS_INDEXED: bool = true;
    const MEASURED: (usize, u64) = (4_000, 1_000);

    fn compiled() -> (Model<f64>, Bounds) {
        machine::compile().expect("the full machine compiles, as the tests show")
    }

    fn circuit() -> Circuit {
        machine::circuit()
    }

    fn specialized(case: Case<'_, Full>, listed: &Listed) -> Held {
        let rows = specialized::Rows::of(case.program, &listed.lowered);
        Held {
            circuit: specialized::circuit(&rows),
            tokens: Vocabulary::new().size(),
            prompt: specialized::prompt(),
            stores: rows.stores(),
            rows: rows.names(),
            host: None,
        }
    }

    fn without_program(config: &Config) -> Circuit {
        specialized::without_program(config.vocab_size.saturating_sub(Vocabulary::new().size()))
    }

    fn prompt_tokens(case: Case<'_, Full>, listed: &Listed, vocabulary: &Vocabulary) -> Vec<usize> {
        listed.prompt(case).iter().map(|token| vocabulary.id(*token)).collect()
    }

    fn supports(config: &Config) -> Result<(), MachineError> {
        let tokens = Vocabulary::new().size();
        match config {
            Config { machine, .. } if machine != NAME => Err(MachineError::OtherMachine(machine.clone())),
            _ if config.tokens() != tokens => Err(MachineError::OtherVocabulary(config.tokens(), tokens)),
            _ => Ok(()),
        }
    }

    fn form_name(form: ListingForm) -> Option<&'static str> {
        (form == ListingForm::Fused).then_some("fused")
    }

    fn lower(case: Case<'_, Full>, form: ListingForm) -> Result<Listed, MachineError> {
        let lowered = lower(case.program, case.calls, form)?;
        let size = lowered.listing.size(case.program, |function| lowered.entries[function as usize]);
        let size = Size { rows: size.rows, host: size.of_host(), indexed: size.of_indexed() };
        Ok(Listed { lowered, size, prompt: OnceCell::new() })
    }

    fn size(listed: &Listed) -> Size {
        listed.size
    }

    fn surround<'a>(
        case: Case<'a, Full>,
        listed: &'a Listed,
        vocabulary: &'a Vocabulary,
        config: &Config,
    ) -> Result<(FullHost<'a>, FullReader<'a>), MachineError> {
        if config.tokens() != vocabulary.size() {
            return Err(MachineError::OtherVocabulary(config.tokens(), vocabulary.size()));
        }
        let host = match &config.specialized {
            None => FullHost::new(vocabulary, listed.prompt(case), case.input),
            Some(specialized) => {
                check_held(case.shorten(), listed, vocabulary, specialized)?;
                FullHost::holding(vocabulary, specialized.clone(), case.input)
            }
        };
        let decoder = Decoder::new(case.program, &listed.lowered.listing, case.program.results(case.calls), case.input);
        Ok((host, FullReader { vocabulary, decoder }))
    }

    fn prompt_row(case: Case<'_, Full>, listed: &Listed, row: usize) -> String {
        listed.prompt(case).get(row).map(ToString::to_string).unwrap_or_default()
    }

    fn program_json(case: Case<'_, Full>, listed: &Listed, vocabulary: &Vocabulary) -> Value {
        json!({ "tokens": Full::prompt_tokens(case, listed, vocabulary) })
    }

    fn lessons<'a>(_case: Case<'a, Full>) -> Option<NoLessons> {
        None
    }
}

impl Reader<Full> for FullReader<'_> {
    fn take(&mut self, _host: &FullHost<'_>, token: usize) -> &[Step] {
        self.take_for((), token)
    }

    fn take_for(&mut self, (): (), token: usize) -> &[Step] {
        match self.vocabulary.token(token) {
            Some(token) => self.decoder.take(token),
            None => &[],
        }
    }

    fn at(&self, _host: &FullHost<'_>) -> Option<u64> {
        self.decoder.pc().map(u64::from)
    }

    fn end(&self) -> Option<End> {
        self.decoder.end().cloned()
    }

    fn finish(self, _host: FullHost<'_>) -> (Option<End>, State) {
        (self.decoder.end().cloned(), self.decoder.into_state())
    }
}

impl NetworkEngine<Full> {
    /// The engine with programs in the fused form and the same weights.
    #[must_use]
    pub fn fused(self) -> NetworkEngine<Full> {
        self.in_form(ListingForm::Fused)
    }
}
