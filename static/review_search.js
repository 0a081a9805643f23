/* The dialog that finds a category among thousands: what is found is filed under at once. */
"use strict";
(() => {
  const { load, combobox } = window.Shelfwise.categoryList;
  const dialog = document.getElementById("search");
  const box = document.getElementById("search-words");
  const list = document.getElementById("search-found");
  const words = document.getElementById("desk").dataset;
  const RECENT = `shelfwise/recent/${words.user}/${words.slug}`;
  const MOST_RECENT = 12;
  let onChosen = null;

  const recent = () => {
    try { return JSON.parse(localStorage.getItem(RECENT) || "[]"); } catch { return []; }
  };

  /** Keep in mind that a category was used, so that it comes first next time. */
  function remember(id) {
    const ids = [Number(id), ...recent().filter((other) => other !== Number(id))];
    try { localStorage.setItem(RECENT, JSON.stringify(ids.slice(0, MOST_RECENT))); } catch { /* blocked or full: a convenience less */ }
  }

  const find = combobox(box, list, {
    address: words.categories,
    none: words.none,
    recent,
    whenTaken: (taken, at) => { dialog.close(); onChosen(taken, at); },
  });

  function open(whenChosen) {
    onChosen = whenChosen;
    box.value = "";
    list.textContent = words.loading;
    dialog.showModal();
    box.focus();
    find();
  }

  (window.requestIdleCallback || setTimeout)(() => load(words.categories)); // after the first card

  Object.assign(window.Shelfwise, { search: { open, remember } });
})();
