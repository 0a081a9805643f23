"""Specifications as sellers write them: a Ruby hash, JSON, or ``Key: value; Key: value``."""

from __future__ import annotations

import json
import re
from typing import Any

Pairs = tuple[tuple[str, str], ...]
_MAX_DEPTH = 20
_RUBY_TOKEN = re.compile(
    r"""\s*(?: (?P<string>"(?:[^"\\]|\\.)*") | (?P<arrow>=>) | (?P<mark>[\[\]{},])
        | :?(?P<word>[^\s\[\]{},"=]+) )""",
    re.VERBOSE | re.DOTALL,
)
_RUBY_WORDS = {"nil": None, "true": True, "false": False}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse_specifications(value: object) -> Pairs:
    """Return (key, value) in the seller's order; a value without a key has the key ``""``.

    What cannot be understood stays, as one value without a key: nothing of it is lost.

    Examples
    --------
    >>> parse_specifications('{"product_specification"=>[{"key"=>"Type", "value"=>"Eyelet"}]}')
    (('Type', 'Eyelet'),)
    >>> parse_specifications("Colour: blue; washable")
    (('Colour', 'blue'), ('', 'washable'))
    """
    if isinstance(value, str):
        text = value.strip()
        if not text or text in _RUBY_WORDS:
            return ()
        if text[0] not in "[{":
            return _from_text(text)
        try:
            return tuple(_pairs(_parse(text), depth=0))
        except (ValueError, RecursionError):
            return (("", _tidy(text)),)
    try:
        return tuple(_pairs(value, depth=0))
    except RecursionError:  # a value nested by the thousand says nothing
        return ()


def is_cut_off(value: object) -> bool:
    """Tell whether a hash or a list begins and cannot be read to its end."""
    if not isinstance(value, str) or value.strip()[:1] not in ("[", "{"):
        return False
    try:
        _parse(value.strip())
    except (ValueError, RecursionError):
        return True
    return False


def _from_text(text: str) -> Pairs:
    pairs = []
    for part in re.split(r"[;\n|]", text):
        key, colon, rest = part.partition(":")
        pair = (_tidy(key), _tidy(rest)) if colon else ("", _tidy(part))
        if any(pair):
            pairs.append(pair)
    return tuple(pairs)


def _pairs(value: Any, *, depth: int) -> list[tuple[str, str]]:
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return [pair for entry in value for pair in _pairs(entry, depth=depth + 1)]
    if not isinstance(value, dict):
        text = _text(value)
        return [("", text)] if text else []
    if "value" in value and not set(value) - {"key", "value"}:
        pair = (_text(value.get("key")), _text(value["value"]))
        return [pair] if pair[1] else []
    if len(value) == 1 and isinstance(only := next(iter(value.values())), list | dict):
        return _pairs(only, depth=depth + 1)  # an envelope, such as "product_specification"
    return [(_tidy(str(key)), text) for key, entry in value.items() if (text := _text(entry))]


def _text(value: Any) -> str:
    """Return a value on one line; what is nested is joined."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _tidy(value)
    if isinstance(value, list):
        return ", ".join(filter(None, (_text(entry) for entry in value)))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(entry)}" for key, entry in value.items())
    return json.dumps(value)


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _parse(text: str) -> Any:
    """Read JSON, or a Ruby hash.

    Raises
    ------
    ValueError
        If it is neither.
    """
    try:
        return json.loads(text)
    except ValueError:
        value, rest = _ruby_value(_ruby_tokens(text), 0)
        if rest is not None:
            raise ValueError("something follows the hash") from None
        return value


def _ruby_tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text):
        match = _RUBY_TOKEN.match(text, at)
        if match is None:
            raise ValueError("this is no Ruby hash")
        tokens.append(match.group(match.lastgroup or 0))
        at = match.end()
    return tokens


def _ruby_value(tokens: list[str], at: int, depth: int = 0) -> tuple[Any, int | None]:
    """Return the value that begins at a part, and the part after it (None at the end)."""
    if at >= len(tokens) or depth > _MAX_DEPTH:
        raise ValueError("the hash is cut off or nested too deep")
    part = tokens[at]
    if part not in ("[", "{"):
        if part in ("]", "}", ",", "=>"):
            raise ValueError(f"{part} stands where a value was expected")
        return _ruby_scalar(part), _after(tokens, at + 1)
    closing = "]" if part == "[" else "}"
    entries: list[Any] = []
    at += 1
    while at < len(tokens) and tokens[at] != closing:
        entry, at = _inner(tokens, at, depth)
        if part == "{":
            if tokens[at] != "=>":
                raise ValueError("a key without =>")
            found, at = _inner(tokens, at + 1, depth)
            entry = (str(entry), found)
        entries.append(entry)
        if tokens[at] == ",":
            at += 1
    if at >= len(tokens):
        raise ValueError("the hash is cut off")
    return (dict(entries) if part == "{" else entries), _after(tokens, at + 1)


def _inner(tokens: list[str], at: int, depth: int) -> tuple[Any, int]:
    value, rest = _ruby_value(tokens, at, depth + 1)
    if rest is None:
        raise ValueError("the hash is cut off")
    return value, rest


def _after(tokens: list[str], at: int) -> int | None:
    return at if at < len(tokens) else None


def _ruby_scalar(token: str) -> Any:
    if token.startswith('"'):
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), token[1:-1], flags=re.DOTALL)
    return _RUBY_WORDS.get(token, token)
