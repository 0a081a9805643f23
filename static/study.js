// The report of a study: tables that sort, systems that open by their address, charts drawn on sight.
(function () {
  "use strict";

  const SHAPES = ["circle", "triangle", "rect", "rectRot", "cross", "crossRot", "star"];
  const categories = JSON.parse(document.getElementById("categories").textContent);
  const charts = new Map();

  // ---- tables

  const valueOf = (row, column) => row.cells[column].dataset.value;

  function compare(first, second) {
    if (first === undefined || second === undefined) return 0;
    const difference = Number(first) - Number(second);
    return Number.isNaN(difference) ? first.localeCompare(second) : difference;
  }

  function sort(table, column, direction) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const known = rows.filter((row) => valueOf(row, column) !== undefined);
    const unknown = rows.filter((row) => valueOf(row, column) === undefined); // always last
    known.sort((a, b) => direction * compare(valueOf(a, column), valueOf(b, column)));
    body.append(...known, ...unknown);
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (at === column) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
  }

  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const label = document.createElement("label");
    label.className = "sort-by";
    const select = document.createElement("select");
    heads.forEach((head, column) => {
      const name = document.createElement("span");
      name.append(head.firstChild);
      head.prepend(name);
      select.append(new Option(name.textContent, column, column === 1, column === 1));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const sorted = head.getAttribute("aria-sort");
        sort(table, column, sorted ? (sorted === "descending" ? 1 : -1) : firstDirection(table, column));
      });
    });
    if (isSorted(table)) heads[1].setAttribute("aria-sort", "descending");
    // On a phone the heads are away, and this takes their place.
    select.addEventListener("change", () => {
      const column = Number(select.value);
      sort(table, column, firstDirection(table, column));
    });
    label.append("Sort by ", select);
    table.closest(".scroll").before(label);
  }

  // Figures come the best first: what costs or errs, from the lowest; text, from A.
  function firstDirection(table, column) {
    if (table.tHead.rows[0].cells[column].dataset.best === "lowest") return 1;
    const [first] = [...table.tBodies[0].rows].map((row) => valueOf(row, column)).filter(Boolean);
    return Number.isNaN(Number(first)) ? 1 : -1;
  }

  const isSorted = (table) => [...table.tBodies[0].rows]
    .map((row) => Number(valueOf(row, 1) ?? -1))
    .every((value, at, all) => at === 0 || all[at - 1] >= value);

  // Where a table need not scroll sideways, its heads can stay in sight.
  function letHeadsStay() {
    for (const table of document.querySelectorAll("table[data-sortable]")) {
      const box = table.closest(".scroll");
      box.classList.remove("fits");
      box.classList.toggle("fits", table.scrollWidth <= box.clientWidth);
    }
  }

  // ---- charts

  const style = (selector) => getComputedStyle(document.querySelector(selector));

  function drawMap(canvas, { series }) {
    const datasets = series.map((flat, column) => {
      const colour = style(`.colour-${column % 10}`).color;
      const points = [];
      for (let at = 0; at < flat.length; at += 2) points.push({ x: flat[at], y: flat[at + 1] });
      return {
        label: categories[column],
        data: points,
        pointStyle: SHAPES[column % SHAPES.length],
        pointRadius: 3.5,
        pointHoverRadius: 6,
        borderColor: colour,
        backgroundColor: colour,
        borderWidth: 1.2,
        clip: 8,
      };
    });
    const axis = { display: false, min: 0, max: 1000 };
    return new Chart(canvas, {
      type: "scatter",
      data: { datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        layout: { padding: 8 },
        scales: { x: axis, y: axis },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: ({ dataset }) => dataset.label } },
        },
      },
    });
  }

  function drawCurve(canvas, data) {
    const quiet = style(".legend").color;
    const line = style(".panel").borderTopColor;
    const series = [
      { name: "loss", selector: ".series-loss", label: "products it learns from", pointStyle: "circle", borderDash: [] },
      { name: "held_out_loss", selector: ".series-held-out", label: "products kept aside", pointStyle: "triangle", borderDash: [5, 4] },
    ].filter(({ name }) => data[name].some((value) => value !== null));
    const datasets = series.map(({ name, selector, ...look }) => {
      const colour = style(selector).color;
      return { ...look, data: data[name], borderColor: colour, backgroundColor: colour, borderWidth: 2, pointRadius: 3 };
    });
    const title = (text) => ({ display: true, text, color: quiet });
    return new Chart(canvas, {
      type: "line",
      data: { labels: data.loss.map((_, at) => at + 1), datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: {
          x: { title: title("epoch"), ticks: { color: quiet }, grid: { display: false }, border: { color: line } },
          y: { beginAtZero: true, title: title("nats"), ticks: { color: quiet }, grid: { color: line }, border: { display: false } },
        },
        plugins: { legend: { display: false } },
      },
    });
  }

  function draw(canvas) {
    charts.get(canvas)?.destroy();
    const data = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    charts.set(canvas, data.kind === "map" ? drawMap(canvas, data) : drawCurve(canvas, data));
  }

  const onSight = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      onSight.unobserve(target);
      draw(target);
    }
  }, { rootMargin: "200px" });

  // ---- systems

  function openByAddress() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details.system")) return;
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }

  const systems = document.querySelectorAll("details.system");
  for (const system of systems) {
    system.addEventListener("toggle", () => {
      if (system.open) history.replaceState(null, "", `#${system.id}`);
    });
  }
  const all = document.querySelector("[data-all]");
  const setAll = (open) => systems.forEach((system) => { system.open = open; });
  all.hidden = systems.length < 2;
  all.querySelector("[data-open]").addEventListener("click", () => setAll(true));
  all.querySelector("[data-close]").addEventListener("click", () => setAll(false));

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  letHeadsStay();
  addEventListener("resize", letHeadsStay);
  const canvases = [...document.querySelectorAll("canvas[data-chart]")];
  canvases.forEach((canvas) => onSight.observe(canvas));
  // Paper shows what no one has scrolled to; what is closed stays closed.
  addEventListener("beforeprint", () => canvases.filter((canvas) => canvas.checkVisibility()).forEach(draw));
  const redraw = () => [...charts.keys()].forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("print").addEventListener("change", redraw); // paper is light
  addEventListener("hashchange", openByAddress);
  openByAddress();
})();
