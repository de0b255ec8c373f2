"""The made-up sample: same shape, plausible, repeatable, and nobody's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trialscope.demo.prepare import Prepared, prepare, read_census
from trialscope.demo.schema import FEATURES, NUMERIC
from trialscope.demo.synthetic import synthetic_census

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sample() -> Prepared:
    return prepare(synthetic_census())


def correlation(data: Prepared, feature: str) -> float:
    values = data.features[:, data.feature_names.index(feature)]
    return float(np.corrcoef(values, data.labels)[0, 1])


def test_shape(sample: Prepared) -> None:
    assert sample.features.shape == (32_561, 12)
    assert np.isfinite(sample.features).all()
    assert 0.2 < sample.labels.mean() < 0.3


def test_same_seed_same_people() -> None:
    again = [prepare(synthetic_census(500, seed=seed)) for seed in (3, 3, 4)]
    assert np.array_equal(again[0].features, again[1].features)
    assert np.array_equal(again[0].labels, again[1].labels)
    assert not np.array_equal(again[0].features, again[2].features)


def test_ranges(sample: Prepared) -> None:
    limits = {
        "Age": (17, 90),
        "Education-Num": (1, 16),
        "Hours per week": (1, 99),
        "Capital Gain": (0, 99_999),
        "Capital Loss": (0, 4356),
        "Relationship": (0, 5),
    }
    for name, (low, high) in limits.items():
        values = sample.features[:, sample.feature_names.index(name)]
        assert low <= values.min()
        assert values.max() <= high, name


def test_dependencies_are_plausible(sample: Prepared) -> None:
    assert correlation(sample, "Education-Num") > 0.2
    assert correlation(sample, "Age") > 0.1
    assert correlation(sample, "Relationship") > 0.2
    census = synthetic_census(20_000)
    married = census.categories["marital-status"] == "Married-civ-spouse"
    husband_or_wife = np.isin(census.categories["relationship"], ["Husband", "Wife"])
    assert np.array_equal(married, husband_or_wife)
    assert set(census.categories["sex"][census.categories["relationship"] == "Wife"]) == {"Female"}
    assert not ((census.numbers["capital-gain"] > 0) & (census.numbers["capital-loss"] > 0)).any()


def test_one_row() -> None:
    assert prepare(synthetic_census(1)).features.shape == (1, 12)


@pytest.mark.shared
def test_its_categories_are_those_of_the_real_sample_and_its_rows_are_not(adult_file: Path) -> None:
    real, made = read_census(adult_file), synthetic_census()
    for name in FEATURES:
        if name not in NUMERIC:
            assert set(np.unique(made.categories[name])) <= set(np.unique(real.categories[name])), name
    # Ordinary answers coincide; unusual amounts of capital would only do so if rows had been copied.
    both = np.intersect1d(
        real.numbers["capital-gain"][real.numbers["capital-gain"] > 20_000],
        made.numbers["capital-gain"][made.numbers["capital-gain"] > 20_000],
    )
    assert set(both) <= {99_999}
