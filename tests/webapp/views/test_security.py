"""Rules that hold for every address: who may, forged forms, headers, inline code."""

from html.parser import HTMLParser

import pytest

from tests import factories
from webapp.domain.accounts import Permission, Role

OPEN = {"static", "health", "openapi.spec", "accounts.login", "accounts.choose_language"}
EVERYBODY = {
    "accounts.logout",
    "accounts.change_password",
    "catalogue.index",
    "dashboard.page",
    "guidance.page",
    "guidance.show",
    "groups.page",
    "images.show",
    "products.page",
    "product.show",
}
NEEDS = {
    Permission.REVIEW: {
        "adjudication.decide",
        "adjudication.page",
        "adjudication.undo",
        "bulk.decide",
        "bulk.undo",
        "categories.listing",
        "evidence.ask_region",
        "evidence.show_region",
        "keys.page",
        "keys.reset",
        "keys.save",
        "product.decide",
        "product.flag",
        "product.put_back",
        "product.restore",
        "recent_acts.page",
        "recent_acts.undo",
        "review.claims",
        "review.decide",
        "review.page",
        "review.renew",
        "suspects.decide",
        "suspects.page",
        "suspects.undo",
        "team.answer",
        "team.page",
        "team.question",
    },
    Permission.EXPORT: {"export.data", "export.manifest", "export.page"},
    Permission.MANAGE: {
        "acceptance.page",
        "acceptance.save",
        "accounts.people",
        "accounts.set_password",
        "accounts.switch",
        "guidance.edit",
        "guidance.restore",
        "guidance.save",
        "imports.preview",
        "imports.problems",
        "imports.progress",
        "imports.start",
        "imports.upload",
        "retraining.cancel",
        "retraining.page",
        "retraining.progress",
        "retraining.publish",
        "retraining.rounds_list",
        "retraining.score_baselines",
        "retraining.start",
        "settings.page",
        "settings.save",
        "settings.starts",
        "team.mark",
        "team.measure",
        "team.unmark",
    },
}


@pytest.fixture
def shop(database):
    """A catalogue with a product of id 1 and a live round of number 1."""
    with database.begin() as session:
        catalogue = factories.make_catalogue(session)
        product_id = factories.make_product(session, catalogue)
        factories.make_round(session, catalogue, {product_id: {"Kitchen": 0.9}})
    return catalogue


def addresses(app, method, leave_out=()):
    """Return every (endpoint, address) of the pages that answer to a method."""
    values = {
        "slug": "shop",
        "product_id": 1,
        "act_id": 1,
        "number": 1,
        "annotation_id": 1,
        "category_id": 1,
        "version_id": 1,
        "user_id": 1,
        "job_id": 1,
        "token": "x",
        "sha256": "a" * 64,
        "rendition": "thumb",
        "filename": "app.css",
        "version": "x",
    }
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        return [
            (
                rule.endpoint,
                adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}),
            )
            for rule in app.url_map.iter_rules()
            if method in rule.methods
            and not rule.rule.startswith("/api/")
            and rule.endpoint not in leave_out
        ]


def test_of_every_address_it_is_settled_who_may_use_it(app):
    settled = OPEN.union(EVERYBODY, *NEEDS.values())

    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert {name for name in endpoints if not name.startswith("api.")} == settled


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_visitor_is_sent_to_the_sign_in_page(app, alice, shop, method):
    client = app.test_client()

    for _, address in addresses(app, method, leave_out=OPEN):
        answer = client.open(address, method=method)

        assert answer.status_code == 303, address
        assert answer.location.startswith("/login?next="), address


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_role_gets_what_it_may_and_nothing_else(app, sign_in, database, shop, role, method):
    with database.begin() as session:
        factories.make_user(session, name="boss", role=Role.ADMIN)
        user = factories.make_user(session, name="somebody", role=role)
    refused = {
        endpoint
        for permission, endpoints in NEEDS.items()
        if not user.may(permission)
        for endpoint in endpoints
    }

    for endpoint, address in addresses(app, method, leave_out={"accounts.logout"}):
        with sign_in(user).open(address, method=method) as answer:
            status = answer.status_code

        assert status < 500, address
        assert (status == 403) == (endpoint in refused), address


def test_a_forged_form_is_refused_everywhere(app, admin_client, shop):
    app.config["WTF_CSRF_ENABLED"] = True

    for endpoint, address in addresses(app, "POST", leave_out={"accounts.login"}):
        answer = admin_client.post(address, data={"csrf_token": "forged"})

        assert answer.status_code == 400, endpoint
        assert "too old to be trusted" in answer.text, endpoint
    assert admin_client.get("/").status_code == 200  # not even signed out


def test_a_forged_sign_in_is_refused(app, alice):
    app.config["WTF_CSRF_ENABLED"] = True

    answer = app.test_client().post(
        "/login", data={"email": alice.email, "password": factories.PASSWORD}
    )

    assert answer.status_code == 400


class Inline(HTMLParser):
    """Collects what a strict content security policy would refuse."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = {name for name, _ in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [
            value for _, value in attrs if (value or "").lower().startswith("javascript:")
        ]


def test_every_answer_has_the_headers_and_no_page_anything_inline(app, admin_client, shop):
    n_pages = 0
    for endpoint, address in [*addresses(app, "GET"), ("none", "/nothing/here")]:
        with admin_client.get(address) as answer:
            text = answer.text

        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-" not in policy, endpoint
        assert "default-src 'none'" in policy, endpoint
        assert "frame-ancestors 'none'" in policy, endpoint
        assert answer.headers["X-Content-Type-Options"] == "nosniff", endpoint
        assert answer.headers["Referrer-Policy"] == "same-origin", endpoint
        if answer.mimetype == "text/html":
            page = Inline()
            page.feed(text)
            assert page.found == [], endpoint
            assert answer.headers["Cache-Control"] == "no-store", endpoint
            n_pages += 1
    assert n_pages > 10


def test_static_files_may_be_kept_for_a_year_since_their_address_changes(client):
    page = client.get("/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]

    with client.get(address) as answer:
        kept = answer.headers["Cache-Control"]

    assert "?v=" in address
    assert "max-age=31536000" in kept
