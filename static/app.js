/* What opens over a page (the menu "Manage", the note of a flag) gets out of the way, as menus do. */
"use strict";
(() => {
  const OVER = "details:is(.manage, .flagging)";

  function closeBeside({ target }) {
    for (const over of document.querySelectorAll(`${OVER}[open]`)) over.open = over.contains(target);
  }

  document.addEventListener("click", closeBeside);
  document.addEventListener("focusin", closeBeside);
  document.addEventListener("keydown", (event) => {
    const over = event.target.closest(`${OVER}[open]`);
    if (event.key !== "Escape" || !over) return;
    over.open = false;
    over.querySelector("summary").focus();
    event.stopImmediatePropagation(); // it closes this and nothing else
  });
})();
