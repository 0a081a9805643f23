/* Swipes on a phone: right confirms, left skips. The card goes with the finger and says what will
   happen; going back before letting go cancels. Off where people want no motion. */
"use strict";
(() => {
  const { cards } = window.Shelfwise;
  const isStill = matchMedia("(prefers-reduced-motion: reduce)");
  const BEGINS_PX = 12;
  const SHARE = 0.3; // of the card's width: from there on letting go does it
  const hint = document.getElementById("swipe");
  let from = null, card = null, isSwiping = false;

  const buttonFor = (dx) => card.querySelector(dx > 0 ? "[data-act=confirm]" : "[data-act=skip]");

  function follow(dx) {
    const button = buttonFor(dx);
    const isFar = Math.abs(dx) > card.offsetWidth * SHARE;
    card.style.transform = button ? `translateX(${dx}px)` : `translateX(${dx / 6}px)`;
    hint.hidden = !button;
    hint.dataset.to = dx > 0 ? "confirm" : "skip";
    hint.dataset.far = isFar;
    if (button) hint.textContent = dx > 0 ? button.dataset.category : hint.dataset.skip;
    return isFar ? button : null;
  }

  function rest() {
    if (card) card.style.transform = "";
    hint.hidden = true;
    from = card = null;
    isSwiping = false;
  }

  document.addEventListener("pointerdown", (event) => {
    const isOurs = event.pointerType === "touch" && event.isPrimary && !isStill.matches
      && event.target.closest(".photos, .facts-pane") && !event.target.closest("button, input, summary");
    if (!isOurs) { if (from) rest(); return; }
    from = event;
    card = cards.current();
  });
  document.addEventListener("pointermove", (event) => {
    if (!from || event.pointerId !== from.pointerId || !card?.isConnected) return;
    const [dx, dy] = [event.clientX - from.clientX, event.clientY - from.clientY];
    if (!isSwiping && Math.abs(dy) > Math.abs(dx)) { rest(); return; } // it scrolls
    if (!isSwiping && Math.abs(dx) < BEGINS_PX) return;
    isSwiping = true;
    follow(dx);
  });
  document.addEventListener("pointerup", (event) => {
    if (!from || event.pointerId !== from.pointerId) return;
    const button = isSwiping && card.isConnected ? follow(event.clientX - from.clientX) : null;
    const wasSwiping = isSwiping;
    rest();
    if (wasSwiping) swallowClick();
    button?.click();
  });
  document.addEventListener("pointercancel", rest);

  function swallowClick() { // what a finger lets go of was not tapped
    const stop = (click) => {
      if (click.isTrusted) { click.preventDefault(); click.stopPropagation(); }
    };
    document.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", stop, { capture: true }), 50);
  }
})();
