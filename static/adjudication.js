// The keyboard of adjudication: digits take an answer, Enter the majority, / another category.
"use strict";
(() => {
  let begunAt = performance.now();

  const isTyping = (target) => target.closest("input:not([type=hidden]), select, textarea, [popover]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (event.key === "Enter") {
      if (event.target.closest("a, button, summary")) return; // Enter on a button is the button's
      document.querySelector("[data-majority]")?.click();
    } else if (event.key === "/") {
      event.preventDefault();
      document.getElementById("other")?.focus();
    } else {
      document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
    }
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.closest(".dispute")) {
      event.detail.parameters.took_ms = Math.round(performance.now() - begunAt);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "desk") return;
    begunAt = performance.now();
    document.getElementById("dispute")?.focus({ preventScroll: true });
  });
})();
