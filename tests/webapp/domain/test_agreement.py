from tests import factories
from webapp.domain.agreement import blind_answers
from webapp.domain.review import Annotation, AskedBecause, Probe, Verdict

ALICE, BOB, CAROL = 1, 2, 3
WATCHES, KITCHEN = 10, 11


def act(number, user_id, category_id, **others):
    return Annotation(
        **{
            "id": number,
            "product_id": 1,
            "user_id": user_id,
            "verdict": Verdict.CORRECTED if category_id else Verdict.FLAGGED,
            "category_id": category_id,
            "note": "",
            "undoes_id": None,
            "asked_because": AskedBecause.UNCERTAIN,
            "is_suggestion_hidden": False,
            "shown_round_id": None,
            "shown_category_id": None,
            "shown_probability": None,
            "took_ms": None,
            "created_at": factories.NOW,
            "n_needed": 2,
        }
        | others
    )


def test_only_answers_count_that_were_given_before_the_others_could_be_seen():
    acts = [act(1, ALICE, WATCHES), act(2, BOB, KITCHEN), act(3, CAROL, KITCHEN)]

    assert blind_answers(acts) == {ALICE: WATCHES, BOB: KITCHEN}


def test_the_first_answer_of_a_person_counts_and_a_flag_is_one():
    acts = [act(1, ALICE, None), act(2, ALICE, WATCHES), act(3, BOB, KITCHEN)]

    assert blind_answers(acts) == {ALICE: None, BOB: KITCHEN}


def test_what_was_taken_back_or_skipped_does_not_count():
    acts = [
        act(1, ALICE, WATCHES),
        act(2, ALICE, None, verdict=Verdict.UNDONE, undoes_id=1),
        act(3, BOB, None, verdict=Verdict.SKIPPED),
        act(4, CAROL, KITCHEN),
    ]

    assert blind_answers(acts) == {CAROL: KITCHEN}


def undoing(number, of):
    return act(number, ALICE, None, verdict=Verdict.UNDONE, undoes_id=of)


def test_who_answers_anew_before_all_are_in_has_seen_nothing():
    acts = [
        act(1, ALICE, WATCHES, n_needed=3),
        act(2, BOB, KITCHEN, n_needed=3),
        undoing(3, of=1),
        act(4, ALICE, KITCHEN, n_needed=3),
    ]

    assert blind_answers(acts) == {ALICE: KITCHEN, BOB: KITCHEN}


def test_what_is_answered_anew_after_all_were_in_does_not_count():
    acts = [
        act(1, ALICE, WATCHES),
        act(2, BOB, KITCHEN),
        undoing(3, of=1),
        act(4, ALICE, KITCHEN),
    ]

    assert blind_answers(acts) == {BOB: KITCHEN}


def test_nor_does_what_somebody_else_answers_in_her_place():
    acts = [act(1, ALICE, WATCHES), act(2, BOB, KITCHEN), undoing(3, of=1), act(4, CAROL, KITCHEN)]

    assert blind_answers(acts) == {BOB: KITCHEN}


def test_an_adjudication_is_no_answer_and_ends_them():
    acts = [
        act(1, ALICE, WATCHES, n_needed=3),
        act(2, CAROL, KITCHEN, n_needed=3, asked_because=AskedBecause.ADJUDICATION),
        act(3, BOB, KITCHEN, n_needed=3),
    ]

    assert blind_answers(acts) == {ALICE: WATCHES}


def test_confirming_what_was_planted_says_nothing_of_the_product():
    acts = [
        act(1, ALICE, KITCHEN, probe=Probe.PLANTED, shown_category_id=KITCHEN),
        act(2, BOB, WATCHES),
    ]

    assert blind_answers(acts) == {BOB: WATCHES}


def test_of_nothing_is_nothing():
    assert blind_answers([]) == {}
