"""The keys of the desk: which act each one does, and what a person may choose instead."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from webapp.domain.errors import InvalidInputError

ENTER = "Enter"
DIGITS = frozenset("123456789")  # they choose one of the likeliest, for everybody


class KeyAct(StrEnum):
    """What one key does at the desk."""

    CONFIRM = "confirm"
    SEARCH = "search"
    SKIP = "skip"
    FLAG = "flag"
    UNDO = "undo"
    RECENT = "recent"
    LOOK_ALIKES = "look_alikes"
    ZOOM = "zoom"
    PHOTO = "photo"
    REGION = "region"
    GUIDANCE = "guidance"
    KEYS = "keys"


DEFAULT_KEYS: Mapping[KeyAct, str] = {
    KeyAct.CONFIRM: ENTER,
    KeyAct.SEARCH: "/",
    KeyAct.SKIP: "s",
    KeyAct.FLAG: "f",
    KeyAct.UNDO: "u",
    KeyAct.RECENT: "h",
    KeyAct.LOOK_ALIKES: "a",
    KeyAct.ZOOM: "z",
    KeyAct.PHOTO: "n",
    KeyAct.REGION: "r",
    KeyAct.GUIDANCE: "g",
    KeyAct.KEYS: "?",
}


class UnusableKeyError(InvalidInputError):
    """What was entered for an act is no key that can be used."""

    def __init__(self, act: KeyAct, entered: str) -> None:
        super().__init__("A key is one letter or sign, or Enter; not a blank, and none of 1 to 9.")
        self.act = act
        self.entered = entered


class KeyClashError(InvalidInputError):
    """One key was entered for two acts."""

    def __init__(self, key: str, first: KeyAct, second: KeyAct) -> None:
        super().__init__(
            "The key %(key)s cannot do two things: %(first)s and %(second)s.",
            key=key,
            first=first.value,
            second=second.value,
        )
        self.key = key
        self.first = first
        self.second = second


def keys_of(preferences: Mapping[str, Any]) -> dict[KeyAct, str]:
    """Return a person's key for each act.

    An act that came after the person chose keeps its own key where that is free; otherwise it has
    none (an empty string) until the person gives it one.
    """
    stored = preferences.get("keys")
    chosen = {
        KeyAct(name): key
        for name, key in (stored.items() if isinstance(stored, Mapping) else ())
        if name in _NAMES and isinstance(key, str)
    }
    taken = set(chosen.values())
    return {
        act: chosen.get(act, "" if default in taken else default)
        for act, default in DEFAULT_KEYS.items()
    }


def read_keys(entered: Mapping[str, str]) -> dict[KeyAct, str]:
    """Read one key for each act, as a person entered them; what is not named keeps its default.

    Raises
    ------
    UnusableKeyError
        If something is no key.
    KeyClashError
        If a key stands for two acts.

    Examples
    --------
    >>> read_keys({"skip": "X"})[KeyAct.SKIP]
    'x'
    """
    keys: dict[KeyAct, str] = {}
    acts: dict[str, KeyAct] = {}
    for act, default in DEFAULT_KEYS.items():
        key = _read_key(act, entered.get(act.value, default))
        if key in acts:
            raise KeyClashError(key, acts[key], act)
        keys[act] = key
        acts[key] = act
    return keys


def _read_key(act: KeyAct, entered: str) -> str:
    """Return a key as browsers name it; capitals count as small letters: caps lock may be on."""
    key = entered.strip()
    if key.lower() == ENTER.lower():
        return ENTER
    if len(key) != 1 or not key.isprintable() or key in DIGITS:
        raise UnusableKeyError(act, entered)
    return key.lower() if len(key.lower()) == 1 else key


_NAMES = frozenset(act.value for act in KeyAct)
