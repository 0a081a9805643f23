"""The colours that products come in, and how they are lightened and darkened."""

from __future__ import annotations

Colour = tuple[float, float, float]
"""Red, green, blue, each 0 to 255."""

COLOURS: dict[str, Colour] = {
    "Coral": (238, 124, 108),
    "Teal": (58, 148, 148),
    "Mustard": (226, 176, 72),
    "Sage": (150, 178, 140),
    "Navy": (56, 76, 120),
    "Blush": (240, 184, 190),
    "Lavender": (176, 160, 214),
    "Sky Blue": (128, 184, 226),
    "Cream": (244, 230, 204),
    "Charcoal": (78, 82, 92),
    "Terracotta": (202, 112, 82),
    "Mint": (156, 214, 190),
    "Plum": (134, 82, 128),
    "White": (246, 246, 243),
    "Forest Green": (66, 118, 86),
    "Sunny Yellow": (248, 208, 88),
}
"""Name in the texts, and what the drawings paint."""

INK: Colour = (58, 56, 66)
WHITE: Colour = (252, 251, 248)
STEEL: Colour = (198, 204, 212)
GOLD: Colour = (222, 184, 104)
WOOD: Colour = (204, 160, 112)
LEAF: Colour = (104, 158, 104)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return ``first`` with ``share`` (0 to 1) of ``second`` stirred in."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.4) -> Colour:
    """Return ``colour`` moved towards white."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """Return ``colour`` moved towards a warm black."""
    return mix(colour, (34, 28, 44), share)


def accent(colour: Colour) -> Colour:
    """Return a colour that shows on ``colour``: light on dark, dark on light."""
    brightness = 0.3 * colour[0] + 0.6 * colour[1] + 0.1 * colour[2]
    return lighter(colour, 0.62) if brightness < 185 else darker(colour, 0.3)
