//! How numbers and lists are written in messages.

/// A number with `DIGITS` significant digits, in plain notation where that stays readable.
pub(crate) fn number(value: f64) -> String {
    const DIGITS: i32 = 4;
    if !value.is_finite() {
        return if value.is_nan() { "NaN".to_owned() } else { format!("{value}").replace("inf", "infinity") };
    }
    let scientific = format!("{value:.3e}");
    let exponent: i32 =
        scientific.rsplit_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or_default();
    if value == 0.0 {
        "0".to_owned()
    } else if (-4..=5).contains(&exponent) {
        let decimals = usize::try_from(DIGITS - 1 - exponent).unwrap_or_default();
        let fixed = format!("{value:.decimals$}");
        if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.').to_owned() } else { fixed }
    } else {
        scientific
    }
}

/// The first few items separated by commas, and how many more there are.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    const LIMIT: usize = 5;
    if items.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<&str> = items.iter().take(LIMIT).map(AsRef::as_ref).collect();
    match items.len().saturating_sub(LIMIT) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `1 step`, `2 steps`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (-12.345_67, "-12.35"),
            (123_456.0, "123456"),
            (0.000_123_456, "0.0001235"),
            (1.5e-9, "1.500e-9"),
            (9.999_96, "10"),
            (f64::NEG_INFINITY, "-infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(&["a", "b"]), "a, b");
        assert_eq!(list(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
        assert_eq!(list::<&str>(&[]), "none");
    }
}
