"""A whole study of light systems on drawn images: reading, both protocols, the files."""

import csv
import json

import pytest

from ml.contract import PipelineSettings
from ml.study.catalogue import SourceProduct, gather
from ml.study.documents import write_documents
from ml.study.runner import StudyOptions, run_study
from tests.ml.images.pictures import encoded, picture

SYSTEMS = ("lda", "embedding_net_flatten", "visual_words", "cnn_plain", "fusion_mean")
CATEGORIES = {
    "mug": ("ceramic coffee handle", (220, 30, 30)),
    "towel": ("cotton soft bath", (30, 30, 220)),
    "lamp": ("desk light bulb", (30, 200, 30)),
}
N_EACH = 12


@pytest.fixture(scope="module")
def products(tmp_path_factory):
    """36 products; one image is broken, one is missing, one product has no text."""
    folder = tmp_path_factory.mktemp("images")
    rows = []
    for name, (words, colour) in CATEGORIES.items():
        for at in range(N_EACH):
            content = encoded(picture(40 + at, 50 + 2 * at, colour))
            if (name, at) == ("mug", 3):
                content = content[: len(content) // 3]
            image = f"{name}-{at}.jpg"
            if (name, at) != ("lamp", 5):
                (folder / image).write_bytes(content)
            own = " ".join(f"{word}{at}{name}" for word in ("alpha", "beta", "gamma", "delta"))
            text = "" if (name, at) == ("towel", 7) else f"{name} {words} {own}"
            rows.append(SourceProduct(f"line {at}", image, "", text, "", name, image))
    return gather(rows, source="drawn.csv", images=folder)


@pytest.mark.slow
def test_real_systems_end_in_figures_displays_and_files(products, tmp_path):
    lines: list[str] = []

    study = run_study(
        products,
        StudyOptions(only=SYSTEMS),
        PipelineSettings(image_size_px=(32, 32), epochs=2),
        tmp_path,
        lines.append,
    )
    write_documents(study, tmp_path)

    assert (study.n_products, study.n_with_text, study.n_with_image) == (36, 35, 34)
    assert "2 products have no image that can be read" in study.left_out[0]
    ran = {(row.system, row.protocol) for row in study.rows}
    assert ran == {(name, of) for name in SYSTEMS[:4] for of in ("study", "honest")}
    assert any("fusion_mean" in sentence for sentence in study.left_out)  # it has no weights
    assert all(row.n_parameters > 0 and row.fit_s > 0 for row in study.rows)
    shown = {(display.system, display.protocol): display for display in study.displays}
    assert len(shown["cnn_plain", "honest"].curve) == 2
    assert len(shown["lda", "study"].topic_words) == 3
    assert shown["visual_words", "study"].confusion_of == "clusters"
    assert [words.category for words in study.words] == ["lamp", "mug", "towel"]
    assert all(content.startswith(b"\xff\xd8") for _, content in study.key_points)
    assert len(study.key_points) == 3
    written = json.loads((tmp_path / "study.json").read_text())
    assert len(written["rows"]) == len(lines) - 3 == 8  # a line each, three of others
    with (tmp_path / "study.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 8
    assert "</html>" in (tmp_path / "study.html").read_text()
