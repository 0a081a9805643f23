"""Finds out why the live round suggests what it suggests, for products that are asked soon.

It loads the model only where there is something to explain, and goes aside for other work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ml.branches import Branch
from ml.contract import IntArray, ProductBatch
from ml.explaining.neighbours import nearest
from ml.explaining.odds import Answer
from ml.explaining.region import find_region
from ml.explaining.words import weigh_words
from ml.fused_model import FusedModel
from ml.rounds import load_model
from webapp.domain.catalogue import Catalogue
from webapp.domain.evidence import Explanation, PhotoRegion
from webapp.domain.jobs import JobKind
from webapp.domain.products import Product
from webapp.domain.retraining import Round, SnapshotProduct
from webapp.jobs import choosing_features
from webapp.jobs.batches import batch_of, model_dir, pipeline_settings
from webapp.jobs.choosing_features import KeptFeatures
from webapp.jobs.context import JobContext
from webapp.jobs.runner import utc_now
from webapp.jobs.writing import holding
from webapp.storage import catalogues, explanations, jobs, predictions, products, rounds

N_FRONT = 200
AT_ONCE = 40  # products: about two seconds of work, after which others may come first
N_NEAREST = 12
# While there are few labels, none of the nearest may be decided: so these are looked for too.
N_NEAREST_LABELLED = 8
N_LABELS = 20_000  # the newest
LEAST_COSINE = 0.5  # what is less alike is no evidence
DECIMALS = 4
GOES_FIRST = frozenset(JobKind) - {JobKind.EXPLAIN, JobKind.SCORE_BASELINES}


@dataclass(frozen=True, slots=True)
class _Work:
    """What explaining needs beside the products."""

    live: Round
    model: FusedModel
    kept: KeptFeatures | None
    labelled: IntArray


def run(context: JobContext) -> dict[str, Any]:
    """Explain what is missing among the first products that wait, the first ones first."""
    n_explained = 0
    work: _Work | None = None
    while True:
        catalogue, live = _look(context)
        missing = []
        if live is not None:
            with context.database.read() as session:
                missing = explanations.list_missing(
                    session, catalogue_id=catalogue.id, round_id=live.id, n=N_FRONT
                )
                gives_way = jobs.is_any_queued(session, kinds=GOES_FIRST)
        if live is None or not missing or gives_way:
            return {"explained": n_explained, "left": len(missing)}
        if work is None or work.live.id != live.id:
            work = _load(context, catalogue, live)
        found = _explain(context, work, missing[:AT_ONCE])
        with holding(context) as session:
            explanations.add_many(session, explanations=found, now=utc_now())
        n_explained += len(found)
        context.report("explain", n_explained, n_explained + len(missing) - len(found))


def run_product(context: JobContext) -> dict[str, Any]:
    """Explain one product, and look for the region of its photo."""
    product_id = int(context.job.arguments["product_id"])
    catalogue, live = _look(context)
    if live is None:
        return {"region": False}
    work = _load(context, catalogue, live)
    (found,) = _explain(context, work, [product_id])
    if context.job.arguments.get("region"):
        found = replace(found, region=_region(context, work.model, product_id))
    with holding(context) as session:
        explanations.put(session, explanation=found, now=utc_now())
    return {"region": found.region is not None}


def _look(context: JobContext) -> tuple[Catalogue, Round | None]:
    with context.database.read() as session:
        catalogue = catalogues.get_by_id(session, catalogue_id=context.job.catalogue_id or 0)
        return catalogue, rounds.find_live(session, catalogue_id=catalogue.id)


def _load(context: JobContext, catalogue: Catalogue, live: Round) -> _Work:
    context.report("load", 0, 1)
    # Photos that are partly covered never return: their features are not worth keeping.
    settings = replace(pipeline_settings(context.config), feature_dir=None)
    directory = model_dir(context.config, catalogue_id=catalogue.id, job_id=live.job_id)
    kept = choosing_features.find(context.config, catalogue)
    with context.database.read() as session:
        labelled = explanations.list_last_labelled(session, catalogue_id=catalogue.id, n=N_LABELS)
    return _Work(live, load_model(directory, settings), kept, np.array(labelled, dtype=np.int64))


def _explain(context: JobContext, work: _Work, product_ids: Sequence[int]) -> list[Explanation]:
    with context.database.read() as session:
        found = products.find_many(session, product_ids=product_ids)
        suggested = predictions.list_categories(
            session, round_id=work.live.id, product_ids=product_ids
        )
    batch = _batch(context, [found[product_id] for product_id in product_ids])
    words = _words(work.model, batch, [suggested.get(each) for each in product_ids])
    return [
        Explanation(
            round_id=work.live.id,
            product_id=product_id,
            words=tuple((word, round(weight, DECIMALS)) for word, weight in of_product),
            neighbours=near,
            region=None,
        )
        for product_id, of_product, near in zip(
            product_ids, words, _neighbours(work, product_ids), strict=True
        )
    ]


def _words(
    model: FusedModel, batch: ProductBatch, suggested: Sequence[int | None]
) -> list[list[tuple[str, float]]]:
    """Return the words that speak for the suggestions; none where there is no suggestion."""
    text = model.text
    found: list[list[tuple[str, float]]] = [[] for _ in suggested]
    rows = [row for row, category in enumerate(suggested) if category in model.categories]
    if text is None or not rows:
        return found
    columns = np.array([model.categories.index(suggested[row] or 0) for row in rows])
    for row, words in zip(
        rows,
        weigh_words(_answer_of(text, model), batch.take(rows), columns),
        strict=True,
    ):
        found[row] = words
    return found


def _answer_of(branch: Branch, model: FusedModel) -> Answer:
    return lambda batch: branch.predict(batch, model.categories)


def _neighbours(work: _Work, product_ids: Sequence[int]) -> list[tuple[tuple[int, float], ...]]:
    """Return the products most like each, those that are labelled now among them."""
    if work.kept is None:
        return [() for _ in product_ids]
    kept = work.kept
    rows = kept.rows_of(np.array(product_ids))
    known = np.flatnonzero(rows >= 0)
    near: list[dict[int, float]] = [{} for _ in product_ids]
    labelled = kept.rows_of(work.labelled)
    for among, n in ((None, N_NEAREST), (labelled[labelled >= 0], N_NEAREST_LABELLED)):
        found, cosines = nearest(kept.features, rows[known], among, n=n)
        for at, others, likeness in zip(known, found, cosines, strict=True):
            near[at] |= {
                int(kept.product_ids[other]): round(float(cosine), DECIMALS)
                for other, cosine in zip(others, likeness, strict=True)
                if cosine >= LEAST_COSINE
            }
    return [tuple(sorted(each.items(), key=lambda pair: (-pair[1], pair[0]))) for each in near]


def _region(context: JobContext, model: FusedModel, product_id: int) -> PhotoRegion | None:
    with context.database.read() as session:
        product = products.get(session, product_id=product_id)
    batch = _batch(context, [product])
    sha256 = batch.image_hashes[0]
    if model.image is None or sha256 is None:
        return None
    context.report("region", 0, 1)
    found = find_region(_answer_of(model.image, model), batch)
    if found is None:
        return None
    return PhotoRegion(
        category_id=model.categories[found.column],
        image_sha256=sha256,
        rows=tuple(tuple(row) for row in found.weights.round(2).tolist()),
    )


def _batch(context: JobContext, found: Sequence[Product]) -> ProductBatch:
    return batch_of(
        [
            SnapshotProduct(
                id=product.id,
                external_id=product.external_id,
                name=product.name,
                description=product.description,
                specifications=product.specifications,
                image_sha256=next((i.sha256 for i in product.images if i.sha256), None),
                source_category_id=None,
                label_category_id=None,
                is_evaluation=None,
                group_number=None,
            )
            for product in found
        ],
        context.config.images_dir,
    )
