"""A made-up census sample, for machines without the real one.

Nobody in it exists: rows are drawn from simple distributions whose parameters were chosen by hand to look
plausible: age shapes marital status, marital status shapes household role, schooling shapes occupation, and
all of them shape income.
Models trained on it show how the tools work and nothing about people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialscope.demo.schema import MISSING, Census

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Words = npt.NDArray[np.str_]

NUM_ROWS = 32_561
"""As many rows as the real sample has, so that times and sizes compare."""

RACES = {
    "White": 0.85,
    "Black": 0.096,
    "Asian-Pac-Islander": 0.032,
    "Amer-Indian-Eskimo": 0.012,
    "Other": 0.01,
}
COUNTRIES = {
    "United-States": 0.895,
    "Mexico": 0.02,
    MISSING: 0.018,
    "Philippines": 0.008,
    "Germany": 0.006,
    "Canada": 0.006,
    "India": 0.006,
    "China": 0.005,
    "England": 0.005,
    "Cuba": 0.005,
    "Jamaica": 0.004,
    "South": 0.004,
    "Italy": 0.004,
    "Vietnam": 0.004,
    "Japan": 0.003,
    "Poland": 0.003,
    "Columbia": 0.002,
    "Iran": 0.002,
}
OCCUPATIONS = (
    # name, weight, schooling (1 to 16) at which it is most likely, pull of that schooling, effect on income
    ("Adm-clerical", 0.12, 10.0, 0.15, -0.15),
    ("Craft-repair", 0.14, 9.0, 0.25, 0.0),
    ("Exec-managerial", 0.13, 12.0, 0.2, 0.75),
    ("Farming-fishing", 0.03, 8.5, 0.25, -0.9),
    ("Handlers-cleaners", 0.05, 8.5, 0.35, -0.7),
    ("Machine-op-inspct", 0.07, 8.5, 0.35, -0.3),
    ("Other-service", 0.11, 8.8, 0.3, -0.9),
    ("Priv-house-serv", 0.005, 7.5, 0.3, -1.5),
    ("Prof-specialty", 0.3, 14.0, 0.35, 0.55),
    ("Protective-serv", 0.02, 10.5, 0.15, 0.35),
    ("Sales", 0.11, 10.5, 0.15, 0.2),
    ("Tech-support", 0.03, 11.5, 0.2, 0.45),
    ("Transport-moving", 0.05, 9.0, 0.3, -0.05),
)
WORKCLASSES = {
    "Private": 0.72,
    "Self-emp-not-inc": 0.08,
    "Local-gov": 0.066,
    "State-gov": 0.041,
    "Self-emp-inc": 0.035,
    "Federal-gov": 0.03,
    "Without-pay": 0.001,
}


def synthetic_census(num_rows: int = NUM_ROWS, *, seed: int = 0) -> Census:
    """Draws `num_rows` people; the same seed gives the same people.

    Parameters
    ----------
    num_rows : int
        At least 1.
    seed : int
        Seed of the generator.
    """
    draw = np.random.default_rng(seed)
    age = np.clip(np.floor(17 + draw.gamma(2.3, 9.4, num_rows)), 17, 90)
    schooling = np.clip(np.round(draw.normal(10.1, 2.55, num_rows) - 2.5 * (age < 20)), 1, 16)
    male = draw.random(num_rows) < 0.67
    marital = _marital_status(draw, age=age, male=male)
    married = marital == "Married-civ-spouse"
    relationship = _relationship(draw, age=age, male=male, marital=marital)
    occupation, occupation_effect = _occupation(draw, schooling)
    workclass = _pick(draw, WORKCLASSES, num_rows)
    unknown = draw.random(num_rows) < np.where((age < 22) | (age > 65), 0.16, 0.035)
    occupation[unknown] = MISSING
    workclass[unknown] = MISSING
    hours = _hours(draw, age=age, male=male)
    gain, loss = _capital(draw, age=age, schooling=schooling)

    margin = (
        -4.0
        + 2.25 * married
        + 0.36 * (schooling - 10)
        + 0.07 * np.minimum(age - 28, 24)
        - 0.04 * np.maximum(age - 58, 0)
        + np.where(unknown, -0.5, occupation_effect)
        + 0.035 * (hours - 40)
        + 0.3 * male
        + np.where(gain > 5000, 4.0, np.where(gain > 0, -0.6, 0.0))
        + np.where(loss > 1800, 1.3, 0.0)
        + 0.3 * (workclass == "Federal-gov")
        + 0.25 * (workclass == "Self-emp-inc")
    )
    above = draw.random(num_rows) < 1 / (1 + np.exp(-margin))
    return Census(
        numbers={
            "age": age.astype(np.float32),
            "education-num": schooling.astype(np.float32),
            "capital-gain": gain.astype(np.float32),
            "capital-loss": loss.astype(np.float32),
            "hours-per-week": hours.astype(np.float32),
        },
        categories={
            "workclass": workclass,
            "marital-status": marital,
            "occupation": occupation,
            "relationship": relationship,
            "race": _pick(draw, RACES, num_rows),
            "sex": np.where(male, "Male", "Female"),
            "native-country": _pick(draw, COUNTRIES, num_rows),
        },
        above_50k=above,
    )


def _pick(draw: np.random.Generator, weights: dict[str, float], num_rows: int) -> Words:
    shares = np.array(list(weights.values()))
    chosen = draw.choice(len(weights), size=num_rows, p=shares / shares.sum())
    return np.array(list(weights))[chosen]


def _pick_each(draw: np.random.Generator, names: list[str], weights: Floats) -> npt.NDArray[np.intp]:
    """One index into `names` per row of `weights`, shape (n_rows, len(names))."""
    bounds = np.cumsum(weights, axis=1)
    at = draw.random(len(weights)) * bounds[:, -1]
    return np.minimum((bounds <= at[:, None]).sum(axis=1), len(names) - 1)


def _marital_status(draw: np.random.Generator, *, age: Floats, male: npt.NDArray[np.bool_]) -> Words:
    names = ["Never-married", "Married-civ-spouse", "Divorced", "Separated", "Widowed"]
    names += ["Married-spouse-absent", "Married-AF-spouse"]
    years = np.maximum(age - 19, 0)
    weights = np.column_stack(
        [
            np.exp(-years / 9) + 0.08,
            np.where(male, 1.1, 0.19) * (1 - np.exp(-years / 10)),
            np.where(male, 0.2, 0.32) * (1 - np.exp(-years / 16)),
            np.full_like(age, 0.03),
            np.where(male, 0.006, 0.03) * np.exp(np.maximum(age - 45, 0) / 11),
            np.full_like(age, 0.012),
            np.full_like(age, 0.0007),
        ]
    )
    return np.array(names)[_pick_each(draw, names, weights)]


def _relationship(draw: np.random.Generator, *, age: Floats, male: npt.NDArray[np.bool_], marital: Words) -> Words:
    names = ["Own-child", "Not-in-family", "Unmarried", "Other-relative"]
    never = marital == "Never-married"
    weights = np.column_stack(
        [
            np.where(never, 2.2 * np.exp(-np.maximum(age - 18, 0) / 7), 0.06) + 0.02,
            np.full_like(age, 0.75),
            np.where(never, 0.12, 0.6) * np.where(male, 0.6, 1.6),
            np.full_like(age, 0.09),
        ]
    )
    alone = np.array(names)[_pick_each(draw, names, weights)]
    return np.where(marital == "Married-civ-spouse", np.where(male, "Husband", "Wife"), alone)


def _occupation(draw: np.random.Generator, schooling: Floats) -> tuple[Words, Floats]:
    names = [name for name, *_ in OCCUPATIONS]
    weights = np.column_stack(
        [weight * np.exp(-pull * np.abs(schooling - best)) for _, weight, best, pull, _ in OCCUPATIONS]
    )
    chosen = _pick_each(draw, names, weights)
    effects = np.array([effect for *_, effect in OCCUPATIONS])
    # Room for the name of any category, since some are replaced by the missing mark.
    return np.array(names)[chosen], effects[chosen]


def _hours(draw: np.random.Generator, *, age: Floats, male: npt.NDArray[np.bool_]) -> Floats:
    usual = draw.random(len(age)) < 0.47
    part_time = (age < 22) | (age > 64)
    spread = draw.normal(np.where(part_time, 26, 41) + 3.0 * male, 11.0)
    return np.clip(np.where(usual & ~part_time, 40, np.round(spread)), 1, 99)


def _capital(draw: np.random.Generator, *, age: Floats, schooling: Floats) -> tuple[Floats, Floats]:
    # Few people report either; never both.
    chance = 0.065 + 0.004 * (schooling - 10) + 0.0008 * (age - 38)
    kind = draw.random(len(age))
    gain = np.minimum(np.round(draw.lognormal(8.7, 1.1, len(age))), 99_999)
    loss = np.clip(np.round(draw.normal(1870, 370, len(age))), 155, 4356)
    has_gain = kind < chance
    has_loss = (kind >= chance) & (kind < chance + 0.047)
    return np.where(has_gain, gain, 0.0), np.where(has_loss, loss, 0.0)
