import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, update

from tests import factories
from webapp.domain.product_search import ProductFilter, ProductOrder
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage import catalogues, product_search, queue
from webapp.storage.tables import (
    AcceptanceRow,
    ProductImageRow,
    ProductRow,
    QueueEntryRow,
)


@pytest.fixture
def session(database):
    with database.begin() as session:
        yield session


@pytest.fixture
def catalogue(session):
    return factories.make_catalogue(session)


def names(session, catalogue, only=None, **paging):
    page = product_search.list_page(
        session, catalogue=catalogue, only=only or ProductFilter(), **paging
    )
    return [row.name for row in page.rows]


def with_round(session, catalogue, predicted):
    factories.make_round(session, catalogue, predicted)
    return catalogues.get(session, slug=catalogue.slug)


def test_pages_follow_each_other_without_gap_or_repetition(session, catalogue):
    for name in ("e", "a", "c", "b", "d"):
        factories.make_product(session, catalogue, name=name)

    first = product_search.list_page(session, catalogue=catalogue, only=ProductFilter(), length=2)
    second = product_search.list_page(
        session, catalogue=catalogue, only=ProductFilter(), length=2, after=first.rows[-1].id
    )
    last = product_search.list_page(
        session, catalogue=catalogue, only=ProductFilter(), length=2, after=second.rows[-1].id
    )

    assert [[row.name for row in page.rows] for page in (first, second, last)] == [
        ["e", "a"],
        ["c", "b"],
        ["d"],
    ]
    assert [(page.has_previous, page.has_next) for page in (first, second, last)] == [
        (False, True),
        (True, True),
        (True, False),
    ]


def test_going_back_gives_the_page_that_came_before(session, catalogue):
    ids = [factories.make_product(session, catalogue, name=name) for name in "abcde"]

    page = product_search.list_page(
        session, catalogue=catalogue, only=ProductFilter(), length=2, before=ids[4]
    )
    first = product_search.list_page(
        session, catalogue=catalogue, only=ProductFilter(), length=2, before=ids[2]
    )

    assert [row.name for row in page.rows] == ["c", "d"]
    assert (page.has_previous, page.has_next) == (True, True)
    assert [row.name for row in first.rows] == ["a", "b"]
    assert (first.has_previous, first.has_next) == (False, True)


def test_products_of_the_same_name_keep_apart_when_sorted_by_name(session, catalogue):
    ids = [factories.make_product(session, catalogue, name="mug") for _ in range(3)]

    page = product_search.list_page(
        session,
        catalogue=catalogue,
        only=ProductFilter(),
        order=ProductOrder.NAME,
        after=ids[0],
        length=1,
    )

    assert [row.id for row in page.rows] == [ids[1]]


def test_a_page_after_a_product_that_is_not_there_is_the_first(session, catalogue):
    factories.make_product(session, catalogue, name="mug")

    page = product_search.list_page(
        session, catalogue=catalogue, only=ProductFilter(), after=999_999
    )

    assert [row.name for row in page.rows] == ["mug"]
    assert not page.has_previous


def test_other_catalogues_stay_out(session, catalogue):
    other = factories.make_catalogue(session, slug="other")
    factories.make_product(session, other, name="theirs")
    factories.make_product(session, catalogue, name="ours")

    assert names(session, catalogue) == ["ours"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("BLUE", ["Blue mug", "Blue 100% cup"]),
        ("mug blue", ["Blue mug"]),
        ("blu", ["Blue mug", "Blue 100% cup"]),
        ("blu mug", []),
        ("x-7", ["Red bowl"]),
        ("7 x", ["Red bowl"]),
        ("7-x", []),
        ("100%", ["Blue 100% cup"]),
        ("_", []),
        ('"', []),
        ('blue "', ["Blue mug", "Blue 100% cup"]),
        ("shelfware", ["Blue mug", "Blue 100% cup", "Red bowl"]),
        ("stoneware", ["Red bowl"]),
        ("porcelain", ["Blue mug", "Blue 100% cup", "Red bowl"]),
        ("rideau", ["Red bowl"]),
        ("élégant", ["Red bowl"]),
        ("OCCULTANT", ["Red bowl"]),
        ("blue OR bowl", []),
        ("NOT blue", []),
        ("head : bowl", []),
        ("c1", []),
        ("*", []),
        ("bl*", ["Blue mug", "Blue 100% cup"]),
    ],
)
def test_every_word_has_to_occur_and_none_is_syntax(session, catalogue, words, found):
    for name, external_id, description in (
        ("Blue mug", None, ""),
        ("Blue 100% cup", None, ""),
        ("Red bowl", "X-7", "Stoneware. Rideau e\u0301le\u0301gant, très OCCULTANT"),
    ):
        factories.make_product(
            session, catalogue, name=name, external_id=external_id, description=description
        )
    session.execute(update(ProductRow).values(specifications=[["Matière", "Porcelain"]]))

    assert names(session, catalogue, ProductFilter(words=words)) == found


