"""What the keys of the desk do, in words, and how a key is written for people and for readers."""

from __future__ import annotations

from flask_babel import gettext

from webapp.domain.errors import InvalidInputError
from webapp.domain.keys import ENTER, Act, KeyClashError, UnusableKeyError


def act_names() -> dict[Act, str]:
    """Return what each act is called, in the order in which they are listed."""
    return {
        Act.CONFIRM: gettext("confirm the suggestion"),
        Act.SEARCH: gettext("search all categories"),
        Act.SKIP: gettext("skip: it comes again at the end"),
        Act.FLAG: gettext("flag with a note: something is wrong with the product"),
        Act.UNDO: gettext("take the last decision back"),
        Act.RECENT: gettext("show my last decisions, to take one of them back"),
        Act.LOOK_ALIKES: gettext("tick all look-alikes, or none"),
        Act.ZOOM: gettext("enlarge the image"),
        Act.PHOTO: gettext("next image"),
        Act.REGION: gettext("show what in the image the network goes by"),
        Act.GUIDANCE: gettext("what belongs in the suggested category"),
        Act.KEYS: gettext("show these keys"),
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
