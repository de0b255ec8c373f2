//! The nearest of several names, for messages about a name that does not exist.

/// Below this similarity a suggestion confuses more than it helps.
const LEAST_SIMILARITY: f64 = 0.75;

/// The candidate nearest to `word`; `None` where none is near, the first of those equally near. Case, `_` and `-` do
/// not count.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (best, similarity) = ranked(word, candidates).into_iter().next()?;
    (similarity >= LEAST_SIMILARITY).then_some(best)
}

/// All candidates with their similarity to `word` (0 to 1, Jaro-Winkler), the most similar first, ties in the order
/// given. Case, `_` and `-` do not count.
pub fn ranked<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, f64)> {
    let word = plain(word);
    let mut ranked: Vec<(&str, f64)> = candidates
        .into_iter()
        .map(|candidate| (candidate, strsim::jaro_winkler(&word, &plain(candidate))))
        .collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranked
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_and_other_spellings_are_near() {
        let rules = ["FeatureImportanceOverweight", "LossNotDecreasing", "Overfit"];
        assert_eq!(nearest("LossNotDecresing", rules), Some("LossNotDecreasing"));
        assert_eq!(nearest("loss_not_decreasing", rules), Some("LossNotDecreasing"));
        assert_eq!(nearest("overfitting", rules), Some("Overfit"));
        let tensors = ["train-logloss", "train-auc", "validation-logloss"];
        assert_eq!(nearest("train-loglos", tensors), Some("train-logloss"));
        assert_eq!(nearest("validaton-logloss", tensors), Some("validation-logloss"));
        assert_eq!(nearest("zzzz", tensors), None);
    }

    #[test]
    fn of_equally_near_names_the_first_is_given() {
        assert_eq!(nearest("train_loss", ["Train-Loss", "train-loss"]), Some("Train-Loss"));
    }
}
