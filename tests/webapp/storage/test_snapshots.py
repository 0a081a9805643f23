from sqlalchemy import select

from tests import factories
from webapp.domain.retraining import Split
from webapp.domain.review import Verdict
from webapp.storage import snapshots
from webapp.storage.tables import CategoryRow, ProductImageRow, ProductRow


def read(database, shop):
    with database.read() as session:
        return snapshots.read(session, catalogue_id=shop.id)


def test_reads_what_training_needs(database, shop):
    with database.begin() as session:
        product_id = factories.make_product(session, shop, external_id="x1", name="Cup")
        kitchen = factories.category_id(session, shop, "Kitchen")
        session.add_all(
            ProductImageRow(
                product_id=product_id, position=position, file_name=f"{position}", sha256=sha256
            )
            for position, sha256 in enumerate([None, "a" * 64, "b" * 64])
        )

    (product,) = read(database, shop).products

    assert (product.id, product.external_id, product.name) == (product_id, "x1", "Cup")
    assert product.specifications == (("Colour", "blue"),)
    assert product.image_sha256 == "a" * 64
    assert product.source_category_id == kitchen
    assert product.label_category_id is None
    assert product.is_evaluation is None


def test_brings_source_categories_to_the_level_of_decision(database, shop):
    with database.begin() as session:
        kitchen = factories.category_id(session, shop, "Kitchen")
        cups = CategoryRow(
            catalogue_id=shop.id, parent_id=kitchen, name="Cups", path="Kitchen > Cups", level=2
        )
        session.add(cups)
        session.flush()
        product_id = factories.make_product(session, shop)
        session.get_one(ProductRow, product_id).source_category_id = cups.id

    taken = read(database, shop)

    assert taken.products[0].source_category_id == kitchen
    assert len(taken.categories) == 3


def test_reads_labels_up_to_the_newest_annotation(database, shop, alice):
    with database.begin() as session:
        product_id = factories.make_product(session, shop)
        watches = factories.category_id(session, shop, "Watches")
        annotation = factories.make_annotation(
            session, shop, product_id, alice, Verdict.CORRECTED, category="Watches"
        )

    taken = read(database, shop)

    assert taken.products[0].label_category_id == watches
    assert taken.last_annotation_id == annotation.id


def test_other_catalogues_are_left_out(database, shop):
    with database.begin() as session:
        other = factories.make_catalogue(session, slug="other")
        factories.make_product(session, other)

    taken = read(database, shop)

    assert taken.products == ()
    assert taken.last_annotation_id is None


def test_a_side_once_drawn_stays(database, shop):
    with database.begin() as session:
        new = factories.make_product(session, shop)
        drawn = factories.make_product(session, shop, is_evaluation=True)

    with database.begin() as session:
        snapshots.write_splits(session, splits=[Split(new, True, 4), Split(drawn, False, 5)])

    with database.read() as session:
        rows = session.execute(
            select(ProductRow.is_evaluation, ProductRow.group_number).order_by(ProductRow.id)
        ).all()
    assert [tuple(row) for row in rows] == [(True, 4), (True, 5)]
