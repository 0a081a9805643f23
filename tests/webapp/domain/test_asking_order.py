from webapp.domain.asking_order import OpenProduct, arrange, fraction_of
from webapp.domain.review import AskedBecause


def products(n, *, margin=None, is_evaluation=False, is_skipped=False, start=0):
    return [
        OpenProduct(start + number, margin(number) if margin else None, is_evaluation, is_skipped)
        for number in range(n)
    ]


def test_the_smallest_margin_is_asked_first():
    places = arrange(
        products(4, margin=lambda n: 0.9 - n / 10), evaluation_share=0.2, has_round=True
    )

    assert [place.product_id for place in places] == [3, 2, 1, 0]
    assert {place.reason for place in places} == {AskedBecause.UNCERTAIN}
    assert not any(place.is_suggestion_hidden for place in places)


def test_priorities_fall_evenly_from_one_and_stay_above_zero():
    places = arrange(products(4, margin=float), evaluation_share=0.2, has_round=True)

    assert [place.priority for place in places] == [1.0, 0.75, 0.5, 0.25]


def test_every_fifth_place_goes_to_the_evaluation_set_with_the_suggestion_hidden():
    open_products = [
        *products(40, margin=lambda n: n / 40),
        *products(10, margin=lambda n: 0.5, is_evaluation=True, start=100),
    ]

    places = arrange(open_products, evaluation_share=0.2, has_round=True)

    evaluation = [at for at, place in enumerate(places) if place.reason == "evaluation"]
    assert evaluation == [4, 9, 14, 19, 24, 29, 34, 39, 44, 49]
    assert all(places[at].is_suggestion_hidden for at in evaluation)


def test_what_is_left_of_the_evaluation_set_comes_after_the_others():
    open_products = [
        *products(4, margin=float),
        *products(6, is_evaluation=True, start=100),
    ]

    places = arrange(open_products, evaluation_share=0.2, has_round=True)

    assert [place.product_id >= 100 for place in places] == [False] * 4 + [True] * 6


def test_skipped_products_come_last_and_stay_hidden_where_they_evaluate():
    open_products = [
        *products(2, margin=float),
        *products(1, margin=float, is_skipped=True, start=10),
        *products(1, is_evaluation=True, is_skipped=True, start=20),
    ]

    places = {
        place.product_id: place
        for place in arrange(open_products, evaluation_share=0.2, has_round=True)
    }

    assert places[10].priority < 0
    assert places[20].priority < 0
    assert places[10].reason == places[20].reason == AskedBecause.SKIPPED
    assert places[20].is_suggestion_hidden
    assert not places[10].is_suggestion_hidden


def test_a_product_without_a_prediction_is_new_and_waits_behind_the_uncertain():
    places = arrange(
        [OpenProduct(1, None, False, False), OpenProduct(2, 0.9, False, False)],
        evaluation_share=0.2,
        has_round=True,
    )

    assert [(place.product_id, place.reason) for place in places] == [
        (2, AskedBecause.UNCERTAIN),
        (1, AskedBecause.NEW),
    ]


def test_without_a_round_the_order_is_random_and_always_the_same():
    one = arrange(products(50), evaluation_share=0.2, has_round=False)
    other = arrange(products(50)[::-1], evaluation_share=0.2, has_round=False)

    assert one == other
    assert [place.product_id for place in one] != list(range(50))
    assert {place.reason for place in one} == {AskedBecause.RANDOM}


def test_a_share_of_everything_asks_the_evaluation_set_first():
    open_products = [*products(3, margin=float), *products(3, is_evaluation=True, start=10)]

    places = arrange(open_products, evaluation_share=1.0, has_round=True)

    assert [place.product_id >= 10 for place in places] == [True] * 3 + [False] * 3


def test_fractions_spread_over_the_unit_interval():
    fractions = [fraction_of(number) for number in range(1000)]

    assert 0 <= min(fractions) < 0.01
    assert 0.99 < max(fractions) < 1
