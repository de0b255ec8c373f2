//! Text that came from data, made fit for a terminal, and small helps for laying it out.

use std::fmt::Write;

/// Replaces what could steer a terminal: control characters and the marks that reverse the direction of text.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        let steers = character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if steers {
            let _ = write!(printable, "\\u{{{:x}}}", u32::from(character));
        } else {
            printable.push(character);
        }
    }
    printable
}

/// A number with as many digits as help: whole numbers whole, others with six significant digits.
pub(crate) fn number(value: f64) -> String {
    const WHOLE_BELOW: f64 = 1e15;
    const PLAIN_EXPONENTS: std::ops::Range<i32> = -5..15;
    const SIGNIFICANT: i32 = 6;
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    if value.fract() == 0.0 && value.abs() < WHOLE_BELOW {
        return format!("{value:.0}");
    }
    #[expect(clippy::cast_possible_truncation, reason = "a decimal exponent lies between -324 and 308")]
    let exponent = value.abs().log10().floor() as i32;
    if !PLAIN_EXPONENTS.contains(&exponent) {
        return format!("{value:.5e}");
    }
    let decimals = usize::try_from((SIGNIFICANT - 1 - exponent).max(0)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A count with thin separators: `1,234,567`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Rows of cells as aligned columns: the columns named in `right` flush right, the others flush left.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>], right: &[usize]) -> String {
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(column, title)| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .chain([width(title)])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    let header: Vec<String> = header.iter().map(|&title| title.to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        for (column, (cell, &wide)) in row.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(wide.saturating_sub(width(cell)));
            let gap = if column == 0 { "" } else { "  " };
            let _ = if right.contains(&column) {
                write!(line, "{gap}{padding}{cell}")
            } else {
                write!(line, "{gap}{cell}{padding}")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Values as a line of eighth blocks, lowest to highest; NaN as a dot.
pub(crate) fn sparkline(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let lowest = finite().fold(f64::INFINITY, f64::min);
    let highest = finite().fold(f64::NEG_INFINITY, f64::max);
    values
        .iter()
        .map(|&value| {
            if !value.is_finite() {
                return '·';
            }
            let share = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the share lies in 0..=1"
            )]
            let level = (share * 7.0).round() as usize;
            BLOCKS.get(level).copied().unwrap_or('█')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_where_they_can_be() {
        for (value, expected) in [
            (0.0, "0"),
            (51.0, "51"),
            (0.279_123_456, "0.279123"),
            (1234.5, "1234.5"),
            (-0.001_234_567_8, "-0.00123457"),
            (1.5e-9, "1.50000e-9"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn data_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\n\u{202e}c"), "a\\u{1b}[31mb\\u{a}\\u{202e}c");
        assert_eq!(printable("naïve ☃ <script>"), "naïve ☃ <script>");
    }

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["loss".into(), "7".into()], vec!["a".into(), "1,234".into()]];
        assert_eq!(table(&["name", "steps"], &rows, &[1]), "name  steps\nloss      7\na     1,234\n");
    }

    #[test]
    fn counts_have_separators() {
        assert_eq!([count(7), count(1234), count(1_234_567)], ["7", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_sparkline_spans_its_values() {
        assert_eq!(sparkline(&[0.0, 7.0, f64::NAN, 3.5]), "▁█·▅");
        assert_eq!(sparkline(&[2.0, 2.0]), "▁▁");
    }
}
