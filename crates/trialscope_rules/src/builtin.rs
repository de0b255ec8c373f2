//! The built-in rules, one file each.

pub(crate) mod feature_importance_overweight;
pub(crate) mod loss_not_decreasing;
pub(crate) mod overfit;
