"""Run every benchmark: ``python -m bench``, or ``python -m bench web`` for one of them.

DATA names the folder of the real products (``flipkart/`` and ``weights/``); without it only what
needs none of them runs.
"""

import os
import sqlite3  # noqa: F401 - before TensorFlow, whose own SQLite has no full-text search
import sys
from pathlib import Path

from bench import folds, key_presses, ordering, publishing, sampling, search, study, web

WEIGHTS = "mobilenet_v2_imagenet_no_top.weights.h5"


def real_data() -> Path | None:
    """Return the folder of the real products, or say that it is not there."""
    data = Path(os.environ.get("DATA", "../shared/data"))
    products = data / "flipkart" / "products.csv"
    if products.exists():
        return data
    print(f"left out: {products} does not exist; DATA=folder names another place")
    return None


def measure_folds() -> None:
    data = real_data()
    if data is not None:
        use_small_backbone(data)
        folds.main(arguments_of(data))


def measure_key_presses() -> None:
    data = real_data()
    if data is not None:
        use_small_backbone(data)
        key_presses.main(arguments_of(data))


def use_small_backbone(data: Path) -> None:
    """Take the weights beside the products where no others are set."""
    if "SHELFWISE_IMAGE_WEIGHTS" not in os.environ and (data / "weights" / WEIGHTS).exists():
        os.environ["SHELFWISE_IMAGE_BACKBONE"] = "MobileNetV2"
        os.environ["SHELFWISE_IMAGE_WEIGHTS"] = str(data / "weights" / WEIGHTS)


def measure_study() -> None:
    data = real_data()
    if data is not None:
        study.main([*arguments_of(data), "--weights", str(data / "weights" / WEIGHTS)])


def arguments_of(data: Path) -> list[str]:
    return [str(data / "flipkart" / "products.csv"), "--images", str(data / "flipkart" / "images")]


BENCHES = {
    "web": web.main,
    "publishing": publishing.main,
    "search": search.main,
    "sampling": sampling.main,
    "ordering": ordering.main,
    "key_presses": measure_key_presses,
    "folds": measure_folds,
    "study": measure_study,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        print(f"\n{name}")
        BENCHES[name]()
