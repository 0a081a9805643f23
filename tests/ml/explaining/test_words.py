import numpy as np
import pytest

from ml.contract import PipelineSettings, ProductBatch, ignore_progress
from ml.explaining import words as explaining
from ml.explaining.words import N_SHOWN, weigh_words
from ml.pipelines import build


def batch_of(*products):
    """Make products of (name, description, specifications)."""
    n = len(products)
    names, descriptions, specifications = zip(*products, strict=True)
    ids = tuple(f"p{at}" for at in range(n))
    return ProductBatch(ids, names, descriptions, specifications, (None,) * n, (None,) * n)


def knowing(**chances):
    """Answer with the chance of the second category after the words that a text still holds."""

    def answer(batch):
        second = np.array(
            [
                np.nan
                if not text.strip()
                else 0.1 + sum(p for word, p in chances.items() if word in text.lower())
                for text in batch.texts()
            ]
        )
        return np.column_stack([1 - second, second])

    return answer


def weigh(answer, *products, column=1):
    columns = np.full(len(products), column)
    return list(weigh_words(answer, batch_of(*products), columns))


def test_marks_the_word_that_the_category_hangs_on():
    (found,) = weigh(knowing(dial=0.8), ("Round dial", "Made of steel.", "Colour: blue"))

    assert [word for word, _ in found] == ["dial"]
    assert found[0][1] == pytest.approx(2 * np.log(0.9 / 0.1))


def test_a_fitted_pipeline_goes_by_the_words_of_its_categories():
    rng = np.random.default_rng(0)
    common = ["blue", "large", "gift", "sturdy", "cheap", "fresh"]
    kinds = ["dial", "screen"]
    batch = batch_of(
        *((" ".join([*rng.permutation(common)[:3], kinds[at % 2]]), "", "") for at in range(40))
    )
    fitted = build("tfidf_linear", PipelineSettings()).fit(
        batch, np.arange(40) % 2, ignore_progress
    )

    found = list(weigh_words(fitted.predict_proba, batch.take([0, 1]), np.array([0, 1])))

    assert [each[0][0] for each in found] == ["dial", "screen"]


def test_forms_of_a_word_go_together_wherever_they_stand():
    (found,) = weigh(knowing(curtain=0.7), ("Door Curtain", "Two CURTAINS.", "Type: curtains"))

    assert [word for word, _ in found] == ["curtain", "curtains"]
    assert found[0][1] == found[1][1] > 0


def test_words_that_speak_for_another_category_are_left_out():
    (found,) = weigh(knowing(dial=0.5, strap=0.3), ("Dial strap", "", ""), column=0)

    assert found == []


def test_the_heaviest_comes_first_and_what_hardly_counts_not_at_all():
    answer = knowing(dial=0.5, strap=0.2, steel=0.01)

    (found,) = weigh(answer, ("Steel strap dial", "", ""))

    assert [word for word, _ in found] == ["dial", "strap"]


def test_a_certain_branch_still_goes_by_some_words_more_than_by_others():
    def answer(batch):
        others = np.array([1e-30 if "dial" in text.lower() else 1e-9 for text in batch.texts()])
        return np.column_stack([others, 1 - others])

    (found,) = weigh(answer, ("Steel dial", "", ""))

    assert [word for word, _ in found] == ["dial"]


def test_no_more_words_than_can_be_looked_at():
    answer = knowing(**{f"word{at}x": 0.05 for at in range(12)})

    (found,) = weigh(answer, (" ".join(f"word{at}x" for at in range(12)), "", ""))

    assert len(found) == N_SHOWN


def test_the_only_word_of_a_product_is_compared_with_knowing_nothing():
    (found,) = weigh(knowing(dial=0.8), ("Dial", "", ""))

    assert found == [("dial", pytest.approx(np.log(0.9 / 0.1)))]


def test_a_product_without_text_has_no_words():
    assert weigh(knowing(dial=0.8), ("", "", "")) == [[]]


def test_stop_words_are_left_alone():
    (found,) = weigh(knowing(the=0.8), ("The dial", "", ""))

    assert found == []


def test_products_share_predictions_and_keep_their_order(monkeypatch):
    monkeypatch.setattr(explaining, "VARIANTS_AT_ONCE", 8)
    sizes = []

    def answer(batch):
        sizes.append(len(batch))
        return knowing(dial=0.5, strap=0.4)(batch)

    products = [(f"{'dial' if at % 2 else 'strap'} of steel", "", "") for at in range(5)]

    found = weigh(answer, *products)

    assert sizes == [6, 6, 3]
    assert [each[0][0] for each in found] == ["strap", "dial", "strap", "dial", "strap"]


def test_reads_no_more_words_than_it_may(monkeypatch):
    monkeypatch.setattr(explaining, "AT_MOST_WORDS", 2)

    (found,) = weigh(knowing(dial=0.8), ("Steel strap", "dial", ""))

    assert found == []
