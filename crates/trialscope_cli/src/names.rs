//! Real feature names in place of `f0`, `f1`, ..., where the trial keeps them.

use trialscope_store::Trial;

/// Families of tensors that have one member per feature; the feature is the last part of the name.
const FAMILIES: [&str; 3] = ["feature_importance/", "average_shap/", "full_shap/"];

/// A tensor name as people read it: with the real feature name, where it is known.
pub(crate) fn display(trial: &Trial, tensor: &str) -> String {
    real_name(trial, tensor).unwrap_or_else(|| crate::text::printable(tensor))
}

fn real_name(trial: &Trial, tensor: &str) -> Option<String> {
    let names = trial.feature_names()?;
    let (family, feature) = split(tensor)?;
    let index: usize = feature.strip_prefix('f')?.parse().ok()?;
    Some(format!("{family}/{}", crate::text::printable(names.get(index)?)))
}

/// The saved name that the user means: the name itself, or the one whose feature has that real name.
pub(crate) fn resolve(trial: &Trial, name: &str) -> String {
    let found = (|| {
        if trial.has_tensor(name) {
            return None;
        }
        let (index, feature) = trial.feature_names()?.iter().enumerate().find(|(_, feature)| {
            name.strip_suffix(feature.as_str()).is_some_and(|family| family.ends_with('/'))
        })?;
        let family = name.strip_suffix(feature.as_str())?;
        FAMILIES.iter().any(|known| family.starts_with(known)).then(|| format!("{family}f{index}"))
    })();
    found.unwrap_or_else(|| name.to_owned())
}

fn split(tensor: &str) -> Option<(&str, &str)> {
    FAMILIES.iter().any(|family| tensor.starts_with(family)).then(|| tensor.rsplit_once('/')).flatten()
}
