"""Runs one system once: fits it, lets it answer, clocks it, and draws what it sees."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ml.branches import Preparable, aligned, has
from ml.contract import (
    BoolArray,
    FloatArray,
    IntArray,
    LearningCurve,
    OnProgress,
    Pipeline,
    PipelineSettings,
    ProductBatch,
    TopicModel,
)
from ml.errors import NotEnoughDataError
from ml.pipelines import build
from ml.study.catalogue import StudyProducts
from ml.study.maps import draw_maps
from ml.study.memory import MemoryGrowth
from ml.study.protocols import Split, readable
from ml.study.records import Display, Points, ProtocolName, StudyRow
from ml.study.scoring import Answers, confusion_of, score
from ml.study.systems import System
from ml.study.unlabelled import find_groups

N_TOPIC_WORDS = 12
MODALITY_NOUN = {
    "text": "text",
    "image": "image that can be read",
    "both": "text or image that can be read",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Which system, under which protocol, for the how-manieth time."""

    system: System
    protocol: ProtocolName
    repeat: int
    seed: int

    @property
    def is_transductive(self) -> bool:
        """Whether it learns from the very products that it is scored on."""
        return self.protocol == "study" and self.system.is_transductive

    @property
    def name(self) -> str:
        """What the file of the finished run is called."""
        return f"{self.protocol}-{self.repeat}-{self.system.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found; the display is drawn of the first repeat alone."""

    row: StudyRow
    answers: Answers
    display: Display | None


@dataclass(frozen=True, slots=True)
class _Fitted:
    pipeline: Pipeline
    probabilities: FloatArray
    prepare_s: float
    fit_s: float
    predict_s: float
    memory_mb: float | None


def run_system(
    run: Run,
    products: StudyProducts,
    split: Split,
    settings: PipelineSettings,
    on_progress: OnProgress,
) -> Outcome:
    """Fit a system on one side of a split and score it on the other.

    Raises
    ------
    NotEnoughDataError
        If too few products have what the system looks at.
    """
    batch = readable(products.batch, run.protocol)
    usable = has(run.system.row.modality, batch)
    everywhere = np.arange(len(batch))
    train, test = (everywhere, everywhere) if run.is_transductive else (split.train, split.test)
    learned, scored = train[usable[train]], test[usable[test]]
    n_needed = len(products.categories) if run.is_transductive else 1
    if len(scored) < n_needed or len(np.unique(products.labels[learned])) < 2:
        noun = MODALITY_NOUN[run.system.row.modality]
        raise NotEnoughDataError(
            f"{len(learned)} products to learn from and {len(scored)} to score have any {noun}"
        )
    fitted = _fit(run, products, batch, learned, scored, settings, on_progress)
    seen = batch.take(scored)
    found = find_groups(fitted.pipeline, seen, len(products.categories), seed=run.seed)
    answers = Answers(
        columns=products.labels[scored],
        groups=products.groups[scored],
        probabilities=None if run.is_transductive else fitted.probabilities,
        clusters=found.clusters,
    )
    left_out = (*_left_out(run, batch, test, usable), *found.left_out)
    maps: tuple[Points, ...] = ()
    if run.repeat == 0:
        maps = draw_maps(found.coordinates, products.labels[scored][found.rows], seed=run.seed)
        if not maps:
            left_out = (*left_out, "No maps: there are too few products that differ.")
    row = _row(run, fitted, answers, n_train=len(learned), left_out=left_out)
    display = _display(run, fitted.pipeline, answers, maps, len(products.categories))
    return Outcome(row, answers, display if run.repeat == 0 else None)


def _fit(
    run: Run,
    products: StudyProducts,
    batch: ProductBatch,
    learned: IntArray,
    scored: IntArray,
    settings: PipelineSettings,
    on_progress: OnProgress,
) -> _Fitted:
    pipeline = build(run.system.name, settings)
    with MemoryGrowth() as growth:
        start = time.perf_counter()
        if isinstance(pipeline, Preparable):
            pipeline.prepare(batch, on_progress)
        prepared = time.perf_counter()
        pipeline.fit(batch.take(learned), products.labels[learned], on_progress)
        fitted = time.perf_counter()
        probabilities = aligned(
            pipeline, batch.take(scored), tuple(range(len(products.categories)))
        )
        predicted = time.perf_counter()
    return _Fitted(
        pipeline,
        probabilities,
        prepare_s=prepared - start,
        fit_s=fitted - prepared,
        predict_s=predicted - fitted,
        memory_mb=growth.megabytes,
    )


def _left_out(run: Run, batch: ProductBatch, test: IntArray, usable: BoolArray) -> tuple[str, ...]:
    n_missing = int((~usable[test]).sum())
    if not n_missing:
        return ()
    noun = MODALITY_NOUN[run.system.row.modality]
    side = "" if run.is_transductive else " held out"
    return (f"{n_missing} of {len(test)} products{side} have no {noun}.",)


def _row(
    run: Run, fitted: _Fitted, answers: Answers, *, n_train: int, left_out: tuple[str, ...]
) -> StudyRow:
    counted = fitted.pipeline.count_parameters()
    return StudyRow(
        system=run.system.name,
        title=run.system.row.title,
        modality=run.system.row.modality,
        protocol=run.protocol,
        repeat=run.repeat,
        n_train=n_train,
        n_test=len(answers.columns),
        figures=score([answers]),
        prepare_s=round(fitted.prepare_s, 3),
        fit_s=round(fitted.fit_s, 3),
        predict_s=round(fitted.predict_s, 3),
        memory_mb=fitted.memory_mb,
        n_parameters=counted.trained,
        n_frozen=counted.frozen,
        is_transductive=run.is_transductive,
        left_out=left_out,
    )


def _display(
    run: Run,
    pipeline: Pipeline,
    answers: Answers,
    maps: tuple[Points, ...],
    n_categories: int,
) -> Display:
    confusion = confusion_of(answers, n_categories)
    topics = pipeline.topic_words(N_TOPIC_WORDS) if isinstance(pipeline, TopicModel) else []
    return Display(
        system=run.system.name,
        protocol=run.protocol,
        confusion=tuple(tuple(int(n) for n in counts) for counts in confusion),
        confusion_of="clusters" if answers.probabilities is None else "predictions",
        curve=pipeline.curve_ if isinstance(pipeline, LearningCurve) else (),
        topic_words=tuple(tuple(words) for words in topics),
        maps=maps,
    )
