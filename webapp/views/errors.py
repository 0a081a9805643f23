"""Turns refusals into answers: the only place that knows which error is which status."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp.domain import errors
from webapp.views.context import fragment, wants_fragment

_STATUSES: dict[type[errors.AppError], int] = {
    errors.NotFoundError: 404,
    errors.ForbiddenError: 403,
    errors.InvalidInputError: 422,
    errors.ConflictError: 409,
}


def status_of(error: errors.AppError) -> int:
    """Return the HTTP status of a refusal, by its most precise known kind."""
    return next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 422)


def register_error_pages(app: Flask) -> None:
    """Answer every error with a page, a fragment or JSON, as the request asks."""
    app.register_error_handler(errors.AppError, _refuse)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _mistake)


def _refuse(error: errors.AppError) -> ResponseReturnValue:
    words = gettext(error.message, **error.values) if error.values else gettext(error.message)
    return _answer(words, status_of(error), kind=type(error).__name__)


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return _answer(
        gettext("This page is too old to be trusted. Load it again and repeat your last step."), 400
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:  # a redirect, or an answer that is already made
        return error.response
    status = error.code or 500
    words = {
        404: gettext("There is nothing at this address."),
        405: gettext("This address cannot be used in that way."),
        413: gettext("The file is larger than this installation accepts."),
        429: gettext("Too many attempts. Wait a minute and try again."),
    }
    return _answer(words.get(status) or gettext("The request cannot be understood."), status)


def _mistake(error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("unexpected error", exc_info=error)
    return _answer(
        gettext("Something went wrong on our side. Nothing you entered before is lost."), 500
    )


def _answer(words: str, status: int, kind: str = "Error") -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        return jsonify(error=kind, message=words), status
    if wants_fragment():
        response = make_response(fragment("error.html", "notice", words=words), status)
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    return render_template("error.html", words=words, back=_page_before()), status


def _page_before() -> str | None:
    """Return the page of ours that led here, or None: what was entered there still stands."""
    came_from = urlsplit(request.referrer or "")
    is_ours = came_from.netloc == request.host and not came_from.path.startswith("//")
    if not is_ours or came_from.path == request.path:
        return None
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
