from dataclasses import replace

import numpy as np
import pytest

from ml.errors import ArtifactError
from ml.snapshot_files import ARRAYS, SNAPSHOT, read_snapshot, write_snapshot
from tests.ml.catalogues import CATEGORIES, make_snapshot


@pytest.fixture
def snapshot():
    return make_snapshot(40)


@pytest.fixture
def kept(snapshot, tmp_path):
    write_snapshot(tmp_path / SNAPSHOT, snapshot)
    return read_snapshot(tmp_path)


def test_a_snapshot_comes_back_whole(snapshot, kept):
    restored = kept.restore(snapshot.batch)

    assert restored.categories == CATEGORIES
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(restored, name), getattr(snapshot, name))


def test_products_that_differ_from_then_are_counted(snapshot, kept):
    batch = snapshot.batch
    names = (f"{batch.names[0]} new", *batch.names[1:])
    hashes = (*batch.image_hashes[:-1], None)
    paths = (*batch.image_paths[:-1], None)

    assert kept.count_changed(batch) == 0
    assert kept.count_changed(replace(batch, names=names)) == 1
    assert kept.count_changed(replace(batch, image_hashes=hashes, image_paths=paths)) == 1


def test_where_a_file_lies_is_no_change(snapshot, kept):
    elsewhere = tuple(
        None if path is None else f"elsewhere/{path}" for path in snapshot.batch.image_paths
    )

    assert kept.count_changed(replace(snapshot.batch, image_paths=elsewhere)) == 0


def test_other_products_are_refused(snapshot, kept):
    with pytest.raises(ValueError, match="not the products"):
        kept.restore(snapshot.batch.take(range(39)))


def test_a_folder_without_a_snapshot_says_what_to_do(tmp_path):
    with pytest.raises(ArtifactError, match="Train a new round"):
        read_snapshot(tmp_path)


def test_a_damaged_snapshot_is_named(tmp_path):
    (tmp_path / SNAPSHOT).write_bytes(b"no archive")

    with pytest.raises(ArtifactError, match=r"snapshot\.npz is damaged"):
        read_snapshot(tmp_path)
