"""Small catalogues of words for the tests of rounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ml.contract import ProductBatch
from ml.snapshots import NO_CATEGORY, Snapshot

CATEGORIES = (40, 7, 19)  # neither sorted nor from 0: columns are found by name
WORDS = {40: "clock wall hand", 7: "towel cotton soft", 19: "cup steel tea"}


def make_snapshot(
    n: int = 120,
    *,
    seed: int = 0,
    with_text: float = 1.0,
    with_image: float = 0.9,
    evaluation: float = 0.25,
    group_size: int = 2,
) -> Snapshot:
    """Draw ``n`` products in three categories; words and file names hint at the category.

    Source categories are all right, no product has a label, every ``group_size`` neighbours are
    near-duplicates of one category.
    """
    rng = np.random.default_rng(seed)
    groups = np.arange(n) // group_size
    truth = np.array(CATEGORIES)[(groups * 7 + groups // 3) % 3]
    names, paths = [], []
    for row, category in enumerate(truth.tolist()):
        other = CATEGORIES[int(rng.integers(3))]
        words = [*rng.choice(WORDS[category].split(), 2), *rng.choice(WORDS[other].split(), 1)]
        names.append(" ".join(words) if rng.random() < with_text else "")
        shown = category if rng.random() < 0.8 else other
        picture = Path(f"{shown}-{rng.integers(3)}-{row}.jpg")
        paths.append(picture if rng.random() < with_image else None)
    batch = ProductBatch(
        ids=tuple(f"p{row}" for row in range(n)),
        names=tuple(names),
        descriptions=("",) * n,
        specifications=("",) * n,
        image_paths=tuple(paths),
        image_hashes=tuple(None if path is None else path.stem for path in paths),
    )
    return Snapshot(
        batch=batch,
        categories=CATEGORIES,
        labels=np.full(n, NO_CATEGORY),
        source_categories=truth,
        is_evaluation=(groups % round(1 / evaluation)) == 0 if evaluation else np.zeros(n, bool),
        groups=groups,
    )
