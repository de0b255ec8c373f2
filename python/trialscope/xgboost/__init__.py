"""Capture from XGBoost trainings: `Hook` is a callback for ``xgboost.train``, ``xgboost.cv`` and the estimators."""

from trialscope.xgboost.hook import Hook
from trialscope.xgboost.summary import Summary

__all__ = ["Hook", "Summary"]
