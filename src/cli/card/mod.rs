//! The model card: what a model hub shows of an exported folder.

use crate::byte::isa;
use crate::byte::profile::{CELLS, FILE_CAPACITY, FILES, MAX_INSTRUCTIONS, MAX_ITERATIONS};
use crate::circuit::Bounds;
use crate::full::listing::token::{Event, Family, Vocabulary};
use crate::full::program::limits;
use crate::harness::byte::compliance;
use crate::harness::exhaustive;
use crate::harness::full::exhaustive as edges;
use crate::harness::mutate::Mutant;
use crate::shown;
use crate::transformer::folder::marked;
use crate::transformer::{Attention, HeldStore, Model, Number};

/// The templates of the machines' cards, with placeholders for figures, and of the part that all cards share.
const BYTE: &str = include_str!("byte.md");
const FULL: &str = include_str!("full.md");
const SHAPE: &str = include_str!("shape.md");
/// The template of the card of specialised weights.
const SPECIALIZED: &str = include_str!("specialized.md");

/// Where the project is.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// How to cite the project, by the data of `CITATION.cff`, and what inspired it. Braces within quotes keep
/// capitals and a name whole.
const CITATION: &str = concat!(
    "```bibtex\n@software{wasmformer,\n",
    "  title = \"wasmformer: transformers that execute {WebAssembly}, compiled and never trained\",\n",
    "  author = \"{The wasmformer authors}\",\n",
    "  version = \"",
    env!("CARGO_PKG_VERSION"),
    "\",\n  url = \"",
    env!("CARGO_PKG_REPOSITORY"),
    "\",\n}\n```\n\nIt was inspired by \"Can LLMs be computers?\" of Percepta AI.\n"
);

/// The worked example of the full machine's card: a prompt, and the tokens that the network emits after it. A
/// test runs it.
const PROMPT: &str = "place:7 place:6 place:5 place:4 place:3 place:2 place:1 zero allones pages:0 max-pages:0 element nop nop \
                      I0:5 call Halt I0:3 i32.const I0:4 i32.const i32.add host.output return go";
const ANSWER: &str = "F:0 J+0:2 V0:3 V0:4 V0:7 out:7 U:0 J-0:5 halt";

