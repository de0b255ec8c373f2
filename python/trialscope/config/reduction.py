"""In what form a tensor is saved: whole, or as scalar summaries of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from trialscope.config.suggest import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REDUCTIONS = ("min", "max", "mean", "median", "std", "variance", "sum", "prod")
NORMS = ("l1", "l2")
_KEYS = ("save_raw_tensor", "reductions", "save_shape")


def flag(value: object, *, name: str) -> bool:
    """A bool, or ``true``/``false`` as a string in any case."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ValueError(f"{name} must be true or false, not {value!r}")


def _names(value: Iterable[str] | str | None, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)
    for part in parts:
        if part not in known:
            raise ValueError(unknown(what, part, known))
    return tuple(dict.fromkeys(parts))


@dataclass(frozen=True)
class ReductionConfig:
    """Which scalar summaries of a tensor are saved, and whether its values or shape are.

    Each reduction is stored as its own tensor of shape ``(1,)`` named ``smdebug/reductions/<reduction>/<tensor>``.

    Parameters
    ----------
    reductions, abs_reductions : list of str, optional
        Of the values and of the absolute values: ``min max mean median std variance sum prod``. Standard deviation and
        variance are those of the population. smdebug does not know ``median`` and cannot open a trial that uses it.
    norms, abs_norms : list of str, optional
        ``l1`` and ``l2``.
    save_raw_tensor : bool, default False
        Save the values too.
    save_shape : bool, default False
        Save the shape.
    """

    reductions: Sequence[str] = ()
    abs_reductions: Sequence[str] = ()
    norms: Sequence[str] = ()
    abs_norms: Sequence[str] = ()
    save_raw_tensor: bool = False
    save_shape: bool = False

    def __post_init__(self) -> None:
        for name in ("reductions", "abs_reductions"):
            object.__setattr__(self, name, _names(getattr(self, name), REDUCTIONS, "reduction"))
        for name in ("norms", "abs_norms"):
            object.__setattr__(self, name, _names(getattr(self, name), NORMS, "norm"))
        for name in ("save_raw_tensor", "save_shape"):
            object.__setattr__(self, name, flag(getattr(self, name), name=name))

    def to_json_dict(self) -> dict[str, Any]:
        """The entry of a collections file, with all reductions in one comma list."""
        names = [
            *self.reductions,
            *(f"{norm}_norm" for norm in self.norms),
            *(f"abs_{reduction}" for reduction in self.abs_reductions),
            *(f"abs_{norm}_norm" for norm in self.abs_norms),
        ]
        return {
            "save_raw_tensor": self.save_raw_tensor,
            "reductions": ",".join(names),
            "save_shape": self.save_shape,
        }

    def to_json(self) -> str:
        """:meth:`to_json_dict` as text."""
        return json.dumps(self.to_json_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ReductionConfig:
        """Read a collections file's entry, or the keys of a job description.

        Norms may be written with or without ``_norm``.
        """
        for key in values:
            if key not in _KEYS:
                raise ValueError(unknown("reduction key", key, _KEYS))
        found: dict[str, list[str]] = {"reductions": [], "abs_reductions": [], "norms": [], "abs_norms": []}
        for written in cast("str", values.get("reductions") or "").split(","):
            name = written.strip()
            if not name:
                continue
            prefix = "abs_" if name.startswith("abs_") else ""
            kind = name.removeprefix("abs_").removesuffix("_norm")
            if kind not in NORMS and (kind not in REDUCTIONS or name.endswith("_norm")):
                raise ValueError(unknown("reduction", name, [*REDUCTIONS, "l1_norm", "l2_norm"]))
            found[prefix + ("norms" if kind in NORMS else "reductions")].append(kind)
        return cls(
            **{key: tuple(names) for key, names in found.items()},
            save_raw_tensor=values.get("save_raw_tensor", False),
            save_shape=values.get("save_shape", False),
        )

    @classmethod
    def from_json(cls, text: str) -> ReductionConfig:
        """Read what :meth:`to_json` writes."""
        return cls.from_dict(json.loads(text))


RAW_ONLY = ReductionConfig(save_raw_tensor=True)
"""Values and nothing else."""
