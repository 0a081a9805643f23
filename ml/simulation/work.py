"""What all pieces of a simulation share: products, features, what is kept, what is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ml.choosing.features import features_of
from ml.choosing.smoothing import smooth
from ml.contract import FloatArray, OnProgress, PipelineSettings, ProductBatch
from ml.errors import MlError
from ml.simulation.keeping import Kept, Restore, T
from ml.simulation.strategies import FeatureKind
from ml.study.catalogue import StudyProducts
from ml.study.lines import OnLine, ticker
from ml.study.subject import reason_of


@dataclass
class Work:
    """One simulation under way.

    Parameters
    ----------
    seed
        Of everything; a repeat adds its own number.
    on_line
        Told a line for each piece.
    on_progress
        Told how many of the ``total`` pieces are done.
    """

    products: StudyProducts
    settings: PipelineSettings
    seed: int
    kept: Kept
    total: int
    on_line: OnLine
    on_progress: OnProgress
    _done: int = 0
    _left_out: dict[str, set[str]] = field(default_factory=dict)  # reason to names

    @cached_property
    def features(self) -> Mapping[FeatureKind, FloatArray]:
        """What samplers and the cheap model see of each product: no label is read."""
        plain = self._features_of(self.products.batch)
        return {"plain": plain, "smoothed": smooth(plain)}

    @cached_property
    def modalities(self) -> Mapping[str, FloatArray]:
        """The plain features of ``text`` and ``image``, each alone."""
        batch = self.products.batch
        empty, none = ("",) * len(batch), (None,) * len(batch)
        return {
            "text": self._features_of(replace(batch, image_paths=none, image_hashes=none)),
            "image": self._features_of(
                replace(batch, names=empty, descriptions=empty, specifications=empty)
            ),
        }

    def _features_of(self, batch: ProductBatch) -> FloatArray:
        tick = ticker("features", self.on_line)
        return features_of(batch, self.settings, seed=self.seed, on_progress=tick)

    def piece(
        self,
        name: str,
        restore: Restore[T],
        make: Callable[[OnProgress], T],
        describe: Callable[[T], str],
        version: str | None = None,
    ) -> T:
        """Return a piece that is kept already, or make and keep it; say it either way.

        Parameters
        ----------
        name
            Of the piece, unlike that of all others.
        make
            Told how to say how far it is.
        version
            Of what else the piece depends on, such as another library.
        """
        title = f"[{self._done + 1}/{self.total}] {name}"
        file_name = re.sub(r"[^\w.]+", "-", f"{name} {version or ''}".strip())
        piece = self.kept.read(file_name, restore)
        taken_over = " (taken over)" if piece is not None else ""
        if piece is None:
            piece = make(ticker(title, self.on_line))
            self.kept.write(file_name, piece)
        self.finish(f"{title}: {describe(piece)}{taken_over}")
        return piece

    def finish(self, line: str) -> None:
        """Count a piece as done, or as left out, and say so."""
        self._done += 1
        self.on_line(line)
        self.on_progress(self._done, self.total)

    def leave_out(self, name: str, error: MlError) -> None:
        """Go on without a strategy, for a reason that a person may read."""
        title = f"[{self._done + 1}/{self.total}] {name}"
        self.finish(f"{title}: left out: {str(error).rstrip('.')}")
        self._left_out.setdefault(reason_of(error, self.settings), set()).add(name)

    def reasons(self) -> tuple[str, ...]:
        """Return a sentence for each reason why strategies were left out."""
        return tuple(
            f"Left out: {', '.join(sorted(names))}: {reason}."
            for reason, names in self._left_out.items()
        )
