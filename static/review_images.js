/* Photos: the next one, and one enlarged, where a key, a click or two fingers zoom. */
"use strict";
(() => {
  const { cards } = window.Shelfwise;
  const dialog = document.getElementById("zoom");
  const pane = dialog.querySelector(".zoomed");
  const image = pane.querySelector("img");
  const MOST = 6; // times the size that fits
  const CLICKED = 2.2;
  let scale = 1, hasPinched = false;

  function resize(to, x = pane.clientWidth / 2, y = pane.clientHeight / 2) { // around that point
    const before = scale;
    scale = Math.min(MOST, Math.max(1, to));
    const [left, top] = [pane.scrollLeft + x, pane.scrollTop + y];
    dialog.classList.toggle("large", scale > 1);
    image.style.width = image.style.height = scale > 1 ? `${scale * 100}%` : "";
    pane.scrollTo(left * (scale / before) - x, top * (scale / before) - y);
  }

  function open(photo) {
    if (!photo) return;
    const from = photo.querySelector("img");
    image.src = from.currentSrc || from.src;
    image.alt = from.alt;
    dialog.showModal();
    resize(1);
  }

  function next(card) {
    const photos = [...card.querySelectorAll("a.photo")];
    const at = photos.findIndex((photo) => !photo.hidden);
    photos.forEach((photo, i) => { photo.hidden = i !== (at + 1) % photos.length; });
  }

  document.addEventListener("click", (event) => {
    const photo = event.target.closest("a.photo");
    if (photo) { event.preventDefault(); open(photo); return; }
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "zoom") open(cards.current().querySelector("a.photo:not([hidden])"));
    else if (act === "photo") next(cards.current());
    else if (event.target.closest(".zoomed") && !hasPinched) {
      const box = pane.getBoundingClientRect();
      resize(scale > 1 ? 1 : CLICKED, event.clientX - box.x, event.clientY - box.y);
    }
  });
  pane.addEventListener("keydown", (event) => {
    const step = { "+": 1.4, "=": 1.4, "-": 1 / 1.4 }[event.key];
    if (step) { event.preventDefault(); resize(scale * step); }
  });

  // ---- fingers: one moves the image, two zoom it
  const fingers = new Map();
  let apart = 0, scaleThen = 1;
  const distance = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);

  pane.addEventListener("pointerdown", (event) => {
    if (!fingers.size) hasPinched = false;
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) { apart = distance([...fingers.values()]); scaleThen = scale; }
  });
  pane.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 1) {
      pane.scrollBy(before.clientX - event.clientX, before.clientY - event.clientY);
    } else if (fingers.size === 2 && apart) {
      hasPinched = true;
      const [a, b] = [...fingers.values()], box = pane.getBoundingClientRect();
      const [x, y] = [(a.clientX + b.clientX) / 2 - box.x, (a.clientY + b.clientY) / 2 - box.y];
      resize(scaleThen * (distance([a, b]) / apart), x, y);
    }
  });
  for (const over of ["pointerup", "pointercancel"]) {
    pane.addEventListener(over, (event) => { fingers.delete(event.pointerId); });
  }
})();
