"""The JSON API: claim the next product, send a decision. Bearer tokens only, never cookies."""

from __future__ import annotations

import json
from typing import Any, cast

from apiflask import APIBlueprint, HTTPError, HTTPTokenAuth
from flask import Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.domain.accounts import Permission, User
from webapp.domain.catalogue import Catalogue
from webapp.domain.errors import ForbiddenError, InvalidInputError
from webapp.domain.review import Verdict
from webapp.services import accounts, ordering, review
from webapp.storage import catalogues, choosable_categories
from webapp.storage.database import Session
from webapp.views import api_schemas as schemas
from webapp.views.api_answers import claim_answer, decision_answer
from webapp.views.context import config, database, now, queue

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Review")
bearer = HTTPTokenAuth(description="A token of `shelfwise user token EMAIL`.")
_REFUSALS = {
    401: "The token is missing, unknown or revoked.",
    403: "The role of the person does not allow this.",
    404: "There is no such catalogue or product.",
}
_MAX_BODY_BYTES = 1_000_000  # a decision is small; only files are large, and none comes here


@blueprint.before_request
def refuse_unreadable() -> None:
    """Refuse JSON on which the library that reads the fields, or the database, would break.

    These are thousands of levels, integers of thousands of digits and halves of surrogate pairs.
    """
    request.max_content_length = _MAX_BODY_BYTES
    body = request.get_data() if request.is_json else b""
    try:
        json.dumps(json.loads(body or b"null"), ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise HTTPError(400) from error


@bearer.verify_token  # type: ignore[untyped-decorator]
def find_person(token: str) -> User | None:
    """Return the person of a token."""
    with database().read() as session:
        return accounts.find_user_by_token(session, token=token) if token else None


@bearer.error_processor
def refuse_token(_error: HTTPError) -> tuple[Response, int]:
    """Say how to sign in; the library adds the header that names the scheme."""
    words = gettext("Send a valid API token in the header Authorization: Bearer TOKEN.")
    return jsonify(error="UnauthorizedError", message=words), 401


@blueprint.errorhandler(HTTPError)
def refuse_input(error: HTTPError) -> ResponseReturnValue:
    """Name every field that cannot be used, and why."""
    fields = _reasons(error.detail)
    words = " ".join(f"{name}: {' '.join(reasons)}" for name, reasons in fields.items())
    message = words or gettext("The request cannot be understood.")
    return jsonify(error="InvalidInputError", message=message, fields=fields), error.status_code


@blueprint.get("/catalogues/<slug>/categories")
@blueprint.auth_required(bearer)
@blueprint.output(schemas.CategoryAnswer(many=True))
@blueprint.doc(summary="List the categories that products can get", responses=_REFUSALS)
def list_categories(slug: str) -> list[dict[str, Any]]:
    """List the categories that products can get."""
    with database().read() as session:
        catalogue = catalogues.get(session, slug=slug)
        paths = choosable_categories.list_paths(session, catalogue=catalogue)
    return [{"id": category_id, "path": path} for category_id, path in paths]


@blueprint.post("/catalogues/<slug>/claims")
@blueprint.auth_required(bearer)
@blueprint.output(schemas.ClaimAnswer, description="The next product, lent to you.")
@blueprint.doc(
    summary="Claim the next product",
    responses={**_REFUSALS, 204: "Nothing is left to decide."},
)
def claim(slug: str) -> ResponseReturnValue:
    """Lend the next product to the person of the token. The body is empty."""
    user = _moderator()
    with database().begin() as session:
        catalogue = catalogues.get(session, slug=slug)
        cards = review.claim(
            session,
            catalogue=catalogue,
            user_id=user.id,
            now=now(),
            lease_s=config().lease_s,
        )
    if not cards:
        return make_response("", 204)
    return claim_answer(slug, cards[0])


@blueprint.post("/catalogues/<slug>/annotations")
@blueprint.auth_required(bearer)
@blueprint.input(schemas.AnnotationRequest, arg_name="sent")
@blueprint.output(schemas.AnnotationAnswer, status_code=201, description="It is on disk.")
@blueprint.doc(
    summary="Send a decision",
    responses={
        **_REFUSALS,
        200: "The same key was sent before: that decision stands.",
        409: "The product was decided meanwhile, or is lent to somebody else.",
    },
)
def annotate(slug: str, sent: dict[str, Any]) -> ResponseReturnValue:
    """Record a decision on a product that was claimed."""
    user = _moderator()
    with database().begin() as session:
        moment = now()
        catalogue = catalogues.get(session, slug=slug)
        decision = review.decide_together(
            session,
            catalogue=catalogue,
            product_id=sent["product_id"],
            user_id=user.id,
            lease=sent["lease"],
            verdict=Verdict(sent["verdict"]),
            category_id=_category_id(session, catalogue, sent["category"]),
            note=sent["note"],
            idempotency_key=sent["idempotency_key"],
            took_ms=sent["took_ms"],
            now=moment,
            look_alike_ids=sent["look_alikes"],
        )
        following = ordering.request_order(
            session, catalogue_id=catalogue.id, act_ids=decision.act_ids, now=moment
        )
    if following is not None:
        queue().send(following)
    is_new = decision.annotation.created_at == moment  # else the key was sent before
    return decision_answer(decision), 201 if is_new else 200


def _moderator() -> User:
    user = cast(User, bearer.current_user)
    if not user.may(Permission.REVIEW):
        raise ForbiddenError("Your role does not allow this. An admin can change it.")
    return user


def _category_id(session: Session, catalogue: Catalogue, given: Any) -> int | None:
    """Return the category that an id or a path names."""
    if given is None:
        return None
    if type(given) is int:
        return given if 0 < given <= schemas.MAX_ID else 0  # which no category has
    category = catalogues.find_category(session, catalogue=catalogue, path=str(given))
    if category is None:
        raise InvalidInputError("category: there is none called %(path)s.", path=given)
    return category.id


def _reasons(detail: Any) -> dict[str, list[str]]:
    """Return the reasons by field, of what the library found in the body."""
    body = detail.get("json", {}) if isinstance(detail, dict) else {}
    return {
        str(name).lstrip("_"): [str(reason) for reason in reasons]
        for name, found in body.items()
        if isinstance(reasons := _of_any_entry(found), list)
    }


def _of_any_entry(found: Any) -> Any:
    """Return the reasons of a list that has some by entry, those of its first bad one."""
    return next(iter(found.values()), None) if isinstance(found, dict) else found
