"""Where an ARI of 0.99 comes from: scored products that the text network had been trained on."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ml.branches import aligned, has
from ml.contract import FloatArray, IntArray, OnProgress, PipelineSettings
from ml.errors import NotEnoughDataError
from ml.fusion import MEAN, Fusion, fuse
from ml.pipelines import build
from ml.study.catalogue import StudyProducts
from ml.study.protocols import Split, grouped_split, readable, stratified_split
from ml.study.records import Leak
from ml.study.scoring import Answers, score

TEXT, IMAGE = "embedding_net_flatten", "backbone_flatten"
SPLITS: tuple[Literal["own", "shared", "grouped"], ...] = ("own", "shared", "grouped")
OWN_SHARE = 0.9  # of all products, which the text network is trained on where it has its own split


def demonstrate(
    kind: Literal["own", "shared", "grouped"],
    products: StudyProducts,
    settings: PipelineSettings,
    *,
    repeat: int,
    seed: int,
    on_progress: OnProgress,
) -> Leak:
    """Score the mean of the study's two networks on products held out from the image network.

    Parameters
    ----------
    kind
        ``own``: the text network is trained on 90 % of all products, drawn by itself, so that it
        has seen most of those that are scored. ``shared``: both are trained on the same random
        70 %. ``grouped``: the same, with near-duplicates on one side.

    Raises
    ------
    MlError
        If one of the networks cannot be trained.
    """
    split, text_rows = _rows(kind, products, repeat=repeat, seed=seed)
    text = _answers(TEXT, "text", products, text_rows, split.test, settings, on_progress)
    image = _answers(IMAGE, "image", products, split.train, split.test, settings, on_progress)
    n_categories = len(products.categories)
    prior = np.bincount(products.labels[split.train], minlength=n_categories) / len(split.train)
    fused = fuse(text, image, Fusion(MEAN, 0.5, 0.5, "as the study has it"), prior)
    columns = products.labels[split.test]
    answers = Answers(columns, products.groups[split.test], fused, clusters=None)
    return Leak(
        split=kind,
        repeat=repeat,
        n_test=len(split.test),
        n_seen=len(np.intersect1d(text_rows, split.test)),
        n_errors=int((fused.argmax(axis=1) != columns).sum()),
        figures=score([answers]),
    )


def _rows(
    kind: Literal["own", "shared", "grouped"],
    products: StudyProducts,
    *,
    repeat: int,
    seed: int,
) -> tuple[Split, IntArray]:
    """Return the split of the image network, and the rows that the text network learns from."""
    if kind == "grouped":
        split = grouped_split(products.labels, products.groups, seed=seed + repeat)
        return split, split.train
    split = stratified_split(products.labels, seed=seed + repeat)
    if kind == "shared":
        return split, split.train
    # A generator of its own: with the seed alone it would begin as that of the split.
    shuffled = np.random.default_rng([seed, repeat]).permutation(len(products.labels))
    return split, np.sort(shuffled[: round(OWN_SHARE * len(shuffled))])


def _answers(
    name: str,
    modality: Literal["text", "image"],
    products: StudyProducts,
    learned: IntArray,
    scored: IntArray,
    settings: PipelineSettings,
    on_progress: OnProgress,
) -> FloatArray:
    """Return a network's probabilities of the scored products, NaN where it has nothing to see."""
    batch = readable(products.batch, "study")
    usable = has(modality, batch)
    rows = learned[usable[learned]]
    if len(np.unique(products.labels[rows])) < 2:
        noun = "text" if modality == "text" else "an image that can be read"
        raise NotEnoughDataError(f"{len(rows)} products to learn from have {noun}")
    pipeline = build(name, settings).fit(batch.take(rows), products.labels[rows], on_progress)
    seen = usable[scored]
    answers = np.full((len(scored), len(products.categories)), np.nan)
    if seen.any():
        categories = tuple(range(len(products.categories)))
        answers[seen] = aligned(pipeline, batch.take(scored[seen]), categories)
    return answers
