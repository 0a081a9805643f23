"""What a filter of the products page means in SQL: sets of ids, all of which a product is in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from webapp.domain.catalogue import Catalogue
from webapp.domain.product_search import ProductFilter
from webapp.domain.review import DECIDING, ProductState
from webapp.storage.product_search_words import with_words
from webapp.storage.tables import (
    AcceptanceRow,
    AnnotationRow,
    CategoryRow,
    LabelRow,
    PredictionRow,
    ProductRow,
    QueueEntryRow,
    RoundRow,
)
from webapp.storage.tables.acceptance import AUDIT_STANDS
from webapp.storage.tables.catalogue import SUGGESTION_IS_HIDDEN

IS_HIDDEN = and_(  # the same rule as domain.product_search.hides_suggestion
    ProductRow.is_evaluation.is_(True), ProductRow.state != ProductState.LABELLED.value
)
# Sets stand in queries of the same tables, and must not be taken for a part of those.
_Label, _Prediction, _Product = aliased(LabelRow), aliased(PredictionRow), aliased(ProductRow)
Condition = ColumnElement[bool]
ProductId = ColumnElement[int]


@dataclass(frozen=True, slots=True)
class IdSet:
    """Some products of one catalogue, as a query whose only column is their ids."""

    ids: Select[int]
    can_look_up: bool = True  # whether one id is found by an index, without making the whole set

    @property
    def product_id(self) -> ProductId:
        """The column of the ids."""
        found: ProductId = self.ids.selected_columns[0]
        return found

    def holds(self, product_id: ProductId, *, one_by_one: bool) -> Condition:
        """Tell whether an id is in the set: looked up each time, or in the set made whole once."""
        if one_by_one and self.can_look_up:
            return self.ids.where(self.product_id == product_id).exists()
        return product_id.in_(self.ids)


def sets_of(session: Session, catalogue: Catalogue, only: ProductFilter) -> list[IdSet]:
    """Return in which sets a product has to be so that it matches; none where all match.

    That of the words comes first: it is the fastest to read from beginning to end.
    """
    found = []
    if only.words:
        words = with_words(session, catalogue_id=catalogue.id, words=only.words)
        found.append(IdSet(words, can_look_up=False))
    if only.asks_models:
        found.append(IdSet(_predicted(catalogue, only)))
    if only.asks_decisions:
        found.append(IdSet(_decided(catalogue, only), can_look_up=False))
    if only.label_id is not None:
        labels = select(_Label.product_id).where(
            _Label.catalogue_id == catalogue.id,
            _Label.category_id.in_(_below(catalogue, only.label_id)),
        )
        found.append(IdSet(labels))
    of_products = _conditions_on_products(catalogue, only)
    if of_products:
        products = select(_Product.id).where(_Product.catalogue_id == catalogue.id)
        found.append(IdSet(products.where(*of_products)))
    return found


def hidden_ids(catalogue: Catalogue) -> CompoundSelect[int]:
    """Select the products whose suggestion stays out of sight, by the partial indexes of them.

    They are those that measure models, accepted ones that wait for their audit, and those on a
    desk where its card may hide the suggestion.
    """
    hidden = aliased(ProductRow)
    measuring = select(hidden.id).where(hidden.catalogue_id == catalogue.id, SUGGESTION_IS_HIDDEN)
    return union_all(measuring, audited_ids(catalogue), lent_ids(catalogue))


def lent_ids(catalogue: Catalogue) -> Select[int]:
    """Select what people have on their desks, if cards hide or plant suggestions by chance.

    All of it: else a list would tell which of the cards do.
    """
    settings = catalogue.settings
    lent = aliased(QueueEntryRow)
    return select(lent.product_id).where(
        lent.leased_until.is_not(None),
        lent.catalogue_id == catalogue.id,
        literal(settings.hidden_share + settings.planted_share > 0),
    )


def audited_ids(catalogue: Catalogue) -> Select[int]:
    """Select the accepted products that were drawn for an audit which nobody has made yet."""
    accepted = aliased(ProductRow)
    return (
        select(AcceptanceRow.product_id)
        .join(accepted, accepted.id == AcceptanceRow.product_id)
        .where(
            AUDIT_STANDS,
            accepted.catalogue_id == catalogue.id,
            accepted.state == ProductState.ACCEPTED.value,
        )
    )


def _predicted(catalogue: Catalogue, only: ProductFilter) -> Select[int]:
    query = select(_Prediction.product_id).where(
        _Prediction.round_id == catalogue.live_round_id,
        _Prediction.product_id.not_in(hidden_ids(catalogue)),
    )
    if only.predicted_id is not None:
        query = query.where(_Prediction.category_id.in_(_below(catalogue, only.predicted_id)))
    if only.low is not None:
        query = query.where(_Prediction.probability >= only.low)
    if only.high is not None:
        query = query.where(_Prediction.probability <= only.high)
    return query.where(_Prediction.is_conflict) if only.disagrees else query


def _decided(catalogue: Catalogue, only: ProductFilter) -> Select[int]:
    undoing = aliased(AnnotationRow)  # few acts are undone: their ids are found once
    query = select(AnnotationRow.product_id).where(
        AnnotationRow.catalogue_id == catalogue.id,
        AnnotationRow.verdict.in_([verdict.value for verdict in DECIDING]),
        AnnotationRow.id.not_in(select(undoing.undoes_id).where(undoing.undoes_id.is_not(None))),
    )
    if only.moderator_id is not None:
        query = query.where(AnnotationRow.user_id == only.moderator_id)
    if only.round_number is not None:
        of_number = select(RoundRow.id).where(
            RoundRow.catalogue_id == catalogue.id, RoundRow.number == only.round_number
        )
        query = query.where(AnnotationRow.shown_round_id.in_(of_number))
    if only.asked_because is not None:
        query = query.where(AnnotationRow.asked_because == only.asked_because.value)
    return query


def _conditions_on_products(catalogue: Catalogue, only: ProductFilter) -> list[Condition]:
    found: list[Condition] = []
    if only.state is not None:
        found.append(_Product.state == only.state.value)
    if only.source_id is not None:
        found.append(_Product.source_category_id.in_(_below(catalogue, only.source_id)))
    if only.group_number is not None:
        found.append(_Product.group_number == only.group_number)
    if only.has_look_alikes:
        found.append(_Product.group_number.is_not(None))
    if only.has_mixed_labels:
        member = aliased(ProductRow)
        mixed = (
            select(member.group_number)
            .join(_Label, _Label.product_id == member.id)
            .where(member.catalogue_id == catalogue.id, member.group_number.is_not(None))
            .group_by(member.group_number)
            .having(func.min(_Label.category_id) != func.max(_Label.category_id))
        )
        found.append(_Product.group_number.in_(mixed))
    return found


def _below(catalogue: Catalogue, category_id: int) -> Select[int]:
    """Select a category and all below it."""
    top = aliased(CategoryRow)
    return (
        select(CategoryRow.id)
        .join(top, top.catalogue_id == CategoryRow.catalogue_id)
        .where(
            top.id == category_id,
            top.catalogue_id == catalogue.id,
            or_(
                CategoryRow.id == top.id,
                CategoryRow.path.startswith(top.path + " > "),
            ),
        )
    )
