from webapp.storage import catalogues


def test_a_catalogue_that_another_import_adds_meanwhile_is_found(database, now):
    with database.begin() as session:
        catalogues.add(session, slug="shop", name="Shop", decision_level=2, now=now)

    with database.begin() as session:
        found = catalogues.add(session, slug="shop", name="SHOP", decision_level=1, now=now)

    assert (found.name, found.decision_level) == ("Shop", 2)