@given(words=st.text(max_size=40) | st.text('"*(){}:^-+ANDORT \x00', max_size=12))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_looked_for_and_never_read_as_syntax(database, words):
    with database.read() as session:
        catalogue = factories.make_catalogue(session)
        factories.make_product(session, catalogue, name=words.replace("\x00", " ") or "mug")
        only = ProductFilter(words=words)

        found = [names(session, catalogue, only, order=order) for order in ProductOrder]
        n = product_search.count(session, catalogue=catalogue, only=only, limit=10)

    assert all(len(each) == n <= 1 for each in found)


def test_words_follow_what_an_import_changes(session, catalogue):
    product_id = factories.make_product(session, catalogue, name="Blue mug", description="")
    session.execute(update(ProductRow).where(ProductRow.id == product_id).values(name="Red bowl"))
    other = factories.make_product(session, catalogue, name="Blue cup")
    session.execute(delete(QueueEntryRow).where(QueueEntryRow.product_id == other))
    session.execute(delete(ProductRow).where(ProductRow.id == other))

    found = [names(session, catalogue, ProductFilter(words=words)) for words in ("mug", "bowl")]

    assert found == [[], ["Red bowl"]]
    assert names(session, catalogue, ProductFilter(words="cup")) == []


def test_words_in_the_name_come_before_words_elsewhere(session, catalogue):
    for name, description in (("Cup", "like a mug"), ("Mug", ""), ("Bowl", "a mug?"), ("Mugs", "")):
        factories.make_product(session, catalogue, name=name, description=description)
    relevant = {"only": ProductFilter(words="mug"), "order": ProductOrder.RELEVANCE}

    page = product_search.list_page(session, catalogue=catalogue, **relevant, length=3)
    rest = names(session, catalogue, **relevant, after=page.rows[-1].id)
    back = names(session, catalogue, **relevant, before=page.rows[-1].id, length=1)

    assert [row.name for row in page.rows] == ["Mug", "Mugs", "Cup"]
    assert (page.has_next, rest, back) == (True, ["Bowl"], ["Mugs"])


def test_filters_by_state_and_source_category(session, catalogue):
    watch = factories.make_product(session, catalogue, name="watch", source="Watches")
    factories.make_product(session, catalogue, name="pan", source="Kitchen")
    session.execute(update(ProductRow).where(ProductRow.id == watch).values(state="flagged"))
    kitchen = factories.category_id(session, catalogue, "Kitchen")

    assert names(session, catalogue, ProductFilter(state=ProductState.FLAGGED)) == ["watch"]
    assert names(session, catalogue, ProductFilter(source_id=kitchen)) == ["pan"]


def test_the_prediction_is_that_of_the_live_round(session, catalogue):
    product_id = factories.make_product(session, catalogue)
    factories.make_round(session, catalogue, {product_id: {"Watches": 0.9}}, number=1)
    factories.make_round(
        session, catalogue, {product_id: {"Kitchen": 0.6, "Watches": 0.4}}, number=2
    )
    catalogue = catalogues.get(session, slug=catalogue.slug)

    page = product_search.list_page(session, catalogue=catalogue, only=ProductFilter())

    kitchen = factories.category_id(session, catalogue, "Kitchen")
    assert [(row.predicted_id, row.probability) for row in page.rows] == [(kitchen, 0.6)]


def test_an_open_product_of_the_evaluation_set_shows_no_suggestion(session, catalogue):
    asked = factories.make_product(session, catalogue, name="asked", is_evaluation=True)
    other = factories.make_product(session, catalogue, name="other", is_evaluation=False)
    catalogue = with_round(session, catalogue, {asked: {"Kitchen": 0.5}, other: {"Kitchen": 0.8}})
    kitchen = factories.category_id(session, catalogue, "Kitchen")

    page = product_search.list_page(session, catalogue=catalogue, only=ProductFilter())

    assert [(row.predicted_id, row.is_suggestion_hidden) for row in page.rows] == [
        (None, True),
        (kitchen, False),
    ]
    assert names(session, catalogue, ProductFilter(predicted_id=kitchen)) == ["other"]
    assert names(session, catalogue, order=ProductOrder.UNSURE) == ["other", "asked"]


