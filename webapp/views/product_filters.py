"""The filters of the products page as they stand in an address or in a form."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import AskedBecause, ProductState
from webapp.views.context import stored_number

_MAX_LENGTH = 200
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_filter(asked: MultiDict[str, str]) -> ProductFilter:
    """Return which products are asked for; a value that makes no sense filters nothing."""
    return ProductFilter(
        words=asked.get("q", "").strip()[:_MAX_LENGTH],
        state=_choice(ProductState, asked, "state"),
        label_id=_number(asked, "label") or _number(asked, "category"),
        source_id=_number(asked, "source"),
        predicted_id=_number(asked, "predicted"),
        low=_share(asked, "low"),
        high=_share(asked, "high"),
        disagrees=_is_on(asked, "disagree"),
        moderator_id=_number(asked, "moderator"),
        round_number=_number(asked, "round"),
        asked_because=_choice(AskedBecause, asked, "because"),
        group_number=_number(asked, "group", lowest=0),
        has_look_alikes=_is_on(asked, "alike"),
        has_mixed_labels=_is_on(asked, "mixed"),
    )


def read_order(asked: MultiDict[str, str]) -> ProductOrder:
    """Return the order that is asked for; with words and no other, the best match comes first."""
    order = _choice(ProductOrder, asked, "sort")
    if order is not None and order is not ProductOrder.RELEVANCE:
        return order
    return ProductOrder.RELEVANCE if asked.get("q", "").strip() else ProductOrder.IMPORTED


def read_product_id(asked: MultiDict[str, str], name: str) -> int | None:
    """Return at which product a page begins or ends, or None."""
    return _number(asked, name)


def write_filter(only: ProductFilter) -> dict[str, str]:
    """Return a filter as it stands in an address, without what filters nothing."""
    asked: dict[str, object] = {
        "q": only.words or None,
        "state": only.state,
        "label": only.label_id,
        "source": only.source_id,
        "predicted": only.predicted_id,
        "low": _percent(only.low),
        "high": _percent(only.high),
        "disagree": 1 if only.disagrees else None,
        "moderator": only.moderator_id,
        "round": only.round_number,
        "because": only.asked_because,
        "group": only.group_number,
        "alike": 1 if only.has_look_alikes else None,
        "mixed": 1 if only.has_mixed_labels else None,
    }
    return {name: str(value) for name, value in asked.items() if value is not None}


def _number(asked: MultiDict[str, str], name: str, *, lowest: int = 1) -> int | None:
    """Return an id; one that no database can hold is none."""
    number = asked.get(name, type=stored_number)
    return number if number is not None and number >= lowest else None


def _share(asked: MultiDict[str, str], name: str) -> float | None:
    """Return a probability, which people write in percent."""
    percent = asked.get(name, type=float)
    if percent is None or not math.isfinite(percent) or not 0 <= percent <= 100:
        return None
    return round(percent / 100, 10)  # 0.7 % is 0.007, as it was written


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.10g}"


def _is_on(asked: MultiDict[str, str], name: str) -> bool:
    return asked.get(name) == "1"


def _choice(kind: type[_Choice], asked: MultiDict[str, str], name: str) -> _Choice | None:
    """Return one of a list of words, or None where it is another."""
    found = asked.get(name, "")
    return kind(found) if found in {choice.value for choice in kind} else None
