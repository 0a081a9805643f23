"""No page tells what it keeps back: it is the same whatever that is."""

import re

import pytest
from sqlalchemy import select, text, update

from tests import factories
from webapp.storage.tables import AnnotationRow, BulkActRow, CategoryRow, PredictionRow, ProductRow

SHOP = "/c/shop"
LISTS = (
    "",
    "view=table",
    "low=0.5",
    "high=0.5",
    "sort=unsure",
    "sort=newest",
    "sort=odd",
    "state=open",
    "moderator=1",
    "alike=1",
    "mixed=1",
    "act=1",
)
OTHERS = ("groups", "adjudication", "team", "team/gold", "suspects", "guidance", "review/recent")
_FREEZING = {"sqlite": "annotation_no_update", "postgresql": "annotation_no_change ON annotation"}
_DIFFERS_ANYWAY = re.compile(
    r'"X-CSRFToken": "[^"]*"|name="(csrf_token|idempotency_key)" value="[^"]*"'
)


@pytest.fixture
def mugs(database, alice):
    """Three look-alikes that two people decide, the last one measures models."""
    with database.begin() as session:
        shop = factories.make_catalogue(session, people_per_product=2)
        found = [
            factories.make_product(session, shop, group_number=1, is_evaluation=is_evaluation)
            for is_evaluation in (False, False, True)
        ]
        says = {"Kitchen": 0.6, "Watches": 0.3, "Computers": 0.1}
        factories.make_round(session, shop, dict.fromkeys(found, says))
    return found


@pytest.fixture
def categories(database, mugs):
    with database.read() as session:
        return session.scalars(select(CategoryRow.id).order_by(CategoryRow.id)).all()


@pytest.fixture
def read_all(sign_in, bob, mugs, categories):
    """Return a function that reads what bob, who has decided nothing, can read."""
    client = sign_in(bob)
    lists = [*LISTS, *(f"{what}={key}" for what in ("predicted", "label") for key in categories)]
    addresses = [
        *(f"{SHOP}/products?{query}" for query in lists),
        *(f"{SHOP}/products/{mug}?{query}" for mug in mugs for query in ("", "sort=unsure")),
        *(f"{SHOP}/guidance/{key}" for key in categories),
        *(f"{SHOP}/{page}" for page in OTHERS),
    ]

    def read():
        return {each: _DIFFERS_ANYWAY.sub("", client.get(each).text) for each in addresses}

    return read


def test_what_models_say_of_a_product_that_measures_them(database, mugs, categories, read_all):
    before = read_all()
    with database.begin() as session:
        other = [[categories[0], 0.9], [categories[2], 0.1]]
        session.execute(
            update(PredictionRow)
            .where(PredictionRow.product_id == mugs[-1])
            .values(category_id=categories[0], probability=0.9, fused=other, text=other)
        )

    assert read_all() == before


@pytest.mark.parametrize("is_one_act_of_many", [True, False])
def test_what_others_have_answered(
    database, client, mugs, categories, read_all, is_one_act_of_many
):
    form = {"category": categories[0], "idempotency_key": "one"}
    if is_one_act_of_many:
        answer = client.post(f"{SHOP}/bulk/decide", data=form | {"product": mugs[:2]})
    else:
        answer = client.post(f"{SHOP}/products/{mugs[0]}/decide", data=form)
    before = read_all()
    with database.begin() as session:
        session.execute(text(f"DROP TRIGGER {_FREEZING[database.engine.dialect.name]}"))
        for rows in (AnnotationRow, BulkActRow):
            session.execute(update(rows).values(category_id=categories[1]))

    assert answer.status_code == 303
    assert read_all() == before
    with database.read() as session:
        assert set(session.scalars(select(ProductRow.state))) == {"open"}
