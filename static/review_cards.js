/* The cards on the desk: one is in sight, the others are ready behind it. */
"use strict";
(() => {
  const { outbox } = window.Shelfwise;
  const byId = (id) => document.getElementById(id);
  const desk = byId("desk"), cards = byId("cards"), waiting = byId("waiting");
  const words = desk.dataset;
  const current = () => cards.querySelector(".card:not([hidden])");
  const holds = () => [...cards.children].map((card) => card.dataset.product);
  const fill = (sentence, value) => sentence.replace("{}", value);
  let shownAt = performance.now(), measuredFrom = null;

  /** Show the first card; say what was done before it, where something was. */
  function show(said) {
    const [first, ...rest] = cards.children;
    rest.forEach((card) => { card.hidden = true; });
    waiting.hidden = Boolean(first) || Boolean(byId("nothing"));
    let sentence = said || "";
    if (first) {
      if (first.hidden || said) shownAt = performance.now();
      first.hidden = false;
      byId("nothing")?.remove();
      first.querySelectorAll(".facts-pane, .choices").forEach((pane) => pane.scrollTo(0, 0));
      const heading = first.querySelector("h1");
      heading.focus({ preventScroll: true });
      scrollTo(0, 0);
      sentence = `${sentence} ${fill(words.next, heading.textContent)}`;
      if (measuredFrom !== null) measure(first);
    }
    if (!said) return;
    byId("last").textContent = said;
    byId("said").textContent = sentence;
  }

  /** From the key to the next card painted with its photo; tests and curious people read it. */
  async function measure(card) {
    const from = measuredFrom;
    measuredFrom = null;
    const photo = card.querySelector(".photo:not([hidden]) img");
    if (photo && !photo.complete) await photo.decode().catch(() => {});
    requestAnimationFrame(() => setTimeout(() => {
      const measured = performance.measure("decision", { start: from, end: performance.now() });
      words.paintedMs = measured.duration.toFixed(1);
    }));
  }

  /** Put the cards of an answer on the desk; return how many came. */
  function receive(answer, isFirst) {
    byId("today").textContent = Number(answer.dataset.today).toLocaleString(document.documentElement.lang);
    let n = 0;
    for (const card of answer.querySelectorAll(".card")) {
      const twin = cards.querySelector(`.card[data-product="${card.dataset.product}"]`);
      if (twin && !isFirst) continue;
      twin?.remove();
      card.hidden = true;
      cards[isFirst ? "prepend" : "append"](card);
      prepare(card);
      n += 1;
    }
    return n;
  }

  function prepare(card) {
    card.querySelectorAll(".photo img").forEach((image) => image.decode().catch(() => {}));
    tellAlong(card);
  }

  /** Drop what is decided or elsewhere: neither shown again nor offered as a look-alike. */
  function forget(products) {
    for (const product of products) {
      cards.querySelector(`.card[data-product="${product}"]`)?.remove();
      cards.querySelectorAll(`.look-alike[data-product="${product}"]`).forEach((one) => one.remove());
    }
    for (const list of cards.querySelectorAll(".look-alikes")) {
      if (!list.querySelector(".look-alike")) list.remove();
    }
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

  document.addEventListener("change", (event) => {
    if (event.target.name === "look_alike") tellAlong(event.target.closest(".card"));
  });

  // ---- at the start: what was decided but not sent is not asked again
  const unsent = outbox.everywhere();
  forget(unsent.flatMap((item) => [item.product, ...(item.along || [])]).filter(Boolean));
  forget(outbox.late());
  [...cards.children].forEach(prepare);
  if (unsent.length) show();

  window.Shelfwise.cards = {
    current, holds, show, receive, forget, ticked, toggleLookAlikes, fill,
    measureFrom: (at) => { measuredFrom = at; },
    shownFor: () => performance.now() - shownAt,
    count: () => cards.childElementCount,
    putBack: (card) => { card.hidden = true; cards.prepend(card); },
  };
})();
