"""Score rounds on grouped folds of a product file; each fold is the evaluation set once.

    python -m bench.folds products.csv --images DIR [--folds 5] [--json]

Reads the columns of the Flipkart sample; categories are the first level of its tree. The image
backbone and its weights come from SHELFWISE_IMAGE_BACKBONE and SHELFWISE_IMAGE_WEIGHTS.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ml.contract import FloatArray, IntArray, PipelineSettings
from ml.fusion import present
from ml.metrics import accuracy, ari_of_predictions, expected_calibration_error, log_loss, macro_f1
from ml.rounds import NO_CATEGORY, RoundOutcome, RoundSettings, Snapshot, run_round
from ml.splits import grouped_folds
from ml.study.table_files import read_products
from webapp.processes import quieten_tensorflow

FIGURES = ("accuracy", "ari", "macro_f1", "log_loss", "ece")


def figures(columns: IntArray, probabilities: FloatArray) -> dict[str, float | None]:
    """Return every figure of one branch, or of the fusion, on the rows that it answers."""
    seen = present(probabilities)
    columns, probabilities = columns[seen], probabilities[seen]
    predicted = probabilities.argmax(axis=1)
    values = (
        accuracy(columns, predicted),
        ari_of_predictions(columns, predicted),
        macro_f1(columns, predicted),
        log_loss(columns, probabilities),
        expected_calibration_error(columns, probabilities),
    )
    return dict(zip(FIGURES, values, strict=True))


def main(words: Sequence[str] | None = None) -> None:
    arguments = parse_arguments(words)
    quieten_tensorflow()
    products = read_products(arguments.products, arguments.images)
    batch, categories, groups = products.batch, products.labels, products.groups
    folds = grouped_folds(groups, categories, arguments.folds, arguments.seed)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        weights = os.environ.get("SHELFWISE_IMAGE_WEIGHTS")
        settings = RoundSettings(
            text_pipeline=arguments.text,
            image_pipeline=arguments.image,
            seed=arguments.seed,
            pipeline=PipelineSettings(
                backbone=os.environ.get("SHELFWISE_IMAGE_BACKBONE", "VGG16"),
                weights=Path(weights) if weights else None,
                feature_dir=arguments.features or Path(scratch) / "features",
            ),
        )
        for fold in range(arguments.folds):
            snapshot = Snapshot(
                batch=batch,
                categories=tuple(range(len(products.categories))),
                labels=np.full(len(batch), NO_CATEGORY),
                source_categories=categories,
                is_evaluation=folds == fold,
                groups=groups,
            )
            start = time.perf_counter()
            outcome = run_round(
                snapshot, settings, Path(scratch) / str(fold), lambda stage, done, total: None
            )
            seconds = time.perf_counter() - start
            rows.append(describe(fold, snapshot, outcome, seconds))
            if not arguments.json:
                print_fold(rows[-1])
    if arguments.json:
        print(json.dumps({"folds": rows, "mean": summary(rows)}, indent=2))
    else:
        print_summary(rows)


def describe(
    fold: int, snapshot: Snapshot, outcome: RoundOutcome, seconds: float
) -> dict[str, Any]:
    held_out = snapshot.is_evaluation
    columns = snapshot.source_categories[held_out]
    return {
        "fold": fold,
        "n": int(held_out.sum()),
        "fused": figures(columns, outcome.fused[held_out]),
        "text": figures(columns, outcome.text[held_out]),
        "image": figures(columns, outcome.image[held_out]),
        "fusion": outcome.fusion.as_dict(),
        "fallback": outcome.fallback,
        "seconds": round(seconds, 1),
        "seconds_of_stages": outcome.seconds,
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return mean and standard deviation over folds of every figure."""
    spread: dict[str, dict[str, dict[str, float]]] = {}
    for part in ("fused", "text", "image"):
        for name in FIGURES:
            values = [row[part][name] for row in rows if row[part][name] is not None]
            if len(values) > 1:
                figure = {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
                spread.setdefault(part, {})[name] = figure
    return spread


def print_fold(row: dict[str, Any]) -> None:
    if row["fold"] == 0:
        print("fold  part   " + "  ".join(f"{name:>8}" for name in FIGURES))
        if row["fallback"]:
            print(f"The image branch is the fallback: {row['fallback']}")
    for part in ("fused", "text", "image"):
        values = "  ".join("       -" if v is None else f"{v:8.3f}" for v in row[part].values())
        print(f"{row['fold']:>4}  {part:<5}  {values}")
    print(f"      {row['n']} held out, {row['seconds']} s; {row['fusion']['reason']}", flush=True)


def print_summary(rows: list[dict[str, Any]]) -> None:
    means = summary(rows)
    for part, of_part in means.items():
        values = "  ".join(f"{v['mean']:.3f}±{v['sd']:.3f}" for v in of_part.values())
        print(f"mean±sd {part:<5} {values}")
    loss = {part: of_part["log_loss"]["mean"] for part, of_part in means.items()}
    for part in loss.keys() - {"fused"}:
        print(f"log loss, fused to {part}: {loss['fused'] / loss[part]:.2f}")
    first, *later = [row["seconds"] for row in rows]
    if later:  # the first computes the features of all images
        mean = sum(later) / len(later)
        print(f"seconds, first round {first:.1f}, later ones {mean:.1f}: {first / mean:.1f} times")


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("products", type=Path, help="CSV with the Flipkart sample's columns")
    parser.add_argument("--images", type=Path, required=True, help="folder of the images")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--text", default="text_pair", help="text pipeline")
    parser.add_argument("--image", default="backbone", help="image pipeline")
    parser.add_argument("--features", type=Path, help="where features are kept between runs")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
