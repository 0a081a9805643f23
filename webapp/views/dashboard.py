"""The dashboard: how good the model is, how far labelling is, what is mixed up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.dashboard import Dashboard, RoundQuality
from webapp.domain.figures import Figure
from webapp.domain.labelling_worth import CurvePoint
from webapp.services import dashboard
from webapp.storage import catalogues, statistics
from webapp.views.context import database, fragment, now, wants_fragment
from webapp.views.settings_wording import baseline_names

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/c/<slug>/dashboard")
def page(slug: str) -> ResponseReturnValue:
    """Show the figures; htmx gets them again once another round is finished or live."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        newest = statistics.find_newest_round_id(session, catalogue_id=catalogue.id)
        scored = statistics.find_newest_baselines_id(session, catalogue_id=catalogue.id)
        seen = f"{newest or 0}-{catalogue.live_round_id or 0}-{scored or 0}"
        if wants_fragment() and request.args.get("seen") == seen:
            return "", 204
        figures = dashboard.look(session, catalogue=catalogue, now=now())
    values: dict[str, Any] = {
        "catalogue": catalogue,
        "dashboard": figures,
        "seen": seen,
        "chart": _chart(figures),
        "baseline_names": baseline_names(),
        "learning": _learning(figures),
    }
    if wants_fragment():
        return fragment("dashboard/page.html", "figures", **values)
    return render_template("dashboard/page.html", **values)


def _chart(figures: Dashboard) -> dict[str, Any]:
    """Return what the script draws, with its words in the language of the page."""
    return {
        "words": {
            "accuracy": gettext("Accuracy"),
            "ari": gettext("ARI"),
            "macro_f1": gettext("Macro-F1"),
            "n_labels": gettext("Labels"),
            "n_source_categories": gettext("Sellers' categories"),
            "round": gettext("Round"),
            "this_model": gettext("The round itself"),
            "provisional": gettext("provisional"),
            "interval": gettext("interval (95%)"),
        },
        "rounds": [_point(each) for each in figures.rounds],
        "baselines": [
            {"name": name, "title": baseline_names().get(name, name)} for name in figures.baselines
        ],
    }


def _learning(figures: Dashboard) -> dict[str, Any]:
    """Return the two learning curves, with their words in the language of the page."""
    worth = figures.worth
    return {
        "words": {
            "curve": gettext("All decisions, in their order"),
            "random_curve": gettext("Those drawn at random alone"),
            "labels": gettext("Labels"),
            "interval": gettext("interval (95%)"),
        },
        "curve": [_on_curve(point) for point in worth.curve] if worth else [],
        "random_curve": [_on_curve(point) for point in worth.random_curve] if worth else [],
    }


def _on_curve(point: CurvePoint) -> dict[str, Any]:
    return {"n_labels": point.n_labels, "ari": _interval(point.ari)}


def _point(quality: RoundQuality) -> dict[str, Any]:
    return {
        "number": quality.number,
        "isProvisional": quality.is_provisional,
        "n_labels": quality.n_labels,
        "n_source_categories": quality.n_source_categories,
        "accuracy": _interval(quality.accuracy),
        "ari": _interval(quality.ari),
        "macro_f1": _interval(quality.macro_f1),
        "baselines": {each.pipeline: _interval(each.ari) for each in quality.baselines},
    }


def _interval(figure: Figure | None) -> dict[str, float | None] | None:
    if figure is None:
        return None
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
