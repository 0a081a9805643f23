import os
from pathlib import Path

import pytest

from webapp.config import ConfigError, read_config


def test_the_same_home_keeps_its_secret_key(tmp_path):
    first = read_config(tmp_path, {})
    again = read_config(tmp_path, {})

    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("value", ["-3", "0", "ten", "1.5", "9" * 5000, "1000000000"])
def test_a_number_that_cannot_be_used_is_named(tmp_path, value):
    with pytest.raises(ConfigError, match=r"SHELFWISE_LEASE_S is .*a whole number from 1 to"):
        read_config(tmp_path, {"SHELFWISE_LEASE_S": value})


def test_a_home_of_an_unknown_person_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="the home folder ~nobody-of-that-name"):
        read_config(Path("~nobody-of-that-name/shop"), {})


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe" * 40])
def test_a_damaged_secret_key_stops_the_start(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)

    with pytest.raises(ConfigError, match="is damaged: delete the file"):
        read_config(tmp_path, {})


def test_a_secret_key_that_cannot_be_read_stops_the_start(tmp_path):
    (tmp_path / "secret_key").mkdir()

    with pytest.raises(ConfigError, match="secret_key cannot be read"):
        read_config(tmp_path, {})


def test_a_key_that_another_process_makes_meanwhile_is_never_seen_half_written(
    tmp_path, monkeypatch
):
    link = os.link

    def link_second(source, target):
        Path(target).write_text("k" * 64)  # the other process was faster
        link(source, target)

    monkeypatch.setattr(os, "link", link_second)

    assert read_config(tmp_path, {}).secret_key == "k" * 64
