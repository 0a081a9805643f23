// The report of a simulation: curves with their bands, and which of them are drawn.
(function () {
  "use strict";

  const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]]; // colours alone do not tell lines apart
  const BAND = "26"; // the alpha of a band, in hexadecimal
  const buttons = [...document.querySelectorAll("[data-strategy]")];
  const allLabels = document.querySelector("[data-all-labels]");
  const charts = new Map();

  const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
  const hex = (colour) => "#" + colour.match(/\d+/g).slice(0, 3).map((part) => Number(part).toString(16).padStart(2, "0")).join("");

  function drawnOf({ strategy, colour, points }) {
    const button = buttons.find((each) => each.dataset.strategy === strategy);
    if (!isPressed(button)) return [];
    const ink = hex(getComputedStyle(button.parentElement).color);
    const edge = { pointRadius: 0, borderWidth: 0, pointHitRadius: 0, backgroundColor: ink + BAND };
    return [
      { ...edge, data: points.map(({ x, low }) => ({ x, y: low })), fill: false },
      { ...edge, data: points.map(({ x, high }) => ({ x, y: high })), fill: "-1" },
      {
        label: button.textContent,
        data: points,
        fill: false,
        borderColor: ink,
        backgroundColor: ink,
        borderWidth: 2.2,
        borderDash: DASHES[Math.floor(colour / 3) % DASHES.length],
        pointRadius: 1.5,
        pointHoverRadius: 5,
      },
    ];
  }

  function draw(canvas) {
    charts.get(canvas)?.destroy();
    const data = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    const quiet = getComputedStyle(document.querySelector(".quiet")).color;
    const grid = getComputedStyle(document.querySelector(".panel")).borderTopColor;
    const title = (text) => ({ display: true, text, color: quiet });
    const lines = data.lines.map((y) => ({
      data: [{ x: 0, y }, { x: 1e9, y }],
      borderColor: quiet,
      borderDash: [3, 4],
      borderWidth: 1,
      pointRadius: 0,
      pointHitRadius: 0,
      fill: false,
    }));
    const max = isPressed(allLabels) ? Math.max(...data.series.flatMap(({ points }) => points.map(({ x }) => x))) : data.most_labels;
    const label = ({ dataset, raw }) => `${dataset.label}: ${raw.y.toFixed(1)} % (${raw.low.toFixed(1)} to ${raw.high.toFixed(1)} %) after ${raw.x} labels`;
    charts.set(canvas, new Chart(canvas, {
      type: "line",
      data: { datasets: [...data.series.flatMap(drawnOf), ...lines] },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: { type: "linear", min: 0, max: 20 * Math.ceil(max / 20), title: title("labels"), ticks: { color: quiet }, grid: { display: false }, border: { color: grid } },
          y: { min: 0, suggestedMax: 100, title: title("%"), ticks: { color: quiet }, grid: { color: grid }, border: { display: false } },
        },
        plugins: {
          legend: { display: false },
          tooltip: { filter: ({ dataset }) => Boolean(dataset.label), callbacks: { title: () => "", label } },
        },
      },
    }));
  }

  const canvases = [...document.querySelectorAll("canvas[data-chart]")];
  const drawAll = () => canvases.forEach(draw);
  for (const button of [...buttons, allLabels]) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(!isPressed(button)));
      drawAll();
    });
  }
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  matchMedia("print").addEventListener("change", drawAll); // paper is light
})();
