"""Run every benchmark: ``python -m bench``, or ``python -m bench web`` for one of them.

DATA names the folder of the real products (``flipkart/`` and ``weights/``); without it only what
needs none of them runs.
"""

import os
import sys
from pathlib import Path

from bench import folds, web

WEIGHTS = "mobilenet_v2_imagenet_no_top.weights.h5"


def measure_folds() -> None:
    data = Path(os.environ.get("DATA", "../shared/data"))
    products = data / "flipkart" / "products.csv"
    if not products.exists():
        print(f"left out: {products} does not exist; DATA=folder names another place")
        return
    if "SHELFWISE_IMAGE_WEIGHTS" not in os.environ and (data / "weights" / WEIGHTS).exists():
        os.environ["SHELFWISE_IMAGE_BACKBONE"] = "MobileNetV2"
        os.environ["SHELFWISE_IMAGE_WEIGHTS"] = str(data / "weights" / WEIGHTS)
    folds.main([str(products), "--images", str(data / "flipkart" / "images")])


BENCHES = {"web": web.main, "folds": measure_folds}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHES:
        print(f"\n{name}")
        BENCHES[name]()
