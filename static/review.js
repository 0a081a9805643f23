/* The desk. A decision shows the next card at once and is sent behind it; it is kept in the browser
   until the server has acknowledged it, and sent again under the same key, which counts once. */
"use strict";
(() => {
  const { cards, outbox, search } = window.Shelfwise;
  const { current, fill, forget, show } = cards;
  const byId = (id) => document.getElementById(id);
  const desk = byId("desk"), sending = byId("sending"), waiting = byId("waiting");
  const words = desk.dataset;
  const undoForm = byId("undo");
  const isPrefetching = words.prefetch !== "0"; // without, each card is waited for: to measure
  const FEWEST = isPrefetching ? 3 : 1, MOST = isPrefetching ? 12 : 1; // cards on this desk
  const COVERED_S = 20; // of a lost connection, at the person's pace
  const GROWS_BY = 3; // cards that one answer brings beyond the one that was decided
  let isSending = false, isStopped = false, isUndoing = false, isDry = false, nTries = 0, retry = 0;
  let pressedAt = performance.now(), activeAt = pressedAt, answersInMs = 100;
  const paces = []; // milliseconds of the last decisions
  const undecided = new Map(); // cards by key, whose decision was never tried to be sent

  // ---- how many cards are ready: more for a fast person and for a slow connection
  function wanted() {
    if (!isPrefetching || !paces.length) return FEWEST;
    const pace = Math.max(200, [...paces].sort((a, b) => a - b)[paces.length >> 1]);
    const ahead = Math.ceil((COVERED_S * 1000) / pace) + Math.ceil(answersInMs / pace);
    return Math.min(MOST, Math.max(FEWEST, ahead));
  }
  const missing = () => Math.max(0, Math.min(wanted() - cards.count(), GROWS_BY));

  // ---- sending
  function say(state, sentence) {
    sending.dataset.state = state;
    sending.textContent = sentence;
  }

  function warn(sentence, isLasting) {
    const line = document.createElement("p");
    line.className = "notice warn";
    line.textContent = sentence;
    byId("notice").replaceChildren(line);
    if (!isLasting) { setTimeout(() => line.remove(), 12000); return; }
    const again = document.createElement("a");
    Object.assign(again, { href: location.pathname, textContent: words.reload });
    line.append(" ", again);
  }

  async function post(url, fields) {
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    const from = performance.now();
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "HX-Request": "true", "X-CSRFToken": token },
      redirect: "manual",
      signal: AbortSignal.timeout(20000),
    });
    answersInMs = 0.7 * answersInMs + 0.3 * (performance.now() - from);
    return response;
  }

  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  /** Send what waits, then fill the desk up; one request at a time, again until it is answered. */
  async function pump() {
    if (isSending || isStopped) return;
    const [item] = outbox.all();
    if (!item && (isDry || cards.count() >= FEWEST)) { settle(); return; }
    isSending = true;
    clearTimeout(retry);
    const slow = setTimeout(() => { if (item && !nTries) say("saving", words.saving); }, 400);
    let isAnswered = false;
    try {
      isAnswered = item ? await send(item) : await refill();
    } catch { /* no connection, or too slow: kept, and tried again below */ }
    clearTimeout(slow);
    isSending = false;
    if (isStopped) {
      waiting.hidden = true;
    } else if (isAnswered) {
      nTries = 0;
      say("idle", "");
      waiting.dataset.state = "";
      pump();
    } else {
      nTries += 1;
      const n = outbox.all().length;
      say("unsent", isUndoing ? words.undoUnsent : n ? fill(words.unsent, n) : words.unreachable);
      waiting.dataset.state = "unreachable";
      retry = setTimeout(pump, Math.min(30, 2 ** (nTries - 1)) * 1000);
    }
  }

  async function send(item) {
    undecided.delete(item.fields.idempotency_key);
    return take(item, await post(item.url, { ...item.fields, want: missing() }));
  }

  /** Tell whether the server has answered for good, whatever the answer was. */
  async function take(item, response) {
    if (mustStop(response)) return false;
    if (response.status >= 500 || response.status === 429) return false;
    const page = parse(await response.text());
    const answer = page.getElementById("answer");
    if (response.ok && !answer) return false; // somebody on the way answered, not Shelfwise
    outbox.acknowledge(item);
    if (item.isUndo) isUndoing = false;
    if (answer) {
      if (answer.dataset.leftOut) warn(answer.dataset.leftOut);
      cards.receive(answer, item.isUndo);
      if (item.isUndo) { isDry = false; show(words.undone); }
    } else {
      isDry = false;
      warn([item.name, page.body.textContent.trim()].filter(Boolean).join(": "));
    }
    if (!current()) show();
    return true;
  }

  function mustStop(response) {
    const isSignedOut = response.type === "opaqueredirect" || response.status === 401;
    if (!isSignedOut && response.status !== 400) return false;
    isStopped = true;
    say("stopped", fill(words.kept, outbox.all().length));
    warn(isSignedOut ? words.signedOut : words.stale, true);
    return true;
  }

  async function refill() {
    const response = await post(words.claims, { want: Math.max(FEWEST, wanted()) - cards.count() });
    if (mustStop(response)) return false;
    const answer = response.ok && parse(await response.text()).getElementById("answer");
    if (!answer) return false;
    isDry = cards.receive(answer, false) === 0; // nothing waits for anybody now
    if (!current()) show();
    return true;
  }

  function settle() { // all is sent: if nothing is left here, the server says what now
    if (!cards.count() && !byId("nothing")) location.reload();
  }

  function keep(item) {
    delete item.fields.csrf_token; // of this page; the one of the page that sends it is used
    outbox.add(item);
    if (!outbox.isKept()) warn(words.inMemory);
    pump();
  }

  function decide(form, fields, said) {
    if (isUndoing) return;
    const card = form.closest(".card");
    const along = "category_id" in fields ? cards.ticked(card) : [];
    const products = [card.dataset.product, ...along];
    const key = outbox.newKey();
    fields.look_alike = along.join(" ");
    fields.idempotency_key = key;
    fields.took_ms = Math.round(cards.shownFor());
    paces.push(fields.took_ms);
    if (paces.length > 7) paces.shift();
    undecided.set(key, card);
    cards.measureFrom(pressedAt);
    card.remove();
    forget(products);
    outbox.tell(products);
    isDry = false;
    show(along.length ? `${said} ${fill(words.along, along.length)}` : said);
    keep({ url: form.action, product: products[0], along, name: card.querySelector("h1").textContent, fields });
  }

  function decideWith(card, answer, said) {
    const form = card.querySelector("form");
    decide(form, { ...Object.fromEntries(new FormData(form)), ...answer }, said);
  }

  /** Take a decision back, by default the last one; one that was never sent needs no server. */
  function undo(named = {}) {
    if (isUndoing) return;
    const last = outbox.all().at(-1);
    const card = undecided.get(last?.fields.idempotency_key);
    if (card && !named.annotation_id && !named.bulk_act_id) {
      undecided.delete(last.fields.idempotency_key);
      outbox.drop(last.fields.idempotency_key);
      cards.putBack(card);
      show(words.undone);
      return;
    }
    isUndoing = true;
    say("saving", words.undoing);
    keep({ url: undoForm.action, isUndo: true, fields: { ...named, idempotency_key: outbox.newKey() } });
  }

  // ---- forms and buttons: keys press the same buttons
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form === undoForm) {
      event.preventDefault();
      undo();
    } else if (form.matches(".card form.answers")) {
      event.preventDefault();
      const fields = Object.fromEntries(new FormData(form, submitter));
      const { category, act } = submitter.dataset;
      const filed = act === "confirm" ? words.confirmed : words.filed;
      if (category && act !== "confirm") search.remember(fields.category_id);
      decide(form, fields, category ? fill(filed, category) : words.skipped);
    } else if (form.closest("#flag")) {
      event.preventDefault();
      const card = current();
      const note = byId("flag-note").value.trim();
      if (!card || !note) return;
      byId("flag").close();
      decideWith(card, { verdict: "flagged", note }, words.flagged);
    }
  });

  document.addEventListener("click", (event) => {
    pressedAt = event.detail ? event.timeStamp : pressedAt; // a key's click has no detail
    const { act } = event.target.closest("[data-act]")?.dataset || {};
    if (act === "look_alikes") cards.toggleLookAlikes(current());
    else if (act === "search") openSearch();
    else if (act === "flag") { byId("flag-note").value = ""; byId("flag").showModal(); }
    else if (act === "keys") byId("keys").showModal();
    else if (act === "close") event.target.closest("dialog").close();
    else if (event.target.matches("dialog")) event.target.close(); // beside the dialog
  });

  function openSearch() {
    search.open(({ id, path }, at) => {
      const card = current();
      pressedAt = at;
      if (!card) return;
      search.remember(id);
      decideWith(card, { category_id: id }, fill(words.filed, path));
    });
  }

  document.addEventListener("keydown", (event) => {
    activeAt = performance.now();
    if (event.defaultPrevented) return; // a dialog took it, and may have closed on it
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key; // caps lock may be on
    const open = document.querySelector("dialog[open]");
    const scope = current() || byId("nothing");
    const button = scope?.querySelector(`:is(button, a)[data-key="${CSS.escape(key)}"]`);
    if (open) {
      const isClosing = key === "Escape" || (open.id === "zoom" && button?.dataset.act === "zoom");
      if (isClosing) open.close(); // at once, so that the next key already acts on the card
      return;
    }
    const field = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (field?.getClientRects().length) return; // one in a dialog that has just closed is none
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (event.repeat) return;
    if (!button) { if (key === words.confirm) ask(scope); return; }
    event.preventDefault();
    pressedAt = event.timeStamp;
    button.click();
  });

  /** There is nothing to confirm on this card: say so to who tries. */
  function ask(scope) {
    const line = scope?.querySelector(".no-suggestion");
    if (!line) return;
    line.classList.add("is-asked");
    byId("said").textContent = line.textContent;
  }

  byId("flag-note").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.repeat || event.isComposing) return;
    event.preventDefault();
    pressedAt = event.timeStamp;
    event.target.form.requestSubmit();
  });
  for (const kind of ["pointerdown", "pointermove", "wheel"]) {
    document.addEventListener(kind, () => { activeAt = performance.now(); }, { passive: true });
  }

  // ---- leases are prolonged while somebody sits here; what a colleague has by now is given up
  async function renew() {
    const isHere = performance.now() - activeAt < words.leaseS * 1000;
    if (document.hidden || !isHere || isStopped || !cards.count()) return;
    try {
      const response = await post(words.renew, cards.holds().map((product) => ["product_id", product]));
      if (!response.ok) return;
      const lost = (await response.json()).lost.map(String);
      const seen = current();
      if (seen && lost.includes(seen.dataset.product)) {
        warn(fill(words.lost, seen.querySelector("h1").textContent));
      }
      leave(lost);
    } catch { /* the next turn tries again; a decision is taken even after the lease */ }
  }

  function leave(products) { // they are on another desk now
    if (!products.length) return;
    forget(products);
    if (!current()) show();
    pump();
  }

  setInterval(renew, words.leaseS * 1000 / 3);
  document.addEventListener("visibilitychange", renew);
  addEventListener("online", () => { clearTimeout(retry); pump(); });
  addEventListener("beforeunload", (event) => {
    if (!outbox.isKept() && outbox.all().length) event.preventDefault();
  });

  const whenSent = async () => {
    for (let i = 0; i < 60 && outbox.all().length; i += 1) {
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  };

  window.Shelfwise.desk = { undo, whenSent };
  outbox.meet(cards.holds, leave).then(() => {
    isUndoing ||= outbox.all().some((item) => item.isUndo);
    pump();
  });
  desk.dataset.ready = "true";
})();
