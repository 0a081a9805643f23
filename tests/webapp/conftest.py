"""A catalogue that most tests of the web side start from."""

import pytest

from tests import factories
from webapp.domain.catalogue import Catalogue
from webapp.storage.database import Database


@pytest.fixture
def shop(database: Database) -> Catalogue:
    with database.begin() as session:
        return factories.make_catalogue(session)


@pytest.fixture
def kitchen(database: Database, shop: Catalogue) -> int:
    """Return the id of the category Kitchen."""
    with database.read() as session:
        return factories.category_id(session, shop, "Kitchen")


@pytest.fixture
def mug(database: Database, shop: Catalogue) -> int:
    """Return the id of a product."""
    with database.begin() as session:
        return factories.make_product(session, shop, name="Blue mug")
