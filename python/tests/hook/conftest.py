"""Small data sets, and a way to read a trial back."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers in every test."""
    return np.random.default_rng(7)


@pytest.fixture
def features(rng: np.random.Generator) -> np.ndarray:
    """240 rows of 5 features, some values missing, the last feature constant and so never used."""
    values = rng.normal(size=(240, 5)).astype(np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    values[:, 4] = 1.0
    return values


@pytest.fixture
def binary(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels 0 and 1."""
    signal = np.nan_to_num(features[:, 0]) - np.nan_to_num(features[:, 1]) + rng.normal(size=len(features))
    return (signal > 0).astype(np.float32)


@pytest.fixture
def classes(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels 0, 1 and 2."""
    signal = np.nan_to_num(features[:, 0]) + rng.normal(size=len(features))
    return np.digitize(signal, [-0.5, 0.5]).astype(np.float32)
