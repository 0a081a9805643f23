"""What the demo catalogue sells, and in which words."""

from __future__ import annotations

from webapp.demo.words import baby, beauty, decor, electronics, kitchen, sports, textiles
from webapp.demo.words.kind import Kind

KINDS: dict[str, Kind] = {
    kind.key: kind
    for module in (kitchen, decor, textiles, baby, beauty, electronics, sports)
    for kind in module.KINDS
}
"""By key, which names the drawing too."""
