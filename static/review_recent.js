/* A person's last decisions: arrow keys choose one, Enter or the key of undo takes it back. */
"use strict";
(() => {
  const { desk } = window.Shelfwise;
  const dialog = document.getElementById("recent");
  const list = dialog.querySelector(".recent");
  const buttons = () => [...list.querySelectorAll("form button")];

  async function open() {
    list.textContent = dialog.dataset.loading;
    dialog.showModal();
    await desk.whenSent(); // what is on its way belongs into the list
    try {
      const answer = await fetch(dialog.dataset.address, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) throw new Error(`recent: ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...page.body.childNodes);
      buttons()[0]?.focus();
    } catch {
      list.textContent = dialog.dataset.failed;
    }
  }

  function move(step) {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-act=recent]")) { event.preventDefault(); open(); }
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); move(step); }
    if (event.key.toLowerCase() === dialog.dataset.undo && buttons().includes(document.activeElement)) {
      event.preventDefault();
      document.activeElement.click();
    }
  });
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    desk.undo(Object.fromEntries(new FormData(event.target)));
  });
})();
