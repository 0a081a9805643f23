"""Recipes: which branches are joined and how, chosen and weighted on out-of-fold probabilities."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ml.contract import BoolArray, FloatArray, IntArray
from ml.fusion import MEAN, MIN_ROWS, POOL, fit_pool, pool, present
from ml.probabilities import losses

Answers = Mapping[str, FloatArray]
"""By the name of a branch: shape ``(n_products, n_categories)``, NaN where it has no answer."""

WORDS = {MEAN: "mean", POOL: "logarithmic pool"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which branches are joined, and how.

    Parameters
    ----------
    text, image
        Names of pipelines, either of them possibly none.
    joint
        ``mean`` or ``logarithmic_pool``.
    """

    text: tuple[str, ...]
    image: tuple[str, ...]
    joint: str = POOL

    @property
    def branches(self) -> tuple[str, ...]:
        """The names of all branches."""
        return self.text + self.image

    def without(self, names: Collection[str]) -> Self:
        """Return the recipe with the branches that are left."""
        text, image = (
            tuple(name for name in part if name not in names) for part in (self.text, self.image)
        )
        return type(self)(text, image, self.joint if len(text + image) > 1 else POOL)

    def __str__(self) -> str:
        if len(self.branches) == 1:
            return f"{self.branches[0]} alone"
        return f"{WORDS[self.joint]} of {', '.join(self.branches[:-1])} and {self.branches[-1]}"


@dataclass(frozen=True, slots=True)
class Weighted:
    """A recipe and its weights.

    Parameters
    ----------
    recipe
        What is joined.
    weights
        One a branch for each set of branches that can have an answer together: a product without
        an image is answered by the text branches with weights of their own. Smaller sets first.
    prior
        Shape ``(n_categories,)``: the shares of the categories, for products without any answer.
    """

    recipe: Recipe
    weights: Mapping[tuple[str, ...], tuple[float, ...]]
    prior: FloatArray

    def join(self, answers: Answers) -> FloatArray:
        """Return shape ``(n_products, n_categories)``, rows summing to 1."""
        seen = {name: present(answers[name]) for name in self.recipe.branches}
        n_products = len(next(iter(seen.values())))
        joined = np.tile(self.prior, (n_products, 1))
        for names, weights in self.weights.items():
            rows = np.all([seen[name] for name in names], axis=0)
            parts = [answers[name][rows] for name in names]
            if len(parts) == 1:
                joined[rows] = parts[0]
            elif self.recipe.joint == MEAN:
                joined[rows] = sum(w * part for w, part in zip(weights, parts, strict=True))
            else:
                joined[rows] = pool(parts, weights)
        return joined

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON keeps it."""
        return {
            "text": list(self.recipe.text),
            "image": list(self.recipe.image),
            "joint": self.recipe.joint,
            "weights": [
                {"branches": list(names), "weights": list(weights)}
                for names, weights in self.weights.items()
            ],
            "prior": self.prior.tolist(),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Self:
        """Read back what ``as_dict`` gave."""
        recipe = Recipe(tuple(record["text"]), tuple(record["image"]), str(record["joint"]))
        weights = {
            tuple(part["branches"]): tuple(float(weight) for weight in part["weights"])
            for part in record["weights"]
        }
        return cls(recipe, weights, np.array(record["prior"], dtype=np.float64))


def weigh_equally(recipe: Recipe, prior: FloatArray) -> Weighted:
    """Give every branch the same weight, which takes no out-of-fold answers."""
    weights = {names: (1 / len(names),) * len(names) for names in _sets(recipe)}
    return Weighted(recipe, weights, prior)


def weigh(recipe: Recipe, answers: Answers, columns: IntArray, prior: FloatArray) -> Weighted:
    """Find the weights of a recipe: equal ones for a mean, those of the lowest log loss for a pool.

    Parameters
    ----------
    answers
        Out-of-fold and calibrated.
    columns : ndarray of shape (n_products,)
        The column of the true category.
    """
    equal = weigh_equally(recipe, prior)
    if recipe.joint == MEAN:
        return equal
    weights = dict(equal.weights)
    for names in weights:
        rows = np.all([present(answers[name]) for name in names], axis=0)
        if len(names) > 1 and rows.sum() >= MIN_ROWS:  # of fewer, weights would be chance
            weights[names] = fit_pool([answers[name][rows] for name in names], columns[rows])
    return Weighted(recipe, weights, prior)


def _sets(recipe: Recipe) -> Iterator[tuple[str, ...]]:
    """Yield the sets of branches that have an answer together, smaller ones first."""
    if recipe.text and recipe.image:
        yield from (recipe.text, recipe.image)
    yield recipe.branches


def choose(
    recipes: Sequence[Recipe],
    answers: Answers,
    known: BoolArray,
    columns: IntArray,
    folds: IntArray,
    prior: FloatArray,
) -> tuple[Weighted, str]:
    """Choose the recipe of the lowest log loss; return it with its weights, and why in words.

    Parameters
    ----------
    recipes
        The first is taken where there is too little to choose by.
    answers
        Of all branches in them: out-of-fold and calibrated.
    known : ndarray of shape (n_products,)
        Whether a row can be judged: no answer comes from a model that lacks its true category.
    columns, folds : ndarray of shape (n_products,)
        The true column and the grouped fold. A recipe is scored on each fold with weights fitted
        on the others, or the one with the most weights would always win.
    """
    if len(recipes) == 1:
        return weigh(recipes[0], _rows(answers, known), columns[known], prior), str(recipes[0])
    answers, columns, folds = _rows(answers, known), columns[known], folds[known]
    if len(columns) < MIN_ROWS or len(np.unique(folds)) < 2:
        reason = f"{recipes[0]}: only {len(columns)} products to choose by"
        return weigh(recipes[0], answers, columns, prior), reason
    scores = [cross_fitted_loss(recipe, answers, columns, folds, prior) for recipe in recipes]
    best, second = np.argsort(scores, kind="stable")[:2].tolist()
    reason = (
        f"{recipes[best]}: out-of-fold log loss {scores[best]:.3f} "
        f"against {scores[second]:.3f} of the next of {len(recipes)}, {recipes[second]}"
    )
    return weigh(recipes[best], answers, columns, prior), reason


def cross_fitted_loss(
    recipe: Recipe, answers: Answers, columns: IntArray, folds: IntArray, prior: FloatArray
) -> float:
    """Return the mean log loss in nats, the weights of each fold fitted on the others."""
    total = 0.0
    for fold in np.unique(folds):
        inside = folds == fold
        weighted = weigh(recipe, _rows(answers, ~inside), columns[~inside], prior)
        total += float(losses(weighted.join(_rows(answers, inside)), columns[inside]).sum())
    return total / len(columns)


def _rows(answers: Answers, rows: BoolArray) -> dict[str, FloatArray]:
    return {name: answer[rows] for name, answer in answers.items()}
