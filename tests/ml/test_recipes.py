"""Recipes are weighed and chosen on answers that the tests make up."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ml.contract import FloatArray, IntArray
from ml.fusion import MEAN, POOL, choose_fusion, fuse
from ml.metrics import log_loss
from ml.recipes import Recipe, Weighted, choose, cross_fitted_loss, weigh, weigh_equally

PRIOR = np.array([0.5, 0.3, 0.2])
NOTHING = [np.nan] * 3


def hints(
    n: int = 900, *, noise: dict[str, float], seed: int = 0
) -> tuple[dict[str, FloatArray], IntArray, IntArray]:
    """Return calibrated branches that see independent, noisy hints, true columns and folds."""
    rng = np.random.default_rng(seed)
    columns = rng.integers(0, 3, n)
    answers = {}
    for name, spread in noise.items():
        seen = np.eye(3)[columns] + rng.normal(0, spread, (n, 3))
        odds = np.exp(seen / spread**2)
        answers[name] = odds / odds.sum(axis=1, keepdims=True)
    return answers, columns, np.arange(n) % 3


class TestRecipe:
    def test_says_what_it_joins(self):
        assert str(Recipe(("a", "b"), ("c",))) == "logarithmic pool of a, b and c"
        assert str(Recipe(("a",), ("c",), MEAN)) == "mean of a and c"
        assert str(Recipe((), ("c",))) == "c alone"

    def test_without_all_branches_but_one_is_the_same_for_every_way_to_join(self):
        fewer = {Recipe(("a",), ("c",), joint).without({"c"}) for joint in (MEAN, POOL)}

        assert [recipe.branches for recipe in fewer] == [("a",)]


class TestJoin:
    @pytest.mark.parametrize("joint", [MEAN, POOL])
    def test_uses_what_there_is(self, joint):
        answers = {
            "words": np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1], NOTHING, NOTHING]),
            "pairs": np.array([[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], NOTHING, NOTHING]),
            "photo": np.array([[0.2, 0.6, 0.2], NOTHING, [0.2, 0.6, 0.2], NOTHING]),
        }
        weighted = weigh_equally(Recipe(("words", "pairs"), ("photo",), joint), PRIOR)

        joined = weighted.join(answers)

        assert joined.sum(axis=1) == pytest.approx(np.ones(4))
        assert 0.5 < joined[1, 0] < 0.7
        assert joined[2].tolist() == answers["photo"][2].tolist()
        assert joined[3].tolist() == PRIOR.tolist()
        assert joined[0, 1] > joined[1, 1]

    def test_of_two_branches_is_what_a_round_does(self):
        answers, columns, folds = hints(noise={"words": 1.0, "photo": 2.0})
        answers["photo"][::5] = np.nan
        recipes = [Recipe(("words",), ("photo",), joint) for joint in (MEAN, POOL)]
        both = ~np.isnan(answers["photo"]).any(axis=1)

        weighted, _ = choose(recipes, answers, np.ones(900, bool), columns, folds, PRIOR)
        fusion = choose_fusion(
            answers["words"][both], answers["photo"][both], columns[both], folds[both]
        )

        fused = fuse(answers["words"], answers["photo"], fusion, PRIOR)
        assert weighted.recipe.joint == fusion.name
        assert np.array_equal(weighted.join(answers), fused)

    def test_survives_json(self):
        answers, columns, _ = hints(noise={"words": 1.0, "photo": 2.0})
        weighted = weigh(Recipe(("words",), ("photo",)), answers, columns, PRIOR)

        again = Weighted.from_dict(json.loads(json.dumps(weighted.as_dict())))

        assert np.array_equal(again.join(answers), weighted.join(answers))


class TestWeigh:
    def test_finds_weights_of_their_own_for_products_without_an_image(self):
        # Two texts that say the same share the weight of one, with the image or without.
        answers, columns, _ = hints(9000, noise={"words": 1.0, "photo": 1.5})
        answers["copy"] = answers["words"]

        weights = weigh(Recipe(("words", "copy"), ("photo",)), answers, columns, PRIOR).weights

        assert sum(weights["words", "copy"]) == pytest.approx(1, abs=0.1)
        assert weights["photo",] == (1.0,)
        assert weights["words", "copy", "photo"][2] == pytest.approx(1, abs=0.1)

    def test_gives_equal_weights_where_few_products_have_all(self):
        answers, columns, _ = hints(100, noise={"words": 1.0, "photo": 2.0})
        answers["photo"][10:] = np.nan

        weighted = weigh(Recipe(("words",), ("photo",)), answers, columns, PRIOR)

        assert weighted.weights["words", "photo"] == (0.5, 0.5)


class TestChoice:
    def test_leaves_out_a_branch_of_noise_and_says_why(self):
        answers, columns, folds = hints(noise={"words": 1.0, "photo": 1.5})
        answers["noise"] = np.random.default_rng(1).dirichlet(np.ones(3), 900)
        recipes = [Recipe(("words",), (image,)) for image in ("noise", "photo")]

        weighted, reason = choose(recipes, answers, np.ones(900, bool), columns, folds, PRIOR)

        assert weighted.recipe == recipes[1]
        assert reason.startswith("logarithmic pool of words and photo: out-of-fold log loss 0.")
        assert reason.endswith("of the next of 2, logarithmic pool of words and noise")

    def test_counts_products_that_a_recipe_has_no_answer_for(self):
        # The image is the better hint, but one product in three has one.
        answers, columns, folds = hints(noise={"words": 1.2, "photo": 0.6})
        answers["photo"][np.arange(900) % 3 > 0] = np.nan
        recipes = [Recipe((), ("photo",)), Recipe(("words",), ())]

        weighted, _ = choose(recipes, answers, np.ones(900, bool), columns, folds, PRIOR)

        assert weighted.recipe == recipes[1]

    def test_does_not_judge_by_products_of_categories_that_a_fold_lacked(self):
        answers, columns, folds = hints(noise={"words": 1.0, "photo": 2.0})
        spoilt = {**answers, "words": answers["words"].copy()}
        spoilt["words"][:90] = np.roll(np.eye(3)[columns[:90]], 1, axis=1)
        known = np.arange(900) >= 90
        recipe = Recipe(("words",), ("photo",))

        weighted, _ = choose([recipe], spoilt, known, columns, folds, PRIOR)

        kept = {name: answer[90:] for name, answer in answers.items()}
        assert weighted.weights == weigh(recipe, kept, columns[90:], PRIOR).weights

    def test_takes_the_first_of_several_where_there_is_too_little(self):
        answers, columns, folds = hints(12, noise={"words": 1.0, "photo": 2.0})
        recipes = [Recipe(("words",), ("photo",), joint) for joint in (MEAN, POOL)]

        weighted, reason = choose(recipes, answers, np.ones(12, bool), columns, folds, PRIOR)

        assert weighted.recipe == recipes[0]
        assert "only 12 products to choose by" in reason


def test_weights_are_not_scored_on_what_they_were_fitted_on():
    # Five branches of noise fit a little of any sample; on other folds that costs.
    rng = np.random.default_rng(0)
    columns, folds = rng.integers(0, 3, 120), np.arange(120) % 3
    answers = {f"noise{n}": rng.dirichlet(np.ones(3), 120) for n in range(5)}
    recipe = Recipe(tuple(answers), ())

    crossed = cross_fitted_loss(recipe, answers, columns, folds, PRIOR)

    fitted = weigh(recipe, answers, columns, PRIOR).join(answers)
    assert crossed > log_loss(columns, fitted)
