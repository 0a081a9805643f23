"""A catalogue whose live round may be certified: labelled evaluation products, open candidates."""

from tests import factories
from webapp.domain.jobs import JobKind
from webapp.domain.review import Verdict
from webapp.jobs import accepting, runner
from webapp.jobs.context import JobContext
from webapp.services import acceptance
from webapp.storage import catalogues, rounds

N_LABELLED, N_SURE, N_UNSURE = 70, 40, 10  # 59 without an error certify 95 % at 95 %


def make_shop(session, person, *, n_labelled=N_LABELLED, n_wrong=0, n_sure=N_SURE):
    """Add a catalogue; return it, its sure candidates and its unsure ones."""
    shop = factories.make_catalogue(session)
    evaluation = [
        factories.make_product(session, shop, is_evaluation=True, priority=None)
        for _ in range(n_labelled)
    ]
    sure = [factories.make_product(session, shop, is_evaluation=False) for _ in range(n_sure)]
    unsure = [factories.make_product(session, shop, is_evaluation=False) for _ in range(N_UNSURE)]
    says = {key: {"Kitchen": 0.99, "Watches": 0.01} for key in (*evaluation, *sure)}
    says |= {key: {"Kitchen": 0.5, "Watches": 0.4} for key in unsure}
    factories.make_round(session, shop, says)
    for at, product_id in enumerate(evaluation):
        factories.make_annotation(
            session,
            shop,
            product_id,
            person,
            Verdict.CORRECTED,
            category="Watches" if at < n_wrong else "Kitchen",
            is_suggestion_hidden=True,
        )
    return catalogues.get(session, slug=shop.slug), sure, unsure


def ask_for(database, person, *, target=0.95, confidence=0.95, is_per_category=False):
    """Let an admin ask for that precision; None asks for nothing."""
    with database.begin() as session:
        acceptance.choose(
            session,
            catalogue=catalogues.get(session, slug="shop"),
            target=target,
            confidence=confidence,
            is_per_category=is_per_category,
            requested_by=person.id,
            now=factories.NOW,
        )


def apply(database, config, report=lambda stage, done, total: None):
    """Do what the job does; return how many products changed."""
    with database.begin() as session:
        shop = catalogues.get(session, slug="shop")
        job = factories.make_job(session, shop, JobKind.REFRESH_PREDICTIONS)
        live = rounds.find_live(session, catalogue_id=shop.id)
    claimed = runner.claim(database, job.id)
    return accepting.apply(JobContext(claimed, config, database, report, print), shop, live)
