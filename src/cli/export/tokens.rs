//! The tokens of a machine, as its folder names them: for tokenizers, for generation, and in the config.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::byte::trace::Token;
use crate::full::listing::token::{Event, Family, Vocabulary};

/// The most tokens that `generate` of transformers makes, unless it is told otherwise: its own limit is 20.
const MAX_NEW_TOKENS: usize = 1_000_000;

/// Tokens of one kind, with identifiers in a row.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct TokenFamily {
    family: String,
    /// The first identifier.
    first: usize,
    /// The number of tokens.
    count: usize,
    /// Whether the network emits them.
    emitted: bool,
    /// What a token says.
    #[serde(rename = "for")]
    meaning: String,
    /// What comes before the number in the name of a token. Left out where tokens have names of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    /// The tokens' own names, if they have no numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

/// The tokens of a machine.
pub(in crate::cli) struct Tokens {
    /// The name of every token, by identifier.
    pub names: Vec<String>,
    pub families: Vec<TokenFamily>,
    /// The tokens that end a run, those that ask for a byte of input, and those that ask for a byte of the
    /// system's answer.
    ends: Vec<usize>,
    questions: Vec<usize>,
    of_system: Vec<usize>,
    /// The token that fills up shorter sequences of a batch.
    pad: usize,
}

impl Tokens {
    pub fn byte() -> Tokens {
        let names: Vec<String> = Token::all().map(|token| token.to_string()).collect();
        let bytes = "an opcode, an operand, or the value that a step pushed or consumed";
        let families =
            [("Byte", 0, 256, bytes), ("Special", 256, names.len() - 256, "the start, an end of the run, or a row that is not there")];
        let families =
            families.map(|(family, first, count, meaning)| TokenFamily::new(family, first, true, meaning, &names[first..first + count]));
        let [ends, pad] = [vec![Token::Halt.id(), Token::Trap.id()], vec![Token::Pad.id()]];
        Tokens { names, families: families.into(), ends, questions: Vec::new(), of_system: Vec::new(), pad: pad[0] }
    }

    pub fn full() -> Tokens {
        let vocabulary = Vocabulary::new();
        let names: Vec<String> = vocabulary.all().map(|(_, token)| token.to_string()).collect();
        let families = Family::all().map(|family| {
            let first = vocabulary.id(family.token(0));
            let names = &names[first..first + usize::from(family.size())];
            TokenFamily::new(&format!("{family:?}"), first, family.is_emitted(), &family.meaning(), names)
        });
        let ends = |event: &Event| *event != Event::Step && !event.is_question();
        let exits = (0..Family::Exit.size()).map(|status| Family::Exit.token(status));
        let ends: Vec<usize> = Event::all().filter(ends).map(Event::token).chain(exits).map(|token| vocabulary.id(token)).collect();
        let ids = |of_system: bool| {
            let asked = Event::all().filter(move |event| event.is_question() && (*event == Event::Receive) == of_system);
            asked.map(|event| vocabulary.id(event.token())).collect()
        };
        let (questions, of_system) = (ids(false), ids(true));
        Tokens { families: families.collect(), names, pad: ends[0], ends, questions, of_system }
    }

    /// Entries of the config.
    pub fn entries(&self) -> Map<String, Value> {
        let entries = [
            ("eos_token_id", json!(self.ends)),
            ("pad_token_id", json!(self.pad)),
            ("input_token_id", json!(self.questions)),
            ("system_token_id", json!(self.of_system)),
            ("token_families", json!(self.families)),
        ];
        entries.map(|(name, value)| (name.to_string(), value)).into_iter().collect()
    }

    /// `generation_config.json`: by it `generate` stops at the ends of a run, and where the host must append
    /// a byte.
    pub fn generation_config(&self) -> Value {
        let stops: Vec<_> = self.ends.iter().chain(&self.questions).chain(&self.of_system).collect();
        json!({ "do_sample": false, "eos_token_id": stops, "max_new_tokens": MAX_NEW_TOKENS, "pad_token_id": self.pad })
    }

    /// `tokenizer.json`: a text is the names of its tokens with blanks between them. A word that is not a
    /// token is an error, since there is no token for unknown words.
    pub fn tokenizer(&self) -> Value {
        let vocabulary: Map<_, _> = self.names.iter().enumerate().map(|(id, name)| (name.clone(), json!(id))).collect();
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": [],
            "normalizer": null,
            "pre_tokenizer": { "type": "WhitespaceSplit" },
            "post_processor": null,
            "decoder": null,
            "model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "" },
        })
    }

    /// `tokenizer_config.json`, with the hub's entries for the tokenizer's class.
    pub fn tokenizer_config(&self, auto_map: &Map<String, Value>) -> Value {
        let mut config = json!({
            "tokenizer_class": "PreTrainedTokenizerFast",
            "clean_up_tokenization_spaces": false,
            "model_input_names": ["input_ids", "attention_mask"],
            "padding_side": "left",
        });
        if let Some(class) = auto_map.get("AutoTokenizer") {
            config["auto_map"] = json!({ "AutoTokenizer": class });
        }
        config
    }
}

impl TokenFamily {
    fn new(family: &str, first: usize, emitted: bool, meaning: &str, names: &[String]) -> TokenFamily {
        let prefix = names[0].strip_suffix('0').map(str::to_string);
        let prefix = prefix.filter(|prefix| names.iter().enumerate().all(|(number, name)| *name == format!("{prefix}{number}")));
        let names_of_their_own = if prefix.is_none() { names.to_vec() } else { Vec::new() };
        let (family, meaning) = (family.to_string(), meaning.to_string());
        TokenFamily { family, first, count: names.len(), emitted, meaning, prefix, names: names_of_their_own }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_token_has_a_name_of_its_own_that_a_text_can_hold() {
        for (tokens, count) in [(Tokens::byte(), Token::COUNT), (Tokens::full(), Vocabulary::new().size())] {
            assert_eq!(tokens.names.len(), count);
            assert!(tokens.names.iter().all(|name| !name.is_empty() && !name.contains(char::is_whitespace)));
            assert_eq!(tokens.names.iter().collect::<BTreeSet<_>>().len(), count, "names are unique");
            let named = tokens.families.iter().flat_map(|family| match &family.prefix {
                Some(prefix) => (0..family.count).map(|number| format!("{prefix}{number}")).collect(),
                None => family.names.clone(),
            });
            assert_eq!(named.collect::<Vec<_>>(), tokens.names, "the families are the vocabulary");
        }
    }

    #[test]
    fn a_run_stops_at_its_ends_and_at_questions() {
        let tokens = Tokens::full();
        let stops = tokens.generation_config()["eos_token_id"].as_array().unwrap().len();
        assert_eq!((stops, tokens.questions.len(), tokens.of_system.len()), (tokens.ends.len() + 3, 2, 1));
        let names: Vec<_> = tokens.ends.iter().map(|id| &tokens.names[*id][..]).collect();
        for name in ["halt", "refused", "trap:unreachable", "exit:0", "exit:255"] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
        assert!(!names.contains(&"step") && !names.contains(&"ask"));
    }
}
