"""Features on disk: found again, shared between processes, never half-written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from ml.images.feature_store import FeatureStore

FIRST, SECOND, THIRD = (hashlib.sha256(name).hexdigest() for name in (b"1", b"2", b"3"))


def test_rows_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    FeatureStore(tmp_path, 2).add([FIRST, SECOND], np.array([[1.0, 2.0], [3.0, 4.0]]))

    features, found = FeatureStore(tmp_path, 2).rows([SECOND, None, THIRD, FIRST, SECOND])

    assert found.tolist() == [True, False, False, True, True]
    assert features.tolist() == [[3, 4], [0, 0], [0, 0], [1, 2], [3, 4]]


def test_missing_names_each_content_once(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, 2)
    store.add([FIRST], np.ones((1, 2)))

    assert store.missing([SECOND, FIRST, SECOND, THIRD]) == [0, 3]


def test_what_another_process_adds_is_seen_after_a_refresh(tmp_path: Path) -> None:
    mine, theirs = FeatureStore(tmp_path, 2), FeatureStore(tmp_path, 2)
    theirs.add([FIRST], np.ones((1, 2)))
    before = mine.missing([FIRST])
    mine.refresh()

    assert before == [0]
    assert mine.missing([FIRST]) == []


def test_shard_cut_off_on_disk_is_computed_again(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, 64)
    store.add([FIRST, SECOND], np.ones((2, 64)))
    shard = next(path for path in tmp_path.glob("*.npy") if ".keys" not in path.name)
    shard.write_bytes(shard.read_bytes()[:-10])

    assert FeatureStore(tmp_path, 64).missing([FIRST, SECOND]) == [0, 1]
    assert not store.rows([FIRST])[1].any()


def test_unfinished_shard_does_not_exist(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, 2)
    store.add([FIRST], np.ones((1, 2)))
    next(tmp_path.glob("*.keys.npy")).rename(tmp_path / "unfinished.keys.part")

    assert FeatureStore(tmp_path, 2).missing([FIRST]) == [0]


def test_features_of_another_length_are_passed_over(tmp_path: Path) -> None:
    FeatureStore(tmp_path, 2).add([FIRST], np.ones((1, 2)))

    assert FeatureStore(tmp_path, 3).missing([FIRST]) == [0]


def test_values_beyond_half_precision_stay_finite(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, 2)
    store.add([FIRST], np.array([[1e9, -1e9]]))

    assert store.rows([FIRST])[0].tolist() == [[65504.0, -65504.0]]


def test_bytes_are_kept_as_bytes(tmp_path: Path) -> None:
    descriptors = np.array([[0, 255, 7]], dtype=np.uint8)
    FeatureStore(tmp_path, 3, np.uint8).add([FIRST], descriptors)

    rows, _ = FeatureStore(tmp_path, 3, np.uint8).rows([FIRST])

    assert rows.dtype == np.uint8
    assert np.array_equal(rows, descriptors)
