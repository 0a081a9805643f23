"""Fusions as pipelines: branches of other rows of the table, calibrated and joined."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

import numpy as np

from ml.artifacts import Manifest, write_artifact
from ml.branches import (
    FOLDS_OF_SLOW_PIPELINES,
    TICKS,
    Branch,
    CrossFit,
    Lessons,
    Modality,
    cross_fit,
    fit_whole,
    prepare,
    turn_of,
    why_unusable,
)
from ml.contract import (
    FloatArray,
    IntArray,
    OnProgress,
    ParameterCount,
    PipelineSettings,
    ProductBatch,
)
from ml.duplicates import group_near_duplicates
from ml.errors import NotEnoughDataError
from ml.fusion import present
from ml.pipelines import PIPELINES, load
from ml.recipes import Recipe, Weighted, choose, weigh_equally
from ml.splits import grouped_folds
from ml.training import columns_of


@dataclass(frozen=True, slots=True)
class Plan:
    """One fusion of the table.

    Parameters
    ----------
    name
        Its row in ``PIPELINES``.
    recipes
        What to choose from by the lowest out-of-fold log loss; with one, it is taken.
    n_folds
        Inner folds, near-duplicates on one side; 0 joins branches as they are, uncalibrated and
        with equal weights.
    """

    name: str
    recipes: tuple[Recipe, ...]
    n_folds: int


class FusedPipeline:
    """Several branches, of text and of images, joined into one prediction.

    A product without an image is predicted by the text branches, one without text by the image
    branches, one with neither gets the shares of the categories.

    Parameters
    ----------
    settings
        Those of all branches. Without ``feature_dir``, features of images are kept in a folder
        that lives as long as the pipeline.
    plan
        What is joined.
    """

    def __init__(self, settings: PipelineSettings, plan: Plan) -> None:
        self.settings = settings
        self.plan = plan
        self.categories: tuple[int, ...] = ()

    def fit(self, batch: ProductBatch, labels: IntArray, on_progress: OnProgress) -> Self:
        """Fit the branches out of fold, choose and weigh, then fit the chosen on everything."""
        self.categories, columns = columns_of(labels)
        groups = group_near_duplicates(batch.texts(), batch.image_hashes)
        recipes, left_out = _possible(self.plan.recipes, batch, labels, groups)
        candidates = _branches_of(recipes)
        images = [name for name in candidates if _modality(name) == "image"]
        settings = self._settings_with_feature_dir()
        n_rounds = 2 if self.plan.n_folds else 1
        turns = _Turns(on_progress, len(images) + n_rounds * len(candidates))
        for name in images:
            prepare(name, settings, batch, turns.next())

        lessons = Lessons(batch, labels)
        crossed = {
            name: cross_fit(
                _modality(name),
                name,
                settings,
                lessons,
                self._folds(groups, columns, FOLDS_OF_SLOW_PIPELINES.get(name)),
                self.categories,
                turns.next(),
            )
            for name in (candidates if self.plan.n_folds else ())
        }
        self.weighted_, reason = self._choose(recipes, crossed, groups, columns)
        self.reason_ = "; ".join([reason, *left_out])
        self.branches_ = tuple(
            fit_whole(
                _modality(name),
                name,
                settings,
                lessons,
                crossed[name].temperature if crossed else 1.0,
                turns.next(),
            )
            for name in self.weighted_.recipe.branches
        )
        turns.end()
        return self

    def _choose(
        self,
        recipes: Sequence[Recipe],
        crossed: Mapping[str, CrossFit],
        groups: IntArray,
        columns: IntArray,
    ) -> tuple[Weighted, str]:
        """Return the recipe with its weights, and why it is this one."""
        prior = np.bincount(columns) / len(columns)
        if not crossed:
            return weigh_equally(recipes[0], prior), str(recipes[0])
        answers = {name: found.out_of_fold for name, found in crossed.items()}
        # No weight can mend the answer of a model that lacks the product's category.
        lacking = [~found.known & present(found.out_of_fold) for found in crossed.values()]
        known = np.any([found.known for found in crossed.values()], axis=0)
        judged = known & ~np.any(lacking, axis=0)
        return choose(recipes, answers, judged, columns, self._folds(groups, columns), prior)

    def _settings_with_feature_dir(self) -> PipelineSettings:
        """Return settings that keep features: otherwise each fold would compute them again."""
        if self.settings.feature_dir is not None:
            return self.settings
        scratch = mkdtemp(prefix="shelfwise-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        return replace(self.settings, feature_dir=Path(scratch))

    def _folds(self, groups: IntArray, columns: IntArray, at_most: int | None = None) -> IntArray:
        n_folds = min(self.plan.n_folds, at_most or self.plan.n_folds)
        return grouped_folds(groups, columns, n_folds, self.settings.seed)

    def predict_proba(self, batch: ProductBatch) -> FloatArray:
        """Return a row of probabilities a product, by whatever of text and image it has."""
        return self.weighted_.join(self._answers(batch))

    def embed(self, batch: ProductBatch) -> FloatArray:
        """Return the branches' probabilities side by side; without an answer, the shares."""
        answers = self._answers(batch).values()
        parts = [np.where(np.isnan(answer), self.weighted_.prior, answer) for answer in answers]
        return np.concatenate(parts, axis=1)

    def _answers(self, batch: ProductBatch) -> dict[str, FloatArray]:
        return {branch.name: branch.predict(batch, self.categories) for branch in self.branches_}

    def count_parameters(self) -> ParameterCount:
        """Count those of all branches."""
        counts = [branch.pipeline.count_parameters() for branch in self.branches_]
        return ParameterCount(
            sum(count.trained for count in counts), sum(count.frozen for count in counts)
        )

    def save(self, directory: Path) -> None:
        """Write each branch into a folder of its own, and the manifest with their weights."""
        write_artifact(
            directory,
            pipeline=self.plan.name,
            settings={"seed": self.settings.seed, "epochs": self.settings.epochs},
            categories=self.categories,
            details={
                "weighted": self.weighted_.as_dict(),
                "temperatures": {branch.name: branch.temperature for branch in self.branches_},
                "reason": self.reason_,
            },
            writers={},
            parts={branch.name: branch.pipeline.save for branch in self.branches_},
        )

    def restore(self, directory: Path, manifest: Manifest) -> Self:
        """Take up what ``save`` wrote."""
        self.categories = manifest.categories
        self.weighted_ = Weighted.from_dict(manifest.details["weighted"])
        self.reason_ = str(manifest.details["reason"])
        self.branches_ = tuple(
            Branch(
                _modality(name),
                name,
                load(directory / name, self.settings),
                float(manifest.details["temperatures"][name]),
            )
            for name in self.weighted_.recipe.branches
        )
        return self


