"""Names of states, verdicts and reasons, as people read them."""

from __future__ import annotations

from flask_babel import gettext

from webapp.domain.product_history import HiddenBecause
from webapp.domain.product_search import ProductOrder
from webapp.domain.review import AskedBecause, ProductState, Verdict


def state_name(state: ProductState) -> str:
    """Return what a state is called."""
    names = {
        ProductState.OPEN: gettext("open"),
        ProductState.LABELLED: gettext("labelled"),
        ProductState.FLAGGED: gettext("flagged"),
        ProductState.ACCEPTED: gettext("accepted automatically"),
        ProductState.DISPUTED: gettext("disputed"),
    }
    return str(names[state])


def verdict_name(verdict: Verdict) -> str:
    """Return what somebody did."""
    names = {
        Verdict.CONFIRMED: gettext("confirmed"),
        Verdict.CORRECTED: gettext("corrected"),
        Verdict.SKIPPED: gettext("skipped"),
        Verdict.FLAGGED: gettext("flagged"),
        Verdict.UNDONE: gettext("undone"),
    }
    return str(names[verdict])


def reason_name(reason: AskedBecause) -> str:
    """Return why somebody was asked, in few words."""
    names = {
        AskedBecause.UNCERTAIN: gettext("the prediction was uncertain"),
        AskedBecause.EVALUATION: gettext("part of the evaluation set, suggestion hidden"),
        AskedBecause.RANDOM: gettext("drawn at random"),
        AskedBecause.NEW: gettext("new in the catalogue"),
        AskedBecause.SKIPPED: gettext("skipped before"),
        AskedBecause.CHOSEN: gettext("opened from the products page"),
        AskedBecause.CONFLICT: gettext("text and image disagreed"),
        AskedBecause.SUSPECT: gettext("the recorded category looked wrong"),
        AskedBecause.TYPICAL: gettext("typical of many others"),
        AskedBecause.AUDIT: gettext("accepted automatically, checked at random"),
        AskedBecause.LOOK_ALIKE: gettext("decided together with a look-alike"),
        AskedBecause.SECOND: gettext("a second opinion was wanted"),
        AskedBecause.ADJUDICATION: gettext("people had decided differently"),
    }
    return str(names[reason])


def hidden_sentence(because: HiddenBecause) -> str:
    """Return why the page of a product does not tell what models and the seller say."""
    sentences = {
        HiddenBecause.EVALUATION: gettext(
            "This product belongs to the evaluation set. What the models and the seller say stays "
            "hidden until it is decided, so that nobody is led."
        ),
        HiddenBecause.AUDIT: gettext(
            "This product was drawn to check automatic acceptance. What the models and the seller "
            "say stays hidden until it is decided, so that nobody is led."
        ),
        HiddenBecause.AT_THE_DESK: gettext(
            "This product is at your desk now. Its card shows what there is to show."
        ),
    }
    return str(sentences[because])


def order_name(order: ProductOrder) -> str:
    """Return what an order of the products page is called."""
    names = {
        ProductOrder.RELEVANCE: gettext("best match"),
        ProductOrder.IMPORTED: gettext("as imported"),
        ProductOrder.NAME: gettext("by name"),
        ProductOrder.UNSURE: gettext("least sure first"),
        ProductOrder.NEWEST: gettext("newest label first"),
        ProductOrder.ODD: gettext("oddest label first"),
    }
    return str(names[order])


def field_name(field: str) -> str:
    """Return what a field of a product is called; one that has no name keeps its own."""
    names = {
        "name": gettext("name"),
        "description": gettext("description"),
        "specifications": gettext("specifications"),
        "brand": gettext("brand"),
        "price": gettext("price"),
        "source_path": gettext("source category"),
        "images": gettext("images"),
    }
    return str(names.get(field, field))
