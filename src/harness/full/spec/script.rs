//! One file of the suite: its commands in order, and the outcome of each assertion.

use std::collections::{BTreeMap, HashMap};

use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use super::Version;
use super::backend::{Backend, Failure};
use super::values::{Expected, argument};
use crate::full::isa::Trap;
use crate::full::program::Value;

/// The outcomes of a script's assertions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// Assertions passed, by kind.
    pub passed: BTreeMap<&'static str, usize>,
    /// Assertions skipped, by reason.
    pub skipped: BTreeMap<String, usize>,
    /// Assertions and commands that failed: file, line and what happened.
    pub failed: Vec<String>,
    /// Commands that assert nothing and succeeded: modules, registrations, bare invocations.
    pub commands: usize,
}

/// The outcome of one directive. If it is not a success: the reason.
enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

const OTHER_VALUES: &str = "arguments or results that are vectors";
const MISSING_EFFECTS: &str = "needs the effects of an earlier run that was skipped";

/// Runs a script.
pub(super) fn run(version: Version, file: &str, text: &str, backend: &mut dyn Backend) -> Results {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let unreadable = |error: &wast::Error| Results { failed: vec![format!("{file}: cannot be parsed: {error}")], ..Results::default() };
    let buffer = match ParseBuffer::new_with_lexer(lexer) {
        Ok(buffer) => buffer,
        Err(error) => return unreadable(&error),
    };
    let directives = match parser::parse::<Wast<'_>>(&buffer) {
        Ok(wast) => wast.directives,
        Err(error) => return unreadable(&error),
    };
    let mut results = Results::default();
    let nothing = Err(Failure::Broken("there is no module".to_string()));
    let mut script = Script { version, backend, named: HashMap::new(), current: nothing, incomplete: false };
    for directive in directives {
        let line = directive.span().linecol_in(text).0 + 1;
        let (kind, outcome) = script.directive(directive);
        match (kind, outcome) {
            (Some(kind), Outcome::Passed) => *results.passed.entry(kind).or_default() += 1,
            (None, Outcome::Passed) => results.commands += 1,
            (Some(_), Outcome::Skipped(reason)) => *results.skipped.entry(reason).or_default() += 1,
            // A command that is skipped is not counted itself. The assertions that need it are counted as
            // skipped.
            (None, Outcome::Skipped(_)) => {}
            (kind, Outcome::Failed(what)) => results.failed.push(format!("{file}:{line}: {}: {what}", kind.unwrap_or("command"))),
        }
    }
    results
}

struct Script<'b> {
    version: Version,
    backend: &'b mut dyn Backend,
    /// Instances by name, or the reason why the instance does not exist.
    named: HashMap<String, Result<usize, Failure>>,
    /// The last instance, or the reason why it does not exist.
    current: Result<usize, Failure>,
    /// Whether a run since the last module was skipped, so that its effects are missing.
    incomplete: bool,
}