class _Turns:
    """The progress of several pieces of work as that of one, which only grows."""

    def __init__(self, on_progress: OnProgress, n_turns: int) -> None:
        self._on_progress = on_progress
        self._n_turns = n_turns
        self._turn = -1
        self._reached = 0

    def next(self) -> OnProgress:
        """Begin the next piece of work; returns what its progress is told to."""
        self._turn += 1
        return turn_of(self._tell, self._turn, self._n_turns)

    def _tell(self, done: int, total: int) -> None:
        if done > self._reached:
            self._reached = done
            self._on_progress(done, total)

    def end(self) -> None:
        """Tell that all is done, the turns included that nobody took."""
        self._tell(self._n_turns * TICKS, self._n_turns * TICKS)


def _modality(name: str) -> Modality:
    modality = PIPELINES[name].modality
    if modality == "both":
        raise ValueError(f"{name} is a fusion itself and no branch")
    return modality


def _branches_of(recipes: Sequence[Recipe]) -> list[str]:
    return list(dict.fromkeys(name for recipe in recipes for name in recipe.branches))


def _possible(
    recipes: Sequence[Recipe], batch: ProductBatch, labels: IntArray, groups: IntArray
) -> tuple[tuple[Recipe, ...], list[str]]:
    """Return the recipes without the branches that cannot learn, and why they cannot.

    Raises
    ------
    NotEnoughDataError
        If nothing is left.
    """
    names = _branches_of(recipes)
    reasons = {name: why_unusable(_modality(name), batch, labels, groups) for name in names}
    unusable = {name: why for name, why in reasons.items() if why is not None}
    fewer = (recipe.without(unusable) for recipe in recipes)
    left = tuple(dict.fromkeys(recipe for recipe in fewer if recipe.branches))
    left_out = [f"without {name}: {why}" for name, why in unusable.items()]
    if not left:
        raise NotEnoughDataError(f"No branch can learn: {'; '.join(left_out)}.")
    return left, left_out
