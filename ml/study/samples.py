"""What the report shows of the products themselves: words of each category, key points."""

from __future__ import annotations

from ml.study.catalogue import StudyProducts
from ml.study.records import CategoryWords


def category_words(products: StudyProducts) -> tuple[CategoryWords, ...]:
    """Return the dictionary of each category."""
    return ()


def key_points(products: StudyProducts) -> tuple[tuple[str, bytes], ...]:
    """Return the first product with an image of each category, with its key points drawn."""
    return ()
