// The keyboard on the list of suspects: one place is current; each answer brings the list anew.
"use strict";

let current = 0;
let begunAt = performance.now();
let takenBack = null; // the product whose answer is being taken back: it shall be current then

const places = () => [...document.querySelectorAll(".suspect")];

function choose(index) {
  const all = places();
  if (!all.length) return;
  current = Math.max(0, Math.min(index, all.length - 1));
  begunAt = performance.now();
  all[current].focus({ preventScroll: true });
  all[current].scrollIntoView({ block: "nearest" });
}

function isTyping(target) {
  return target.closest("input:not([type=hidden]), select, textarea, [popover]") !== null;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const inside = event.target.closest(".suspect");
  const onControl = event.target.closest("a, button, summary") !== null;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const isFirst = document.activeElement.closest(".suspect") === null;
    choose(isFirst ? current : current + (event.key === "ArrowDown" ? 1 : -1));
    return;
  }
  if (event.repeat) return; // a key that is held down answers once
  if (event.key === "u") {
    document.querySelector('.last-act [data-key="u"]')?.click();
    return;
  }
  if (!inside || (event.key === "Enter" && onControl)) return; // Enter on a button is the button's
  const control = inside.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!control) return;
  event.preventDefault();
  control.click();
}

document.addEventListener("keydown", onKey);
document.addEventListener("focusin", (event) => {
  const inside = event.target.closest(".suspect");
  if (inside && places().indexOf(inside) !== current) {
    current = places().indexOf(inside);
    begunAt = performance.now();
  }
});
document.addEventListener("htmx:configRequest", (event) => {
  takenBack = event.target.closest(".last-act")?.dataset.product ?? null;
  if (event.target.closest(".suspect")) {
    event.detail.parameters.took_ms = Math.round(performance.now() - begunAt);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "suspects") return;
  const again = places().indexOf(document.getElementById(`suspect-${takenBack}`));
  choose(again < 0 ? current : again);
});
