"""Reasons that are stored as English sentences, in the language of the page.

A job, an import or a round keeps why something happened as one whole sentence, values included.
Here stand the forms of these sentences: the form that a sentence fits is translated, and the
values are put into the translation. A sentence that fits none stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from flask_babel import format_decimal, gettext


def N_(sentence: str) -> str:  # noqa: N802 - the name by which sentences are collected
    """Mark a sentence as one to translate."""
    return sentence


_WORKER = (
    N_(
        "The work was begun three times and its process ended each time, perhaps for want of "
        "memory. Look into the worker's log before you start it again."
    ),
    N_(
        "Something went wrong on our side. The worker's log says what; nothing was published or "
        "lost."
    ),
)
_IMPORTS = (
    N_("The file %(file)s cannot be read: %(reason)s."),
    N_("None of the %(n)s rows can be imported. The first is line %(line)s: %(reason)s."),
    N_(
        "The first line cannot be read. Expected is a CSV file in UTF-8 whose first line names the "
        "columns; found: %(found)s."
    ),
    N_("The first line names the column %(column)s twice."),
    N_("The archive holds %(n)s files; at most %(most)s are taken."),
    N_("The archive unpacks to more than %(most)s MB."),
    N_(
        "The catalogue %(name)s is decided at level %(level)s. Products that are to be decided at "
        "another level need a catalogue of their own."
    ),
)
_ROWS = (
    N_("the id is missing"),
    N_("name, description and image are all missing"),
    N_("line %(line)s has the same id"),
    N_("the row has %(n)s values and the header %(expected)s"),
    N_("the value is longer than %(most)s characters"),
    N_("a value is longer than %(most)s characters"),
    N_("a line is longer than %(most)s characters"),
    N_("the line is longer than %(most)s characters"),
    N_("the value holds a NUL character"),
    N_("the value is not UTF-8: save the file in this encoding"),
    N_("a text was expected, and a list or an object found"),
    N_("the file ends inside this value: it was cut off"),
    N_("the file ends inside a quoted value: it was cut off, or a quote is missing"),
    N_("a quoted value does not end"),
    N_("a quote is missing, or one inside a value is not doubled"),
    N_("the line is no JSON object"),
    N_("the line is no whole JSON object: %(what)s at character %(place)s"),
    N_("the line holds a number that is too long, or is nested too deep"),
    N_("%(reason)s (lines %(first)s to %(last)s)"),
)
_IMAGES = (
    N_("an address, not a file: addresses are not fetched"),
    N_("the name leads out of the folder of images"),
    N_("there is no such file in the folder of images"),
    N_("no folder of images was given"),
    N_("the image is cut off: the end of the file is missing"),
    N_("the image is animated: its first picture is used"),
    N_("the name does not say so, but the file is a %(format)s image: it is used"),
    N_("the file cannot be read: %(why)s"),
    N_("the file has %(size)s MB; at most %(most)s MB are read"),
    N_(
        "the image has %(width)s x %(height)s pixels, %(size)s megapixels; at most %(most)s are "
        "read from a %(format)s"
    ),
    N_(
        "the image has %(width)s x %(height)s pixels, %(size)s megapixels; at most %(most)s are "
        "read"
    ),
    N_("the image file is empty"),
    N_("the file is no JPEG, PNG, WebP or GIF image"),
    N_("the image file ends inside its header"),
    N_("the image has no pixels"),
    N_("the image holds %(kind)s pixels, which are not read"),
    N_("the %(format)s image is damaged or cut off"),
    N_("the JPEG image is damaged: a marker is missing"),
    N_("the JPEG image is damaged: it states no size"),
    N_("the WebP image is damaged: its first chunk is unknown"),
)
_ROUNDS = (
    N_("published: it is the first round"),
    N_("published: an admin chose this round"),
    N_(
        "published: nothing to compare, because round %(number)s has predicted no evaluation "
        "product that has a category"
    ),
    N_("%(reason)s; provisional: sellers' categories stood in for missing labels"),
    N_(
        "published: not shown to be worse than round %(number)s, with only %(n)s evaluation "
        "products to compare on"
    ),
    N_(
        "published: not worse than round %(number)s: no prediction differs on the same %(n)s "
        "evaluation products"
    ),
    N_(
        "published: not worse than round %(number)s on the same %(n)s evaluation products "
        "(accuracy %(points)s points, 95 %% interval %(low)s to %(high)s)"
    ),
    N_(
        "held: accuracy %(points)s points lower than round %(number)s on the same %(n)s "
        "evaluation products, more than chance explains (sign test, p = %(p)s)"
    ),
    N_(
        "held: accuracy %(points)s points lower than round %(number)s on the same %(n)s "
        "evaluation products (95 %% interval %(low)s to %(high)s)"
    ),
    N_(
        "held: accuracy %(points)s points (95 %% interval %(low)s to %(high)s) and ARI %(ari)s "
        "(%(ari_low)s to %(ari_high)s) lower than round %(number)s on the same %(n)s evaluation "
        "products"
    ),
    N_(
        "held: ARI %(ari)s lower than round %(number)s on the same %(n)s evaluation products "
        "(95 %% interval %(low)s to %(high)s)"
    ),
    N_("It cannot learn: %(reason)s."),
    N_("Something went wrong on our side; the worker's log says what."),
    N_(
        "Its process ended each time that it was scored, perhaps for want of memory; the worker's "
        "log says more."
    ),
    N_("%(n)s products that round %(number)s knew are gone."),
    N_(
        "%(folder)s does not tell what the round learned from: the model is gone, or an earlier "
        "version of Shelfwise wrote it. Train a new round."
    ),
    N_("%(file)s is damaged. Restore it from a backup, or train a new round."),
    N_("mean: only %(n)s products have both text and image"),
    N_("mean: out-of-fold log loss %(loss)s against %(other_loss)s of the logarithmic pool"),
    N_("logarithmic pool: out-of-fold log loss %(loss)s against %(other_loss)s of the mean"),
    N_("text alone: %(reason)s"),
    N_("image alone: %(reason)s"),
    N_("no product to learn from has any text"),
    N_("no product to learn from has an image"),
    N_("only %(n)s products to learn from have any text"),
    N_("only %(n)s products to learn from have an image"),
    N_("all products to learn from that have any text are in one category"),
    N_("all products to learn from that have an image are in one category"),
    N_("all products to learn from that have any text are near-duplicates of one another"),
    N_("all products to learn from that have an image are near-duplicates of one another"),
    N_("Neither branch can learn: %(reason)s, and %(other_reason)s. Import more products."),
    N_(
        "There are %(n)s products with a category to learn from, beside the evaluation set; a "
        "round needs at least %(least)s. Import or label more products."
    ),
    N_(
        "All products to learn from are in one category; a round needs at least two. Label "
        "products of other categories."
    ),
    N_("All products to learn from look like copies of one another; import other products."),
    N_("%(name)s cannot be the text branch of a round; there are: %(names)s"),
    N_("%(name)s cannot be the image branch of a round; there are: %(names)s"),
    N_(
        "The model in %(folder)s has format %(found)s; this version of Shelfwise reads "
        "%(expected)s. Train a new round."
    ),
    N_(
        "The model in %(folder)s is incomplete or damaged (%(why)s). Restore it from a backup, or "
        "train a new round."
    ),
    N_(
        "%(file)s has changed since the model was written. Restore it from a backup, or train a "
        "new round."
    ),
)
_WEIGHTS = (
    N_(
        "The image branch is the small CNN, trained from scratch and clearly weaker, because "
        "%(reason)s."
    ),
    N_(
        "no weights file is set and Keras's cache holds none of %(backbone)s; name a file "
        "(SHELFWISE_IMAGE_WEIGHTS), or let Keras download it once (shelfwise weights fetch)"
    ),
    N_(
        "the weights file %(file)s does not exist; expected is a file of the ImageNet weights of "
        "%(backbone)s without its top, such as Keras's own %(example)s"
    ),
    N_("keras.applications has no backbone %(backbone)s; it has: %(known)s"),
    N_(
        "the weights file %(file)s can't be read as %(backbone)s's: it is damaged or another "
        "network's; expected are its ImageNet weights without the top, in Keras's .h5 or "
        ".weights.h5 layout (%(why)s)"
    ),
    N_(
        "the model was trained with other weights of %(backbone)s than %(file)s holds; bring the "
        "former file back, or train again"
    ),
)
_NOTES = (N_("Restored what %(name)s decided on %(date)s."),)
FORMS = (*_WORKER, *_IMPORTS, *_ROWS, *_IMAGES, *_ROUNDS, *_WEIGHTS, *_NOTES)
_PLACE = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?")


def translated(sentence: str | None) -> str:
    """Return a stored sentence in the language of the page, or as it is where no form fits."""
    if not sentence:
        return ""
    found = form_of(sentence)
    if found is None:
        return str(gettext(sentence))
    form, texts = found
    return str(gettext(form, **{name: _value(name, text) for name, text in texts.items()}))


def form_of(sentence: str) -> tuple[str, dict[str, str]] | None:
    """Return the form that a stored sentence fits, and its values; None where there is none."""
    for form in FORMS:
        found = _pattern(form).fullmatch(sentence)
        if found is not None:
            return form, found.groupdict()
    return None


def _value(name: str, text: str) -> str:
    convert = _OF_VALUE.get(name)
    return convert(text) if convert is not None else text


def _number(text: str) -> str:
    """Write a number as the page's language does, with the decimals that it has."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    n_decimals = len(found[1] or ".") - 1
    pattern = "#,##0" + ("." + "0" * n_decimals if n_decimals else "")
    if text.startswith("+"):
        pattern = f"+{pattern};-{pattern}"
    return str(format_decimal(Decimal(text.replace(",", "")), pattern))


_OF_VALUE: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("n", "most", "least", "size", "loss", "other_loss"), _number),
    **dict.fromkeys(("points", "low", "high", "p", "ari", "ari_low", "ari_high"), _number),
    **dict.fromkeys(("reason", "other_reason"), translated),
}


@lru_cache(maxsize=256)
def _pattern(form: str) -> re.Pattern[str]:
    literals = _PLACE.split(form.replace("%%", "%"))
    parts = [f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(literals)]
    return re.compile("".join(parts), re.DOTALL)
