"""Files are written whole or not at all, by any number of processes at once."""

import errno
from pathlib import Path

import pytest

from ml.whole_files import whole_file


def test_two_may_write_the_same_file_at_once(tmp_path):
    path = tmp_path / "study.json"

    with whole_file(path) as mine, whole_file(path) as theirs:
        mine.write_text("mine")
        theirs.write_text("theirs")

    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(errno.EIO, "broken")])
def test_after_an_error_the_old_file_is_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "study.json"
    path.write_text("old")

    with pytest.raises((KeyboardInterrupt, OSError)):  # noqa: PT012, SIM117 - a write is stopped
        with whole_file(path) as unfinished:
            unfinished.write_text("half")
            raise error

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said_in_words_where_numpy_has_numbers_alone(tmp_path: Path):
    path = tmp_path / "features.npy"

    with pytest.raises(OSError) as raised, whole_file(path):  # noqa: PT011 - its errno is asked for
        raise OSError("2688000 requested and 85888 written")

    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(path)
