"""Full text: products by their words, in SQLite's FTS5 and in PostgreSQL's tsvector.

Triggers keep both (migration 0004). Neither is a table of the metadata: each database has its own.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    cast,
    column,
    false,
    func,
    literal,
    not_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from webapp.domain.product_search import split_words

_FTS5 = table("product_words", column("rowid", Integer), column("product_words", Text))
_TSVECTOR = table(
    "product_words",
    column("product_id", Integer),
    column("head", TSVECTOR),
    column("words", TSVECTOR),
)


def with_words(session: Session, *, catalogue_id: int, words: str) -> Select[int]:
    """Select the products that have all the words anywhere."""
    return _select(session, catalogue_id, words, is_in_head=None)


def with_words_in_head(session: Session, *, catalogue_id: int, words: str) -> Select[int]:
    """Select the products that have all the words in name, brand and external id."""
    return _select(session, catalogue_id, words, is_in_head=True)


def with_words_elsewhere(session: Session, *, catalogue_id: int, words: str) -> Select[int]:
    """Select the products that have all the words, but not all of them in name, brand and id."""
    return _select(session, catalogue_id, words, is_in_head=False)


def checked_id(session: Session, found: ColumnElement[int]) -> ColumnElement[int]:
    """Return the id of what words found, to be compared with ids of other sets.

    FTS5 would run the search anew for each id of another set: it must not see the comparison.
    """
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return found if is_postgresql else func.coalesce(found, found)


def _select(
    session: Session, catalogue_id: int, words: str, *, is_in_head: bool | None
) -> Select[int]:
    split = split_words(words)
    if session.get_bind().dialect.name == "postgresql":
        query = _tsquery(catalogue_id, split)
        ids = select(_TSVECTOR.c.product_id)
        if is_in_head is not None:
            here = _TSVECTOR.c.head.bool_op("@@")(query)
            ids = ids.where(here if is_in_head else not_(here))
        found = ids if is_in_head else ids.where(_TSVECTOR.c.words.bool_op("@@")(query))
    else:
        match = _match(catalogue_id, split, is_in_head=is_in_head)
        found = select(_FTS5.c.rowid).where(_FTS5.c.product_words.op("MATCH")(match))
    return found if split else found.where(false())


def _match(catalogue_id: int, words: tuple[str, ...], *, is_in_head: bool | None) -> str:
    """Return words as FTS5 reads them: in quotes, so that none of them is syntax."""
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    if words and _is_prefix(words[-1]):
        quoted[-1] += " *"
    every = f"({' AND '.join(quoted)})"
    if is_in_head is None:
        asked = f"{{head body}} : {every}"
    elif is_in_head:
        asked = f"head : {every}"
    else:
        asked = f"(({{head body}} : {every}) NOT (head : {every}))"
    return f'catalogue : "c{catalogue_id}" AND {asked}'


def _tsquery(catalogue_id: int, words: tuple[str, ...]) -> ColumnElement[str]:
    query: ColumnElement[str] = cast(literal(f"'#{catalogue_id}'", Text), TSQUERY)
    for number, word in enumerate(words, start=1):
        folded = func.product_words_of(cast(literal(word, Text), Text))
        one: ColumnElement[Any] = func.phraseto_tsquery(
            cast(literal("simple", Text), REGCONFIG), folded
        )
        if number == len(words) and _is_prefix(word):
            one = cast(func.nullif(cast(one, Text), "").op("||")(":*"), TSQUERY)
        query = query.op("&&")(one)
    return query


def _is_prefix(last_word: str) -> bool:
    """Tell whether a last word may be the beginning of one: of a single letter, most words are."""
    return len(last_word) > 1
