/* Fields for a category. What is chosen is the path in the field itself, which a button then files
   under, or the id in a hidden field beside it, as a filter has it. */
"use strict";
(() => {
  const { load, combobox } = window.Shelfwise.categoryList;
  const AT_MOST = 30;

  function enhance(input) {
    if (input.hasAttribute("role")) return; // the list comes anew, and the filters stay
    const field = input.closest(".category");
    const { categories: address, none } = field.dataset;
    const hidden = field.querySelector("input[type=hidden]");
    let path = input.value; // of what is chosen

    const list = document.createElement("ul");
    list.id = `${input.id}-found`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.querySelector("label").textContent);
    field.append(list);
    input.removeAttribute("list");
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
    })) input.setAttribute(name, value);

    function open(isOpen) {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) input.removeAttribute("aria-activedescendant");
    }

    function filter(id) {
      hidden.value = id;
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function goOn() { // the first Enter chooses, the second, on the button, files
      if (!hidden && input.value) input.form.querySelector("[name=act][value=file]").focus();
    }

    combobox(input, list, {
      address,
      none,
      most: AT_MOST,
      whenFound: () => open(true),
      whenTaken: (taken) => {
        path = input.value = taken.path;
        open(false);
        if (hidden) filter(taken.id);
        else goOn();
      },
      whenEntered: goOn,
    });
    input.addEventListener("focus", () => { input.select(); load(address); });
    input.addEventListener("blur", () => {
      open(false);
      if (!hidden) return;
      if (!input.value.trim() && hidden.value) { path = ""; filter(""); }
      input.value = path; // what was typed and not chosen filters nothing
    });
    input.addEventListener("change", (event) => { if (hidden) event.stopPropagation(); });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || list.hidden) return;
      event.stopPropagation();
      open(false);
    });
  }

  const enhanceAll = () => document.querySelectorAll(".category input[type=text]").forEach(enhance);
  document.addEventListener("htmx:afterSettle", enhanceAll);
  enhanceAll();
})();
