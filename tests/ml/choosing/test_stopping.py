import pytest

from ml.choosing.stopping import advise

CALM = [False] * 29 + [True]


class TestAdvise:
    def test_one_correction_in_the_last_thirty_is_few_enough(self):
        advice = advise(CALM)

        assert advice.stop
        assert (advice.n_corrections, advice.n_decisions) == (1, 30)
        assert "1 of the last 30 decisions" in advice.reason

    def test_two_corrections_in_the_last_thirty_are_too_many(self):
        advice = advise([True, *CALM[1:]])

        assert not advice.stop
        assert "2 of the last 30 decisions" in advice.reason

    def test_older_corrections_are_forgotten(self):
        assert advise([True] * 500 + CALM).stop

    @pytest.mark.parametrize("n", [0, 1, 29])
    def test_fewer_than_thirty_decisions_say_nothing(self, n):
        advice = advise([False] * n)

        assert not advice.stop
        assert f"Only {n} decisions" in advice.reason

    def test_predictions_that_still_move_are_a_reason_to_go_on(self):
        assert advise(CALM, share_changed=0.01).stop
        moving = advise(CALM, share_changed=0.034)
        assert not moving.stop
        assert "3.4%" in moving.reason

    def test_a_curve_that_surely_rises_is_a_reason_to_go_on(self):
        assert advise(CALM, gain=(-0.002, 0.03)).stop
        rising = advise(CALM, gain=(0.004, 0.03))
        assert not rising.stop
        assert "0.4 to 3.0 points" in rising.reason
