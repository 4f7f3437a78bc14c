//! The model card: what a model hub shows of an exported folder.

use crate::isa;
use crate::program::profile::{CELLS, FILE_CAPACITY, FILES, MAX_INSTRUCTIONS, MAX_ITERATIONS};
use crate::transformer::folder::marked;
use crate::transformer::{Model, Number};

/// The card with its figures left open.
const TEMPLATE: &str = include_str!("card.md");

/// The card of a model.
pub(super) fn of<T: Number>(model: &Model<T>) -> String {
    let config = &model.config;
    let kinds = |layer: &Vec<crate::transformer::Attention>| {
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
    let layers: String = config.attention.iter().enumerate().map(|(index, layer)| format!("| {index} | {} |\n", kinds(layer))).collect();
    let figures = [
        ("mark", marked()),
        ("parameters", config.parameters().to_string()),
        ("non_zero", model.non_zeros().to_string()),
        ("dtype", T::DTYPE.to_string()),
        ("d_model", config.d_model.to_string()),
        ("d_head", config.d_head.to_string()),
        ("d_ffn", config.d_ffn.to_string()),
        ("vocab_size", config.vocab_size.to_string()),
        ("n_layers", config.layers().to_string()),
        ("heads", format!("{:?}", config.heads_per_layer())),
        ("layers", layers),
        ("instructions", isa::table_lines("  ").iter().map(|line| format!("{}\n", line.trim_end())).collect()),
        ("max_instructions", MAX_INSTRUCTIONS.to_string()),
        ("max_iterations", MAX_ITERATIONS.to_string()),
        ("cells", CELLS.to_string()),
        ("files", FILES.to_string()),
        ("file_capacity", FILE_CAPACITY.to_string()),
    ];
    figures.iter().fold(TEMPLATE.to_string(), |card, (name, figure)| card.replace(&format!("{{{{{name}}}}}"), figure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_figure_is_left_open() {
        let card = of(&crate::machine::byte::compile::<f32>().unwrap().0);
        assert!(!card.contains("{{") && !card.contains("}}"), "{card}");
        assert!(card.starts_with(&format!("---\n{}license: mit\n", marked())));
        assert!(card.contains("316000 parameters"));
    }
}
