"""From the text of a product to stems: lower case, no accents, no stop words, one form a word."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from nltk.stem.snowball import SnowballStemmer
from nltk.tokenize import RegexpTokenizer
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

LONGEST_WORD = 40  # what is longer is an address or a broken line, and would fill the cache
STEMS_REMEMBERED = 200_000  # about 30 MB; the study's sample has 7,000 words

_tokenizer = RegexpTokenizer(r"\w+")
_stemmer = SnowballStemmer("english")


def fold_accents(text: str) -> str:
    """Return ``text`` in lower case without accents.

    Examples
    --------
    >>> fold_accents("Café Crème")
    'cafe creme'
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


@lru_cache(maxsize=STEMS_REMEMBERED)
def stem(word: str) -> str:
    """Return the Snowball (Porter 2) stem of a word in lower case."""
    return str(_stemmer.stem(word))


def stems(text: str) -> list[str]:
    """Return the stems of a text in their order, without stop words and single signs.

    Examples
    --------
    >>> stems("The 2 curtains, made of Polyester")
    ['curtain', 'polyest']
    """
    return [
        stem(word)
        for word in _tokenizer.tokenize(fold_accents(text))
        if 1 < len(word) <= LONGEST_WORD and word not in ENGLISH_STOP_WORDS
    ]