impl Script<'_> {
    /// Executes a directive. Returns the kind of assertion too, if the directive is an assertion.
    fn directive(&mut self, directive: WastDirective<'_>) -> (Option<&'static str>, Outcome) {
        match directive {
            WastDirective::Module(module) => (None, self.module(module)),
            WastDirective::Register { name, module, .. } => (None, self.register(name, module)),
            WastDirective::Invoke(invoke) => (None, expect(self.invoke(invoke), |_| true)),
            WastDirective::AssertReturn { exec, results, .. } => (Some("assert_return"), self.assert_return(exec, &results)),
            WastDirective::AssertTrap { exec, message, .. } => (Some("assert_trap"), self.assert_trap(exec, message)),
            WastDirective::AssertExhaustion { call, message, .. } => {
                (Some("assert_exhaustion"), self.assert_trap(WastExecute::Invoke(call), message))
            }
            WastDirective::AssertMalformed { module, .. } => (Some("assert_malformed"), self.assert_invalid(module)),
            WastDirective::AssertInvalid { module, .. } => (Some("assert_invalid"), self.assert_invalid(module)),
            WastDirective::AssertUnlinkable { module, .. } => (Some("assert_unlinkable"), self.assert_unlinkable(module)),
            other => (None, Outcome::Failed(format!("not a command of versions 1 and 2: {other:?}"))),
        }
    }

    fn module(&mut self, mut module: QuoteWat<'_>) -> Outcome {
        let instance = match module.encode() {
            Ok(wasm) => self.backend.instantiate(&wasm),
            Err(error) => Err(Failure::Broken(format!("the module cannot be encoded: {error}"))),
        };
        if let Some(name) = module.name() {
            self.named.insert(name.name().to_string(), instance.clone());
        }
        self.current = instance.clone();
        self.incomplete = false;
        expect(instance, |_| true)
    }

    fn register(&mut self, name: &str, module: Option<Id<'_>>) -> Outcome {
        expect(self.instance(module).map(|instance| self.backend.register(name, instance)), |()| true)
    }

    fn instance(&self, id: Option<Id<'_>>) -> Result<usize, Failure> {
        match id {
            None => self.current.clone(),
            Some(id) => {
                let unknown = || Err(Failure::Broken(format!("there is no module ${}", id.name())));
                self.named.get(id.name()).cloned().unwrap_or_else(unknown)
            }
        }
    }

    fn invoke(&mut self, invoke: WastInvoke<'_>) -> Result<Vec<Value>, Failure> {
        let instance = self.instance(invoke.module)?;
        let arguments: Option<Vec<Value>> = invoke.args.iter().map(argument).collect();
        let arguments = arguments.ok_or_else(|| Failure::Unsupported(OTHER_VALUES.to_string()));
        let result = arguments.and_then(|arguments| self.backend.invoke(instance, invoke.name, &arguments));
        self.incomplete |= matches!(result, Err(Failure::Unsupported(_)));
        result
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Vec<Value>, Failure> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(invoke),
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                self.backend.get(instance, global).map(|value| vec![value])
            }
            WastExecute::Wat(mut module) => self.instantiate(&mut module).map(|_| Vec::new()),
        }
    }

    fn instantiate(&mut self, module: &mut Wat<'_>) -> Result<usize, Failure> {
        let wasm = module.encode().map_err(|error| Failure::Broken(format!("the module cannot be encoded: {error}")))?;
        self.backend.instantiate(&wasm)
    }

    fn assert_return(&mut self, exec: WastExecute<'_>, expected: &[WastRet<'_>]) -> Outcome {
        let expected: Option<Vec<Expected>> = expected.iter().map(Expected::of).collect();
        let Some(expected) = expected else { return Outcome::Skipped(OTHER_VALUES.to_string()) };
        let admitted = |values: &Vec<Value>| {
            values.len() == expected.len() && expected.iter().zip(values).all(|(expected, value)| expected.admits(*value))
        };
        let outcome = expect(self.execute(exec), admitted);
        match (outcome, self.backend.limit_met()) {
            (Outcome::Failed(_), Some(limit)) => Outcome::Skipped(limit),
            (Outcome::Failed(_), None) if self.incomplete => Outcome::Skipped(MISSING_EFFECTS.to_string()),
            (outcome, _) => outcome,
        }
    }

    fn assert_trap(&mut self, exec: WastExecute<'_>, message: &str) -> Outcome {
        match (self.execute(exec), trap(message)) {
            (Err(Failure::Trap(trap)), Some(expected)) if trap == expected => Outcome::Passed,
            (Err(Failure::Unsupported(reason)), _) => Outcome::Skipped(reason),
            (result, _) => Outcome::Failed(format!("expected the trap {message:?}, not {result:?}")),
        }
    }

    fn assert_invalid(&mut self, mut module: QuoteWat<'_>) -> Outcome {
        // A text that cannot be encoded is malformed, as expected.
        let Ok(wasm) = module.encode() else { return Outcome::Passed };
        match self.backend.validate(&wasm, self.version) {
            Err(Failure::Invalid(_)) => Outcome::Passed,
            Err(failure) => Outcome::Failed(format!("expected an invalid module, not {failure:?}")),
            Ok(()) => Outcome::Failed("the module was accepted".to_string()),
        }
    }

    fn assert_unlinkable(&mut self, mut module: Wat<'_>) -> Outcome {
        match self.instantiate(&mut module) {
            Err(Failure::Unlinkable(_)) => Outcome::Passed,
            Err(Failure::Unsupported(reason)) => Outcome::Skipped(reason),
            result => Outcome::Failed(format!("expected an unlinkable module, not {result:?}")),
        }
    }
}

/// The outcome of a command whose result is expected to satisfy a predicate.
fn expect<T: std::fmt::Debug>(result: Result<T, Failure>, as_expected: impl Fn(&T) -> bool) -> Outcome {
    match result {
        Ok(value) if as_expected(&value) => Outcome::Passed,
        Err(Failure::Unsupported(reason)) => Outcome::Skipped(reason),
        other => Outcome::Failed(format!("gave {other:?}")),
    }
}

/// The trap for a message of the suite.
fn trap(message: &str) -> Option<Trap> {
    let messages = [
        ("unreachable", Trap::Unreachable),
        ("integer divide by zero", Trap::DivisionByZero),
        ("integer overflow", Trap::IntegerOverflow),
        ("invalid conversion to integer", Trap::InvalidConversion),
        ("out of bounds memory access", Trap::MemoryOutOfBounds),
        ("out of bounds table access", Trap::TableOutOfBounds),
        ("undefined element", Trap::TableOutOfBounds),
        ("uninitialized element", Trap::UninitializedElement),
        ("indirect call type mismatch", Trap::IndirectCallType),
        ("call stack exhausted", Trap::CallStackExhausted),
    ];
    messages.iter().find(|(start, _)| message.starts_with(start)).map(|(_, trap)| *trap)
}
