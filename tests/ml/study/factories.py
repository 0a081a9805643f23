"""A whole study, made up: every system, both protocols, maps, curves, topics and key points."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np

from ml.contract import Epoch
from ml.pipelines import PIPELINES
from ml.study.records import (
    METRICS,
    CategoryWords,
    Display,
    Figure,
    Leak,
    Points,
    Study,
    StudyRow,
    Summary,
)

CATEGORIES = (
    "Baby Care",
    "Beauty and Personal Care",
    "Computers",
    "Home Decor & Festive Needs",
    "Home Furnishing",
    "Kitchen & Dining",
    "Watches",
)
TOPIC_MODELS = ("lda", "nmf", "lda_unsupervised", "nmf_unsupervised")
NETWORKS = ("embedding_net", "embedding_net_flatten", "bilstm", "cnn", "cnn_augmented", "backbone")
PUBLISHED = {"lda": 0.17, "nmf": 0.87, "embedding_net_flatten": 0.80, "bilstm": 0.57, "cnn": 0.19}
WORDS = ("curtain", "cotton", "watch", "mug", "laptop", "shower", "sticker", "babi", "print", "set")
GREY_PIXEL = base64.b64decode(  # a JPEG of 1 x 1
    "/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwc"
    "KDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAA"
    "AAAAAAAAAAD/2gAIAQEAAD8AKp//2Q=="
)


def make_figure(value: float | None, width: float = 0.04) -> Figure:
    return Figure() if value is None else Figure(value, value - width, value + width)


def make_summary(system: str = "embedding_net", **changes) -> Summary:
    row = PIPELINES.get(system)
    ari = changes.pop("ari", 0.88)
    figures = {name: make_figure(None) for name in METRICS} | {
        "ari_of_predictions": make_figure(ari),
        "ari_of_clusters": make_figure(0.31, 0.02),
        "accuracy": make_figure(0.94, 0.02),
        "macro_f1": make_figure(0.94, 0.02),
        "log_loss": make_figure(0.17, 0.05),
        "ece": make_figure(0.03, 0.01),
    }
    summary = Summary(
        system=system,
        title=row.title if row else system,
        modality=row.modality if row else "text",
        protocol="honest",
        n_repeats=1,
        n_test=168,
        figures=figures,
        means={name: figure.value for name, figure in figures.items()},
        deviations=dict.fromkeys(METRICS),
        fit_s=2.13,
        predict_s=0.08,
        memory_mb=61.2,
        n_parameters=348_727,
        n_frozen=2_257_984 if row and row.modality != "text" else 0,
    )
    return replace(summary, **changes)


def make_row(summary: Summary, **changes) -> StudyRow:
    row = StudyRow(
        system=summary.system,
        title=summary.title,
        modality=summary.modality,
        protocol=summary.protocol,
        repeat=0,
        n_train=672,
        n_test=summary.n_test,
        figures=summary.figures,
        fit_s=summary.fit_s,
        predict_s=summary.predict_s,
        memory_mb=summary.memory_mb,
        n_parameters=summary.n_parameters,
        n_frozen=summary.n_frozen,
    )
    return replace(row, **changes)


def make_leak(split: str = "own", ari: float = 0.985, n_errors: int = 2, **changes) -> Leak:
    leak = Leak(
        split=split,
        repeat=0,
        n_test=252,
        n_seen=227 if split == "own" else 0,
        n_errors=n_errors,
        figures={
            "ari_of_predictions": make_figure(ari),
            "accuracy": make_figure(1 - n_errors / 252),
        },
    )
    return replace(leak, **changes)


def make_display(summary: Summary, categories=CATEGORIES, n_products: int = 168) -> Display:
    rng = np.random.default_rng(len(summary.system))
    n = len(categories)
    truth = rng.integers(0, n, n_products)
    guess = np.where(rng.random(n_products) < 0.85, truth, rng.integers(0, n, n_products))
    confusion = np.zeros((n, n), dtype=int)
    np.add.at(confusion, (truth, guess), 1)
    angle = 2 * np.pi * truth / n
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 3
    xy = centres + rng.normal(size=(n_products, 2))
    columns = tuple(int(column) for column in truth)
    curve = tuple(Epoch(1.9 * 0.8**epoch, 1.9 * 0.8**epoch + 0.02 * epoch) for epoch in range(12))
    words = tuple(WORDS[at % 10 :] + WORDS[: at % 10] for at in range(n))
    return Display(
        system=summary.system,
        protocol=summary.protocol,
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        confusion_of="clusters" if summary.system in TOPIC_MODELS else "predictions",
        curve=curve if summary.system in NETWORKS else (),
        topic_words=words if summary.system in TOPIC_MODELS else (),
        maps=tuple(
            Points(method, tuple((float(x), float(y)) for x, y in xy * scale), columns)
            for method, scale in (("pca", 0.1), ("tsne", 20.0))
        ),
    )


def make_study(**changes) -> Study:
    """Return a study of 840 products; name what matters to a test."""
    categories = changes.get("categories", CATEGORIES)
    summaries = changes.pop("summary", None)
    if summaries is None:
        honest = [
            make_summary(name, ari=0.2 + 0.7 * at / len(PIPELINES))
            for at, name in enumerate(PIPELINES)
        ]
        study_way = [
            replace(
                each,
                protocol="study",
                n_test=252,
                published_ari=PUBLISHED.get(each.system),
                published_s=18.1 if each.system in PUBLISHED else None,
            )
            for each in honest
        ]
        summaries = tuple(honest + study_way)
    study = Study(
        source="products.csv",
        categories=categories,
        n_products=840,
        n_groups=566,
        n_with_text=840,
        n_with_image=837,
        left_out=("3 products without an image: image systems neither learn from nor answer them",),
        settings={
            "seed": 0,
            "repeats": 1,
            "protocols": ["study", "honest"],
            "only": None,
            "backbone": "MobileNetV2",
        },
        versions={"python": "3.11.2", "keras": "3.15.0"},
        rows=tuple(make_row(summary) for summary in summaries),
        summary=tuple(summaries),
        leaks=(
            make_leak("own", 0.985, 2),
            make_leak("shared", 0.83, 20),
            make_leak("grouped", 0.80, 24),
        ),
        displays=tuple(make_display(summary, categories) for summary in summaries),
        words=tuple(
            CategoryWords(
                name, 11_873, 1_904, tuple((word, 90 - 8 * at) for at, word in enumerate(WORDS))
            )
            for name in categories
        ),
        key_points=(("Red mug", GREY_PIXEL), ("Blue towel", GREY_PIXEL)),
    )
    return replace(study, **changes)
