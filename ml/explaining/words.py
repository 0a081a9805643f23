"""Which words of a product speak for a category: those without which it gets less likely."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from ml.contract import FloatArray, IntArray, ProductBatch
from ml.explaining.odds import Answer, log_odds
from ml.text.cleaning import LONGEST_WORD, fold_accents, stem

AT_MOST_WORDS = 60  # of a product: each costs a prediction
N_SHOWN = 8
# Of the heaviest word's weight: what counts less would be marked for nothing.
LEAST_SHARE = 0.3
VARIANTS_AT_ONCE = 2_000

_PIECES = re.compile(r"(\w+)")


@dataclass(frozen=True, slots=True)
class _Words:
    """A product's text in pieces, words at odd places, and its distinct words.

    ``keys`` has, for each piece of each field, the number of its word in ``forms``, or -1.
    """

    fields: tuple[list[str], ...]
    keys: tuple[list[int], ...]
    forms: tuple[tuple[str, ...], ...]

    def without(self, number: int) -> tuple[str, ...]:
        """Return the fields without one word."""
        return tuple(
            "".join(piece for piece, key in zip(pieces, keys, strict=True) if key != number)
            for pieces, keys in zip(self.fields, self.keys, strict=True)
        )


def weigh_words(
    answer: Answer, batch: ProductBatch, columns: IntArray
) -> Iterator[list[tuple[str, float]]]:
    """Yield the words of each product that speak most for a category, the heaviest first.

    A word's weight is the fall of the category's log odds when the word goes from name, description
    and specifications at once. All forms of a word ("curtain", "Curtains") go together, and each
    is named with their common weight. Stop words are left alone: pipelines hardly read them. Many
    products share one prediction.

    Parameters
    ----------
    answer
        What the text branch says; NaN where nothing is left to read counts as knowing nothing.
    columns : ndarray of shape (n_products,)
        Of the category to be explained, among those of the answer.

    Yields
    ------
    list of (str, float)
        At most ``N_SHOWN`` distinct words, forms in lower case; in nats, above 0. Empty where the
        product has no text.

    References
    ----------
    Zeiler, Fergus (2014), Visualizing and Understanding Convolutional Networks: occlusion.
    Li, Monroe, Jurafsky (2016), Understanding Neural Networks through Representation Erasure.
    """
    read = [
        _read(fields)
        for fields in zip(batch.names, batch.descriptions, batch.specifications, strict=True)
    ]
    start = 0
    while start < len(batch):
        end, n_variants = start, 0
        while end < len(batch) and (
            end == start or n_variants + len(read[end].forms) + 1 <= VARIANTS_AT_ONCE
        ):
            n_variants += len(read[end].forms) + 1
            end += 1
        yield from _weigh_some(
            answer, batch.take(range(start, end)), read[start:end], columns[start:end]
        )
        start = end


def _weigh_some(
    answer: Answer, batch: ProductBatch, read: Sequence[_Words], columns: IntArray
) -> Iterator[list[tuple[str, float]]]:
    rows = np.repeat(np.arange(len(batch)), [len(words.forms) + 1 for words in read])
    texts = [
        fields
        for words in read
        for fields in (
            tuple("".join(pieces) for pieces in words.fields),
            *(words.without(number) for number in range(len(words.forms))),
        )
    ]
    variants = replace(
        batch.take(rows),
        names=tuple(name for name, _, _ in texts),
        descriptions=tuple(description for _, description, _ in texts),
        specifications=tuple(specifications for _, _, specifications in texts),
    )
    beliefs = log_odds(answer(variants), columns[rows])
    for row, words in enumerate(read):
        of_product = beliefs[rows == row]
        yield _heaviest(words, of_product[0] - of_product[1:])


def _heaviest(words: _Words, weights: FloatArray) -> list[tuple[str, float]]:
    order = np.argsort(-weights, kind="stable")[:N_SHOWN]
    least = max(LEAST_SHARE * float(weights.max(initial=0.0)), 0.0)
    return [
        (form, float(weights[number]))
        for number in order.tolist()
        if weights[number] > 0 and weights[number] >= least
        for form in words.forms[number]
    ]


def _read(fields: Sequence[str]) -> _Words:
    pieces = tuple(_PIECES.split(field) for field in fields)
    numbers: dict[str, int] = {}
    forms: list[dict[str, None]] = []
    keys = []
    for field in pieces:
        of_field = []
        for at, piece in enumerate(field):
            word = fold_accents(piece) if at % 2 else ""
            if not 1 < len(word) <= LONGEST_WORD or word in ENGLISH_STOP_WORDS:
                of_field.append(-1)
                continue
            root = stem(word)
            if root not in numbers and len(numbers) < AT_MOST_WORDS:
                numbers[root] = len(numbers)
                forms.append({})
            number = numbers.get(root, -1)
            if number >= 0:
                forms[number][piece.lower()] = None
            of_field.append(number)
        keys.append(of_field)
    return _Words(pieces, tuple(keys), tuple(tuple(each) for each in forms))
