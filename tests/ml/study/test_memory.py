import numpy as np
import pytest

from ml.study import memory
from ml.study.memory import STATM, MemoryGrowth


def test_growth_is_what_was_taken_meanwhile():
    if not STATM.exists():
        pytest.skip("this system does not tell the memory of a process in /proc")
    with MemoryGrowth() as growth:
        kept = np.ones(12_000_000)  # 96 MB

    assert kept.sum() == 12_000_000
    assert 60 < growth.megabytes < 300


def test_it_is_unknown_where_the_system_does_not_tell(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "STATM", tmp_path / "nothing")

    with MemoryGrowth() as growth:
        pass

    assert growth.megabytes is None
