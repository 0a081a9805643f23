import pytest

from webapp.domain.catalogue_settings import read_settings
from webapp.domain.probes import draw_probe, plantable, planted
from webapp.domain.retraining import Prediction, Ranked
from webapp.domain.review import Probe

WATCHES, KITCHEN, COMPUTERS, TOYS, GONE = 1, 2, 3, 4, 5


def said(probability: float = 0.94) -> Prediction:
    others = (KITCHEN, GONE, COMPUTERS, TOYS)
    return Prediction(
        round_id=1,
        product_id=1,
        category_id=WATCHES,
        probability=probability,
        margin=0.9,
        fused=(Ranked(WATCHES, probability), *(Ranked(each, 0.01) for each in others)),
        text=(Ranked(WATCHES, 0.97), Ranked(TOYS, 0.02)),
        image=None,
    )


@pytest.mark.parametrize(
    ("fraction", "probe"),
    [
        (0.0, Probe.HIDDEN),
        (0.0499, Probe.HIDDEN),
        (0.05, Probe.PLANTED),
        (0.0699, Probe.PLANTED),
        (0.07, None),
        (0.9999, None),
    ],
)
def test_each_kind_of_card_has_its_share(fraction, probe):
    assert draw_probe(read_settings({"hidden_share": 5, "planted_share": 2}), fraction) == probe


def test_nothing_is_planted_by_default():
    drawn = [draw_probe(read_settings({}), number / 100) for number in range(100)]

    assert drawn.count(Probe.HIDDEN) == 5
    assert drawn.count(Probe.PLANTED) == 0


class TestPlantable:
    def test_is_a_runner_up_that_neither_model_nor_seller_names(self):
        found = plantable(
            said(), source_category_id=KITCHEN, choosable=[WATCHES, KITCHEN, COMPUTERS, TOYS]
        )

        assert found == [COMPUTERS, TOYS]

    def test_is_nothing_where_the_model_may_well_be_wrong(self):
        assert plantable(said(0.89), source_category_id=None, choosable=[KITCHEN]) == []


class TestPlanted:
    def test_exchanges_two_categories_and_keeps_every_number(self):
        shown = planted(said(), TOYS)

        assert shown is not None
        assert (shown.category_id, shown.probability) == (TOYS, 0.94)
        assert [ranked.category_id for ranked in shown.fused] == [
            TOYS,
            KITCHEN,
            GONE,
            COMPUTERS,
            WATCHES,
        ]
        assert shown.text == (Ranked(TOYS, 0.97), Ranked(WATCHES, 0.02))
        assert shown.image is None

    @pytest.mark.parametrize("category_id", [WATCHES, 99])
    def test_needs_a_category_that_another_round_may_not_name(self, category_id):
        assert planted(said(), category_id) is None
