"""Cards that hide their suggestion, or suggest a wrong category, by chance.

Whoever only confirms is found by them, and people are told that there are such cards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from webapp.domain.catalogue_settings import CatalogueSettings
from webapp.domain.retraining import Prediction, Ranked
from webapp.domain.review import Probe

# Only where the model is this sure of its suggestion: elsewhere a runner-up is often right, and to
# confirm it no carelessness.
SURE_ENOUGH = 0.9
N_PLANTABLE = 3  # runners-up, one of which is taken by chance: the first alone could be learned


def draw_probe(settings: CatalogueSettings, fraction: float) -> Probe | None:
    """Return what a card does by chance; ``fraction`` is random, from 0 to below 1."""
    percent = 100 * fraction
    if percent < settings.hidden_share:
        return Probe.HIDDEN
    return Probe.PLANTED if percent < settings.hidden_share + settings.planted_share else None


def plantable(
    prediction: Prediction, *, source_category_id: int | None, choosable: Sequence[int]
) -> list[int]:
    """Return the wrong categories that a card could suggest, likeliest first; often none."""
    if prediction.probability < SURE_ENOUGH:
        return []
    return [
        ranked.category_id
        for ranked in prediction.fused
        if ranked.category_id in choosable
        and ranked.category_id not in {prediction.category_id, source_category_id}
    ][:N_PLANTABLE]


def planted(prediction: Prediction, category_id: int) -> Prediction | None:
    """Return the prediction with its category and another one exchanged throughout.

    All numbers are those of a real card: the wrong category has the probability of the right one,
    in the fused prediction and in what text and image say, so that nothing gives it away.
    None where the prediction does not name the category, or names it first.
    """
    named = {ranked.category_id for ranked in prediction.fused}
    if category_id not in named or category_id == prediction.category_id:
        return None
    other = {category_id: prediction.category_id, prediction.category_id: category_id}

    def exchanged(ranking: tuple[Ranked, ...] | None) -> tuple[Ranked, ...] | None:
        if ranking is None:
            return None
        return tuple(
            replace(ranked, category_id=other.get(ranked.category_id, ranked.category_id))
            for ranked in ranking
        )

    return replace(
        prediction,
        category_id=category_id,
        fused=exchanged(prediction.fused) or (),
        text=exchanged(prediction.text),
        image=exchanged(prediction.image),
    )
