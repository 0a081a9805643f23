import hashlib
import json
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from tests import factories
from tests.webapp.acceptance import apply, ask_for, make_shop
from webapp.domain.export import ExportRequest, Format
from webapp.domain.review import Verdict
from webapp.services import export
from webapp.storage import catalogues, export_rows
from webapp.storage.tables import ImportRow, ProductRow, ProductVersionRow, PublicationRow

NOW = factories.NOW
HOUR = timedelta(hours=1)


@pytest.fixture
def rows_of(database, shop):
    """Return the rows of an export as dictionaries."""

    def rows_of(as_of=NOW + 24 * HOUR, **wanted):
        wanted = {"format": Format.JSON_LINES, "is_labelled_only": False} | wanted
        request = ExportRequest(catalogue=shop, as_of=as_of, **wanted)
        content = b"".join(chunk.content for chunk in export.stream(database, request))
        return [json.loads(line) for line in content.splitlines()]

    return rows_of


def test_an_undecided_product_is_decided_by_nobody(database, shop, rows_of):
    with database.begin() as session:
        product = factories.make_product(session, shop, external_id="A", is_evaluation=False)
        factories.make_round(session, shop, {product: {"Watches": 0.8, "Kitchen": 0.2}})

    [row] = rows_of()

    assert (row["state"], row["category"], row["decided_by"]) == ("open", None, "nobody")
    assert (row["decided_at"], row["verdict"], row["annotation_id"]) == (None, None, None)
    assert (row["source_path"], row["source_category"]) == ("Kitchen", "Kitchen")
    assert row["predicted_category"] == "Watches"
    assert (row["predicted_probability"], row["predicted_round"]) == (0.8, 1)
    assert row["split"] == "training"


def test_a_label_tells_who_when_and_what_was_shown(database, shop, rows_of, alice):
    with database.begin() as session:
        product = factories.make_product(session, shop, external_id="A", is_evaluation=False)
        round_id = factories.make_round(session, shop, {product: {"Watches": 0.8, "Kitchen": 0.2}})
        act = factories.make_annotation(
            session,
            shop,
            product,
            alice,
            Verdict.CORRECTED,
            category="Computers",
            shown=(round_id, "Watches"),
            at=NOW + HOUR,
        )

    [row] = rows_of()

    assert (row["state"], row["category"]) == ("labelled", "Computers")
    assert row["decided_by"] == f"moderator:{alice.id}"
    assert row["decided_at"] == "2026-03-01T13:00:00.000000Z"
    assert (row["verdict"], row["annotation_id"]) == ("corrected", act.id)
    assert (row["shown_category"], row["shown_probability"]) == ("Watches", 0.9)
    assert row["shown_round"] == 1


def test_a_hidden_suggestion_was_not_shown(database, shop, rows_of, alice):
    with database.begin() as session:
        product = factories.make_product(session, shop, is_evaluation=True)
        round_id = factories.make_round(session, shop, {product: {"Watches": 1.0}})
        factories.make_annotation(
            session,
            shop,
            product,
            alice,
            Verdict.CONFIRMED,
            category="Kitchen",
            shown=(round_id, "Watches"),
            is_suggestion_hidden=True,
        )

    [row] = rows_of()

    assert (row["category"], row["split"]) == ("Kitchen", "evaluation")
    assert (row["shown_category"], row["shown_probability"], row["shown_round"]) == (None,) * 3


def test_a_flagged_product_has_no_category(database, shop, rows_of, alice):
    with database.begin() as session:
        product = factories.make_product(session, shop)
        factories.make_annotation(session, shop, product, alice, Verdict.FLAGGED)

    [row] = rows_of()

    assert (row["state"], row["category"], row["verdict"]) == ("flagged", None, "flagged")
    assert row["decided_by"] == f"moderator:{alice.id}"
    assert rows_of(is_labelled_only=True) == []


def test_a_past_moment_sees_the_decision_that_stood_then(database, shop, rows_of, alice, bob):
    with database.begin() as session:
        product = factories.make_product(session, shop)
        first = factories.make_annotation(
            session, shop, product, alice, Verdict.CONFIRMED, category="Kitchen", at=NOW + HOUR
        )
        factories.make_annotation(
            session, shop, product, alice, Verdict.UNDONE, undoes=first, at=NOW + 2 * HOUR
        )
        factories.make_annotation(
            session, shop, product, bob, Verdict.CORRECTED, category="Watches", at=NOW + 3 * HOUR
        )

    seen = [rows_of(NOW + n * HOUR)[0]["category"] for n in range(4)]

    assert seen == [None, "Kitchen", None, "Watches"]


