/* A field for a category: a list that is searched at each key. What is chosen is the path in the
   field itself, or the id in a hidden field beside it, as a filter has it. */
"use strict";
(() => {
  const { categories } = window.Shelfwise;
  const AT_MOST = 30;
  const loads = new Map(); // one file for all fields of a page

  function load(address) {
    if (!loads.has(address)) {
      const loading = fetch(address)
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
        .then((found) => categories.prepare(found.categories));
      loading.catch(() => loads.delete(address)); // the next key tries again
      loads.set(address, loading);
    }
    return loads.get(address);
  }

  function marked(item, path, marks) {
    let at = 0;
    for (const [from, to] of marks) {
      const mark = document.createElement("mark");
      mark.textContent = path.slice(from, to);
      item.append(path.slice(at, from), mark);
      at = to;
    }
    item.append(path.slice(at));
  }

  function enhance(input) {
    if (input.dataset.searches) return;
    const field = input.closest(".category");
    const list = document.createElement("ul");
    list.id = `${input.id}-found`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.querySelector("label").textContent);
    field.append(list);
    input.removeAttribute("list");
    input.dataset.searches = "true";
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
    })) input.setAttribute(name, value);
    const hidden = field.querySelector("input[type=hidden]");
    let path = input.value; // of what is chosen
    let chosen = 0;

    function open(isOpen) {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) input.removeAttribute("aria-activedescendant");
    }

    function choose(i) {
      const lines = list.children;
      lines[chosen]?.setAttribute("aria-selected", "false");
      chosen = lines.length ? (i + lines.length) % lines.length : 0;
      lines[chosen]?.setAttribute("aria-selected", "true");
      if (lines[chosen]?.id) input.setAttribute("aria-activedescendant", lines[chosen].id);
      lines[chosen]?.scrollIntoView({ block: "nearest" });
    }

    async function find() {
      const tree = await load(field.dataset.categories).catch(() => null);
      if (!tree || document.activeElement !== input) return;
      const found = categories.search(tree, input.value, [], AT_MOST);
      list.replaceChildren(...found.map((each, i) => {
        const item = document.createElement("li");
        Object.assign(item, { id: `${list.id}-${i}` });
        item.setAttribute("role", "option");
        Object.assign(item.dataset, { id: each.id, path: each.path });
        marked(item, each.path, each.marks);
        return item;
      }));
      if (!found.length) {
        const none = document.createElement("li");
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        none.textContent = field.dataset.none;
        list.append(none);
      }
      open(true);
      choose(0);
    }

    function filter(id) {
      hidden.value = id;
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function take(item) {
      if (!item?.dataset.path) return;
      path = item.dataset.path;
      input.value = path;
      open(false);
      if (hidden) filter(item.dataset.id);
      else goOn();
    }

    const goOn = () => input.form.querySelector("[name=act][value=file]").focus();

    input.addEventListener("input", find);
    input.addEventListener("focus", () => { input.select(); load(field.dataset.categories).catch(() => {}); });
    input.addEventListener("blur", () => {
      open(false);
      if (!hidden) return;
      if (!input.value.trim() && hidden.value) { path = ""; filter(""); }
      input.value = path; // what was typed and not chosen filters nothing
    });
    input.addEventListener("change", (event) => { if (hidden) event.stopPropagation(); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        if (list.hidden) find(); else choose(chosen + step);
      } else if (event.key === "Enter") {
        event.preventDefault(); // the first chooses, the second, on the button, files
        if (!event.repeat) take(list.hidden ? null : list.children[chosen]);
        if (list.hidden && input.value && !hidden) goOn();
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        open(false);
      }
    });
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus until something is chosen
      take(event.target.closest("li"));
    });
  }

  const enhanceAll = () => document.querySelectorAll(".category input[type=text]").forEach(enhance);
  document.addEventListener("htmx:afterSettle", enhanceAll);
  enhanceAll();
})();
