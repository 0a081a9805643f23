"""Small studies of fake systems, which need no training to speak of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.errors import MlError
from ml.pipelines import PIPELINES, PipelineRow
from ml.study import summary, systems
from ml.study.catalogue import StudyProducts
from ml.study.records import Study
from ml.study.runner import StudyOptions, run_study
from ml.study.systems import PROTOCOLS, System
from tests.fakes import CountingPipeline, use_fakes
from tests.ml.catalogues import make_snapshot


def make_products(n: int = 120, **options: float) -> StudyProducts:
    """Draw products in three categories, words in their descriptions, as ``make_snapshot``."""
    snapshot = make_snapshot(n, **options)
    names, labels = np.unique(snapshot.source_categories, return_inverse=True)
    batch = replace(snapshot.batch, descriptions=snapshot.batch.names, names=("",) * n)
    return StudyProducts(
        source="products.csv",
        batch=batch,
        labels=labels,
        categories=tuple(f"category {name}" for name in names),
        groups=snapshot.groups,
        left_out=(),
    )


def use_fake_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``fake_text`` and ``fake_image`` be all systems, and the networks of the leak as well."""
    use_fakes(monkeypatch)
    fakes: dict[str, System] = {}
    for module in (systems, summary):
        monkeypatch.setattr(module, "SYSTEMS", fakes)
    add_system(monkeypatch, System("fake_text", PROTOCOLS), "text", "tests.fakes:build_text")
    add_system(monkeypatch, System("fake_image", PROTOCOLS), "image", "tests.fakes:build_image")
    for name, builder in (
        ("embedding_net_flatten", "tests.fakes:build_text"),
        ("backbone_flatten", "tests.fakes:build_image"),
    ):
        row = PipelineRow(name, name, "text", builder)
        monkeypatch.setitem(PIPELINES, name, row)


def add_system(
    monkeypatch: pytest.MonkeyPatch, system: System, modality: str, builder: str
) -> None:
    """Put a system into both tables."""
    row = PipelineRow(system.name, system.name.capitalize(), modality, builder)
    monkeypatch.setitem(PIPELINES, system.name, row)
    monkeypatch.setitem(systems.SYSTEMS, system.name, system)


def run(
    products: StudyProducts,
    out: Path,
    *,
    lines: list[str] | None = None,
    **options: object,
) -> Study:
    """Run a study; ``lines`` receives what it says meanwhile."""
    said = [] if lines is None else lines
    return run_study(products, StudyOptions(**options), PipelineSettings(), out, said.append)


class Refusing(CountingPipeline):
    """Cannot learn, for a reason that a person may read."""

    def fit(self, batch, labels, on_progress):
        raise MlError("the weights are on the moon")


class Broken(CountingPipeline):
    """Has a mistake of ours."""

    def fit(self, batch, labels, on_progress):
        raise ZeroDivisionError


class Stopped(CountingPipeline):
    """Is interrupted by a person."""

    def fit(self, batch, labels, on_progress):
        raise KeyboardInterrupt


class Topical(CountingPipeline):
    """Groups products by itself: two big groups, whatever the categories are."""

    def clusters(self, batch):
        return np.arange(len(batch)) % 2

    def topic_words(self, n_words):
        return [["clock"], ["towel"]]


class WithoutWeights(CountingPipeline):
    """Names the file that it lacks."""

    def __init__(self, settings: PipelineSettings) -> None:
        super().__init__("fake_text")
        self.settings = settings

    def fit(self, batch, labels, on_progress):
        raise MlError(f"there is no file {self.settings.weights}")


def build_without_weights(settings: PipelineSettings) -> WithoutWeights:
    return WithoutWeights(settings)


def build_refusing(settings: PipelineSettings) -> Refusing:
    return Refusing("fake_text")


def build_broken(settings: PipelineSettings) -> Broken:
    return Broken("fake_text")


def build_stopped(settings: PipelineSettings) -> Stopped:
    return Stopped("fake_text")


def build_topical(settings: PipelineSettings) -> Topical:
    return Topical("fake_text")