def test_a_past_moment_sees_the_model_that_was_live_then(database, shop, rows_of):
    with database.begin() as session:
        product = factories.make_product(session, shop)
        first = factories.make_round(session, shop, {product: {"Watches": 1.0}})
        second = factories.make_round(session, shop, {product: {"Kitchen": 1.0}}, number=2)
        session.execute(
            update(PublicationRow)
            .where(PublicationRow.round_id == second)
            .values(published_at=NOW + HOUR)
        )
        session.add(  # going back to the first round
            PublicationRow(catalogue_id=shop.id, round_id=first, published_at=NOW + 2 * HOUR)
        )

    seen = [rows_of(NOW + n * HOUR)[0]["predicted_round"] for n in (0.5, 1.5, 2.5)]

    assert seen == [1, 2, 1]


def test_before_a_round_there_is_neither_prediction_nor_split(database, shop, rows_of):
    with database.begin() as session:
        product = factories.make_product(session, shop, is_evaluation=True)
        factories.make_round(session, shop, {product: {"Watches": 1.0}})
        session.execute(update(PublicationRow).values(published_at=NOW + HOUR))

    [row] = rows_of(NOW)

    assert (row["predicted_category"], row["predicted_round"], row["split"]) == (None,) * 3


def test_a_product_that_came_later_is_not_there(database, shop, rows_of):
    with database.begin() as session:
        factories.make_product(session, shop)

    assert rows_of(NOW - HOUR) == []
    assert len(rows_of(NOW)) == 1


def test_a_changed_product_is_told_as_it_was(database, shop, rows_of):
    with database.begin() as session:
        product = factories.make_product(session, shop, name="New name")
        run = ImportRow(catalogue_id=shop.id, file_name="a.csv", file_sha256="", created_at=NOW)
        session.add(run)
        session.flush()
        for number, name in enumerate(("Old name", "New name"), start=1):
            session.add(
                ProductVersionRow(
                    product_id=product,
                    import_id=run.id,
                    number=number,
                    content={
                        "name": name,
                        "brand": "",
                        "price": "1",
                        "description": "",
                        "category": ["Watches", "Wrist"],
                    },
                    created_at=NOW + (number - 1) * 2 * HOUR,
                )
            )
        session.execute(update(ProductRow).values(updated_at=NOW + 2 * HOUR))

    [before], [after] = rows_of(NOW + HOUR), rows_of(NOW + 2 * HOUR)

    assert (before["name"], after["name"]) == ("Old name", "New name")
    assert (before["source_path"], before["source_category"]) == ("Watches > Wrist", "Watches")
    assert after["source_path"] == "Kitchen"


def test_rows_come_in_the_order_of_their_ids_and_of_one_catalogue(database, shop, rows_of):
    with database.begin() as session:
        other = factories.make_catalogue(session, slug="other")
        for external_id in ("b", "a", "C"):
            factories.make_product(session, shop, external_id=external_id)
        factories.make_product(session, other, external_id="z")

    assert [row["external_id"] for row in rows_of()] == ["C", "a", "b"]


def test_no_row_has_an_unclear_origin(database, shop, rows_of, alice):
    with database.begin() as session:
        products = [factories.make_product(session, shop) for _ in range(4)]
        factories.make_round(session, shop, {products[0]: {"Watches": 1.0}})
        factories.make_annotation(
            session, shop, products[1], alice, Verdict.CONFIRMED, category="Kitchen"
        )
        factories.make_annotation(session, shop, products[2], alice, Verdict.FLAGGED)

    for row in rows_of():
        is_decided = row["state"] != "open"
        assert (row["decided_by"] != "nobody") == is_decided
        assert (row["decided_at"] is not None) == is_decided
        assert (row["category"] is not None) == (row["state"] == "labelled")
        assert (row["predicted_category"] is None) == (row["predicted_round"] is None)


def test_the_manifest_is_of_the_very_bytes_that_are_streamed(database, shop, alice):
    with database.begin() as session:
        product = factories.make_product(session, shop)
        factories.make_round(session, shop, {product: {"Kitchen": 1.0}})
        factories.make_annotation(
            session, shop, product, alice, Verdict.CONFIRMED, category="Kitchen"
        )
    request = ExportRequest(shop, Format.CSV, NOW, is_labelled_only=True)

    manifest = export.describe(database, request)

    content = b"".join(chunk.content for chunk in export.stream(database, request))
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["bytes"] == len(content)
    assert (manifest["rows"], manifest["rows_wanted"]) == (1, "labelled")
    assert (manifest["catalogue"], manifest["as_of"]) == ("shop", "2026-03-01T12:00:00.000000Z")
    assert [model["round"] for model in manifest["models"]] == [1]
    assert "apostrophe" in " ".join(manifest["notes"])


