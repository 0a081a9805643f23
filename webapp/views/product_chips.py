"""The filters that are on, in words, each with the address of the list without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for
from flask_babel import format_percent, gettext

from webapp.domain.product_search import ProductFilter
from webapp.views import wording


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is on."""

    text: str
    address: str


def chips_of(
    only: ProductFilter,
    asked: Mapping[str, str],
    *,
    slug: str,
    paths: Mapping[int, str],
    people: Mapping[int, str],
) -> list[Chip]:
    """Return a chip for each filter of a list.

    Parameters
    ----------
    asked
        The address of the list, by parameter; each chip leaves one out.
    paths, people
        Names by id.
    """
    whole = url_for("products.page", slug=slug)
    chips = []
    for name, text in _texts(only, paths, people):
        query = urlencode({key: value for key, value in asked.items() if key != name})
        chips.append(Chip(text, f"{whole}?{query}" if query else whole))
    return chips


def _texts(
    only: ProductFilter, paths: Mapping[int, str], people: Mapping[int, str]
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if only.words:
        found.append(("q", gettext("with “%(words)s”", words=only.words)))
    if only.state is not None:
        found.append(("state", wording.state_name(only.state)))
    if only.label_id is not None:
        name = paths.get(only.label_id, "?")
        found.append(("label", gettext("labelled %(category)s", category=name)))
    if only.source_id is not None:
        name = paths.get(only.source_id, "?")
        found.append(("source", gettext("seller says %(category)s", category=name)))
    if only.predicted_id is not None:
        name = paths.get(only.predicted_id, "?")
        found.append(("predicted", gettext("predicted %(category)s", category=name)))
    return found + _more_texts(only, people)


def _more_texts(only: ProductFilter, people: Mapping[int, str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if only.low is not None:
        found.append(("low", gettext("at least %(share)s sure", share=format_percent(only.low))))
    if only.high is not None:
        found.append(("high", gettext("at most %(share)s sure", share=format_percent(only.high))))
    if only.disagrees:
        found.append(("disagree", gettext("text and image disagree")))
    if only.moderator_id is not None:
        name = people.get(only.moderator_id, "?")
        found.append(("moderator", gettext("decided by %(name)s", name=name)))
    if only.round_number is not None:
        found.append(("round", gettext("asked by round %(number)s", number=only.round_number)))
    if only.asked_because is not None:
        found.append(("because", wording.reason_name(only.asked_because)))
    if only.group_number is not None:
        found.append(("group", gettext("one group of look-alikes")))
    if only.has_look_alikes:
        found.append(("alike", gettext("has look-alikes")))
    if only.has_mixed_labels:
        found.append(("mixed", gettext("look-alikes have different labels")))
    return found
