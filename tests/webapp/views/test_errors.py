import pytest

from tests import factories
from webapp.domain import errors
from webapp.storage import catalogues
from webapp.views.errors import status_of


@pytest.fixture
def broken(monkeypatch):
    """Break the first page in a way that nobody foresaw."""

    def fail(*_args, **_kwargs):
        raise RuntimeError("the words of a programmer")

    monkeypatch.setattr(catalogues, "list_progress", fail)


@pytest.mark.parametrize(
    ("method", "address", "status", "words"),
    [
        ("GET", "/nothing/here", 404, "There is nothing at this address."),
        ("POST", "/", 405, "This address cannot be used in that way."),
        ("GET", "/c/nowhere/products", 404, "There is no catalogue called nowhere."),
    ],
)
def test_an_error_is_a_page_in_plain_words(client, method, address, status, words):
    answer = client.open(address, method=method)

    assert answer.status_code == status
    assert words in answer.text
    assert "<html" in answer.text
    assert "Traceback" not in answer.text


def test_a_mistake_of_ours_is_logged_and_never_shown(client, broken, caplog):
    answer = client.get("/")

    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text
    assert "programmer" not in answer.text
    assert "Traceback" not in answer.text
    assert "the words of a programmer" in caplog.text


def test_htmx_gets_the_words_for_the_place_of_notices(client, broken):
    answer = client.get("/", headers={"HX-Request": "true"})

    assert answer.status_code == 500
    assert "<html" not in answer.text
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#notice", "innerHTML")


def test_the_api_answers_in_json(client):
    answer = client.get("/api/v1/catalogues/x/claims")

    assert answer.status_code == 405
    assert answer.json["message"] == "This address cannot be used in that way."


def test_a_body_that_is_too_large_is_refused_in_words(app, admin_client):
    app.config["MAX_CONTENT_LENGTH"] = 10

    answer = admin_client.post("/admin/accounts", data={"name": "x" * 100})

    assert answer.status_code == 413
    assert "larger than this installation accepts" in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFoundError("x"), 404),
        (errors.ForbiddenError("x"), 403),
        (errors.InvalidInputError("x"), 422),
        (errors.AlreadyAnnotatedError("x"), 409),
        (errors.LeaseLostError("x"), 409),
    ],
)
def test_the_most_precise_error_settles_the_status(error, status):
    assert status_of(error) == status


def test_an_error_leads_back_to_the_page_of_ours_that_it_came_from(client):
    def page(came_from):
        return client.get("/nothing/here", headers={"Referer": came_from}).text

    assert 'href="/c/shop/export?format=csv"' in page("http://localhost/c/shop/export?format=csv")
    for other in ("http://elsewhere.example/c/shop", "http://localhost/nothing/here", ""):
        assert "Back to the page before" not in page(other)


def test_a_path_that_a_browser_reads_as_another_host_is_no_way_back(client):
    came_from = "http://localhost//elsewhere.example/page"

    page = client.get("/nothing/here", headers={"Referer": came_from}).text

    assert "elsewhere.example" not in page


TOO_LARGE = str(2**63)


@pytest.mark.parametrize(
    ("method", "address", "form", "status"),
    [
        ("GET", "/c/shop/review?product={}", {}, 200),
        ("GET", "/c/shop/products/{}", {}, 404),
        ("POST", "/c/shop/review/{}/decide", {"category_id": "1"}, 404),
        ("POST", "/c/shop/review/{product}/decide", {"category_id": "{}"}, 422),
        ("POST", "/c/shop/products/{product}/decide", {"category": "{}"}, 422),
        ("POST", "/c/shop/review/renew", {"product_id": "{}"}, 200),
        ("POST", "/c/shop/suspects/{product}/decide", {"answer": "take", "seen": "{}"}, 409),
        ("POST", "/c/shop/suspects/undo", {"annotation": "{}"}, 409),
    ],
)
def test_a_number_that_no_database_can_hold_is_no_mistake_of_ours(
    sign_in, database, alice, method, address, form, status
):
    with database.begin() as session:
        shop = factories.make_catalogue(session)
        product = factories.make_product(session, shop)
    fields = {name: value.format(TOO_LARGE) for name, value in form.items()}

    answer = sign_in(alice).open(
        address.format(TOO_LARGE, product=product),
        method=method,
        data={"idempotency_key": "k", **fields} if form else None,
    )

    assert answer.status_code == status
