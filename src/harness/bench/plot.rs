//! A plot of the cost per token over the length of the trace, as SVG with logarithmic axes.

use std::fmt::Write;

use super::growth::Cost;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 96.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 48.0;
const COLOURS: [&str; 4] = ["#2166ac", "#b2182b", "#4d9221", "#762a83"];

/// A scale from powers of ten to pixels.
struct Scale {
    first: i32,
    last: i32,
    start: f64,
    end: f64,
}

impl Scale {
    fn of(numbers: impl Iterator<Item = f64> + Clone, start: f64, end: f64) -> Scale {
        let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        Scale { first, last: last.max(first + 1), start, end }
    }

    fn at(&self, number: f64) -> f64 {
        let share = (number.log10() - f64::from(self.first)) / f64::from(self.last - self.first);
        self.start + share * (self.end - self.start)
    }
}

/// A plot of engines' costs. Engines without costs are left out.
pub fn costs(engines: &[(&str, Vec<Cost>)]) -> String {
    let all = || engines.iter().flat_map(|(_, costs)| costs);
    let x = Scale::of(all().map(|cost| cost.length as f64), LEFT, WIDTH - RIGHT);
    let y = Scale::of(all().map(|cost| cost.nanoseconds), HEIGHT - BOTTOM, TOP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n"
    );
    let mut line = |text: String| writeln!(svg, "{text}").expect("a string takes anything");
    line(format!("<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>"));
    line(format!("<text x=\"{LEFT}\" y=\"22\" font-size=\"14\">Nanoseconds per token, by the length of the trace in tokens</text>"));
    for power in x.first..=x.last {
        let at = x.at(10f64.powi(power));
        line(format!("<line x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{:.1}\" stroke=\"#ddd\"/>", HEIGHT - BOTTOM));
        line(format!("<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", HEIGHT - BOTTOM + 18.0, ten_to(power)));
    }
    for power in y.first..=y.last {
        let at = y.at(10f64.powi(power));
        line(format!("<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>", WIDTH - RIGHT));
        line(format!("<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", LEFT - 8.0, at + 4.0, ten_to(power)));
    }
    for ((name, costs), colour) in engines.iter().zip(COLOURS.iter().cycle()) {
        let points: Vec<(f64, f64)> = costs.iter().map(|cost| (x.at(cost.length as f64), y.at(cost.nanoseconds))).collect();
        let Some((last_x, last_y)) = points.last() else { continue };
        let path = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ");
        line(format!("<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"));
        for (x, y) in &points {
            line(format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"));
        }
        line(format!("<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>", last_x + 8.0, last_y + 4.0));
    }
    svg + "</svg>\n"
}

fn ten_to(power: i32) -> String {
    format!("10<tspan dy=\"-4\" font-size=\"9\">{power}</tspan>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_point_within_the_picture() {
        let cost = |length, nanoseconds| Cost { length, nanoseconds, memory: None };
        let svg =
            costs(&[("one", vec![cost(1000, 700.0), cost(10_000_000, 900.0)]), ("two", vec![cost(1000, 55_000.0)]), ("none", vec![])]);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("<polyline").count(), 2);
        let numbers = |name: &str| {
            svg.split(&format!("{name}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap().parse::<f64>().unwrap()).collect::<Vec<_>>()
        };
        assert!(numbers("cx").iter().all(|x| (LEFT..=WIDTH - RIGHT).contains(x)));
        assert!(numbers("cy").iter().all(|y| (TOP..=HEIGHT - BOTTOM).contains(y)));
    }
}
