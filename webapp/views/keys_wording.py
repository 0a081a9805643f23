"""What the keys of the desk do, in words, and how a key is written for people and for readers."""

from __future__ import annotations

from flask_babel import gettext

from webapp.domain.errors import InvalidInputError
from webapp.domain.keys import ENTER, KeyAct, KeyClashError, UnusableKeyError


def act_names() -> dict[KeyAct, str]:
    """Return what each act is called, in the order in which they are listed."""
    return {
        KeyAct.CONFIRM: gettext("confirm the suggestion"),
        KeyAct.SEARCH: gettext("search all categories"),
        KeyAct.SKIP: gettext("skip: it comes again at the end"),
        KeyAct.FLAG: gettext("flag with a note: something is wrong with the product"),
        KeyAct.UNDO: gettext("take the last decision back"),
        KeyAct.RECENT: gettext("show my last decisions, to take one of them back"),
        KeyAct.LOOK_ALIKES: gettext("tick all look-alikes, or none"),
        KeyAct.ZOOM: gettext("enlarge the image"),
        KeyAct.PHOTO: gettext("next image"),
        KeyAct.REGION: gettext("show what in the image the network goes by"),
        KeyAct.GUIDANCE: gettext("what belongs in the suggested category"),
        KeyAct.KEYS: gettext("show these keys"),
    }


def key_name(key: str) -> str:
    """Return a key as people read it."""
    return str(gettext("Enter")) if key == ENTER else key


def shortcut(key: str) -> str:
    """Return a key as ``aria-keyshortcuts`` wants it, where a plus sign joins keys."""
    return "Plus" if key == "+" else key


def refusal(error: InvalidInputError) -> str:
    """Return why keys were refused; of a clash, both things that the key would do."""
    names = act_names()
    if isinstance(error, KeyClashError):
        return str(
            gettext(
                "The key %(key)s cannot do two things: “%(first)s” and “%(second)s”.",
                key=key_name(error.key),
                first=names[error.first],
                second=names[error.second],
            )
        )
    if isinstance(error, UnusableKeyError):
        return str(
            gettext(
                "“%(entered)s” cannot be the key of “%(act)s”: a key is one letter or sign, or "
                "Enter; not a blank, and none of 1 to 9.",
                entered=error.entered,
                act=names[error.act],
            )
        )
    return str(gettext(error.message, **error.values))
