"""Every filter and order against what plain Python picks from the same small catalogue."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests import factories
from webapp.domain.product_search import ProductFilter, ProductOrder, split_words
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage import catalogues, product_search
from webapp.storage.tables import PredictionRow

CATEGORIES = ("Home", "Home > Curtains", "Homeware", "Watches")
WORDS = ("rideau", "Été", "mug", "X-7", "curtain", "curt", "l'eau", "C1")
PEOPLE = ("alice", "bob")


@dataclass(frozen=True)
class Given:
    """A product of a small catalogue; categories, people and rounds by their place in a list."""

    name: str
    description: str
    source: int | None
    predicted: int | None
    probability: float
    is_conflict: bool
    is_evaluation: bool
    group: int | None
    label: int | None
    by: int
    round_number: int | None
    because: AskedBecause
    is_undone: bool

    @property
    def is_labelled(self) -> bool:
        return self.label is not None and not self.is_undone

    @property
    def shows_prediction(self) -> bool:
        return self.predicted is not None and (self.is_labelled or not self.is_evaluation)


texts = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
places = st.integers(0, len(CATEGORIES) - 1)
shares = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
reasons = st.sampled_from([AskedBecause.RANDOM, AskedBecause.CONFLICT])
products = st.builds(
    Given,
    name=texts,
    description=texts,
    source=st.none() | places,
    predicted=st.none() | places,
    probability=shares,
    is_conflict=st.booleans(),
    is_evaluation=st.booleans(),
    group=st.none() | st.integers(0, 2),
    label=st.none() | places,
    by=st.integers(0, 1),
    round_number=st.none() | st.integers(1, 2),
    because=reasons,
    is_undone=st.booleans(),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "words": texts,
        "state": st.sampled_from([ProductState.OPEN, ProductState.LABELLED]),
        "label_id": places,
        "source_id": places,
        "predicted_id": places,
        "low": shares,
        "high": shares,
        "disagrees": st.booleans(),
        "moderator_id": st.integers(0, 1),
        "round_number": st.integers(1, 3),
        "asked_because": reasons,
        "group_number": st.integers(0, 2),
        "has_look_alikes": st.booleans(),
        "has_mixed_labels": st.booleans(),
    },
)


@dataclass(frozen=True)
class Filled:
    """What stands in the database: ids of categories, people and products, in their order."""

    categories: list[int]
    people: list[int]
    products: list[int]


def fill(session, shop, people, rows: list[Given]) -> Filled:
    by_path = {path: factories.category_id(session, shop, path) for path in CATEGORIES}
    rounds = [
        factories.make_round(session, shop, {}, number=number, is_live=number == 2)
        for number in (1, 2)
    ]
    ids = []
    for row in rows:
        product_id = factories.make_product(
            session,
            shop,
            name=row.name,
            description=row.description,
            source=None if row.source is None else CATEGORIES[row.source],
            is_evaluation=row.is_evaluation,
            group_number=row.group,
        )
        ids.append(product_id)
        if row.predicted is not None:
            says = {CATEGORIES[row.predicted]: row.probability}
            factories.add_prediction(session, shop, rounds[1], product_id, says)
        if row.label is not None:
            decided = factories.make_annotation(
                session,
                shop,
                product_id,
                people[row.by],
                Verdict.CORRECTED,
                category=CATEGORIES[row.label],
                shown=row.round_number and (rounds[row.round_number - 1], CATEGORIES[0]),
                asked_because=row.because,
            )
            if row.is_undone:
                factories.make_annotation(
                    session, shop, product_id, people[row.by], Verdict.UNDONE, undoes=decided
                )
    return Filled(list(by_path.values()), [person.id for person in people], ids)


def mark_conflicts(session, rows: list[Given], filled: Filled) -> None:
    """Let the branches of some predictions name different categories."""
    for row, product_id in zip(rows, filled.products, strict=True):
        session.execute(
            update(PredictionRow)
            .where(PredictionRow.product_id == product_id)
            .values(is_conflict=row.is_conflict)
        )


def stored(asked: dict, filled: Filled) -> ProductFilter:
    """Return the filter with ids of the database in place of places."""
    known = dict(asked)
    for name, ids in (
        ("label_id", filled.categories),
        ("source_id", filled.categories),
        ("predicted_id", filled.categories),
        ("moderator_id", filled.people),
    ):
        if name in known:
            known[name] = ids[known[name]]
    return ProductFilter(**known)


def folded(text: str) -> list[str]:
    plain = "".join(
        one for one in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(one)
    )
    return "".join(one if one.isalnum() else " " for one in plain).split()


def has_words(row: Given, words: str, *, only_name: bool = False) -> bool:
    """Tell whether each word is there as its parts in a row, the last one as a beginning."""
    fields = [folded(f"{row.name} Shelfware")]
    if not only_name:
        fields.append(folded(f"{row.description} Colour blue"))
    asked = [folded(word) for word in split_words(words)]
    return all(
        any(
            starts(field[at:], parts, is_prefix=last and len(parts[-1]) > 0)
            for field in fields
            for at in range(len(field))
        )
        for parts, last in zip(asked, [False] * (len(asked) - 1) + [True], strict=True)
    )


def starts(field: list[str], parts: list[str], *, is_prefix: bool) -> bool:
    if len(field) < len(parts) or field[: len(parts) - 1] != parts[:-1]:
        return False
    last = field[len(parts) - 1]
    return last.startswith(parts[-1]) if is_prefix else last == parts[-1]


def is_below(place: int | None, top: int) -> bool:
    if place is None:
        return False
    path = CATEGORIES[place]
    return path == CATEGORIES[top] or path.startswith(CATEGORIES[top] + " > ")


def matches(row: Given, rows: list[Given], asked: dict) -> bool:
    alike = [] if row.group is None else [one for one in rows if one.group == row.group]
    labels = {one.label for one in alike if one.is_labelled}
    tests = {
        "words": lambda words: not words or has_words(row, words),
        "state": lambda state: (state is ProductState.LABELLED) == row.is_labelled,
        "label_id": lambda top: row.is_labelled and is_below(row.label, top),
        "source_id": lambda top: is_below(row.source, top),
        "predicted_id": lambda top: row.shows_prediction and is_below(row.predicted, top),
        "low": lambda low: row.shows_prediction and row.probability >= low,
        "high": lambda high: row.shows_prediction and row.probability <= high,
        "disagrees": lambda on: not on or (row.shows_prediction and row.is_conflict),
        "moderator_id": lambda by: row.is_labelled and row.by == by,
        "round_number": lambda number: row.is_labelled and row.round_number == number,
        "asked_because": lambda because: row.is_labelled and row.because is because,
        "group_number": lambda group: row.group == group,
        "has_look_alikes": lambda on: not on or len(alike) > 1,
        "has_mixed_labels": lambda on: not on or len(labels) > 1,
    }
    return all(tests[name](value) for name, value in asked.items())


def walk(session, shop, only: ProductFilter, order: ProductOrder, n: int | None) -> list[int]:
    """Return the whole list, page by page, and check that going back gives the same."""
    pages, after = [], None
    while True:
        page = product_search.list_page(
            session, catalogue=shop, only=only, order=order, after=after, n_matching=n, length=2
        )
        pages += [row.id for row in page.rows]
        if not page.has_next:
            break
        after = page.rows[-1].id
    if len(pages) > 2:
        back = product_search.list_page(
            session,
            catalogue=shop,
            only=only,
            order=order,
            before=pages[-1],
            n_matching=n,
            length=len(pages),
        )
        assert [row.id for row in back.rows] == pages[:-1]
    return pages


def expected_order(order, only, rows, filled) -> list[int]:
    """Return all products in an order, by plain sorting."""
    place = dict(zip(filled.products, range(len(rows)), strict=True))
    labels_newest_first = sorted(
        (one for one in place if rows[place[one]].is_labelled), reverse=True
    )

    def key(product_id: int):
        row = rows[place[product_id]]
        if order is ProductOrder.NAME:
            return (row.name, product_id)
        if order is ProductOrder.UNSURE:
            return (row.probability if row.shows_prediction else 2.0, product_id)
        if order is ProductOrder.NEWEST:
            rank = labels_newest_first.index(product_id) if row.is_labelled else len(rows)
            return (rank, product_id)
        if order is ProductOrder.ODD:
            if not row.is_labelled or row.predicted is None:
                return (2, 0.0, product_id)
            is_same = int(row.predicted == row.label)
            sign = 1 if is_same else -1
            return (is_same, sign * row.probability, sign * product_id)
        if order is ProductOrder.RELEVANCE and only.words:
            return (not has_words(row, only.words, only_name=True), product_id)
        return (product_id,)

    return sorted(filled.products, key=key)


def without_groups_of_one(rows: list[Given]) -> list[Given]:
    """Take the number from what is alone in its group, as the grouping gives it none."""
    sizes = Counter(row.group for row in rows)
    return [replace(row, group=None) if sizes[row.group] == 1 else row for row in rows]


@given(
    st.lists(products, max_size=8).map(without_groups_of_one),
    filters,
    st.sampled_from(list(ProductOrder)),
)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_finds_in_order_what_plain_python_finds(database, rows, asked, order):
    with database.read() as session:  # rolled back at the end
        people = [factories.make_user(session, name=name) for name in PEOPLE]
        shop = factories.make_catalogue(session, categories=CATEGORIES)
        other = factories.make_catalogue(session, slug="other", categories=CATEGORIES)
        fill(session, other, people, rows[:1])
        filled = fill(session, shop, people, rows)
        mark_conflicts(session, rows, filled)
        shop = catalogues.get(session, slug="shop")
        only = stored(asked, filled)
        matching = {
            one for one, row in zip(filled.products, rows, strict=True) if matches(row, rows, asked)
        }

        n = product_search.count(session, catalogue=shop, only=only, limit=100)
        ids = product_search.list_ids(session, catalogue=shop, only=only, limit=100)
        sorted_ids = walk(session, shop, only, order, n)
        walked_ids = walk(session, shop, only, order, None)

    wanted = [one for one in expected_order(order, only, rows, filled) if one in matching]
    assert (n, set(ids), ids == sorted(ids)) == (len(matching), matching, True)
    assert sorted_ids == wanted
    assert walked_ids == wanted
