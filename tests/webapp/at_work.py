"""People at work in a shop, as tests of services let them act and look at what is stored."""

from sqlalchemy import select

from tests import factories
from webapp.services import review
from webapp.storage.tables import AnnotationRow, LabelRow, ProductRow, QueueEntryRow

LEASE_S = 600


class AtWork:
    """Acts, each in a transaction of its own, and what the database holds after them."""

    def __init__(self, database, shop, now):
        self.database, self.shop, self.now = database, shop, now
        self.n_acts = 0

    def claim(self, user, n=1, now=None):
        with self.database.begin() as session:
            return review.claim(
                session,
                catalogue=self.shop,
                user_id=user.id,
                now=now or self.now,
                lease_s=LEASE_S,
                n=n,
            )

    def change(self, product_id, **values):
        with self.database.begin() as session:
            product = session.get_one(ProductRow, product_id)
            for name, value in values.items():
                setattr(product, name, value)

    def category(self, name):
        with self.database.read() as session:
            return factories.category_id(session, self.shop, name)

    def labels(self):
        with self.database.read() as session:
            return dict(session.execute(select(LabelRow.product_id, LabelRow.category_id)).all())

    def acts(self):
        with self.database.read() as session:
            return list(session.scalars(select(AnnotationRow).order_by(AnnotationRow.id)))

    def entry(self, product_id):
        with self.database.read() as session:
            return session.get_one(QueueEntryRow, product_id)
