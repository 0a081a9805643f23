/* Decisions that the server has not acknowledged yet, the oldest first. They are kept in the
   browser's storage, a list for each tab; where that is blocked or full, in memory, and said so.
   Tabs of one person tell each other what they hold, and take over what a closed tab left behind. */
"use strict";
(() => {
  const { user, slug } = document.getElementById("desk").dataset;
  const PREFIX = `shelfwise/outbox/${user}/${slug}/`;
  const NOTED = `shelfwise/acknowledged/${user}/${slug}`, N_NOTED = 20;
  const ANSWER_MS = 300; // in which another tab says that it is there
  const tab = newKey();
  const KEY = PREFIX + tab;
  const channel = new BroadcastChannel(`shelfwise/desk/${user}/${slug}`);
  let inMemory = null; // the list, once storage has failed
  let hold = () => [], giveUp = () => {};

  function newKey() { // randomUUID exists on https and localhost only
    if (crypto.randomUUID) return crypto.randomUUID();
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  function acknowledged() {
    try { return JSON.parse(sessionStorage.getItem(NOTED) || "[]"); } catch { return []; }
  }

  const read = (key) => JSON.parse(localStorage.getItem(key) || "[]");

  function all() {
    if (inMemory) return inMemory;
    try { return read(KEY); } catch { inMemory = []; return inMemory; }
  }

  function save(items) {
    if (!inMemory) {
      try {
        if (items.length) localStorage.setItem(KEY, JSON.stringify(items));
        else localStorage.removeItem(KEY);
        return;
      } catch { /* full or blocked: from now on in memory */ }
    }
    inMemory = items;
    try { localStorage.removeItem(KEY); } catch { /* blocked: nothing lies there */ }
  }

  const outbox = {
    newKey,
    all,
    add: (item) => save([...all(), item]),
    drop: (key) => save(all().filter((item) => item.fields.idempotency_key !== key)),
    isKept: () => inMemory === null,
    /** Drop what the server has acknowledged, and note when. */
    acknowledge(item) {
      outbox.drop(item.fields.idempotency_key);
      const products = [item.product, ...(item.along || [])].filter(Boolean);
      const noted = [...acknowledged().slice(1 - N_NOTED), { products, at: Date.now() }];
      try { sessionStorage.setItem(NOTED, JSON.stringify(noted)); } catch { /* blocked */ }
    },
    /** Return what this tab had acknowledged only after the page was asked for: the server may
        have written the page before, with those products still on it. */
    late: () => acknowledged().filter(({ at }) => at > performance.timeOrigin)
      .flatMap(({ products }) => products),
    /** Return what no tab has sent yet, this one's and others', to leave it off the desk. */
    everywhere() {
      try { return keys().flatMap(read); } catch { return all(); }
    },
    tell: (products) => channel.postMessage({ decided: products, from: tab }),
  };
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

  /** Meet the other tabs: leave them what they hold, and take over the lists of closed ones.
      `holds` returns the products of this tab's cards, `gives` takes cards off its desk. */
  outbox.meet = async (holds, gives) => {
    [hold, giveUp] = [holds, gives];
    const there = new Set([tab]);
    const listen = ({ data }) => {
      if (data.to !== tab) return;
      there.add(data.from);
      giveUp(data.holds);
    };
    channel.addEventListener("message", listen);
    channel.postMessage({ hello: true, from: tab });
    await new Promise((resolve) => { setTimeout(resolve, ANSWER_MS); });
    channel.removeEventListener("message", listen);
    try {
      for (const key of keys()) {
        if (there.has(key.slice(PREFIX.length))) continue;
        save([...read(key), ...all()]);
        localStorage.removeItem(key);
      }
    } catch { /* blocked: nothing was left behind */ }
  };

  channel.addEventListener("message", ({ data }) => {
    if (data.hello) channel.postMessage({ to: data.from, from: tab, holds: hold() });
    if (data.decided) giveUp(data.decided);
  });

  window.Shelfwise = Object.assign(window.Shelfwise || {}, { outbox });
})();
