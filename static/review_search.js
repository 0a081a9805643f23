/* The dialog that finds a category among thousands: what is found is filed under at once. */
"use strict";
(() => {
  const { categories } = window.Shelfwise;
  const dialog = document.getElementById("search");
  const box = document.getElementById("search-words");
  const list = document.getElementById("search-found");
  const words = document.getElementById("desk").dataset;
  const RECENT = `shelfwise/recent/${words.user}/${words.slug}`;
  const MOST_RECENT = 12;
  let tree = null, loading = null, onChosen = null, chosen = 0;

  const recent = () => {
    try { return JSON.parse(localStorage.getItem(RECENT) || "[]"); } catch { return []; }
  };

  /** Keep in mind that a category was used, so that it comes first next time. */
  function remember(id) {
    const ids = [Number(id), ...recent().filter((other) => other !== Number(id))];
    try { localStorage.setItem(RECENT, JSON.stringify(ids.slice(0, MOST_RECENT))); } catch { /* blocked or full: a convenience less */ }
  }

  async function load() {
    const answer = await fetch(words.categories);
    if (!answer.ok) throw new Error(`categories: ${answer.status}`);
    tree = categories.prepare((await answer.json()).categories);
  }

  function loaded() { // once; again where it failed
    loading ||= load().catch(() => {}).finally(() => { if (!tree) loading = null; });
    return loading;
  }

  function open(whenChosen) {
    onChosen = whenChosen;
    box.value = "";
    dialog.showModal();
    box.focus();
    find();
    if (!tree) loaded().then(find);
  }

  function line({ id, path, marks }, i) {
    const item = document.createElement("li");
    Object.assign(item, { id: `found-${i}`, role: "option" });
    Object.assign(item.dataset, { id, path });
    let at = 0;
    for (const [from, to] of marks) {
      const mark = document.createElement("mark");
      mark.textContent = path.slice(from, to);
      item.append(path.slice(at, from), mark);
      at = to;
    }
    item.append(path.slice(at));
    return item;
  }

  function find() {
    const from = performance.now();
    const found = tree ? categories.search(tree, box.value, recent()) : [];
    list.replaceChildren(...found.map(line));
    if (!found.length) list.textContent = tree ? words.none : words.loading;
    choose(0);
    performance.measure("search", { start: from, end: performance.now() });
  }

  function choose(i) {
    const lines = list.children;
    lines[chosen]?.setAttribute("aria-selected", "false");
    chosen = lines.length ? (i + lines.length) % lines.length : 0;
    lines[chosen]?.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", lines.length ? `found-${chosen}` : "");
    lines[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function take(item, pressedAt) {
    dialog.close();
    onChosen({ ...item.dataset }, pressedAt);
  }

  box.addEventListener("input", find);
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) { event.preventDefault(); choose(chosen + step); }
    if (event.key !== "Enter" || event.repeat || event.isComposing) return;
    event.preventDefault();
    if (list.children[chosen]) take(list.children[chosen], event.timeStamp);
  });
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take(item, event.timeStamp);
  });
  (window.requestIdleCallback || setTimeout)(loaded); // after what the first card needs

  Object.assign(window.Shelfwise, { search: { open, remember } });
})();
