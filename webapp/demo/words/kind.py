"""The words of one kind of product."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """What sellers write about, say, saucepans.

    Parameters
    ----------
    key
        Name of the kind, and of its drawing.
    path
        Its category, from the first level down.
    nouns
        What it is called by a seller who takes care.
    loose_noun
        What it is called by a seller in a hurry; other kinds share it.
    materials, sizes
        Fill ``{material}`` and ``{size}`` in names and sentences.
    features
        Sentences for descriptions, with ``{noun}``, ``{material}``, ``{size}``, ``{colour}``.
    specifications
        Key, and the values it may have.
    price
        Lowest and highest, in the catalogue's currency.
    alike
        Keys of kinds of other categories that it is mistaken for.
    material_key
        What its specifications call the material.
    """

    key: str
    path: tuple[str, str, str]
    nouns: tuple[str, ...]
    loose_noun: str
    materials: tuple[str, ...]
    sizes: tuple[str, ...]
    features: tuple[str, ...]
    specifications: tuple[tuple[str, tuple[str, ...]], ...]
    price: tuple[float, float]
    alike: tuple[str, ...]
    material_key: str = "Material"

    @property
    def category(self) -> str:
        """Its first level."""
        return self.path[0]