def test_what_happens_later_does_not_change_the_bytes(database, shop, alice):
    with database.begin() as session:
        products = [factories.make_product(session, shop) for _ in range(3)]
        factories.make_round(session, shop, {products[0]: {"Kitchen": 1.0}})
    request = ExportRequest(shop, Format.CSV, NOW, is_labelled_only=False)
    before = export.describe(database, request)

    with database.begin() as session:
        factories.make_annotation(
            session,
            shop,
            products[0],
            alice,
            Verdict.CONFIRMED,
            category="Kitchen",
            at=NOW + HOUR,
        )

    assert export.describe(database, request) == before


@pytest.mark.slow
def test_memory_does_not_grow_with_the_catalogue(database, shop):
    with database.begin() as session:
        first = factories.make_product(session, shop, external_id="0")
        columns = [c.key for c in ProductRow.__table__.columns if c.key != "id"]
        template = session.get_one(ProductRow, first)
        values = {key: getattr(template, key) for key in columns} | {"description": "x" * 500}
        session.execute(
            insert(ProductRow), [values | {"external_id": f"p{n:05}"} for n in range(20_000)]
        )
    request = ExportRequest(shop, Format.CSV, NOW, is_labelled_only=False)
    n_bytes = n_rows = 0

    tracemalloc.start()
    for chunk in export.stream(database, request):
        n_bytes += len(chunk.content)
        n_rows += chunk.n_rows
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_rows == 20_001
    assert n_bytes > 11_000_000
    assert peak < 6_000_000


def test_a_decision_that_is_being_saved_is_in_the_export_of_that_moment(
    database, shop, rows_of, alice
):
    with database.begin() as session:
        product = factories.make_product(session, shop, external_id="A")
    exported = []
    exporting = threading.Thread(target=lambda: exported.extend(rows_of(as_of=NOW + HOUR)))
    with database.begin() as session:
        factories.make_annotation(
            session, shop, product, alice, Verdict.CONFIRMED, category="Kitchen", at=NOW + HOUR
        )
        exporting.start()
        exporting.join(0.3)
    exporting.join(10)

    assert [row["state"] for row in exported] == ["labelled"]


class TestAcceptedProducts:
    @pytest.fixture
    def accepted(self, database, config, alice, carol):
        """A shop with a product that a rule has accepted; before and after say when."""
        with database.begin() as session:
            _, sure, _ = make_shop(session, alice)
        before = datetime.now(UTC)
        ask_for(database, carol)
        apply(database, config)
        return sure, before

    def row(self, database, product_id, as_of):
        with database.read() as session:
            shop = catalogues.get(session, slug="shop")
            external_id = session.get(ProductRow, product_id).external_id
            batches = export_rows.iterate(session, catalogue_id=shop.id, level=1, as_of=as_of)
            return next(r for batch in batches for r in batch if r.external_id == external_id)

    def test_say_auto_the_rule_and_the_round(self, database, accepted):
        row = self.row(database, accepted[0][0], datetime.now(UTC))

        assert (row.state, row.category, row.decided_by) == ("accepted", "Kitchen", "auto")
        assert (row.accepted_by_rule, row.accepted_round, row.accepted_probability) == (1, 1, 0.99)
        assert row.decided_at is not None
        assert row.annotation_id is None

    def test_were_open_before(self, database, accepted):
        sure, before = accepted

        row = self.row(database, sure[0], before)

        assert (row.state, row.category, row.decided_by) == ("open", None, "nobody")

    def test_stay_accepted_in_the_past_when_the_rule_has_ended(
        self, database, config, carol, accepted
    ):
        then = datetime.now(UTC)
        ask_for(database, carol, target=None)
        apply(database, config)

        assert self.row(database, accepted[0][0], then).decided_by == "auto"
        assert self.row(database, accepted[0][0], datetime.now(UTC)).decided_by == "nobody"

    def test_belong_to_whoever_decides_them_later(self, database, alice, accepted):
        product_id = accepted[0][0]
        later = datetime.now(UTC) + timedelta(seconds=1)
        with database.begin() as session:
            factories.make_annotation(
                session,
                catalogues.get(session, slug="shop"),
                product_id,
                alice,
                Verdict.CORRECTED,
                category="Watches",
                at=later,
            )

        row = self.row(database, product_id, later)

        assert (row.state, row.category) == ("labelled", "Watches")
        assert row.decided_by == f"moderator:{alice.id}"
        assert row.accepted_by_rule is None
