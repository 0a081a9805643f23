from tests import factories
from webapp.domain.asking_order import Place
from webapp.domain.review import AskedBecause, ProductState, Verdict
from webapp.storage import ordered_products
from webapp.storage.tables import ProductRow, QueueEntryRow


def test_every_product_comes_with_its_place_its_side_and_its_label(database, shop, alice):
    with database.begin() as session:
        plain = factories.make_product(session, shop, priority=0.25, reason="uncertain")
        lost = factories.make_product(session, shop, priority=None, source=None)
        labelled = factories.make_product(session, shop, is_evaluation=True)
        factories.make_annotation(
            session, shop, labelled, alice, Verdict.CORRECTED, category="Watches"
        )
        session.get_one(ProductRow, plain).group_number = 7
        watches = factories.category_id(session, shop, "Watches")
        kitchen = factories.category_id(session, shop, "Kitchen")

    with database.read() as session:
        one, two, three = ordered_products.iterate_all(session, catalogue_id=shop.id)

    assert (one.id, two.id, three.id) == (plain, lost, labelled)
    assert one.place == Place(plain, 0.25, AskedBecause.UNCERTAIN, False)
    assert (one.group_number, one.source_category_id, one.is_evaluation) == (7, kitchen, False)
    assert (two.place, two.source_category_id, two.label_category_id) == (None, None, None)
    assert (three.state, three.label_category_id) == (ProductState.LABELLED, watches)
    assert three.is_evaluation


def test_front_holds_what_waits_without_what_is_lent_or_skipped(database, shop, alice):
    with database.begin() as session:
        late, first, behind = (
            factories.make_product(session, shop, priority=priority)
            for priority in (0.1, 0.9, -0.4)
        )
        factories.make_product(session, shop, priority=-1.5, reason="skipped")
        lent = factories.make_product(session, shop, priority=1.0)
        entry = session.get_one(QueueEntryRow, lent)
        entry.is_waiting, entry.leased_to = False, alice.id

    with database.read() as session:
        front = ordered_products.list_front(session, catalogue_id=shop.id, n=10)
        shorter = ordered_products.list_front(session, catalogue_id=shop.id, n=2)

    assert [product.id for product in front] == [first, late, behind]
    assert [product.id for product in shorter] == [first, late]


def test_labelled_products_come_newest_first(database, shop, alice):
    with database.begin() as session:
        ids = [factories.make_product(session, shop) for _ in range(3)]
        for product_id in (ids[1], ids[0], ids[2]):
            factories.make_annotation(
                session, shop, product_id, alice, Verdict.CORRECTED, category="Watches"
            )

    with database.read() as session:
        found = ordered_products.list_labelled(session, catalogue_id=shop.id, n=2)

    assert [product.id for product in found] == [ids[2], ids[0]]


def test_taken_groups_are_those_that_are_decided_or_on_a_desk(database, shop, alice):
    with database.begin() as session:
        decided, lent, waiting = (factories.make_product(session, shop) for _ in range(3))
        for number, product_id in enumerate((decided, lent, waiting)):
            session.get_one(ProductRow, product_id).group_number = number
        session.get_one(ProductRow, decided).state = "labelled"
        session.get_one(QueueEntryRow, lent).leased_to = alice.id

    with database.read() as session:
        found = ordered_products.list_taken_groups(
            session, catalogue_id=shop.id, group_numbers=[0, 1, 2, 3]
        )

    assert found == {0, 1}


def test_skipped_is_what_nobody_has_touched_since(database, shop, alice):
    with database.begin() as session:
        skipped, taken_back = (factories.make_product(session, shop) for _ in range(2))
        factories.make_annotation(session, shop, skipped, alice, Verdict.SKIPPED)
        skip = factories.make_annotation(session, shop, taken_back, alice, Verdict.SKIPPED)
        factories.make_annotation(session, shop, taken_back, alice, Verdict.UNDONE, undoes=skip)

    with database.read() as session:
        assert ordered_products.list_skipped(session, catalogue_id=shop.id) == {skipped}


def test_a_round_says_what_it_said(database, shop):
    with database.begin() as session:
        product_id = factories.make_product(session, shop)
        first = factories.make_round(session, shop, {product_id: {"Kitchen": 0.7, "Watches": 0.2}})
        factories.make_round(session, shop, {product_id: {"Kitchen": 1.0}}, number=2)

    with database.read() as session:
        (said,) = ordered_products.iterate_said(session, round_id=first, product_ids=[product_id])

    assert said[0] == product_id
    assert [probability for _, probability in said[1]] == [0.7, 0.2]
    assert said[3] is None


def test_measure_counts_products_and_knows_the_newest(database, shop):
    with database.begin() as session:
        ids = [factories.make_product(session, shop) for _ in range(3)]

    with database.read() as session:
        assert ordered_products.measure(session, catalogue_id=shop.id) == (3, ids[-1])
        assert ordered_products.measure(session, catalogue_id=shop.id + 1) == (0, 0)
