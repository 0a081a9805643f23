"""What is shown of one product: all that happened to it, and its neighbours in a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import NotFoundError
from webapp.domain.product_history import (
    AlikeProduct,
    PastVersion,
    ProductStory,
    standing_flag,
    why_hidden,
)
from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import hides_answers
from webapp.storage import catalogues, product_history, product_search, products
from webapp.storage.database import Session

N_LOOK_ALIKES = 12


def tell_story(
    session: Session, *, catalogue: Catalogue, product_id: int, user_id: int, now: datetime
) -> ProductStory:
    """Return one product of the catalogue and all that happened to it, as a person may see it."""
    product = products.get(session, product_id=product_id)
    if product.catalogue_id != catalogue.id:
        raise NotFoundError("There is no such product.")
    acceptances = product_history.list_acceptances(session, product_id=product_id)
    because = why_hidden(
        product,
        acceptances,
        is_at_the_desk=product_history.is_lent_to(
            session, product_id=product_id, user_id=user_id, now=now
        ),
    )
    annotations = product_history.list_annotations(session, product_id=product_id)
    are_answers_hidden = hides_answers(
        [past.annotation for past in annotations], user_id=user_id, state=product.state
    )
    if are_answers_hidden:
        annotations = [past for past in annotations if past.annotation.user_id == user_id]
    versions = product_history.list_versions(session, product_id=product_id)
    predictions = product_history.list_predictions(session, product_id=product_id)
    group_number, look_alikes = _look_alikes(session, catalogue, product_id)
    if because is not None:
        product = replace(product, source_path="", source_category_id=None)
        versions = [_without_source(version) for version in versions]
        predictions, acceptances = [], []
    if because is not None or are_answers_hidden:
        look_alikes = [replace(alike, label_id=None) for alike in look_alikes]
    story = ProductStory(
        product=product,
        hidden_because=because,
        are_answers_hidden=are_answers_hidden,
        label_id=product_history.find_label_id(session, product_id=product_id),
        live=next((past for past in predictions if past.is_live), None),
        flag=standing_flag(annotations, state=product.state),
        annotations=tuple(annotations),
        versions=tuple(versions),
        predictions=tuple(predictions),
        acceptances=tuple(acceptances),
        group_number=group_number,
        look_alikes=tuple(look_alikes),
        paths={},
    )
    paths = catalogues.find_paths(session, category_ids=_named(story))
    return replace(story, paths=paths)


def find_beside(
    session: Session,
    *,
    catalogue: Catalogue,
    only: ProductFilter,
    order: ProductOrder,
    product_id: int,
) -> tuple[int | None, int | None]:
    """Return the products before and after one in a list, None at its ends."""
    before = product_search.list_page(
        session, catalogue=catalogue, only=only, order=order, before=product_id, length=1
    )
    after = product_search.list_page(
        session, catalogue=catalogue, only=only, order=order, after=product_id, length=1
    )
    return (
        before.rows[-1].id if before.rows else None,
        after.rows[0].id if after.rows else None,
    )


def _look_alikes(
    session: Session, catalogue: Catalogue, product_id: int
) -> tuple[int | None, list[AlikeProduct]]:
    number = product_history.find_group_number(session, product_id=product_id)
    if number is None:
        return None, []
    found = product_history.list_look_alikes(
        session,
        catalogue_id=catalogue.id,
        group_number=number,
        besides_id=product_id,
        n=N_LOOK_ALIKES,
    )
    return (number if found else None), found


def _named(story: ProductStory) -> set[int]:
    """Return every category that the page names."""
    acts = [past.annotation for past in story.annotations]
    predictions = [past.prediction for past in story.predictions]
    rankings = [ranking for each in predictions for ranking in (each.fused, each.text, each.image)]
    ids = [
        story.label_id,
        *(act.category_id for act in acts),
        *(act.shown_category_id for act in acts),
        *(ranked.category_id for ranking in rankings for ranked in ranking or ()),
        *(past.category_id for past in story.acceptances),
        *(alike.label_id for alike in story.look_alikes),
    ]
    return {each for each in ids if each is not None}


def _without_source(version: PastVersion) -> PastVersion:
    changes = tuple(change for change in version.changes if change.field != "source_path")
    return replace(version, changes=changes)
