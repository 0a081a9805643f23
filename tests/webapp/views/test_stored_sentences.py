import io

import numpy as np
import pytest
from flask_babel import force_locale

from ml.branches import MIN_ROWS, why_unusable
from ml.contract import PipelineSettings, ProductBatch
from ml.errors import MlError, UnreadableImageError
from ml.fusion import choose_fusion
from ml.images.headers import read_header
from ml.images.weights import find_file
from webapp.domain import image_files
from webapp.domain.import_files import read_table
from webapp.domain.import_rows import MAX_CHARS, read_product
from webapp.domain.imports import ImportProblem
from webapp.domain.jobs import GAVE_UP, UNEXPECTED
from webapp.jobs.gating import FIRST
from webapp.services.retraining import PUBLISHED_BY_HAND
from webapp.views.stored_sentences import translated

HEADER = b"id,name\n"
JSON_LINE = b'{"id": "1", "name": "Mug"}\n'


@pytest.fixture
def french(app):
    with app.test_request_context(), force_locale("fr"):
        yield translated


class TestTranslated:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.csv", HEADER + b",Mug\n"),
            ("a.csv", HEADER + b"1,\n"),
            ("a.csv", HEADER + b"1,Mug,red\n"),
            ("a.csv", HEADER + b'1,"Mug\n'),
            ("a.csv", HEADER + b'1,"Mug\n2,"Cup"\n3,Can\n'),
            ("a.csv", HEADER + b"1,M\x00ug\n"),
            ("a.csv", HEADER + b"1,M\xe9ug\n"),
            ("a.csv", HEADER + b"1," + b"x" * (MAX_CHARS["name"] + 1) + b"\n"),
            ("a.jsonl", JSON_LINE + b'{"id": "2", \n'),
            ("a.jsonl", JSON_LINE + b"[]\n"),
            ("a.jsonl", JSON_LINE + b'{"id": "2", "name": ["Mug"]}\n'),
        ],
    )
    def test_knows_why_a_row_is_rejected(self, french, name, content):
        rows = read_table(io.BytesIO(content), file_name=name).rows
        mapping = {"external_id": "id", "name": "name"}
        read = [r if isinstance(r, ImportProblem) else read_product(r, mapping) for r in rows]
        reasons = [each.reason for each in read if isinstance(each, ImportProblem)]

        assert reasons
        assert all(french(reason) != reason for reason in reasons)

    @pytest.mark.parametrize(
        "reason",
        [
            image_files.ADDRESS,
            image_files.OUTSIDE,
            image_files.NOT_FOUND,
            image_files.NO_FOLDER,
            image_files.CUT_OFF,
            image_files.ANIMATED,
            image_files.suffix_problem("mug.png", "JPEG"),
            GAVE_UP,
            UNEXPECTED,
            FIRST,
            PUBLISHED_BY_HAND,
        ],
    )
    def test_knows_what_is_said_of_images_jobs_and_rounds(self, french, reason):
        assert french(reason) != reason

    @pytest.mark.parametrize("content", [b"", b"no image", b"\xff\xd8\xff", b"\xff\xd8nonsense"])
    def test_knows_why_a_file_is_no_image(self, french, content):
        with pytest.raises(UnreadableImageError) as refused:
            read_header(content)

        assert french(str(refused.value)) != str(refused.value)

    def test_knows_why_the_backbone_cannot_run(self, french, tmp_path):
        with pytest.raises(MlError) as refused:
            find_file(PipelineSettings(weights=tmp_path / "absent.h5"))
        sentence = (
            "The image branch is the small CNN, trained from scratch and clearly weaker, "
            f"because {refused.value}."
        )

        assert "existe pas" in french(sentence)
        assert "absent.h5" in french(sentence)

    @pytest.mark.parametrize("n", [0, 1, MIN_ROWS])
    def test_knows_why_a_branch_cannot_learn(self, french, n):
        ids = tuple(str(row) for row in range(MIN_ROWS))
        texts = ("",) * len(ids)
        names = tuple("Mug" if row < n else "" for row in range(len(ids)))
        none = (None,) * len(ids)
        batch = ProductBatch(ids, names, texts, texts, none, none)
        labels = np.zeros(len(ids), dtype=np.int64)

        reason = why_unusable("text", batch, labels, labels)

        assert french(f"image alone: {reason}").startswith("image seule\N{NO-BREAK SPACE}: ")
        assert french(reason) != reason

    @pytest.mark.parametrize("n", [4, 200])
    def test_knows_how_the_fusion_was_chosen_and_writes_numbers_as_the_page_does(self, french, n):
        random = np.random.default_rng(0)
        text, image = random.dirichlet(np.ones(3), size=(2, n))
        columns, folds = random.integers(3, size=n), np.arange(n) % 2

        reason = choose_fusion(text, image, columns, folds).reason

        assert french(reason) != reason
        assert "." not in french(reason)

    def test_leaves_a_sentence_that_it_does_not_know(self, french):
        assert french("100 % of something else") == "100 % of something else"

    @pytest.mark.parametrize("nothing", ["", None])
    def test_says_nothing_of_nothing(self, french, nothing):
        assert french(nothing) == ""
