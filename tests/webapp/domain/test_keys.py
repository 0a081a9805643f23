import pytest

from webapp.domain.keys import (
    DEFAULT_KEYS,
    KeyAct,
    KeyClashError,
    UnusableKeyError,
    keys_of,
    read_keys,
)


def test_every_act_has_a_key_of_its_own_from_the_start():
    assert set(DEFAULT_KEYS) == set(KeyAct)
    assert read_keys({}) == DEFAULT_KEYS


def test_capitals_count_as_small_letters_and_enter_in_any_spelling():
    keys = read_keys({"skip": "X", "confirm": "ENTER"})

    assert keys[KeyAct.SKIP] == "x"
    assert keys[KeyAct.CONFIRM] == "Enter"


@pytest.mark.parametrize("entered", ["", " ", "ab", "1", "9", "\x07", "Escape"])
def test_what_is_no_key_is_refused_with_its_act(entered):
    with pytest.raises(UnusableKeyError) as refusal:
        read_keys({"flag": entered})

    assert refusal.value.act is KeyAct.FLAG


@pytest.mark.parametrize("entered", ["é", "+", "0", "ß", "ж", "*"])
def test_letters_and_signs_of_any_keyboard_are_keys(entered):
    assert read_keys({"flag": entered})[KeyAct.FLAG] == entered


def test_a_clash_names_the_key_and_both_acts():
    with pytest.raises(KeyClashError, match="The key s cannot do two things: skip and flag") as it:
        read_keys({"flag": "S"})

    assert (it.value.key, it.value.first, it.value.second) == ("s", KeyAct.SKIP, KeyAct.FLAG)


def test_two_acts_may_change_places():
    keys = read_keys({"flag": "s", "skip": "f"})

    assert (keys[KeyAct.FLAG], keys[KeyAct.SKIP]) == ("s", "f")


def test_an_act_that_came_later_takes_no_key_that_a_person_has_chosen():
    keys = keys_of({"keys": {"skip": "h", "gone": "q"}})

    assert keys[KeyAct.SKIP] == "h"
    assert keys[KeyAct.RECENT] == ""
    assert keys[KeyAct.UNDO] == "u"


@pytest.mark.parametrize("stored", [None, "s", [], {"skip": None}, {"skip": ["x"]}], ids=str)
def test_what_is_stored_and_no_key_leaves_the_first_ones(stored):
    assert keys_of({"keys": stored}) == DEFAULT_KEYS
