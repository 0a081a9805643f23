/* A combobox over the categories of a catalogue: a field, and a list that each key searches anew.
   Arrow keys and Page Up and Down choose a line, Enter or a click takes it. */
"use strict";
(() => {
  const { categories } = window.Shelfwise;
  const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
  const loads = new Map(), trees = new Map(); // by address: one file for all fields of a page

  /** Fetch a tree once; the next call tries again where that failed. */
  function load(address) {
    if (!loads.has(address)) {
      loads.set(address, fetch(address)
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
        .then((found) => { trees.set(address, categories.prepare(found.categories)); })
        .catch(() => { loads.delete(address); }));
    }
    return loads.get(address);
  }

  function option(id, ...content) {
    const item = document.createElement("li");
    item.id = id;
    item.setAttribute("role", "option");
    item.append(...content);
    return item;
  }

  function* marked(path, marks) {
    let at = 0;
    for (const [from, to] of marks) {
      const mark = document.createElement("mark");
      mark.textContent = path.slice(from, to);
      yield path.slice(at, from);
      yield mark;
      at = to;
    }
    yield path.slice(at);
  }

  /** Let a field search the tree at an address; return how to search without a key.
      `none` is said where nothing matches; `recent` returns the ids that lead among equals.
      `whenFound` is told that the list is filled, `whenTaken` what was taken and at what time,
      `whenEntered` that Enter was pressed while the list was closed. */
  function combobox(input, list, { address, none, most, recent, whenFound, whenTaken, whenEntered }) {
    let chosen = 0;

    function choose(i) {
      const lines = list.querySelectorAll("[data-id]");
      lines[chosen]?.setAttribute("aria-selected", "false");
      chosen = lines.length ? (i + lines.length) % lines.length : 0;
      lines[chosen]?.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", lines[chosen]?.id ?? "");
      lines[chosen]?.scrollIntoView({ block: "nearest" });
    }

    function fill(tree) {
      const from = performance.now();
      const found = categories.search(tree, input.value, recent?.(), most);
      list.replaceChildren(...found.map(({ id, path, marks }, i) => {
        const item = option(`${list.id}-${i}`, ...marked(path, marks));
        Object.assign(item.dataset, { id, path });
        item.setAttribute("aria-selected", "false");
        return item;
      }));
      if (!found.length) {
        const nothing = option(`${list.id}-none`, none);
        nothing.setAttribute("aria-disabled", "true");
        list.append(nothing);
      }
      choose(0);
      whenFound?.();
      performance.measure("search", { start: from, end: performance.now() });
    }

    async function find() {
      if (!trees.has(address)) await load(address);
      if (trees.has(address) && document.activeElement === input) fill(trees.get(address));
    }

    function take(item, at) {
      if (item?.dataset.id) whenTaken({ ...item.dataset }, at);
    }

    input.addEventListener("input", find);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const step = STEPS[event.key];
      if (!step && event.key !== "Enter") return;
      event.preventDefault();
      if (step) {
        if (list.hidden) find(); else choose(chosen + step);
      } else if (!event.repeat) {
        if (list.hidden) whenEntered?.();
        else take(list.querySelector("[aria-selected=true]"), event.timeStamp);
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => take(event.target.closest("li"), event.timeStamp));
    return find;
  }

  Object.assign(window.Shelfwise, { categoryList: { load, combobox } });
})();
