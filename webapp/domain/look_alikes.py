"""Near-duplicates of a product, which one decision may take along, each with its own act."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.review import Annotation

AT_MOST = 24  # at a time: each costs the desk some milliseconds of writing


class NotTakenBecause(StrEnum):
    """Why a look-alike was not taken along."""

    HELD = "held"  # somebody else is deciding it now
    DECIDED = "decided"  # it has been decided meanwhile
    NOT_ALIKE = "not_alike"  # it is no look-alike any more, or evaluates models


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A look-alike that stays as it was, and why."""

    product_id: int
    name: str
    because: NotTakenBecause


@dataclass(frozen=True, slots=True)
class JointDecision:
    """One decision of a person: the act on the product that was asked, and on look-alikes."""

    annotation: Annotation
    taken_along: tuple[Annotation, ...] = ()
    left_out: tuple[NotTaken, ...] = ()

    @property
    def act_ids(self) -> tuple[int, ...]:
        """The ids of all its acts."""
        return (self.annotation.id, *(each.id for each in self.taken_along))


def key_of_look_alike(idempotency_key: str, product_id: int) -> str:
    """Return the key of the act on a look-alike: the same for the same first key and product."""
    return hashlib.sha256(f"{idempotency_key}\x00{product_id}".encode()).hexdigest()
