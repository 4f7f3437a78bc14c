//! The model card: what a model hub shows of an exported folder.

use crate::byte::isa;
use crate::byte::profile::{CELLS, FILE_CAPACITY, FILES, MAX_INSTRUCTIONS, MAX_ITERATIONS};
use crate::full::listing::token::{Event, Family, Vocabulary};
use crate::full::program::limits;
use crate::transformer::folder::marked;
use crate::transformer::{Attention, Model, Number};

/// The templates of the two cards, with placeholders for figures, and of the part that both cards share.
const BYTE: &str = include_str!("byte.md");
const FULL: &str = include_str!("full.md");
const SHAPE: &str = include_str!("shape.md");

/// The card of the byte machine.
pub(super) fn byte<T: Number>(model: &Model<T>) -> String {
    let figures = [
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
pub(super) fn full<T: Number>(model: &Model<T>) -> String {
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
        ("shape", shape(model, "a [family](#vocabulary) and a number in it")),
        ("mark", marked()),
        ("ask", Event::Ask.token().to_string()),
        ("families", Family::all().map(family).collect()),
        ("events", events.join(", ")),
        ("limits", limits.map(|limit| limit + "\n").concat()),
    ];
    fill(FULL, &figures)
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
        let byte = byte(&crate::byte::machine::compile::<f32>().unwrap().0);
        let full = full(&crate::full::machine::compile::<f64>().unwrap().0);
        for card in [&byte, &full] {
            assert!(!card.contains("{{") && !card.contains("}}"), "{card}");
            assert!(card.starts_with(&format!("---\n{}license: mit\n", marked())));
        }
        assert!(byte.contains("316000 parameters"));
        assert!(full.contains("`ask` ") && full.contains("| Byte(0) | `V0:0` | 0 to 255 | yes |"), "{full}");
    }
}
