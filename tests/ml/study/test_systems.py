"""The table of systems and that of pipelines name each other."""

import pytest

from ml.errors import MlError
from ml.pipelines import PIPELINES
from ml.study.systems import SYSTEMS, choose_systems


def test_every_pipeline_is_measured_except_the_default_which_is_one_of_two_others():
    assert set(SYSTEMS) == set(PIPELINES) - {"backbone"}


def test_every_system_has_an_honest_figure():
    assert [name for name, system in SYSTEMS.items() if "honest" not in system.protocols] == []


def test_chosen_systems_come_in_the_order_of_the_table():
    names = [system.name for system in choose_systems(["embedding_net", "embedding_net_flatten"])]

    assert names == ["embedding_net_flatten", "embedding_net"]
    assert [system.name for system in choose_systems(None)] == list(SYSTEMS)


@pytest.mark.parametrize("names", [["bert"], [""], []])
def test_unknown_names_list_the_known(names):
    with pytest.raises(MlError, match=r"there are: bag_of_words, .*fusion_chosen"):
        choose_systems(names)
