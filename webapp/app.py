"""The one place where the parts of the web side are joined."""

from __future__ import annotations

from apiflask import APIFlask
from flask import request, session
from flask_babel import Babel
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from webapp.config import PROJECT, Config
from webapp.storage.database import Database
from webapp.views import (
    acceptance,
    accounts,
    adjudication,
    api,
    bulk,
    catalogue,
    categories,
    dashboard,
    evidence,
    export,
    groups,
    guidance,
    images,
    imports,
    keys,
    product,
    products,
    recent_acts,
    retraining,
    review,
    settings,
    suspects,
    team,
)
from webapp.views.context import JobSender, StoredNumber
from webapp.views.errors import register_error_pages
from webapp.views.limits import limiter
from webapp.views.security import add_headers
from webapp.views.templating import register_template_helpers

_YEAR_S = 365 * 24 * 3600


def create_app(config: Config, *, queue: JobSender, database: Database | None = None) -> APIFlask:
    """Build the web application.

    Parameters
    ----------
    queue
        What carries job ids to a worker.
    database
        An open database; by default the one that the settings name.
    """
    app = APIFlask(
        "webapp",
        title="Shelfwise",
        docs_path=None,
        spec_path="/api/v1/openapi.json",
        json_errors=False,
        template_folder=str(PROJECT / "templates"),
        static_folder=str(PROJECT / "static"),
    )
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=config.max_upload_mb * 1_000_000,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_secure_cookie,
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR_S,
        WTF_CSRF_TIME_LIMIT=None,  # a desk stays open all day; the token lives with the session
        BABEL_TRANSLATION_DIRECTORIES=str(PROJECT / "webapp" / "translations"),
    )
    app.url_map.converters["int"] = StoredNumber
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["shelfwise_config"] = config
    app.extensions["shelfwise_database"] = database or Database(config.database_url)
    app.extensions["shelfwise_queue"] = queue

    Babel(app, locale_selector=_language)
    CSRFProtect(app).exempt(api.blueprint)  # it takes bearer tokens alone, never the cookie
    limiter.init_app(app)
    login = LoginManager(app)
    login.user_loader(accounts.load_session)
    login.request_loader(accounts.load_bearer)

    app.before_request(accounts.require_sign_in)
    app.after_request(add_headers)
    app.add_url_rule("/health", "health", app.doc(hide=True)(lambda: {"status": "ok"}))
    for blueprint in (
        accounts.blueprint,
        catalogue.blueprint,
        images.blueprint,
        imports.blueprint,
        api.blueprint,
        products.blueprint,
        product.blueprint,
        guidance.blueprint,
        review.blueprint,
        recent_acts.blueprint,
        evidence.blueprint,
        retraining.blueprint,
        dashboard.blueprint,
        export.blueprint,
        suspects.blueprint,
        adjudication.blueprint,
        team.blueprint,
        acceptance.blueprint,
        settings.blueprint,
        keys.blueprint,
        categories.blueprint,
        bulk.blueprint,
        groups.blueprint,
    ):
        app.register_blueprint(blueprint)
    register_error_pages(app)
    register_template_helpers(app)
    app.context_processor(
        lambda: {
            "person": accounts.person(),
            "languages": accounts.LANGUAGES,
            "language": _language(),
        }
    )
    return app


def _language() -> str:
    chosen = session.get("language")
    if chosen in accounts.LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(accounts.LANGUAGES)) or "en"
