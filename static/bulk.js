/* Selecting many products: by keys, by ranges, by touch, or all that match; and the bar below. */
"use strict";
(() => {
  const LONG_PRESS_MS = 500;
  const byId = (id) => document.getElementById(id);
  const boxes = () => [...document.querySelectorAll("[data-pick] input[name=product]")];
  const formOf = (box) => box?.closest("form.bulk") ?? document.querySelector("form.bulk");
  let anchor = null; // where a range begins
  let current = null; // the box that the tab key comes to
  let pressed = null; // a finger that may become a long press

  // ---- what is selected
  function tell(form) {
    const bar = form?.querySelector(".bulk-bar");
    if (!bar) return;
    const all = bar.querySelector("[name=all]");
    const n = all?.checked ? Number(bar.dataset.all) : form.querySelectorAll("[name=product]:checked").length;
    const words = n === 0 ? bar.dataset.none : n === 1 ? bar.dataset.one : bar.dataset.many;
    bar.querySelector(".n-selected").textContent = words.replace("{n}", n.toLocaleString(document.documentElement.lang));
    bar.classList.toggle("has-selected", n > 0);
  }

  function select(some, isOn) {
    for (const box of some) box.checked = isOn;
    const form = formOf(some[0]);
    const all = form?.querySelector("[name=all]");
    if (all && !isOn) all.checked = false;
    tell(form);
  }

  function between(one, other) {
    const every = boxes();
    const [from, to] = [every.indexOf(one), every.indexOf(other)].sort((a, b) => a - b);
    return every.slice(Math.max(from, 0), to + 1);
  }

  function selectPage() { // once more: all that match
    const form = formOf(current);
    const every = [...form.querySelectorAll("[name=product]")];
    const all = form.querySelector("[name=all]");
    if (all && every.every((box) => box.checked)) all.checked = true;
    select(every, true);
  }

  function clear() {
    const form = formOf(current);
    select([...form.querySelectorAll("[name=product]")], false);
  }

  // ---- going from one to the other: only one box is a stop of the tab key
  function stopAt(box) {
    if (current) current.tabIndex = -1;
    current = box;
    if (box) box.tabIndex = 0;
  }

  function go(box) {
    if (!box) return;
    stopAt(box);
    box.focus({ preventScroll: true });
    box.closest("[data-pick]").scrollIntoView({ block: "nearest" });
  }

  function neighbour(box, key) {
    const every = boxes();
    const at = every.indexOf(box);
    if (key === "ArrowRight") return every[at + 1];
    if (key === "ArrowLeft") return every[at - 1];
    if (key === "Home") return every[0];
    if (key === "End") return every.at(-1);
    const place = (one) => one.closest("[data-pick]").getBoundingClientRect();
    const here = place(box);
    const isDown = key === "ArrowDown";
    const beyond = (isDown ? every.slice(at + 1) : every.slice(0, at).reverse())
      .filter((one) => (isDown ? place(one).top > here.top + 1 : place(one).top < here.top - 1));
    const row = beyond.length && place(beyond[0]).top;
    return beyond.filter((one) => Math.abs(place(one).top - row) < 2)
      .sort((a, b) => Math.abs(place(a).left - here.left) - Math.abs(place(b).left - here.left))[0];
  }

  function move(event, box) {
    event.preventDefault();
    if (!box) { go(current ?? boxes()[0]); return; }
    const next = neighbour(box, event.key);
    if (!next) return;
    if (event.shiftKey) {
      anchor ??= box;
      select(between(anchor, box), false);
      select(between(anchor, next), true);
    } else {
      anchor = null;
    }
    go(next);
  }

  const ARROWS = new Set(["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"]);
  const isTyping = (target) => target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (target.id === "q" && key === "ArrowDown" && boxes().length) { // to what was found
      event.preventDefault();
      go(boxes()[0]);
      return;
    }
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (key === "Enter" && target.matches(".flagging input")) { // by itself, it would file
      event.preventDefault();
      if (!event.repeat) target.closest(".flagging").querySelector("button").click();
    }
    if (isTyping(target)) return;
    const box = target.matches("[data-pick] [name=product]") ? target : null;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "a" && boxes().length) {
      event.preventDefault();
      selectPage();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((ARROWS.has(key) && (box || target === document.body || target.id === "last-act")) || (box && ["Home", "End"].includes(key))) {
      move(event, box);
    } else if (key === "x" && box) {
      event.preventDefault();
      box.click();
    } else if (key === "Enter" && box) {
      event.preventDefault(); // it would send the form
      if (!event.repeat) box.closest("[data-pick]").querySelector("a.opens").click();
    } else if (key === "Escape" && boxes().length) {
      clear();
    } else if (!event.repeat) {
      press(event, box);
    }
  });

  function write(note) {
    note.open = true;
    note.querySelector("input").focus();
  }

  function press(event, box) {
    const form = formOf(box ?? current);
    const note = form?.querySelector(".flagging");
    if (event.key === "c" && form) form.querySelector("[name=path]").focus();
    else if (event.key === "f" && note) write(note);
    else if (event.key === "u") document.querySelector('.last-act [data-key="u"]')?.click();
    else if (event.key === "/" && byId("q")) byId("q").focus();
    else if (event.key === "?") byId("keys").showModal();
    else return;
    event.preventDefault();
  }

  // ---- by pointer: a click ticks, Shift and a click a range, a long press begins a selection
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-act=keys]")) byId("keys").showModal();
    const note = event.target.closest(".flagging:not([open]) > summary")?.parentElement;
    if (note) { // at once: until the note has the focus, what is typed would be keys
      event.preventDefault();
      write(note);
    }
    const box = event.target.closest("[data-pick] [name=product]");
    if (box) {
      if (event.shiftKey && anchor && anchor !== box) select(between(anchor, box), box.checked);
      anchor = box;
      stopAt(box);
      return;
    }
    const link = event.target.closest("[data-pick] a.opens");
    if (!link || event.ctrlKey || event.metaKey || event.detail === 0) return;
    const own = link.closest("[data-pick]").querySelector("[name=product]");
    const isSelecting = pressed?.isLong || link.closest("form.bulk")?.dataset.touched;
    if (own && isSelecting) {
      event.preventDefault();
      if (!pressed?.isLong) own.click();
    }
    pressed = null;
  });

  document.addEventListener("pointerdown", (event) => {
    const pick = event.target.closest("[data-pick]");
    if (event.pointerType !== "touch" || !pick || event.target.closest(".tick")) return;
    const press = { isLong: false };
    press.timer = setTimeout(() => {
      press.isLong = true;
      pick.closest("form.bulk").dataset.touched = "true"; // now a touch ticks and opens nothing
      pick.querySelector("[name=product]").click();
    }, LONG_PRESS_MS);
    pressed = press;
  });
  for (const kind of ["pointerup", "pointercancel", "pointermove"]) {
    document.addEventListener(kind, () => { if (pressed && !pressed.isLong) { clearTimeout(pressed.timer); } });
  }
  document.addEventListener("contextmenu", (event) => {
    if (pressed?.isLong || (pressed && event.target.closest("[data-pick]"))) event.preventDefault();
  });

  // Each key has searched already: leaving the field must not fetch the list anew, without its ticks.
  byId("q")?.addEventListener("change", (event) => event.stopPropagation());

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.bulk");
    if (!form) return;
    if (event.target.name === "all") select([...form.querySelectorAll("[name=product]")], event.target.checked);
    else if (event.target.name === "product" && !event.target.checked) select([event.target], false);
    if (!form.querySelector("[name=product]:checked")) delete form.dataset.touched;
    tell(form);
  });
  document.addEventListener("reset", (event) => setTimeout(() => {
    delete event.target.dataset.touched;
    tell(event.target);
  }));

  // ---- the list comes anew after each act, and where somebody else was faster
  function begin() {
    anchor = null;
    const every = boxes();
    for (const box of every) box.tabIndex = -1;
    stopAt(every[0]);
    document.querySelectorAll("form.bulk").forEach(tell);
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id !== "results" && event.target.id !== "results") return;
    begin();
    if (event.detail.requestConfig?.verb === "post") byId("last-act")?.focus();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const isStale = event.detail.xhr.status === 409 && event.target.closest(".bulk, .last-act");
    const filters = document.querySelector("form.filters");
    if (isStale && filters) window.htmx.trigger(filters, "submit");
  });
  begin();
})();
