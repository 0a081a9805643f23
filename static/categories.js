/* Search in a tree of categories. Pure: no page, no network. `prepare` once, `search` at each key.
   A word may begin, lie inside, be misspelt by one letter or be an abbreviation; at any level. */
"use strict";
(() => {
  const SEPARATOR = " > ";
  const LEAF = 0, ABOVE = 2; // where: at the end of the path, or at a level above
  const WHOLE = -1, BEGINS = 0, INSIDE = 4, MISSPELT = 6, ABBREVIATED = 9; // the lower, the better
  const LETTERS_OF_A_TYPO = 4; // shorter words are too like each other

  /** Return a text in small letters without accents, as long as the text: places stay. */
  function fold(text) {
    const folded = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    if (folded.length === text.length) return folded;
    return Array.from({ length: text.length }, (_, i) => foldLetter(text[i])).join("");
  }
  const foldLetter = (letter) =>
    letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()[0] || " ";

  /** Make [id, path] rows ready for searching. */
  function prepare(rows) {
    const vocabulary = new Map();
    const entries = rows.map(([id, given], order) => {
      const path = given.normalize("NFC");
      const text = ` ${fold(path).replace(/[^\p{L}\p{N}]/gu, " ")}`; // letters are one further right
      const leafAt = path.includes(SEPARATOR) ? path.lastIndexOf(SEPARATOR) + SEPARATOR.length : 0;
      const tokens = [...text.matchAll(/\S+/g)].map((found) => {
        if (!vocabulary.has(found[0])) vocabulary.set(found[0], vocabulary.size);
        return { at: found.index, number: vocabulary.get(found[0]), length: found[0].length };
      });
      return { id, path, text, leafAt, tokens, order };
    });
    return { entries, words: [...vocabulary.keys()] };
  }

  /** Tell how far a token is used up where a word is its beginning but for one letter; else 0. */
  function misspelt(word, token) {
    if (token.length < word.length - 1) return 0;
    let i = 0;
    while (i < word.length && word[i] === token[i]) i += 1;
    if (token.startsWith(word.slice(i + 1), i + 1)) return Math.min(word.length, token.length);
    if (token.startsWith(word.slice(i), i + 1)) return word.length + 1; // one is missing
    if (token.startsWith(word.slice(i + 1), i)) return word.length - 1; // one too many
    const isSwapped = word[i] === token[i + 1] && word[i + 1] === token[i];
    return isSwapped && token.startsWith(word.slice(i + 2), i + 2) ? word.length : 0;
  }

  function abbreviated(word, entry) { // its letters in their order, from the beginning of a word on
    for (const token of entry.tokens) {
      if (entry.text[token.at] !== word[0]) continue;
      const places = [token.at];
      for (let i = token.at + 1; i < entry.text.length && places.length < word.length; i += 1) {
        if (entry.text[i] === word[places.length]) places.push(i);
      }
      if (places.length === word.length) return places.map((place) => [place, place + 1]);
      return null; // a later beginning has fewer letters behind it
    }
    return null;
  }

  function match(word, slips, entry) {
    const { text, leafAt } = entry;
    let at = text.indexOf(` ${word}`, leafAt);
    if (at < 0) at = text.indexOf(` ${word}`);
    if (at >= 0) {
      const end = at + 1 + word.length;
      const isWhole = end === text.length || text[end] === " ";
      return { score: (isWhole ? WHOLE : BEGINS) + level(entry, at + 1), marks: [[at + 1, end]] };
    }
    at = text.indexOf(word, leafAt + 1);
    if (at < 0) at = text.indexOf(word);
    if (at >= 0) return { score: INSIDE + level(entry, at), marks: [[at, at + word.length]] };
    if (slips) {
      const token = entry.tokens.findLast((each) => slips[each.number]);
      if (token) {
        const end = token.at + Math.min(slips[token.number], token.length);
        return { score: MISSPELT + level(entry, token.at), marks: [[token.at, end]] };
      }
    }
    const marks = word.length > 1 && abbreviated(word, entry);
    return marks ? { score: ABBREVIATED + level(entry, marks[0][0]), marks, isFar: true } : null;
  }
  const level = (entry, at) => (at > entry.leafAt ? LEAF : ABOVE);

  /** Return at most n entries that hold all words, the best first, with what to mark in the path.
      `recent` are ids, the last used first: they lead where nothing is typed, and among equals. */
  function search({ entries, words: vocabulary }, typed, recent = [], n = 50) {
    const words = fold(typed.normalize("NFC")).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const place = new Map(recent.map((id, i) => [id, i]));
    const used = (entry) => place.get(entry.id) ?? recent.length;
    const slips = words.map((word) => word.length >= LETTERS_OF_A_TYPO
      && vocabulary.map((token) => misspelt(word, token)));
    const found = [];
    for (const entry of entries) {
      let score = 0, isFar = false;
      const marks = [];
      for (let i = 0; i < words.length; i += 1) {
        const hit = match(words[i], slips[i], entry);
        if (!hit) { score = null; break; }
        score += hit.score;
        isFar ||= Boolean(hit.isFar);
        marks.push(...hit.marks);
      }
      if (score !== null) found.push({ entry, score, marks, isFar });
    }
    const near = found.filter((each) => !each.isFar); // abbreviations only where nothing else fits
    const order = words.length
      ? (a, b) => a.score - b.score || used(a.entry) - used(b.entry)
        || a.entry.path.length - b.entry.path.length || a.entry.order - b.entry.order
      : (a, b) => used(a.entry) - used(b.entry) || a.entry.order - b.entry.order;
    return (near.length ? near : found).sort(order).slice(0, n).map(({ entry, marks }) => ({
      id: entry.id,
      path: entry.path,
      marks: merged(marks.map(([from, to]) => [from - 1, to - 1])),
    }));
  }

  function merged(marks) {
    const lines = [];
    for (const [from, to] of marks.sort((a, b) => a[0] - b[0])) {
      const last = lines.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else lines.push([from, to]);
    }
    return lines;
  }

  window.Shelfwise = Object.assign(window.Shelfwise || {}, { categories: { prepare, search } });
})();
