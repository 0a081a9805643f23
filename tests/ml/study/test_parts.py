"""Finished pieces of a study on disk, under a fingerprint of what they depend on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml.contract import PipelineSettings
from ml.study import parts
from ml.study.parts import Part, Parts, fingerprint
from tests.ml.study.studies import make_products

PRODUCTS = make_products(40)
SETTINGS = PipelineSettings()
BATCH = PRODUCTS.batch


def test_a_part_comes_back_as_it_was_written(tmp_path):
    kept = Parts(tmp_path, "abc")

    kept.write("one", Part({"name": "é", "n": 1}, {"rows": np.arange(3), "p": np.eye(2)}))

    part = kept.read("one")
    assert part.record == {"name": "é", "n": 1}
    assert part.arrays["rows"].tolist() == [0, 1, 2]
    assert part.arrays["p"].dtype == np.float64
    assert [path.name for path in (tmp_path / "abc").iterdir()] == ["one.npz"]


def test_what_is_not_there_is_none(tmp_path):
    assert Parts(tmp_path, "abc").read("one") is None


def test_objects_are_never_unpickled(tmp_path):
    kept = Parts(tmp_path, "abc")
    kept.directory.mkdir()
    np.savez(kept.directory / "one.npz", record=np.array([{"a": 1}], dtype=object))

    assert kept.read("one") is None


def test_parts_of_others_are_noticed_until_there_are_own_ones(tmp_path):
    Parts(tmp_path, "other").write("one", Part({}, {}))

    own = Parts(tmp_path, "own")
    own.write("one", Part({}, {}))

    assert own.has_others
    assert not Parts(tmp_path, "own").has_others


@pytest.mark.parametrize(
    "products",
    [
        replace(PRODUCTS, batch=replace(BATCH, descriptions=("other",) * 40)),
        replace(PRODUCTS, batch=replace(BATCH, names=("other",) * 40)),
        replace(PRODUCTS, labels=PRODUCTS.labels[::-1]),
        replace(PRODUCTS, categories=("a", "b", "c")),
        PRODUCTS.take(np.arange(39)),
    ],
)
def test_the_fingerprint_changes_with_the_products(products):
    assert fingerprint(products, SETTINGS, seed=0) != fingerprint(PRODUCTS, SETTINGS, seed=0)


@pytest.mark.parametrize(
    "change",
    [{"backbone": "MobileNetV2"}, {"pooling": "avg"}, {"precision": "float32"}, {"epochs": 3}],
)
def test_the_fingerprint_changes_with_the_settings(change):
    changed = replace(SETTINGS, **change)

    assert fingerprint(PRODUCTS, changed, seed=0) != fingerprint(PRODUCTS, SETTINGS, seed=0)


def test_the_fingerprint_changes_with_seed_weights_and_code(tmp_path, monkeypatch):
    weights = tmp_path / "a.h5"
    weights.write_bytes(b"weights")
    found = {
        fingerprint(PRODUCTS, SETTINGS, seed=0),
        fingerprint(PRODUCTS, SETTINGS, seed=1),
        fingerprint(PRODUCTS, replace(SETTINGS, weights=weights), seed=0),
    }
    monkeypatch.setattr(parts, "code_digest", lambda: "changed")

    found.add(fingerprint(PRODUCTS, SETTINGS, seed=0))

    assert len(found) == 4


def test_the_fingerprint_does_not_depend_on_where_things_lie(tmp_path):
    for name in ("a.h5", "b.h5"):
        (tmp_path / name).write_bytes(b"weights")

    found = {
        fingerprint(
            PRODUCTS,
            replace(SETTINGS, weights=tmp_path / name, feature_dir=Path(name)),
            seed=0,
        )
        for name in ("a.h5", "b.h5")
    }

    assert len(found) == 1
