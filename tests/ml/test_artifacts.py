"""A model on disk is whole, or refused in words that help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml.artifacts import MANIFEST, read_artifact, write_artifact
from ml.errors import ArtifactError


def write(directory: Path) -> None:
    write_artifact(
        directory,
        pipeline="embedding_net",
        settings={"seed": 3},
        categories=(5, 2),
        details={"length": 7},
        writers={"terms.json": lambda path: path.write_text("[]", encoding="utf-8")},
    )


def test_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write(tmp_path / "new" / "folder")

    manifest = read_artifact(tmp_path / "new" / "folder")

    assert manifest.pipeline == "embedding_net"
    assert manifest.categories == (5, 2)
    assert (manifest.settings, manifest.details) == ({"seed": 3}, {"length": 7})
    assert {"python", "keras", "numpy"} <= set(manifest.versions)


def test_folder_without_manifest_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no model in .*manifest\.json is missing"):
        read_artifact(tmp_path)


def test_writing_that_fails_leaves_no_model(tmp_path: Path) -> None:
    write(tmp_path)

    def fail(path: Path) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_artifact(
            tmp_path,
            pipeline="embedding_net",
            settings={},
            categories=(1, 2),
            details={},
            writers={"terms.json": fail},
        )
    with pytest.raises(ArtifactError, match="missing"):
        read_artifact(tmp_path)


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    write(tmp_path)
    if damage == "changed":
        (tmp_path / "terms.json").write_text("{}", encoding="utf-8")
    else:
        (tmp_path / "terms.json").unlink()

    with pytest.raises(ArtifactError, match=r"damaged: .*terms\.json"):
        read_artifact(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 99}'])
def test_manifest_that_can_not_be_used_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")

    with pytest.raises(ArtifactError, match=r"manifest\.json"):
        read_artifact(tmp_path)


@pytest.mark.parametrize(("kind", "name"), [("files", "../secret"), ("parts", "..")])
def test_manifest_can_not_reach_other_folders(tmp_path: Path, kind: str, name: str) -> None:
    write(tmp_path)
    stored = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    stored[kind] = {name: "0" * 64}
    (tmp_path / MANIFEST).write_text(json.dumps(stored), encoding="utf-8")

    with pytest.raises(ArtifactError, match="outside its folder"):
        read_artifact(tmp_path)


class TestParts:
    """A pipeline made of others keeps each in a folder of its own."""

    @pytest.fixture
    def whole(self, tmp_path: Path) -> Path:
        write_artifact(
            tmp_path,
            pipeline="fusion_mean",
            settings={},
            categories=(5, 2),
            details={},
            writers={},
            parts={"text": write},
        )
        return tmp_path

    def test_are_artifacts_themselves(self, whole: Path) -> None:
        assert list(read_artifact(whole).parts) == ["text"]
        assert read_artifact(whole / "text").pipeline == "embedding_net"

    def test_that_are_missing_are_named(self, whole: Path) -> None:
        (whole / "text" / MANIFEST).unlink()

        with pytest.raises(ArtifactError, match=r"text/manifest\.json: it is missing"):
            read_artifact(whole)

    def test_that_were_replaced_by_another_model_are_refused(self, whole: Path) -> None:
        write_artifact(
            whole / "text",
            pipeline="embedding_net",
            settings={"seed": 4},
            categories=(5, 2),
            details={},
            writers={},
        )

        with pytest.raises(ArtifactError, match="its content differs from what was saved"):
            read_artifact(whole)

    def test_are_no_need_of_a_manifest_written_before_there_were_any(self, tmp_path: Path) -> None:
        write(tmp_path)
        stored = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
        del stored["parts"]
        (tmp_path / MANIFEST).write_text(json.dumps(stored), encoding="utf-8")

        assert dict(read_artifact(tmp_path).parts) == {}