/// How to generate with transformers, for a folder with the class for it.
const GENERATE: &str = r#"
With transformers, by the classes in this folder, and the prompt above as text:

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".", trust_remote_code=True)
model = AutoModelForCausalLM.from_pretrained(".", trust_remote_code=True)
tokens = model.generate(**tokenizer(prompt, return_tensors="pt"))
print(tokenizer.decode(tokens[0]))
```
"#;

/// The card of the byte machine.
pub(super) fn byte<T: Number>(model: &Model<T>, bounds: &Bounds, _generates: bool) -> String {
    let suite = compliance::suite().map_or(0, |suite| suite.len());
    let cases: usize = exhaustive::domains().iter().map(|domain| domain.cases).sum();
    let figures = [
        ("repository", REPOSITORY.to_string()),
        ("citation", CITATION.to_string()),
        ("programs", suite.to_string()),
        ("cases", cases.to_string()),
        ("mutants", Mutant::all(model).len().to_string()),
        ("bound", bounds.largest().bound.to_string()),
        ("percent", percent::<T>(bounds)),
        ("shape", shape(model, "bytes, and the specials `start`, `halt`, `trap`, `pad`")),
        ("mark", marked()),
        ("parameters", model.config.parameters().to_string()),
        ("instructions", isa::table_lines("  ").iter().map(|line| format!("{}\n", line.trim_end())).collect()),
        ("max_instructions", MAX_INSTRUCTIONS.to_string()),
        ("max_iterations", MAX_ITERATIONS.to_string()),
        ("cells", CELLS.to_string()),
        ("files", FILES.to_string()),
        ("file_capacity", FILE_CAPACITY.to_string()),
    ];
    fill(BYTE, &figures)
}

/// The card of the full machine.
pub(super) fn full<T: Number>(model: &Model<T>, bounds: &Bounds, generates: bool) -> String {
    let edges: usize = edges::domains().map(|domain| domain.cases()).sum();
    let vocabulary = Vocabulary::new();
    let family = |family: Family| {
        let first = vocabulary.id(family.token(0));
        let last = first + usize::from(family.size()) - 1;
        let emitted = if family.is_emitted() { "yes" } else { "no" };
        format!("| {family:?} | `{}` | {first} to {last} | {emitted} |\n", family.token(0))
    };
    let events: Vec<String> = Event::all().map(|event| format!("`{}` {}", event.token(), vocabulary.id(event.token()))).collect();
    let limits = [
        format!("- memory: {} pages", limits::MAX_PAGES),
        format!("- calls in progress: {}", limits::MAX_CALL_DEPTH),
        format!("- slots of a frame, locals and operands: {}", limits::MAX_FRAME_SLOTS),
        format!("- instructions: {}", limits::MAX_INSTRUCTIONS),
        format!("- places of the table: {}", limits::MAX_TABLE),
        format!("- globals: {}", limits::MAX_GLOBALS),
    ];
    let figures = [
        ("repository", REPOSITORY.to_string()),
        ("citation", CITATION.to_string()),
        ("prompt", PROMPT.to_string()),
        ("answer", ANSWER.to_string()),
        ("generate", if generates { GENERATE.to_string() } else { String::new() }),
        ("edges", edges.to_string()),
        ("bound", bounds.largest().bound.to_string()),
        ("percent", percent::<T>(bounds)),
        ("shape", shape(model, "a [family](#vocabulary) and a number in it")),
        ("mark", marked()),
        ("ask", Event::Ask.token().to_string()),
        ("families", Family::all().map(family).collect()),
        ("events", events.join(", ")),
        ("limits", limits.map(|limit| limit + "\n").concat()),
    ];
    fill(FULL, &figures)
}

/// The card of weights that hold a program.
pub(super) fn specialized<T: Number>(model: &Model<T>, bounds: &Bounds) -> String {
    let config = &model.config;
    let Some(specialized) = &config.specialized else { return String::new() };
    let store = |held: &HeldStore| format!("| {} | {} | {} |\n", held.store, held.first, held.count);
    let form = if specialized.form.is_empty() { String::new() } else { format!(" in the {} form", specialized.form) };
    let what = format!("{} tokens, and {} rows that hold the program", specialized.tokens, config.vocab_size - specialized.tokens);
    let figures = [
        ("repository", REPOSITORY.to_string()),
        ("citation", CITATION.to_string()),
        ("program", shown::shown(&specialized.program)),
        ("machine", config.machine.clone()),
        ("form", form),
        ("digest", specialized.digest.clone()),
        ("rows", (config.vocab_size - specialized.tokens).to_string()),
        ("prompt", format!("{:?}", specialized.prompt)),
        ("stores", specialized.stores.iter().map(store).collect()),
        ("bound", bounds.largest().bound.to_string()),
        ("percent", percent::<T>(bounds)),
        ("shape", shape(model, &what)),
        ("mark", marked()),
    ];
    fill(SPECIALIZED, &figures)
}

/// How far the largest bound goes, of the integers that the number type holds exactly.
fn percent<T: Number>(bounds: &Bounds) -> String {
    format!("{:.0}", bounds.largest().bound as f64 / T::EXACT as f64 * 100.0)
}

/// The tables of a model's shape.
fn shape<T: Number>(model: &Model<T>, vocabulary: &str) -> String {
    let config = &model.config;
    let kinds = |layer: &Vec<Attention>| {
        let mut parts: Vec<(usize, String)> = Vec::new();
        for kind in layer.iter().map(ToString::to_string) {
            match parts.last_mut() {
                Some((count, last)) if *last == kind => *count += 1,
                _ => parts.push((1, kind)),
            }
        }
        let parts: Vec<_> = parts.iter().map(|(count, kind)| format!("{count} {kind}")).collect();
        if parts.is_empty() { "none: feed-forward only".to_string() } else { parts.join(", ") }
    };
    let layers = config.attention.iter().enumerate().map(|(index, layer)| format!("| {index} | {} |\n", kinds(layer))).collect();
    let figures = [
        ("parameters", config.parameters().to_string()),
        ("non_zero", model.non_zeros().to_string()),
        ("dtype", T::DTYPE.to_string()),
        ("d_model", config.d_model.to_string()),
        ("d_head", config.d_head.to_string()),
        ("d_ffn", config.d_ffn.to_string()),
        ("vocab_size", config.vocab_size.to_string()),
        ("vocabulary", vocabulary.to_string()),
        ("n_layers", config.layers().to_string()),
        ("heads", format!("{:?}", config.heads_per_layer())),
        ("layers", layers),
    ];
    fill(SHAPE, &figures).trim_end().to_string() + "\n"
}

fn fill(template: &str, figures: &[(&str, String)]) -> String {
    figures.iter().fold(template.to_string(), |card, (name, figure)| card.replace(&format!("{{{{{name}}}}}"), figure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_figure_is_left_open() {
        let (model, bounds) = crate::byte::machine::compile::<f32>().unwrap();
        let byte = byte(&model, &bounds, false);
        let (model, bounds) = crate::full::machine::compile::<f64>().unwrap();
        let full = full(&model, &bounds, true);
        for card in [&byte, &full] {
            assert!(!card.contains("{{") && !card.contains("}}"), "{card}");
            assert!(card.starts_with(&format!("---\n{}license: mit\n", marked())));
        }
        assert!(byte.contains("316000 parameters"));
        let (_, cited) = byte.split_once("```bibtex\n").unwrap();
        let cited = cited.split_once("```").unwrap().0.replace(['{', '}'], "");
        for field in ["title", "  - name", "version", "repository-code"] {
            let data = include_str!("../../../CITATION.cff").lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(": "));
            let data = data.unwrap().trim_matches('"');
            assert!(cited.contains(&format!("= \"{data}\",\n")) && full.contains("```bibtex\n"), "{field}: {cited}");
        }
        assert!(full.contains("`ask` ") && full.contains("| Byte(0) | `V0:0` | 0 to 255 | yes |"), "{full}");
    }
}
