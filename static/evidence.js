/* What the image network goes by, drawn over the photo: a veil over what does not matter and a frame
   around what does. Where nobody has looked, a worker is asked, and the desk goes on meanwhile. */
"use strict";
(() => {
  const words = document.getElementById("region").dataset;
  const EVERY_MS = 1000, AT_MOST = 60, VEIL = 0.62, MATTERS = 0.5;
  const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act=region]");
    if (button) toggle(button);
  });
  addEventListener("resize", () => document.querySelectorAll(".photo canvas").forEach(paint));

  function toggle(button) {
    const card = button.closest(".card");
    const line = card.querySelector(".region-said");
    const canvas = card.querySelector(".photo canvas");
    if (canvas) { canvas.remove(); line.textContent = ""; return; }
    if (button.dataset.rows) draw(card, button);
    else if (!button.disabled) ask(card, button);
  }

  async function ask(card, button) {
    const line = card.querySelector(".region-said");
    line.textContent = words.looking;
    button.disabled = true;
    let said = words.unanswered;
    try {
      let found = await fetched(button, "POST");
      for (let turn = 0; turn < AT_MOST && found.is_coming && card.isConnected; turn += 1) {
        await wait(EVERY_MS);
        found = await fetched(button, "GET");
      }
      if (found.rows) Object.assign(button.dataset, { rows: JSON.stringify(found.rows), photo: found.photo });
      else if (!found.is_coming) said = words.failed;
    } catch { said = words.failed; }
    button.disabled = false;
    if (button.dataset.rows) draw(card, button);
    else line.textContent = said;
  }

  async function fetched(button, method) {
    const headers = { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await fetch(button.dataset.address, { method, headers, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  function draw(card, button) {
    const rows = JSON.parse(button.dataset.rows);
    const line = card.querySelector(".region-said");
    if (!rows.flat().some((weight) => weight > 0)) { line.textContent = words.nothing; return; }
    const photos = [...card.querySelectorAll("a.photo")];
    const photo = photos.find((one) => one.href.includes(button.dataset.photo)) || photos[0];
    photos.forEach((one) => { one.hidden = one !== photo; });
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    canvas.weights = rows;
    photo.append(canvas);
    line.textContent = words.found;
    photo.querySelector("img").decode().catch(() => {}).then(() => paint(canvas));
  }

  /** Return where the picture itself lies: it is fitted into its box, which has a padding. */
  function place(image) {
    const style = getComputedStyle(image);
    const [left, top] = [parseFloat(style.paddingLeft), parseFloat(style.paddingTop)];
    const [width, height] = [image.clientWidth - 2 * left, image.clientHeight - 2 * top];
    const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
    const [w, h] = [image.naturalWidth * scale, image.naturalHeight * scale];
    return [image.offsetLeft + left + (width - w) / 2, image.offsetTop + top + (height - h) / 2, w, h];
  }

  function paint(canvas) {
    const { weights } = canvas;
    const n = weights.length;
    const small = document.createElement("canvas");
    small.width = small.height = n;
    const cells = new ImageData(n, n);
    weights.flat().forEach((weight, at) => { cells.data[4 * at + 3] = 255 * VEIL * (1 - weight); });
    small.getContext("2d").putImageData(cells, 0, 0);
    const [x, y, w, h] = place(canvas.parentElement.querySelector("img"));
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    const pen = canvas.getContext("2d");
    pen.scale(devicePixelRatio, devicePixelRatio);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(small, x, y, w, h);
    for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: width });
      pen.stroke(frame(weights, x, y, w / n, h / n));
    }
  }

  /** Return the border between cells that matter and those that do not. */
  function frame(weights, x, y, w, h) {
    const path = new Path2D();
    const matters = (row, column) => (weights[row]?.[column] ?? 0) >= MATTERS;
    const line = (fromX, fromY, toX, toY) => {
      path.moveTo(x + fromX * w, y + fromY * h);
      path.lineTo(x + toX * w, y + toY * h);
    };
    for (let row = 0; row <= weights.length; row += 1) {
      for (let column = 0; column <= weights.length; column += 1) {
        if (matters(row, column) !== matters(row - 1, column)) line(column, row, column + 1, row);
        if (matters(row, column) !== matters(row, column - 1)) line(column, row, column, row + 1);
      }
    }
    return path;
  }
})();
