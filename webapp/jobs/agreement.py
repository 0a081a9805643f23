"""Finds out how well people agree, and what their answers come to together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml.agreement import (
    MISSING,
    agreement_with_others,
    krippendorff_alpha,
    majority,
    pairwise_kappas,
    percent_agreement,
)
from ml.consensus import find_consensus
from ml.contract import FloatArray, IntArray
from webapp.domain.agreement import Consensus, blind_answers
from webapp.jobs.context import JobContext
from webapp.jobs.runner import utc_now
from webapp.jobs.writing import holding, write_in_pieces
from webapp.storage import catalogues, consensus

_LEAST = 1e-6  # of a probability that a round did not store: it names the likeliest ten


def run(context: JobContext) -> dict[str, Any]:
    """Read all answers of a catalogue, and store what they show."""
    catalogue_id = context.job.catalogue_id or 0
    context.report("agree", 0, 1)
    with context.database.read() as session:
        round_id = catalogues.get_by_id(session, catalogue_id=catalogue_id).live_round_id
        answered = _answered(
            {
                product_id: blind_answers(acts)
                for product_id, acts in consensus.iterate_shared(session, catalogue_id=catalogue_id)
            }
        )
        said = (
            {}
            if round_id is None
            else consensus.list_probabilities(
                session, round_id=round_id, product_ids=list(answered)
            )
        )
    people = sorted({user_id for given in answered.values() for user_id in given})
    categories = sorted(
        {category for given in answered.values() for category in given.values()}
        | {category for ranked in said.values() for category, _ in ranked}
    )
    answers = _matrix(answered, people, categories)
    found, quality = _consensus(answered, answers, said, categories)
    with holding(context) as session:
        consensus.remove(session, catalogue_id=catalogue_id)
        consensus.write_agreement(
            session,
            catalogue_id=catalogue_id,
            round_id=round_id,
            figures=_figures(answers, people, quality),
            now=utc_now(),
        )
    write_in_pieces(
        context,
        "agree",
        found,
        lambda session, piece: consensus.add_many(session, catalogue_id=catalogue_id, found=piece),
    )
    return {"n_products": len(answered), "n_people": len(people)}


def _answered(given: dict[int, dict[int, int | None]]) -> dict[int, dict[int, int]]:
    """Return the products to which two people or more gave a category; a flag gives none."""
    named = {
        product_id: {user: category for user, category in of_one.items() if category is not None}
        for product_id, of_one in given.items()
    }
    return {product_id: of_one for product_id, of_one in named.items() if len(of_one) > 1}


def _matrix(
    answered: dict[int, dict[int, int]], people: Sequence[int], categories: Sequence[int]
) -> IntArray:
    column_of = {category: column for column, category in enumerate(categories)}
    answers = np.full((len(answered), len(people)), MISSING, dtype=np.int64)
    for row, given in enumerate(answered.values()):
        for at, user_id in enumerate(people):
            if user_id in given:
                answers[row, at] = column_of[given[user_id]]
    return answers


def _consensus(
    answered: dict[int, dict[int, int]],
    answers: IntArray,
    said: dict[int, list[tuple[int, float]]],
    categories: Sequence[int],
) -> tuple[list[Consensus], FloatArray]:
    """Return what the answers to each product come to, and how good each person's are."""
    ids = list(answered)
    winners = majority(answers)
    is_known = np.array([product_id in said for product_id in ids], dtype=np.bool_)
    weighed = None
    if is_known.any():
        probabilities = _probabilities([said[each] for each in ids if each in said], categories)
        weighed = find_consensus(answers[is_known], probabilities)
    quality = np.full(answers.shape[1], np.nan) if weighed is None else weighed.people
    row_of = dict(zip(np.flatnonzero(is_known).tolist(), range(int(is_known.sum())), strict=True))
    found = []
    for row, product_id in enumerate(ids):
        at = row_of.get(row) if weighed is not None else None
        found.append(
            Consensus(
                product_id=product_id,
                n_people=len(answered[product_id]),
                majority_category_id=None
                if winners[row] == MISSING
                else categories[int(winners[row])],
                category_id=None
                if weighed is None or at is None
                else categories[int(weighed.categories[at])],
                quality=None if weighed is None or at is None else float(weighed.qualities[at]),
            )
        )
    return found, quality


def _probabilities(
    said: Sequence[Sequence[tuple[int, float]]], categories: Sequence[int]
) -> FloatArray:
    """Return shape ``(n_products, n_categories)``; what was not stored shares what is left."""
    column_of = {category: column for column, category in enumerate(categories)}
    filled = np.full((len(said), len(categories)), np.nan)
    for row, ranked in enumerate(said):
        for category, probability in ranked:
            filled[row, column_of[category]] = probability
    left = np.clip(1 - np.nansum(filled, axis=1), 0, 1)
    n_left = np.isnan(filled).sum(axis=1)
    share = np.maximum(left / np.maximum(n_left, 1), _LEAST)
    filled = np.where(np.isnan(filled), share[:, None], filled)
    normalised: FloatArray = filled / filled.sum(axis=1, keepdims=True)
    return normalised


def _figures(answers: IntArray, people: Sequence[int], quality: FloatArray) -> dict[str, Any]:
    """Return the figures as ``webapp.domain.agreement`` reads them."""
    return {
        "alpha": krippendorff_alpha(answers).as_dict(),
        "agreed": percent_agreement(answers).as_dict(),
        "n_products": len(answers),
        "n_ties": int((majority(answers) == MISSING).sum()),
        "pairs": [
            {
                "first_id": people[pair.first],
                "second_id": people[pair.second],
                "n": pair.kappa.n,
                "agreed": pair.agreed,
                "kappa": pair.kappa.value,
                "low": pair.kappa.low,
                "high": pair.kappa.high,
            }
            for pair in pairwise_kappas(answers)
        ],
        "people": {
            str(user_id): {
                "agreed": agreement_with_others(answers, at).as_dict(),
                "quality": None if np.isnan(quality[at]) else float(quality[at]),
            }
            for at, user_id in enumerate(people)
        },
    }