@pytest.mark.parametrize(("share", "found"), [(5, ["waits"]), (0, ["lent", "waits"])])
def test_what_is_on_a_desk_shows_no_suggestion_where_cards_may_hide_it(
    session, catalogue, share, found
):
    chances = dataclasses.replace(catalogue.settings, hidden_share=share)
    catalogues.write_settings(session, catalogue_id=catalogue.id, settings=chances)
    lent, waits = (
        factories.make_product(session, catalogue, name=name, priority=priority)
        for name, priority in (("lent", 0.9), ("waits", 0.1))
    )
    catalogue = with_round(session, catalogue, {lent: {"Kitchen": 0.5}, waits: {"Kitchen": 0.8}})
    kitchen = factories.category_id(session, catalogue, "Kitchen")
    somebody = factories.make_user(session)
    queue.claim(session, catalogue=catalogue, user_id=somebody.id, now=factories.NOW, lease_s=600)

    page = product_search.list_page(session, catalogue=catalogue, only=ProductFilter())

    assert [row.name for row in page.rows if row.predicted_id == kitchen] == found
    assert names(session, catalogue, ProductFilter(predicted_id=kitchen)) == found
    assert sorted(names(session, catalogue, order=ProductOrder.UNSURE)) == ["lent", "waits"]


def test_an_accepted_product_shows_no_suggestion_until_its_audit_is_made(session, catalogue):
    audited, accepted = (
        factories.make_product(session, catalogue, name=name) for name in ("audited", "accepted")
    )
    catalogue = with_round(
        session, catalogue, {audited: {"Kitchen": 0.95}, accepted: {"Kitchen": 0.9}}
    )
    kitchen = factories.category_id(session, catalogue, "Kitchen")
    accept(session, catalogue, kitchen, {audited: True, accepted: False})

    page = product_search.list_page(session, catalogue=catalogue, only=ProductFilter())

    assert [(row.predicted_id, row.is_suggestion_hidden) for row in page.rows] == [
        (None, True),
        (kitchen, False),
    ]
    assert names(session, catalogue, ProductFilter(predicted_id=kitchen)) == ["accepted"]
    assert names(session, catalogue, order=ProductOrder.UNSURE) == ["accepted", "audited"]

    session.execute(update(ProductRow).values(state="labelled"))

    assert len(names(session, catalogue, ProductFilter(predicted_id=kitchen))) == 2


def accept(session, catalogue, category_id, is_audited):
    """Let a rule accept products; tell by id which were drawn for an audit."""
    rule_id = factories.make_rule(session, catalogue, round_id=catalogue.live_round_id)
    session.add_all(
        AcceptanceRow(
            product_id=product_id,
            rule_id=rule_id,
            category_id=category_id,
            probability=0.9,
            is_audited=drawn,
            accepted_at=factories.NOW,
        )
        for product_id, drawn in is_audited.items()
    )
    session.execute(update(ProductRow).values(state="accepted"))


def test_a_labelled_product_of_the_evaluation_set_shows_its_prediction(session, catalogue):
    product_id = factories.make_product(session, catalogue, is_evaluation=True)
    session.execute(update(ProductRow).values(state="labelled"))
    catalogue = with_round(session, catalogue, {product_id: {"Kitchen": 0.5}})
    kitchen = factories.category_id(session, catalogue, "Kitchen")

    assert names(session, catalogue, ProductFilter(predicted_id=kitchen)) == ["Blue mug"]


def test_the_least_sure_comes_first_and_what_has_no_prediction_last(session, catalogue):
    sure, unsure, _ = (
        factories.make_product(session, catalogue, name=name) for name in ("sure", "unsure", "new")
    )
    catalogue = with_round(session, catalogue, {sure: {"Kitchen": 0.9}, unsure: {"Kitchen": 0.4}})

    assert names(session, catalogue, order=ProductOrder.UNSURE) == ["unsure", "sure", "new"]


def test_the_thumbnail_is_that_of_the_first_stored_image(session, catalogue):
    product_id = factories.make_product(session, catalogue)
    session.add_all(
        ProductImageRow(
            product_id=product_id,
            position=position,
            file_name=f"{position}.jpg",
            sha256=sha256,
            width_px=None,
            height_px=None,
            problem=None if sha256 else "missing",
        )
        for position, sha256 in enumerate([None, "b" * 64, "a" * 64])
    )
    session.flush()

    page = product_search.list_page(session, catalogue=catalogue, only=ProductFilter())

    assert page.rows[0].image_sha256 == "b" * 64


def test_counts_no_further_than_the_limit(session, catalogue):
    for _ in range(3):
        factories.make_product(session, catalogue)

    counted = [
        product_search.count(session, catalogue=catalogue, only=ProductFilter(), limit=limit)
        for limit in (2, 10)
    ]

    assert counted == [2, 3]


def test_an_empty_filter_says_so():
    assert ProductFilter().is_empty
    assert not dataclasses.replace(ProductFilter(), words="mug").is_empty


