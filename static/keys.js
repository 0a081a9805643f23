/* My keys: the key that is pressed in a field becomes its value; one key for two acts is told. */
"use strict";
(() => {
  const form = document.querySelector("form[data-clash]");
  const clash = document.getElementById("clash");
  const fields = [...form.querySelectorAll(".key-list input")];
  const nameOf = (field) => field.labels[0].textContent;

  function check() {
    clash.hidden = true;
    for (const field of fields) {
      const twin = fields.find((other) => other !== field && other.value === field.value);
      const [first, second] = [twin, field].sort((a, b) => fields.indexOf(a) - fields.indexOf(b));
      const sentence = twin && form.dataset.clash.replace("{0}", field.value)
        .replace("{1}", nameOf(first)).replace("{2}", nameOf(second));
      field.setCustomValidity(sentence || "");
      if (sentence) { clash.textContent = sentence; clash.hidden = false; }
    }
  }

  form.addEventListener("keydown", (event) => {
    if (!fields.includes(event.target) || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Enter" && (event.key.length !== 1 || /[\s1-9]/.test(event.key))) return;
    event.preventDefault();
    event.target.value = event.key === "Enter" ? event.key : event.key.toLowerCase();
    check();
  });
  form.addEventListener("input", check);
  for (const field of fields) field.addEventListener("focus", () => field.select());
})();
