"""Baselines beside a round: which of them have figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def without_figures(names: Iterable[str], stored: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of those that were never scored, or have a reason in place of figures.

    Parameters
    ----------
    stored
        As the row of the round keeps them: ``{pipeline: figures}``, or ``{"reason": ...}``.

    Examples
    --------
    >>> without_figures(["nmf", "lda", "cnn"], {"lda": {"ari": {}}, "cnn": {"reason": "No image."}})
    ['nmf', 'cnn']
    """
    return [name for name in names if name not in stored or "reason" in stored[name]]
