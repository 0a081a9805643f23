import numpy as np
import pytest

from webapp.demo.drawings.palette import COLOURS
from webapp.demo.grammar import Care, vary, write_listing
from webapp.demo.words import KINDS


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("care", Care)
def test_every_kind_fills_every_slot(key, care):
    for seed in range(5):
        listing = write_listing(KINDS[key], care, rng(seed))

        texts = (listing.name, listing.description, listing.specifications)
        assert not any("{" in text or "}" in text or "  " in text for text in texts)
        assert listing.name
        assert listing.colour in COLOURS


def test_a_clear_listing_says_what_the_product_is():
    listing = write_listing(KINDS["towel"], Care.CLEAR, rng())

    assert "towel" in f"{listing.name} {listing.description}".lower()


def test_a_vague_listing_uses_no_sentence_of_its_kind():
    kind = KINDS["mug"]

    for seed in range(20):
        description = write_listing(kind, Care.VAGUE, rng(seed)).description
        assert "handle" not in description
        assert "microwave" not in description


def test_another_colour_changes_only_the_colour():
    listing = write_listing(KINDS["mug"], Care.CLEAR, rng())

    other = vary(listing, "colour", rng())

    assert other.colour != listing.colour
    assert other.specifications == listing.specifications.replace(listing.colour, other.colour)
    assert other.price == listing.price


def test_another_size_keeps_the_colour():
    listing = write_listing(KINDS["towel"], Care.CLEAR, rng())

    other = vary(listing, "size", rng())

    assert other.words["size"] != listing.words["size"]
    assert other.colour == listing.colour
