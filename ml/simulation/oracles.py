"""Samplers of scikit-activeml, for comparison; the library is installed for tests alone."""

from __future__ import annotations

import inspect
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from ml.choosing.model import INVERSE_PENALTY
from ml.contract import IntArray
from ml.errors import MlError
from ml.sampling.pool import UNKNOWN, Pool, Sampler, array_of

PREFIX = "skactiveml:"
PACKAGE = "scikit-activeml"
# Which class of the library, and what it is told beyond the seed.
ORACLES: dict[str, tuple[str, dict[str, Any]]] = {
    f"{PREFIX}badge": ("Badge", {}),
    f"{PREFIX}typiclust": ("TypiClust", {}),
    f"{PREFIX}coreset": ("CoreSet", {}),
    f"{PREFIX}probcover": ("ProbCover", {}),
    f"{PREFIX}falcun": ("Falcun", {}),
    f"{PREFIX}maxherding": ("MaxHerding", {}),
    f"{PREFIX}dropquery": ("DropQuery", {}),
    f"{PREFIX}contrastive": ("ContrastiveAL", {}),
    f"{PREFIX}margin": ("UncertaintySampling", {"method": "margin_sampling"}),
    f"{PREFIX}entropy": ("UncertaintySampling", {"method": "entropy"}),
    f"{PREFIX}least_confident": ("UncertaintySampling", {"method": "least_confident"}),
}
# Margin and the like are ours as well; these are not, or differ.
COMPARED = tuple(
    f"{PREFIX}{name}"
    for name in ("badge", "typiclust", "coreset", "probcover", "falcun", "maxherding")
)
MAX_STEPS = 1000  # of the solver


def oracle_version() -> str | None:
    """Return the version of the library; None where it is not installed."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def sampler_of(name: str) -> Sampler:
    """Return a sampler of the library, which sees open and labelled products alone.

    Raises
    ------
    MlError
        If the library is not installed.
    """
    if oracle_version() is None:
        raise MlError(f"{PACKAGE} is not installed: pip install {PACKAGE}")
    # Only here: whoever names none of these does without the library.
    from skactiveml import pool as library
    from skactiveml.classifier import SklearnClassifier
    from sklearn.linear_model import LogisticRegression

    kind, options = ORACLES[name]

    def choose(pool: Pool, n: int, rng: np.random.Generator) -> IntArray:
        rows = _distinct(pool)
        features, labels = array_of(pool, "features")[rows], pool.labels[rows]
        candidates = np.flatnonzero(pool.is_open[rows])
        # Nothing is left to choose from; TypiClust of 1.0.1 fails on that, or answers rows twice.
        if len(candidates) <= n:
            return rng.permutation(pool.open_rows())[:n]
        strategy = getattr(library, kind)(
            missing_label=UNKNOWN, random_state=int(rng.integers(2**31)), **options
        )
        asked: dict[str, Any] = {
            "X": features,
            "y": labels,
            "candidates": candidates,
            "batch_size": n,
        }
        with catch_warnings():
            # It says that without a label nothing can be learned: so it is, before the first.
            simplefilter("ignore", UserWarning)
            if "clf" in inspect.signature(strategy.query).parameters:
                model = SklearnClassifier(
                    LogisticRegression(C=INVERSE_PENALTY, max_iter=MAX_STEPS),
                    classes=list(range(pool.n_categories)),
                    missing_label=UNKNOWN,
                )
                asked |= {"clf": model.fit(features, labels), "fit_clf": False}
            try:
                chosen: IntArray = rows[strategy.query(**asked)]
            except Exception as error:  # another library's, for which a run should not be lost
                raise MlError(f"{PACKAGE}'s {kind} failed: {error}") from error
        return chosen

    return choose


def _distinct(pool: Pool) -> IntArray:
    """Return open and labelled rows without copies, which TypiClust of 1.0.1 fails on."""
    rows = np.flatnonzero(pool.is_open | (pool.labels != UNKNOWN))
    labelled_first = rows[np.argsort(pool.is_open[rows], kind="stable")]
    _, first = np.unique(array_of(pool, "features")[labelled_first], axis=0, return_index=True)
    return np.sort(labelled_first[first])
