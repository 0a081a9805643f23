import cv2
import numpy as np
import pytest

from webapp.services import catalogue
from webapp.storage import images

SHA = "0" * 64


@pytest.fixture
def address(database, config, tmp_path, now) -> str:
    """The address of the display rendition of a product's image in the catalogue ``shop``."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.jpg"), np.full((30, 40, 3), 90, dtype=np.uint8))
    (tmp_path / "p.csv").write_text("id,name,image\n1,Mug,a.jpg\n")
    for name in ("Shop", "Other"):
        catalogue.import_file(
            database,
            config,
            path=tmp_path / "p.csv",
            file_name="p.csv",
            name=name,
            images_dir=folder if name == "Shop" else None,
            now=now,
        )
    display = next(config.images_dir.rglob("*.display.jpg"))
    return f"/c/shop/images/{display.name.split('.')[0]}/display"


def test_image_is_a_jpeg_that_never_changes(client, address):
    answer = client.get(address)

    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    answer.close()


def test_image_that_the_browser_has_is_not_sent_again(client, address):
    first = client.get(address)
    first.close()

    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""
    again.close()


def test_image_of_another_catalogue_is_not_found(client, address):
    assert client.get(address.replace("/c/shop/", "/c/other/")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [f"{SHA}/display", f"{SHA[:-1]}Z/display", "..%2f..%2fsecret_key/display", f"{SHA}/full"],
)
def test_unknown_image_is_not_found(client, address, path):
    assert client.get(f"/c/shop/images/{path}").status_code == 404


def test_rendition_whose_file_is_gone_is_not_found(client, address, config):
    sha256 = address.split("/")[-2]
    images.rendition_path(
        config.images_dir, sha256=sha256, rendition=images.Rendition.DISPLAY
    ).unlink()

    assert client.get(address).status_code == 404


def test_stranger_gets_no_image(app, address):
    assert app.test_client().get(address).status_code == 303