def test_the_oddest_labels_come_first_and_what_has_none_last(session, catalogue):
    alice = factories.make_user(session)
    says = {
        "sure it is": {"Watches": 0.9, "Kitchen": 0.1},
        "hardly": {"Watches": 0.5, "Kitchen": 0.4},
        "sure it is not": {"Kitchen": 0.95, "Watches": 0.01},
        "rather not": {"Kitchen": 0.6, "Watches": 0.3},
    }
    ids = {name: factories.make_product(session, catalogue, name=name) for name in says}
    for product_id in ids.values():
        factories.make_annotation(
            session, catalogue, product_id, alice, Verdict.CORRECTED, category="Watches"
        )
    factories.make_product(session, catalogue, name="open")
    catalogue = with_round(session, catalogue, {ids[name]: said for name, said in says.items()})
    order = ["sure it is not", "rather not", "hardly", "sure it is", "open"]

    assert names(session, catalogue, order=ProductOrder.ODD) == order
    behind = names(session, catalogue, order=ProductOrder.ODD, after=ids["rather not"], length=2)
    assert behind == ["hardly", "sure it is"]


@pytest.mark.parametrize(
    ("only", "index"),
    [
        (ProductFilter(), "ix_product_catalogue_id"),
        (ProductFilter(words="mug"), "product_words VIRTUAL TABLE INDEX"),
        (ProductFilter(state=ProductState.OPEN), "ix_product_catalogue_id_state"),
        (ProductFilter(label_id=1), "ix_label_catalogue_id_category_id"),
        (ProductFilter(source_id=1), "ix_product_catalogue_id_source"),
        (ProductFilter(predicted_id=1), "ix_prediction_category"),
        (ProductFilter(low=0.5), "ix_prediction_probability"),
        (ProductFilter(disagrees=True), "ix_prediction_"),
        (ProductFilter(high=0.5), "ix_product_hidden"),
        (ProductFilter(moderator_id=1), "ix_annotation_decided"),
        (ProductFilter(asked_because=AskedBecause.RANDOM), "ix_annotation_decided"),
        (ProductFilter(group_number=1), "ix_product_group"),
        (ProductFilter(has_look_alikes=True), "ix_product_group"),
        (ProductFilter(has_mixed_labels=True), "ix_product_group"),
    ],
)
@pytest.mark.usefixtures("on_sqlite")
def test_a_count_reads_an_index_and_no_table(session, catalogue, only, index):
    catalogue = with_round(session, catalogue, {})

    plan = plan_of(session, lambda: names_counted(session, catalogue, only))

    assert index in plan
    assert "SCAN product" not in plan.replace("SCAN product_words", "")
    assert "SCAN prediction" not in plan
    assert "SCAN annotation" not in plan


@pytest.mark.parametrize(
    ("order", "index"),
    [
        (ProductOrder.IMPORTED, "ix_product_catalogue_id_id"),
        (ProductOrder.NAME, "ix_product_catalogue_id_name"),
        (ProductOrder.UNSURE, "ix_prediction_probability"),
        (ProductOrder.NEWEST, "ix_label_newest"),
    ],
)
@pytest.mark.usefixtures("on_sqlite")
def test_an_order_is_walked_by_its_index_and_sorts_nothing(session, catalogue, order, index):
    catalogue = with_round(session, catalogue, {})

    plan = plan_of(session, lambda: names(session, catalogue, order=order))

    assert index in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "only",
    [
        ProductFilter(words="mug", state=ProductState.OPEN),
        ProductFilter(words="mug", label_id=1),
        ProductFilter(words="mug", low=0.5),
        ProductFilter(words="mug", has_look_alikes=True),
    ],
)
@pytest.mark.usefixtures("on_sqlite")
def test_words_are_looked_for_once_and_not_for_each_id_of_another_filter(session, catalogue, only):
    catalogue = with_round(session, catalogue, {})

    counted = plan_of(session, lambda: names_counted(session, catalogue, only))
    listed = plan_of(session, lambda: names(session, catalogue, only))

    for plan in (counted, listed):
        (search,) = (line for line in plan.splitlines() if "product_words" in line)
        assert "=" not in search  # with it, the id would be given to the search
        assert "VIRTUAL TABLE INDEX" in search


def names_counted(session, catalogue, only):
    return product_search.count(session, catalogue=catalogue, only=only, limit=100)


def plan_of(session, work) -> str:
    """Return how SQLite answers the first question that some work asks."""
    asked = []

    def keep(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    connection = session.connection()
    event.listen(connection.engine, "before_cursor_execute", keep)
    work()
    event.remove(connection.engine, "before_cursor_execute", keep)
    statement, parameters = asked[0]
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return "\n".join(row.detail for row in rows)
