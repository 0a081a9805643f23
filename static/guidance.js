/* The panel with what belongs in a category, beside the card: asked for when somebody wants it. */
"use strict";
(() => {
  const panel = document.getElementById("guidance");
  const text = panel.querySelector(".text");
  let asked = 0;

  /** Which category: that of the focused choice, else the suggestion, else the list of all. */
  function address() {
    const card = document.querySelector(".card:not([hidden])");
    const focused = document.activeElement?.closest("button[name=category_id]");
    const suggested = card?.querySelector(".suggestion button[name=category_id]");
    const chosen = focused || suggested;
    return chosen ? `${panel.dataset.address}/${chosen.value}` : panel.dataset.address;
  }

  async function load(from) {
    const turn = ++asked;
    let found = null;
    try {
      const answer = await fetch(from, { headers: { "HX-Request": "true" } });
      if (answer.ok && !answer.redirected) found = await answer.text();
    } catch { /* no connection: said below */ }
    if (turn !== asked) return; // somebody has asked for another one meanwhile
    if (found === null) text.textContent = panel.dataset.failed;
    else text.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.childNodes);
    panel.scrollTo(0, 0);
    (text.querySelector("h1") || text.querySelector("a"))?.focus();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-act=guidance]")) {
      const from = address();
      text.textContent = panel.dataset.loading;
      panel.showModal();
      load(from);
    } else if (event.target === panel) {
      panel.close(); // beside it
    }
    const link = event.target.closest("#guidance a");
    if (!link) return;
    event.preventDefault(); // the card stays where it is: guidance opens here, the rest beside
    if (link.pathname.startsWith(panel.dataset.address)) load(link.href);
    else open(link.href, "_blank", "noopener");
  });
})();
