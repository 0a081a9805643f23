"""How sellers write: a small grammar that makes names, descriptions and specifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

import numpy as np

from webapp.demo.drawings.palette import COLOURS
from webapp.demo.words import KINDS
from webapp.demo.words.kind import Kind
from webapp.demo.words.shared import (
    ADJECTIVES,
    ANYWHERE,
    BRANDS,
    BRANDS_OF_ALL,
    OPENINGS,
    PAIRINGS,
    VAGUE_NAMES,
    VAGUE_SPECIFICATIONS,
)

SHARE_OF_SHARED_BRANDS = 0.35
SHARE_WITHOUT_BRAND = 0.15

T = TypeVar("T")


class Care(Enum):
    """How much a seller's text says about what the product is."""

    CLEAR = "clear"
    MIXED = "mixed"
    """Called by a word that other kinds share, with a sentence that belongs to one of those."""
    VAGUE = "vague"
    """Nothing in it tells the category: only the picture does."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one seller wrote; its words are filled in only when it is read, so they can change.

    Parameters
    ----------
    kind
        Key in ``KINDS``.
    words
        What fills the slots of the templates.
    name_template, sentences, specification_templates
        Text with slots such as ``{colour}``.
    brand
        Empty where the seller gave none.
    price
        In the catalogue's currency.
    """

    kind: str
    words: Mapping[str, str]
    name_template: str
    sentences: tuple[str, ...]
    specification_templates: tuple[tuple[str, str], ...]
    brand: str
    price: float

    @property
    def colour(self) -> str:
        """Name of the colour, one of ``COLOURS``."""
        return self.words["colour"]

    @property
    def name(self) -> str:
        """What stands above the product."""
        return " ".join(self.name_template.format(**self.words).split())

    @property
    def description(self) -> str:
        """The sentences, one after the other; possibly none."""
        lower = {slot: _in_a_sentence(slot, word) for slot, word in self.words.items()}
        written = (sentence.format(**lower) for sentence in self.sentences)
        return " ".join(sentence[0].upper() + sentence[1:] for sentence in written)

    @property
    def specifications(self) -> str:
        """``Key: value`` joined by ``; ``."""
        return "; ".join(
            f"{key}: {value.format(**self.words)}" for key, value in self.specification_templates
        )


def write_listing(kind: Kind, care: Care, rng: np.random.Generator) -> Listing:
    """Return what a seller who takes that much care writes about a product of ``kind``."""
    shared_brand = care is Care.VAGUE or rng.random() < SHARE_OF_SHARED_BRANDS
    brand = _one(BRANDS_OF_ALL if shared_brand else BRANDS[kind.category], rng)
    if rng.random() < SHARE_WITHOUT_BRAND:
        brand = ""
    words = {
        "noun": kind.loose_noun if care is Care.MIXED else _one(kind.nouns, rng),
        "loose": kind.loose_noun,
        "brand": brand,
        "colour": _one(tuple(COLOURS), rng),
        "size": _one(kind.sizes, rng),
        "material": _one(kind.materials, rng),
        "adjective": _one(ADJECTIVES, rng),
        "other": _one(_one(tuple(KINDS.values()), rng).nouns, rng),
        "number": str(rng.integers(1000, 9999)),
    }
    write = {Care.CLEAR: _clear, Care.MIXED: _mixed, Care.VAGUE: _vague}[care]
    name, sentences, specifications = write(kind, rng)
    low, high = kind.price
    return Listing(
        kind=kind.key,
        words=words,
        name_template=name,
        sentences=sentences,
        specification_templates=specifications,
        brand=brand,
        price=round(low + (high - low) * float(rng.beta(1.6, 3.2))) - 0.01,
    )


def vary(listing: Listing, slot: str, rng: np.random.Generator) -> Listing:
    """Return the same text with another ``colour`` or ``size``."""
    choices = tuple(COLOURS) if slot == "colour" else KINDS[listing.kind].sizes
    other = [choice for choice in choices if choice != listing.words[slot]]
    return replace(listing, words={**listing.words, slot: _one(other, rng)})


Texts = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]


def _clear(kind: Kind, rng: np.random.Generator) -> Texts:
    name = _one(
        (
            "{brand} {noun} {colour}",
            "{brand} {adjective} {noun} {size} {colour}",
            "{adjective} {noun}, {colour}",
            "{brand} {noun} {size}",
            "{brand} {material} {noun} {colour}",
        ),
        rng,
    )
    sentences = [*_some(OPENINGS, rng.integers(0, 2), rng)]
    sentences += _some(kind.features, rng.integers(2, 4), rng)
    sentences += _some(ANYWHERE, rng.integers(0, 2), rng)
    sentences += _some(PAIRINGS, int(rng.random() < 0.35), rng)
    return name, tuple(sentences), _specifications(kind, rng.integers(1, 5), rng)


def _mixed(kind: Kind, rng: np.random.Generator) -> Texts:
    neighbour = KINDS[_one(kind.alike, rng)]
    name = _one(
        (
            "{brand} {adjective} {loose} {colour}",
            "{loose} {size} {colour}",
            f"{{adjective}} {{loose}} like a {_one(neighbour.nouns, rng)}",
            "{brand} {material} {loose}",
        ),
        rng,
    )
    own = _some(kind.features, rng.integers(1, 3), rng)
    foreign = [s for s in neighbour.features if "{" not in s]
    sentences = (
        *own,
        *_some(foreign, 1, rng),
        *_some(ANYWHERE, rng.integers(1, 3), rng),
        *_some(PAIRINGS, int(rng.random() < 0.4), rng),
    )
    return name, sentences, _specifications(kind, rng.integers(1, 3), rng)


def _vague(kind: Kind, rng: np.random.Generator) -> Texts:
    # No pairing: "goes well with our cushion" would not be vague but misleading.
    sentences = _some(ANYWHERE, rng.integers(0, 3), rng)
    chosen = _some(VAGUE_SPECIFICATIONS, rng.integers(1, 4), rng)
    specifications = (("Colour", "{colour}"), *((key, _one(values, rng)) for key, values in chosen))
    return _one(VAGUE_NAMES, rng), tuple(sentences), specifications


def _specifications(
    kind: Kind, n_own: int | np.integer, rng: np.random.Generator
) -> tuple[tuple[str, str], ...]:
    own = tuple(
        (key, "{size}" if values == kind.sizes else _one(values, rng))
        for key, values in _some(kind.specifications, n_own, rng)
    )
    return (
        ("Colour", "{colour}"),
        (kind.material_key, "{material}"),
        *own,
        *((key, _one(values, rng)) for key, values in _some(VAGUE_SPECIFICATIONS, 1, rng)),
    )


def _one(choices: Sequence[T], rng: np.random.Generator) -> T:
    return choices[int(rng.integers(len(choices)))]


def _some(choices: Sequence[T], n: int | np.integer, rng: np.random.Generator) -> list[T]:
    """Return ``n`` different choices, in random order."""
    return [choices[at] for at in rng.permutation(len(choices))[: int(n)]]


def _in_a_sentence(slot: str, word: str) -> str:
    """Return ``word`` as it is written within a sentence: brands and sizes keep their capitals."""
    return word if slot in ("brand", "size") else word.lower()
