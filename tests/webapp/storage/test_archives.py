import errno
import stat
import zipfile
from pathlib import Path

import pytest

from webapp.domain.imports import ImportRejectedError
from webapp.storage import archives
from webapp.storage.archives import ArchiveLimits

LIMITS = ArchiveLimits(n_files=10, file_bytes=1000, total_bytes=3000)


def make_archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def unpacked(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "in" / "images"


def test_one_folder_around_all_files_is_taken_off(tmp_path, target):
    archive = make_archive(tmp_path / "a.zip", {"pictures/a.jpg": b"a", "pictures/b/c.jpg": b"c"})

    archives.unpack(archive, target, LIMITS)

    assert unpacked(target) == {"a.jpg", "b/c.jpg"}


def test_nothing_is_written_outside(tmp_path, target):
    names = ["../evil.jpg", "/evil.jpg", "a/../../evil.jpg", "..\\evil.jpg", "C:/evil.jpg"]
    archive = make_archive(tmp_path / "a.zip", dict.fromkeys(names, b"x") | {"good.jpg": b"x"})

    archives.unpack(archive, target, LIMITS)

    assert unpacked(tmp_path) == {"a.zip", "in/images/good.jpg"}


def test_links_and_what_file_managers_add_are_left_out(tmp_path, target):
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("__MACOSX/._a.jpg", b"x")
        archive.writestr(".DS_Store", b"x")
        archive.writestr("a.jpg", b"x")

    archives.unpack(tmp_path / "a.zip", target, LIMITS)

    assert unpacked(target) == {"a.jpg"}


def test_file_that_is_too_large_or_swells_is_left_out(tmp_path, target):
    files = {"large.jpg": bytes(range(256)) * 4, "bomb.jpg": b"\0" * 900, "a.jpg": b"x"}
    archive = make_archive(tmp_path / "a.zip", files)
    limits = ArchiveLimits(n_files=10, file_bytes=1000, total_bytes=9000)

    archives.unpack(archive, target, limits)

    assert unpacked(target) == {"bomb.jpg", "a.jpg"}  # 900 zeros do no harm


def test_zeros_by_the_million_are_left_out(tmp_path, target):
    archive = make_archive(tmp_path / "a.zip", {"bomb.jpg": b"\0" * 5_000_000, "a.jpg": b"x"})
    limits = ArchiveLimits(n_files=10, file_bytes=10_000_000, total_bytes=10_000_000)

    archives.unpack(archive, target, limits)

    assert unpacked(target) == {"a.jpg"}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({f"{n}.jpg": b"x" for n in range(11)}, "holds 11 files; at most 10"),
        ({f"{n}.jpg": b"x" * 900 for n in range(5)}, "unpacks to more"),
    ],
)
def test_archive_over_the_limits_is_refused_before_it_is_unpacked(tmp_path, files, words):
    archive = make_archive(tmp_path / "a.zip", files)

    with pytest.raises(ImportRejectedError, match=words):
        archives.check(archive, LIMITS)


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"hello")

    with pytest.raises(ImportRejectedError, match="Expected is a ZIP file"):
        archives.check(tmp_path / "a.zip", LIMITS)


def test_damaged_file_inside_is_left_out(tmp_path, target):
    archive = make_archive(tmp_path / "a.zip", {"a.jpg": bytes(range(200)), "b.jpg": b"b"})
    content = bytearray(archive.read_bytes())
    content[50] ^= 0xFF
    archive.write_bytes(content)

    archives.unpack(archive, target, LIMITS)

    assert unpacked(target) == {"b.jpg"}


def test_names_that_cannot_be_together_on_a_disk_cost_only_themselves(tmp_path, target):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("a.jpg", "a.jpg/b.jpg", "c.jpg/d.jpg", "c.jpg", "l" * 300 + ".jpg", "z.jpg"):
            archive.writestr(name, name.encode()[:20])

    archives.unpack(tmp_path / "a.zip", target, LIMITS)

    assert unpacked(target) == {"a.jpg", "c.jpg/d.jpg", "z.jpg"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_first_of_two_files_of_one_name_stays(tmp_path, target):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.jpg", b"first")
        archive.writestr("a.jpg", b"second")

    archives.unpack(tmp_path / "a.zip", target, LIMITS)

    assert (target / "a.jpg").read_bytes() == b"first"


def test_full_disk_is_no_damaged_image(tmp_path, target, monkeypatch):
    archive = make_archive(tmp_path / "a.zip", {"a.jpg": b"a", "b.jpg": b"b"})

    def fail(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archives, "_unpack_one", fail)

    with pytest.raises(OSError, match="No space left"):
        archives.unpack(archive, target, LIMITS)

    assert not target.exists()
