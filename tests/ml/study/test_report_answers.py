from dataclasses import replace

from ml.study.report_answers import answers_of
from tests.ml.study.factories import make_leak, make_study, make_summary


def answers(*summaries, leaks=()):
    return answers_of(make_study(summary=summaries, displays=(), leaks=leaks))


def test_the_best_system_is_told_with_interval_n_and_company():
    best, _, _ = answers(
        make_summary("embedding_net", title="Nets", ari=0.90),
        make_summary("embedding_net_flatten", ari=0.87),
        make_summary("cnn", ari=0.20),
    )

    words = best.sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert "Nets: 95 % interval 92.0 to 96.0 %, n = 168 products." in words
    assert "Its ARI is 0.900, 95 % interval 0.860 to 0.940." in words
    assert "1 other system comes within that interval" in words
    assert "best of 3 on these very products" in words
    assert best.big.replace("\N{NO-BREAK SPACE}", " ") == "94.0 % right"


def test_a_system_measured_under_the_study_protocol_is_never_the_best():
    best, _, _ = answers(
        make_summary("cnn", title="Honest one", ari=0.2),
        make_summary("nmf", ari=0.99, protocol="study"),
    )

    assert "Honest one" in best.sentence


def test_the_photo_is_judged_by_the_products_own_pair_where_it_was_measured():
    _, photo, _ = answers(
        make_summary("text_pair", ari=0.90),
        make_summary("field_net", ari=0.95),
        make_summary("fusion_default", modality="both", ari=0.91),
        make_summary("fusion_chosen", modality="both", ari=0.89),
    )

    assert photo.big == "+0.010 ARI"
    assert photo.sentence.startswith("The product's own text branch")


def test_a_gain_within_the_interval_is_called_uncertain():
    text = make_summary("embedding_net", ari=0.900)
    both = make_summary("fusion", modality="both", ari=0.920)
    image = make_summary("cnn", ari=0.600, title="Photos")

    _, photo, _ = answers(text, both, image)

    assert photo.big == "+0.020 ARI"
    assert "nothing certain" in photo.sentence
    assert "The best of the photo alone, Photos, has 0.600." in photo.sentence


def test_a_gain_and_a_loss_beyond_the_interval_are_told_apart():
    text = make_summary("embedding_net", ari=0.8)

    _, gain, _ = answers(text, make_summary("fusion", modality="both", ari=0.9))
    _, loss, _ = answers(text, make_summary("fusion", modality="both", ari=0.7))

    assert "more than the interval" in gain.sentence
    assert "a loss beyond the interval" in loss.sentence
    assert loss.big == "\N{MINUS SIGN}0.100 ARI"


def test_the_leak_is_told_with_how_many_products_had_been_seen():
    _, _, leak = answers(
        make_summary(), leaks=(make_leak("own", 0.985), make_leak("shared", 0.83, 20))
    )

    assert "227 of the 252 products" in leak.sentence
    assert "0.985" in leak.sentence
    assert "0.830" in leak.sentence


def test_what_was_not_measured_is_said_in_each_answer():
    best, photo, leak = answers(make_summary("cnn", protocol="study"))

    assert "No system was measured under the honest protocol" in best.sentence
    assert "cannot be said" in photo.sentence
    assert "not run" in leak.sentence
    assert [each.big for each in (best, photo, leak)] == ["", "", ""]


def test_a_missing_accuracy_leaves_the_figure_away():
    summary = make_summary("cnn")
    figures = {"ari_of_predictions": summary.figures["ari_of_predictions"]}

    best, _, _ = answers(replace(summary, figures=figures))

    assert best.big == ""
    assert "0.880" in best.sentence
