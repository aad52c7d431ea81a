//! Charts of times by numbers of records, both on logarithmic scales, as SVG.

use std::fmt::Write as _;

/// One panel of a chart.
pub(crate) struct Panel {
    pub(crate) title: String,
    /// The name of each line, and its points: number of records, µs.
    pub(crate) lines: Vec<(String, Vec<(usize, f64)>)>,
}

const WIDTH: f64 = 620.0;
const HEIGHT: f64 = 330.0;
/// Where the points of a panel are.
const LEFT: f64 = 60.0;
const RIGHT: f64 = 400.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 290.0;
/// The times at the bottom and at the top, µs, as powers of ten.
const TIMES: [i32; 2] = [0, 4];
const COLORS: [&str; 8] = ["#2f6fdb", "#d1495b", "#2e9e5b", "#b8860b", "#7b4fc9", "#1b9aaa", "#c45c1e", "#6b7280"];

/// The panels, one below the other.
pub(crate) fn chart(panels: &[Panel]) -> String {
    let height = HEIGHT * panels.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <style>text{{fill:#222}}.grid{{stroke:#999;stroke-width:.4}}\
         @media(prefers-color-scheme:dark){{text{{fill:#eee}}}}</style>\n"
    );
    for (number, panel) in panels.iter().enumerate() {
        let _ = writeln!(svg, "<g transform=\"translate(0 {})\">", HEIGHT * number as f64);
        draw(&mut svg, panel);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, panel: &Panel) {
    let sizes: Vec<usize> =
        panel.lines.first().map(|(_, points)| points.iter().map(|(size, _)| *size).collect()).unwrap_or_default();
    let (first, last) = (sizes.first().copied().unwrap_or(1) as f64, sizes.last().copied().unwrap_or(10) as f64);
    let x = |size: usize| LEFT + (size as f64 / first).log10() / (last / first).log10() * (RIGHT - LEFT);
    let y = |micros: f64| {
        let share = (micros.log10() - f64::from(TIMES[0])) / f64::from(TIMES[1] - TIMES[0]);
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    };
    let _ = writeln!(svg, "<text x=\"8\" y=\"20\">{}: µs by number of records</text>", panel.title);
    for power in TIMES[0]..=TIMES[1] {
        let (micros, at) = (10f64.powi(power), y(10f64.powi(power)));
        let _ = writeln!(svg, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.0}\" y2=\"{at:.0}\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{:.0}\" text-anchor=\"end\">{micros}</text>", LEFT - 6.0, at + 4.0);
    }
    for size in sizes {
        let at = x(size);
        let _ = writeln!(svg, "<text x=\"{at:.0}\" y=\"{}\" text-anchor=\"middle\">{size}</text>", BOTTOM + 18.0);
    }
    for (number, (name, points)) in panel.lines.iter().enumerate() {
        let color = COLORS[number % COLORS.len()];
        let dash = if number < COLORS.len() { "" } else { " stroke-dasharray=\"4 3\"" };
        let points: Vec<String> =
            points.iter().map(|(size, micros)| format!("{:.1},{:.1}", x(*size), y(*micros))).collect();
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{dash} points=\"{}\"/>",
            points.join(" ")
        );
        let at = TOP + 18.0 * number as f64;
        let _ = writeln!(
            svg,
            "<line x1=\"420\" x2=\"440\" y1=\"{at}\" y2=\"{at}\" stroke=\"{color}\" stroke-width=\"2\"{dash}/>"
        );
        let _ = writeln!(svg, "<text x=\"448\" y=\"{}\">{name}</text>", at + 4.0);
    }
}
