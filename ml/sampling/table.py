"""The ``SAMPLERS`` table: every way to order a queue, found by its name.

A function is a dotted name resolved on use, so that a page can list samplers without loading a
model library.
"""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import cast

from ml.errors import MlError
from ml.sampling.pool import Pool, Sampler


@dataclass(frozen=True, slots=True)
class SamplerRow:
    """One sampler: ``function`` names a ``Sampler``, ``needs`` the optional arrays it reads."""

    name: str
    title: str
    function: str
    needs: tuple[str, ...] = ()


SAMPLERS: dict[str, SamplerRow] = {
    row.name: row
    for row in (
        SamplerRow("default", "The default recipe", "ml.choosing.recipe:choose", ("features",)),
        SamplerRow("random", "Random", "ml.sampling.by_score:random"),
        SamplerRow(
            "least_confidence",
            "Least confidence",
            "ml.sampling.by_score:least_confidence",
            ("probabilities",),
        ),
        SamplerRow("margin", "Smallest margin", "ml.sampling.by_score:margin", ("probabilities",)),
        SamplerRow("entropy", "Entropy", "ml.sampling.by_score:entropy", ("probabilities",)),
        SamplerRow(
            "disagreement",
            "Text and image disagree",
            "ml.sampling.by_score:disagreement",
            ("text", "image"),
        ),
        SamplerRow("typical", "Typical first", "ml.sampling.typical:typical", ("features",)),
        SamplerRow("badge", "BADGE", "ml.sampling.diversity:badge", ("features", "probabilities")),
        SamplerRow(
            "diverse_margin",
            "Smallest margin, unlike each other",
            "ml.sampling.diversity:diverse_margin",
            ("features", "probabilities"),
        ),
        SamplerRow("suspect", "Suspects first", "ml.sampling.by_score:suspect", ("probabilities",)),
    )
}


def resolve(name: str) -> Sampler:
    """Return a sampler by its name; it raises ``MlError`` for a pool that lacks what it needs.

    Raises
    ------
    MlError
        If no row has that name.
    """
    return cast("Sampler", resolve_name(_row(name).function))


def missing(name: str, pool: Pool) -> tuple[str, ...]:
    """Return the arrays that a sampler needs and a pool lacks: none where it can order it.

    Raises
    ------
    MlError
        If no row has that name.
    """
    return tuple(need for need in _row(name).needs if getattr(pool, need) is None)


def _row(name: str) -> SamplerRow:
    row = SAMPLERS.get(name)
    if row is None:
        raise MlError(f"there is no sampler {name!r}; there are: {', '.join(SAMPLERS)}")
    return row
