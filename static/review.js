/* The desk. A decision shows the next card at once and is sent behind it; it is kept in the browser
   until the server has acknowledged it, and sent again under the same key, which counts once. */
"use strict";
(() => {
  const { search } = window.Shelfwise;
  const desk = document.getElementById("desk");
  const cards = document.getElementById("cards");
  const waiting = document.getElementById("waiting");
  const sending = document.getElementById("sending");
  const notice = document.getElementById("notice");
  const words = desk.dataset;
  const undoForm = document.getElementById("undo");
  const N_CARDS = 3;
  const byId = (id) => document.getElementById(id);
  const current = () => cards.querySelector(".card:not([hidden])");
  const fill = (sentence, value) => sentence.replace("{}", value);

  // ---- decisions that the server has not acknowledged yet, the oldest first
  const KEY = `shelfwise-outbox-${words.slug}-${words.user}`;
  const outbox = {
    all: () => JSON.parse(localStorage.getItem(KEY) || "[]"),
    save: (items) => localStorage.setItem(KEY, JSON.stringify(items)),
    add: (item) => outbox.save([...outbox.all(), item]),
    drop: (key) => outbox.save(outbox.all().filter((item) => item.fields.idempotency_key !== key)),
  };
  let isSending = false, isStopped = false, isUndoing = false, nTries = 0, retry = 0;
  let shownAt = performance.now(), pressedAt = shownAt, activeAt = shownAt;

  function newKey() { // randomUUID exists on https and localhost only
    if (crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  // ---- cards
  function show(said) {
    const [first, ...rest] = cards.children;
    rest.forEach((card) => { card.hidden = true; });
    waiting.hidden = Boolean(first) || !outbox.all().length;
    shownAt = performance.now();
    let sentence = said || "";
    if (first) {
      first.hidden = false;
      first.querySelectorAll(".facts-pane, .choices").forEach((pane) => pane.scrollTo(0, 0));
      const heading = first.querySelector("h1");
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
      sentence = `${sentence} ${fill(words.next, heading.textContent)}`;
    }
    if (!said) return;
    byId("last").textContent = said;
    byId("said").textContent = sentence;
  }

  function measure() { // from the key to the next card painted; tests and curious people read it
    const from = pressedAt;
    requestAnimationFrame(() => setTimeout(() => {
      const measured = performance.measure("decision", { start: from, end: performance.now() });
      words.paintedMs = measured.duration.toFixed(1);
    }));
  }

  function receive(answer, isFirst) {
    if (answer.dataset.leftOut) warn(answer.dataset.leftOut);
    byId("today").textContent = Number(answer.dataset.today).toLocaleString(document.documentElement.lang);
    for (const card of answer.querySelectorAll(".card")) {
      const twin = [...cards.children].find((other) => other.dataset.product === card.dataset.product);
      if (twin && !isFirst) continue;
      if (twin) twin.remove();
      card.hidden = true;
      cards[isFirst ? "prepend" : "append"](card);
      card.querySelectorAll(".photo img").forEach((image) => image.decode().catch(() => {}));
      tellAlong(card);
    }
  }

  // ---- sending
  function say(state, sentence) {
    sending.dataset.state = state;
    sending.textContent = sentence;
  }

  function warn(sentence, isLasting) {
    const line = document.createElement("p");
    line.className = "notice warn";
    line.textContent = sentence;
    notice.replaceChildren(line);
    if (!isLasting) { setTimeout(() => line.remove(), 12000); return; }
    const again = document.createElement("a");
    Object.assign(again, { href: location.pathname, textContent: words.reload });
    line.append(" ", again);
  }

  function post(url, fields) {
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    return fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "HX-Request": "true", "X-CSRFToken": token },
      redirect: "manual",
      signal: AbortSignal.timeout(20000),
    });
  }

  const parse = (html) => new DOMParser().parseFromString(html, "text/html");

  async function pump() {
    if (isSending || isStopped) return;
    const [item] = outbox.all();
    if (!item) { settle(); return; }
    isSending = true;
    clearTimeout(retry);
    const slow = setTimeout(() => { if (!nTries) say("saving", words.saving); }, 400);
    let isSettled = false;
    try {
      const want = Math.max(0, N_CARDS - cards.childElementCount);
      const response = await post(item.url, { ...item.fields, want });
      isSettled = await take(item, response);
    } catch { /* no connection, or too slow: kept, and sent again below */ }
    clearTimeout(slow);
    isSending = false;
    if (isStopped) {
      waiting.hidden = true;
    } else if (isSettled) {
      nTries = 0;
      say("idle", "");
      pump();
    } else {
      nTries += 1;
      say("unsent", fill(words.unsent, outbox.all().length));
      retry = setTimeout(pump, Math.min(30, 2 ** (nTries - 1)) * 1000);
    }
  }

  /** Tell whether the server has answered for good, whatever the answer was. */
  async function take(item, response) {
    const isSignedOut = response.type === "opaqueredirect" || response.status === 401;
    if (isSignedOut || response.status === 400) {
      isStopped = true;
      say("stopped", fill(words.kept, outbox.all().length));
      warn(isSignedOut ? words.signedOut : words.stale, true);
      return false;
    }
    if (response.status >= 500 || response.status === 429) return false;
    const page = parse(await response.text());
    const answer = page.getElementById("answer");
    if (response.ok && !answer) return false; // somebody on the way answered, not Shelfwise
    outbox.drop(item.fields.idempotency_key);
    if (item.isUndo) isUndoing = false;
    if (answer) {
      receive(answer, item.isUndo);
      if (item.isUndo) show(words.undone);
    } else {
      warn([item.name, page.body.textContent.trim()].filter(Boolean).join(": "));
      await refill();
    }
    if (!current()) show();
    return true;
  }

  async function refill() {
    if (cards.childElementCount >= N_CARDS) return;
    const response = await post(words.claims, { want: N_CARDS - cards.childElementCount });
    const answer = response.ok && parse(await response.text()).getElementById("answer");
    if (answer) receive(answer, false);
  }

  function settle() { // all is sent: if nothing is left here, the server says what now
    if (!cards.childElementCount && !byId("nothing")) location.reload();
  }

  function decide(form, fields, said) {
    if (isUndoing) return;
    const card = form.closest(".card");
    const name = card.querySelector("h1").textContent;
    const along = "category_id" in fields ? ticked(card) : [];
    delete fields.csrf_token; // of this page; the one of the page that sends it is used
    fields.look_alike = along.join(" ");
    fields.idempotency_key = newKey();
    fields.took_ms = Math.round(performance.now() - shownAt);
    outbox.add({ url: form.action, product: card.dataset.product, along, name, fields });
    card.remove();
    forget([card.dataset.product, ...along]);
    show(along.length ? `${said} ${fill(words.along, along.length)}` : said);
    measure();
    pump();
  }

  // ---- look-alikes of the product: ticked ones get the same category; those for which the model
  // suggests the same come ticked
  const boxes = (card) => [...card.querySelectorAll("[name=look_alike]:enabled")];
  const ticked = (card) => boxes(card).filter((one) => one.checked).map((one) => one.value);

  function tellAlong(card) {
    const n = ticked(card).length;
    const line = card.querySelector(".along");
    if (line) line.textContent = n ? fill(words.along, n) : "";
  }

  function toggleLookAlikes(card) {
    const all = boxes(card);
    const isOn = all.some((one) => !one.checked);
    all.forEach((one) => { one.checked = isOn; });
    const more = card.querySelector(".look-alikes details");
    if (more && isOn) more.open = true; // what is ticked is seen
    tellAlong(card);
  }

  function forget(products) { // decided here: neither shown again nor offered as a look-alike
    for (const product of products) {
      cards.querySelector(`.card[data-product="${product}"]`)?.remove();
      cards.querySelectorAll(`.look-alike[data-product="${product}"]`).forEach((one) => one.remove());
    }
    for (const list of cards.querySelectorAll(".look-alikes")) {
      if (!list.querySelector(".look-alike")) list.remove();
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.name === "look_alike") tellAlong(event.target.closest(".card"));
  });

  function undo() {
    if (isUndoing) return;
    isUndoing = true;
    say("saving", words.undoing);
    outbox.add({ url: undoForm.action, isUndo: true, fields: { idempotency_key: newKey() } });
    pump();
  }

  // ---- forms and buttons: keys press the same buttons
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form === undoForm) {
      if (byId("nothing")) return; // no card to come back to: the page is loaded again
      event.preventDefault();
      undo();
    } else if (form.matches(".card form")) {
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

  function decideWith(card, answer, said) {
    const form = card.querySelector("form");
    decide(form, { ...Object.fromEntries(new FormData(form)), ...answer }, said);
  }

  document.addEventListener("click", (event) => {
    pressedAt = event.detail ? event.timeStamp : pressedAt; // a key's click has no detail
    const photo = event.target.closest("a.photo");
    if (photo) { event.preventDefault(); zoom(photo); return; }
    const { act } = event.target.closest("[data-act]")?.dataset || {};
    if (act === "zoom") zoom(current().querySelector("a.photo:not([hidden])"));
    else if (act === "photo") nextPhoto(current());
    else if (act === "look_alikes") toggleLookAlikes(current());
    else if (act === "search") openSearch();
    else if (act === "flag") { byId("flag-note").value = ""; byId("flag").showModal(); }
    else if (act === "keys") byId("keys").showModal();
    else if (act === "close") event.target.closest("dialog").close();
    else if (event.target.closest(".zoomed")) byId("zoom").classList.toggle("large");
    else if (event.target.matches("dialog")) event.target.close(); // beside the dialog
  });

  document.addEventListener("keydown", (event) => {
    activeAt = performance.now();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const open = document.querySelector("dialog[open]");
    if (open) {
      if (open.id === "zoom" && event.key === "z") open.close();
      return;
    }
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (event.repeat) return;
    const scope = current() || byId("nothing");
    const button = scope?.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    pressedAt = event.timeStamp;
    button.click();
  });
  document.addEventListener("pointerdown", () => { activeAt = performance.now(); });

  // ---- images
  function zoom(photo) {
    if (!photo) return;
    const from = photo.querySelector("img");
    const image = byId("zoom").querySelector("img");
    image.src = from.currentSrc || from.src;
    image.alt = from.alt;
    byId("zoom").classList.remove("large");
    byId("zoom").showModal();
  }

  function nextPhoto(card) {
    const photos = [...card.querySelectorAll("a.photo")];
    const at = photos.findIndex((photo) => !photo.hidden);
    photos.forEach((photo, i) => { photo.hidden = i !== (at + 1) % photos.length; });
  }

  // ---- search among all categories
  function openSearch() {
    search.open(({ id, path }, at) => {
      const card = current();
      pressedAt = at;
      if (!card) return;
      search.remember(id);
      decideWith(card, { category_id: id }, fill(words.filed, path));
    });
  }

  byId("flag-note").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.repeat || event.isComposing) return;
    event.preventDefault();
    pressedAt = event.timeStamp;
    event.target.form.requestSubmit();
  });

  // ---- leases are prolonged while somebody sits here
  setInterval(async () => {
    const isHere = performance.now() - activeAt < words.leaseS * 1000;
    if (document.hidden || !isHere || isStopped || !cards.childElementCount) return;
    const fields = [...cards.children].map((card) => ["product_id", card.dataset.product]);
    try {
      const { lost } = await (await post(words.renew, fields)).json();
      for (const card of [...cards.children]) {
        if (card.hidden && lost.includes(Number(card.dataset.product))) card.remove();
      }
    } catch { /* the next turn tries again; a decision is taken even after the lease */ }
  }, words.leaseS * 1000 / 3);
  addEventListener("online", () => { if (!isSending) pump(); });

  // ---- after a reload: what was decided but not sent is not asked again
  const unsent = outbox.all();
  for (const image of cards.querySelectorAll(".photo img")) image.decode().catch(() => {});
  [...cards.children].forEach(tellAlong);
  forget(unsent.flatMap((item) => [item.product, ...(item.along || [])]).filter(Boolean));
  isUndoing = unsent.some((item) => item.isUndo);
  if (unsent.length) { show(); pump(); }
  desk.dataset.ready = "true";
})();
