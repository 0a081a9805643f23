import numpy as np
import pytest

from webapp.domain.jobs import JobKind
from webapp.jobs import choosing_features


@pytest.fixture
def kept(add_job, run, training_config, shop):
    run(add_job(JobKind.REFRESH_PREDICTIONS))
    return choosing_features.find(training_config, shop)


def test_every_product_has_a_row_of_length_one(kept):
    assert kept.features.shape[0] == len(kept.product_ids) == 60
    assert kept.features.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(kept.features, axis=1), 1, rtol=1e-5)


def test_rows_are_found_by_product(kept):
    ids = kept.product_ids

    rows = kept.rows_of(np.array([ids[3], 10**6, ids[0], ids[-1]]))

    assert rows.tolist() == [3, -1, 0, 59]


def test_only_the_rows_that_are_asked_for_are_read(kept):
    assert isinstance(kept.features, np.memmap)
    assert not isinstance(np.asarray(kept.features[[1, 2]]), np.memmap)


def test_nothing_was_kept_before_the_first_look(training_config, shop):
    assert choosing_features.find(training_config, shop) is None


@pytest.mark.parametrize("length", [0, 10, 200, 700])
def test_a_file_that_was_cut_short_counts_as_none(kept, training_config, shop, length):
    path = choosing_features.path_of(training_config, shop)
    path.write_bytes(path.read_bytes()[:length])

    assert choosing_features.find(training_config, shop) is None


IDS, ROWS = np.arange(1, 61), np.eye(60, dtype=np.float32)


@pytest.mark.parametrize(
    ("ids", "rows"),
    [
        (np.int64(60), ROWS),
        (np.ones((60, 2), dtype=np.int64), ROWS),
        (IDS.astype(str), ROWS),
        (IDS[::-1], ROWS),
        (IDS, ROWS[:50]),
        (IDS, ROWS.astype(np.float64)),
    ],
    ids=["one number", "pairs", "words", "falling", "fewer rows", "another kind"],
)
def test_arrays_of_something_else_count_as_none(kept, training_config, shop, ids, rows):
    with choosing_features.path_of(training_config, shop).open("wb") as file:
        np.save(file, ids)
        np.save(file, rows)

    assert choosing_features.find(training_config, shop) is None


@pytest.mark.parametrize("sign", [b"'", b"{", b"(", b"9" * 15])
@pytest.mark.parametrize("start", [b"", b"PK\x03\x04"], ids=["", "zip"])
def test_a_damaged_header_counts_as_none(kept, training_config, shop, sign, start):
    path = choosing_features.path_of(training_config, shop)
    whole = path.read_bytes()
    path.write_bytes(start + whole[len(start) :].replace(b"(60", sign, 1))

    assert choosing_features.find(training_config, shop) is None


def test_no_unfinished_file_is_left(kept, training_config, shop):
    folder = choosing_features.path_of(training_config, shop).parent

    assert [path.name for path in folder.iterdir() if path.is_file()] == [f"choosing-{shop.id}.npy"]
