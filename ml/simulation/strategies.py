"""The strategies of a simulation: which sampler, on which features, asking how many at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ml.errors import MlError
from ml.sampling.pool import Sampler
from ml.sampling.table import SAMPLERS, resolve
from ml.simulation import oracles

FeatureKind = Literal["plain", "smoothed"]
DEFAULT, RANDOM = "default", "random"
BATCH_OF_DEFAULT = 5  # as the recipe was measured
BATCH = 20  # as the others were
GRAMMAR = re.compile(
    rf"(?P<sampler>(?:{oracles.PREFIX})?[a-z_]+)"
    r"(?:@(?P<features>[a-z]+))?(?::(?P<batch>[1-9][0-9]{0,5}))?"
)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way of choosing what is asked next.

    Parameters
    ----------
    sampler
        A row of ``SAMPLERS``, or one of scikit-activeml's behind its prefix.
    features
        What the sampler and the cheap model see.
    batch
        Products asked between two fits of the cheap model.
    """

    sampler: str
    features: FeatureKind
    batch: int

    @property
    def name(self) -> str:
        """How it is named in results: its sampler, and what differs from the sampler's own way."""
        own = own_way(self.sampler)
        features = "" if self.features == own.features else f"@{self.features}"
        return f"{self.sampler}{features}{'' if self.batch == own.batch else f':{self.batch}'}"

    @property
    def is_oracle(self) -> bool:
        """Whether it is another library's."""
        return self.sampler.startswith(oracles.PREFIX)

    @property
    def modalities(self) -> tuple[str, ...]:
        """Which of text and image the sampler looks at one by one."""
        row = SAMPLERS.get(self.sampler)
        return () if row is None else tuple(set(row.needs) & {"text", "image"})

    def choose(self) -> Sampler:
        """Return the function that chooses.

        Raises
        ------
        MlError
            If it is another library's, which is not installed.
        """
        if self.is_oracle:
            return oracles.sampler_of(self.sampler)
        return resolve(self.sampler)


def default_strategies() -> tuple[Strategy, ...]:
    """Return the default recipe, random, margin, and the best of scikit-activeml."""
    return tuple(map(own_way, (DEFAULT, RANDOM, "margin", *oracles.COMPARED)))


def parse(text: str, batch: int | None = None) -> tuple[Strategy, ...]:
    """Read strategies separated by commas: ``SAMPLER``, ``SAMPLER@plain``, ``SAMPLER@smoothed:5``.

    Parameters
    ----------
    batch
        Of those that name none; None is each sampler's own.

    Raises
    ------
    MlError
        If a name is unknown; the message lists the known ones.
    """
    found = [_parse(part.strip(), batch) for part in text.split(",")]
    return tuple(dict.fromkeys(found))


def with_batch(strategies: Sequence[Strategy], batch: int | None) -> tuple[Strategy, ...]:
    """Return strategies that all ask ``batch`` at a time; None changes nothing."""
    if batch is None:
        return tuple(strategies)
    return tuple(Strategy(each.sampler, each.features, batch) for each in strategies)


def _parse(part: str, batch: int | None) -> Strategy:
    said = GRAMMAR.fullmatch(part)
    known = (*SAMPLERS, *oracles.ORACLES)
    if said is None or said["sampler"] not in known:
        raise MlError(f"there is no sampler {part!r}; there are: {', '.join(known)}")
    own = own_way(said["sampler"])
    kinds: dict[str, FeatureKind] = {kind: kind for kind in get_args(FeatureKind)}
    features = said["features"] or own.features
    if features not in kinds:
        raise MlError(f"there are no features {features!r}; there are: {', '.join(kinds)}")
    said_batch = int(said["batch"]) if said["batch"] else batch
    return Strategy(own.sampler, kinds[features], said_batch or own.batch)


def own_way(sampler: str) -> Strategy:
    """Return a sampler with the features and the batch that it is measured with by default."""
    if sampler == DEFAULT:
        return Strategy(sampler, "smoothed", BATCH_OF_DEFAULT)
    return Strategy(sampler, "plain", BATCH)
