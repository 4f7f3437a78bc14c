//! The X-ray of a step as a picture: the rows that it reads, the heads and neurons that act in each layer,
//! the token that it emits.
//!
//! The picture is an SVG of its own, light or dark as the reader prefers.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::xray::{HeadRay, LayerRay, XRay};
use crate::transformer::Attention;

const WIDTH: usize = 860;
const TOP: usize = 58;
/// Where the names of rows end, and where the layers begin.
const NAMES: usize = 236;
const LAYERS: usize = 330;
const HEADS: usize = LAYERS + 66;
const NEURONS: usize = HEADS + 152;
const COUNTS: usize = NEURONS + 176;
const LINE: usize = 21;
/// Columns and distance of the heads' dots, and of the neurons' squares.
const DOTS: (usize, usize) = (18, 8);
const SQUARES: (usize, usize) = (27, 6);
/// Rows that are named; a step that reads more says so.
const MOST: usize = 14;

const STYLE: &str = "<style>
text { font: 12px ui-monospace, monospace; fill: #1f2328 }
.title { font-size: 14px }
.dim { fill: #59636e }
.on { fill: #0969da }
.off { fill: #d1d9e0 }
.box { fill: none; stroke: #d1d9e0 }
.read { fill: none; stroke: #0969da; stroke-opacity: 0.45 }
.token { fill: #0969da }
.said { fill: #ffffff; font-size: 15px }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .dim { fill: #9198a1 }
  .on { fill: #4493f8 }
  .off { fill: #3d444d }
  .box { stroke: #3d444d }
  .read { stroke: #4493f8 }
  .token { fill: #1f6feb }
}
</style>";

/// What rows and tokens are called.
pub struct Names<'a> {
    /// A row of the sequence.
    pub row: &'a dyn Fn(usize) -> String,
    /// A token.
    pub token: fn(usize) -> String,
}

/// Where a head reads: all rows, a row of the sequence, or one of an external store. Pictures list them in
/// this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    All,
    Row(usize),
    Store(usize, usize),
}

impl Place {
    fn of(head: &HeadRay) -> Place {
        match (head.kind, &head.attended) {
            (Attention::Cross(store), Some(read)) => Place::Store(store, read.row),
            (_, Some(read)) => Place::Row(read.row),
            (_, None) => Place::All,
        }
    }

    fn name(self, rows: usize, names: &Names<'_>) -> String {
        match self {
            Place::All => format!("all {rows} rows, added up"),
            Place::Row(row) => (names.row)(row),
            Place::Store(store, row) => format!("offset {row} of file {store}"),
        }
    }
}

/// Draws a step.
pub fn step(xray: &XRay, names: &Names<'_>) -> String {
    let heights: Vec<usize> = xray.layers.iter().map(height).collect();
    let reads = reads(xray);
    let named = reads.len().min(MOST + 1);
    let below = TOP + heights.iter().sum::<usize>().max(LINE * named);
    let mut svg = Drawing(String::new());
    svg.line(format_args!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\">", below + 54));
    svg.line(format_args!("<title>One forward pass: {} at pc {}</title>\n{STYLE}", escaped(&xray.instruction), xray.pc));
    let title = format!("step {}, pc {}: {}", xray.step, xray.pc, xray.instruction);
    svg.text(8, 24, "title", &format!("{title}: one forward pass of {} rows", xray.row + 1));
    svg.text(8, 46, "dim", "rows that heads read");
    svg.text(HEADS, 46, "dim", "heads");
    svg.text(NEURONS, 46, "dim", "neurons");
    svg.text(COUNTS, 46, "dim", "how many act");

    let tops: Vec<usize> = heights.iter().scan(TOP, |top, height| Some(std::mem::replace(top, *top + height))).collect();
    for (index, (place, layers)) in reads.iter().take(MOST).enumerate() {
        let y = TOP + 14 + LINE * index;
        svg.text(8, y, "", &place.name(xray.row + 1, names));
        for (layer, heads) in layers {
            svg.read(y - 4, tops[*layer] + (heights[*layer] - 4) / 2, *heads);
        }
    }
    if reads.len() > MOST {
        svg.text(8, TOP + 14 + LINE * MOST, "dim", &format!("and {} more", reads.len() - MOST));
    }
    for (index, ((layer, top), height)) in xray.layers.iter().zip(&tops).zip(&heights).enumerate() {
        svg.layer(index, layer, *top, *height);
    }
    svg.token(xray, names, below);
    svg.0 + "</svg>\n"
}

/// The height of a layer, its margin included.
fn height(layer: &LayerRay) -> usize {
    let lines = |count: usize, (columns, distance): (usize, usize)| count.div_ceil(columns) * distance;
    16 + lines(layer.heads.len(), DOTS).max(lines(layer.neurons.len(), SQUARES)).max(12)
}

/// A head acts if it retrieves anything but zeros.
fn acts(head: &HeadRay) -> bool {
    head.result.iter().any(|x| *x != 0)
}

/// The rows that acting heads read, and how many heads of each layer read them.
fn reads(xray: &XRay) -> BTreeMap<Place, BTreeMap<usize, usize>> {
    let mut reads: BTreeMap<Place, BTreeMap<usize, usize>> = BTreeMap::new();
    for (index, layer) in xray.layers.iter().enumerate() {
        for head in layer.heads.iter().filter(|head| acts(head)) {
            *reads.entry(Place::of(head)).or_default().entry(index).or_default() += 1;
        }
    }
    reads
}

struct Drawing(String);

impl Drawing {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{text}").expect("a string takes anything");
    }

    fn text(&mut self, x: usize, y: usize, class: &str, text: &str) {
        self.line(format_args!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{}</text>", escaped(text)));
    }

    /// A line from a row to a layer, the wider the more heads of the layer read the row.
    fn read(&mut self, from: usize, to: usize, heads: usize) {
        let (bend, width) = ((NAMES + LAYERS) / 2, 1.0 + (heads as f64).ln());
        let curve = format!("M{NAMES} {from} C{bend} {from} {bend} {to} {LAYERS} {to}");
        self.line(format_args!("<path d=\"{curve}\" class=\"read\" stroke-width=\"{width:.1}\"/>"));
    }

    fn layer(&mut self, index: usize, layer: &LayerRay, top: usize, height: usize) {
        let (width, inner) = (WIDTH - LAYERS - 4, height - 4);
        self.line(format_args!("<rect x=\"{LAYERS}\" y=\"{top}\" width=\"{width}\" height=\"{inner}\" rx=\"4\" class=\"box\"/>"));
        self.text(LAYERS + 8, top + 16, "", &format!("layer {index}"));
        let heads: Vec<bool> = layer.heads.iter().map(acts).collect();
        let neurons: Vec<bool> = layer.neurons.iter().map(|neuron| neuron.output != 0).collect();
        for (index, acts) in heads.iter().enumerate() {
            let (x, y) = (HEADS + 3 + index % DOTS.0 * DOTS.1, top + 12 + index / DOTS.0 * DOTS.1);
            self.line(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" class=\"{}\"/>", lit(*acts)));
        }
        for (index, acts) in neurons.iter().enumerate() {
            let (x, y) = (NEURONS + index % SQUARES.0 * SQUARES.1, top + 9 + index / SQUARES.0 * SQUARES.1);
            self.line(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"5\" height=\"5\" class=\"{}\"/>", lit(*acts)));
        }
        let count = |lit: &[bool]| format!("{}/{}", lit.iter().filter(|acts| **acts).count(), lit.len());
        self.text(COUNTS, top + 16, "dim", &format!("{}  {}", count(&heads), count(&neurons)));
    }

    /// The token emitted, and by how much its logit is ahead of the next lower ones.
    fn token(&mut self, xray: &XRay, names: &Names<'_>, top: usize) {
        let name = |id: usize| (names.token)(id);
        let said = format!("→ {}", name(xray.token));
        let width = 24 + 9 * said.chars().count();
        self.line(format_args!("<rect x=\"{LAYERS}\" y=\"{}\" width=\"{width}\" height=\"30\" rx=\"4\" class=\"token\"/>", top + 10));
        self.text(LAYERS + 12, top + 30, "said", &said);
        let highest = xray.logits[xray.token];
        let mut others: Vec<(usize, i64)> = xray.logits.iter().copied().enumerate().filter(|(id, _)| *id != xray.token).collect();
        others.sort_by_key(|(id, logit)| (-logit, *id));
        let ahead: Vec<String> = others.iter().take(2).map(|(id, logit)| format!("of {} by {}", name(*id), highest - logit)).collect();
        self.text(LAYERS + width + 12, top + 30, "dim", &format!("ahead {}", ahead.join(", ")));
        self.text(8, top + 30, "dim", "the token with the highest logit");
    }
}

fn lit(acts: bool) -> &'static str {
    if acts { "on" } else { "off" }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
