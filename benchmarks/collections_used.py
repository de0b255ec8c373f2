"""The collections of the main job, with and without SHAP values."""

CHEAP = ("metrics", "feature_importance", "predictions", "labels", "hyperparameters", "trees")
SHAP = ("average_shap", "full_shap")
ALL = CHEAP + SHAP
