"""What follows from the annotations of products, written: their states and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, update
from sqlalchemy.orm import Session

from webapp.domain.review import Outcome, ProductState
from webapp.storage.tables import LabelRow, ProductRow

# Made once, and of tables in place of objects, as in ``storage.annotations``.
_PRODUCTS = cast(Table, ProductRow.__table__)
_LABELS = cast(Table, LabelRow.__table__)
_SET_STATE = (
    update(_PRODUCTS)
    .where(_PRODUCTS.c.id == bindparam("of_product"))
    .values(state=bindparam("new_state"))
)
_DELETE_LABEL = delete(_LABELS).where(_LABELS.c.product_id == bindparam("of_product"))
_ADD_LABEL = insert(_LABELS)


def write(
    session: Session,
    *,
    catalogue_id: int,
    product_id: int,
    outcome: Outcome,
    before: ProductState | None = None,
) -> None:
    """Write what follows from the annotations of a product: its state and its label.

    Parameters
    ----------
    before
        The state that is stored now, if the caller knows: only a labelled product has a label.
    """
    connection = session.connection()
    of_product = {"of_product": product_id}
    if before is not outcome.state:
        connection.execute(_SET_STATE, of_product | {"new_state": outcome.state.value})
    if before in {None, ProductState.LABELLED}:
        connection.execute(_DELETE_LABEL, of_product)
    if outcome.category_id is not None:
        connection.execute(_ADD_LABEL, _label(catalogue_id, product_id, outcome))


def write_many(session: Session, *, catalogue_id: int, outcomes: Mapping[int, Outcome]) -> None:
    """Write the same for several products, with few statements for all."""
    connection = session.connection()
    by_state: dict[ProductState, list[int]] = {}
    for product_id, outcome in outcomes.items():
        by_state.setdefault(outcome.state, []).append(product_id)
    for state, product_ids in by_state.items():
        connection.execute(
            update(_PRODUCTS).where(_PRODUCTS.c.id.in_(product_ids)).values(state=state.value)
        )
    connection.execute(delete(_LABELS).where(_LABELS.c.product_id.in_(outcomes)))
    labels = [
        _label(catalogue_id, product_id, outcome)
        for product_id, outcome in outcomes.items()
        if outcome.category_id is not None
    ]
    if labels:
        connection.execute(_ADD_LABEL, labels)


def _label(catalogue_id: int, product_id: int, outcome: Outcome) -> dict[str, int | None]:
    return {
        "product_id": product_id,
        "catalogue_id": catalogue_id,
        "category_id": outcome.category_id,
        "annotation_id": outcome.annotation_id,
    }
