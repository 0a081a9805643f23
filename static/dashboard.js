// Draws the charts of the dashboard from the data beside them; the tables hold the same figures.
(function () {
  "use strict";

  const METRICS = [
    { name: "accuracy", shape: "circle", offset: -0.07 },
    { name: "ari", shape: "rect", offset: 0 },
    { name: "macro_f1", shape: "triangle", offset: 0.07 },
  ];
  // Of the baselines, in the order of their marks in the legend.
  const SHAPES = ["circle", "triangle", "rectRot", "cross", "crossRot", "star"];
  let charts = [];

  // A legend entry carries the colour of its series: a computed colour follows light and dark,
  // which the text of a custom property does not.
  const colourOf = (selector) => getComputedStyle(document.querySelector(selector)).color;

  const intervals = {
    id: "intervals",
    beforeDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      ctx.save();
      chart.data.datasets.forEach((dataset, index) => {
        if (!dataset.intervals) return;
        ctx.strokeStyle = dataset.borderColor;
        ctx.lineWidth = 1.5;
        chart.getDatasetMeta(index).data.forEach((point, row) => {
          const figure = dataset.intervals[row];
          if (!figure || figure.low === null || figure.high === null) return;
          const low = scales.y.getPixelForValue(figure.low);
          const high = scales.y.getPixelForValue(figure.high);
          ctx.beginPath();
          ctx.moveTo(point.x, low);
          ctx.lineTo(point.x, high);
          for (const end of [low, high]) {
            ctx.moveTo(point.x - 4, end);
            ctx.lineTo(point.x + 4, end);
          }
          ctx.stroke();
        });
      });
      ctx.restore();
    },
  };

  function write(value) {
    const language = document.documentElement.lang;
    return value.toLocaleString(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  }

  function lines({ rounds, words }, colours) {
    return METRICS.map(({ name, shape, offset }) => {
      const colour = colourOf(`.series-${name}`);
      const isProvisional = (row) => rounds[row].isProvisional;
      return {
        label: words[name],
        data: rounds.map((each) => ({ x: each.number + offset, y: each[name] ? each[name].value : null })),
        intervals: rounds.map((each) => each[name]),
        borderColor: colour,
        borderWidth: 2,
        pointStyle: shape,
        clip: 10, // a point at 1 is drawn whole
        pointRadius: 5,
        pointHoverRadius: 7,
        pointBorderColor: colour,
        pointBorderWidth: 2,
        pointBackgroundColor: rounds.map((each) => (each.isProvisional ? colours.surface : colour)),
        segment: {
          // Figures against sellers' categories and figures against labels are never joined.
          borderColor: (context) =>
            isProvisional(context.p0DataIndex) === isProvisional(context.p1DataIndex) ? colour : "transparent",
          borderDash: (context) => (isProvisional(context.p0DataIndex) ? [5, 5] : []),
        },
      };
    });
  }

  function axes(colours, title) {
    return {
      x: {
        title: { display: true, text: title, color: colours.quiet },
        ticks: { color: colours.quiet, precision: 0 },
        grid: { display: false },
        border: { color: colours.line },
      },
      y: {
        ticks: { color: colours.quiet },
        grid: { color: colours.line },
        border: { display: false },
      },
    };
  }

  function overRounds(scales, numbers, lows) {
    Object.assign(scales.x, { type: "linear", min: Math.min(...numbers) - 0.5, max: Math.max(...numbers) + 0.5 });
    // Half steps frame the points: only whole numbers are rounds.
    const step = Math.max(1, Math.ceil(numbers.length / 12));
    scales.x.afterBuildTicks = (axis) => {
      axis.ticks = numbers.filter((_, at) => (numbers.length - 1 - at) % step === 0).map((value) => ({ value }));
    };
    scales.x.ticks.autoSkip = false;
    Object.assign(scales.y, { max: 1, min: Math.max(-1, Math.floor(Math.min(1, ...lows) * 10 - 0.01) / 10) });
  }

  function tooltipOf(rounds, words) {
    return {
      callbacks: {
        title: (entries) => {
          const each = rounds[entries[0].dataIndex];
          const kind = each.isProvisional ? ` (${words.provisional})` : "";
          return `${words.round} ${each.number}${kind}`;
        },
        label: ({ dataset, dataIndex }) => {
          const figure = (dataset.figures || dataset.intervals)[dataIndex];
          const range = figure.low === null ? "" : `, ${words.interval} ${write(figure.low)} – ${write(figure.high)}`;
          return `${dataset.label} ${write(figure.value)}${range}, n = ${figure.n}`;
        },
      },
    };
  }

  function drawQuality(canvas, data, colours) {
    const scales = axes(colours, data.words.round);
    const numbers = data.rounds.map((each) => each.number);
    const lows = data.rounds
      .flatMap((each) => METRICS.map(({ name }) => each[name] && (each[name].low ?? each[name].value)))
      .filter((low) => low !== null);
    overRounds(scales, numbers, lows);
    return new Chart(canvas, {
      type: "line",
      data: { datasets: lines(data, colours) },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales,
        plugins: { legend: { display: false }, tooltip: tooltipOf(data.rounds, data.words) },
      },
      plugins: [intervals],
    });
  }

  function drawBaselines(canvas, { rounds, baselines, words }, colours) {
    const shown = rounds.filter((each) => Object.keys(each.baselines).length);
    const own = { label: words.this_model, shape: "rect", colour: colourOf(".series-ari"), figures: shown.map((each) => each.ari) };
    const others = baselines.map(({ name, title }, at) => ({
      label: title,
      shape: SHAPES[at % SHAPES.length],
      colour: colourOf(`.legend .line-${at % SHAPES.length}`),
      dash: at < SHAPES.length ? [] : [2, 3],
      figures: shown.map((each) => each.baselines[name] || null),
    }));
    const scales = axes(colours, words.round);
    const numbers = shown.map((each) => each.number);
    const lows = [own, ...others].flatMap(({ figures }) => figures.map((figure) => (figure ? figure.value : 1)));
    overRounds(scales, numbers, [...lows, ...own.figures.map((figure) => (figure ? (figure.low ?? 1) : 1))]);
    const isProvisional = (row) => shown[row].isProvisional;
    return new Chart(canvas, {
      type: "line",
      data: {
        datasets: [own, ...others].map((series, at) => ({
          label: series.label,
          // Beside one another, so that equal figures do not hide each other.
          data: shown.map((each, row) => ({ x: each.number + (at % 2 ? 0.05 : -0.05) * Math.ceil(at / 2), y: series.figures[row] ? series.figures[row].value : null })),
          figures: series.figures,
          intervals: series === own ? series.figures : null,
          borderColor: series.colour,
          borderWidth: series === own ? 3 : 1.5,
          borderDash: series.dash,
          pointStyle: series.shape,
          pointRadius: series === own ? 6 : 5,
          pointHoverRadius: 8,
          pointBorderWidth: 2,
          pointBackgroundColor: shown.map((_, row) => (series === own && !isProvisional(row) ? series.colour : colours.surface)),
          clip: 10,
          segment: {
            borderColor: (context) =>
              isProvisional(context.p0DataIndex) === isProvisional(context.p1DataIndex) ? series.colour : "transparent",
            borderDash: (context) => (series === own && isProvisional(context.p0DataIndex) ? [5, 5] : series.dash),
          },
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales,
        plugins: { legend: { display: false }, tooltip: tooltipOf(shown, words) },
      },
      plugins: [intervals],
    });
  }

  function drawLabels(canvas, { rounds, words }, colours) {
    const scales = axes(colours, words.round);
    scales.x.stacked = scales.y.stacked = true;
    scales.y.ticks.precision = 0;
    const datasets = ["n_labels", "n_source_categories"].map((name) => ({
      label: words[name],
      data: rounds.map((each) => each[name]),
      backgroundColor: colourOf(`.series-${name} i`),
      maxBarThickness: 46,
    }));
    return new Chart(canvas, {
      type: "bar",
      data: { labels: rounds.map((each) => each.number), datasets },
      options: { animation: false, maintainAspectRatio: false, scales, plugins: { legend: { display: false } } },
    });
  }

  function drawLearning(canvas, data, colours) {
    const series = [
      { name: "curve", selector: ".series-ari", shape: "rect", dash: [] },
      { name: "random_curve", selector: ".series-random", shape: "circle", dash: [5, 5] },
    ].filter(({ name }) => data[name].length);
    const points = series.flatMap(({ name }) => data[name]);
    const scales = axes(colours, data.words.labels);
    Object.assign(scales.x, { type: "linear", min: 0 });
    const lows = points.map(({ ari }) => ari.low ?? ari.value);
    Object.assign(scales.y, { max: 1, min: Math.max(-1, Math.floor(Math.min(1, ...lows) * 10 - 0.01) / 10) });
    const tooltip = {
      callbacks: {
        title: (entries) => `${data.words.labels}: ${entries[0].parsed.x}`,
        label: ({ dataset, dataIndex }) => {
          const { value, low, high, n } = dataset.intervals[dataIndex];
          return `${dataset.label} ${write(value)}, ${data.words.interval} ${write(low)} – ${write(high)}, n = ${n}`;
        },
      },
    };
    return new Chart(canvas, {
      type: "line",
      data: {
        datasets: series.map(({ name, selector, shape, dash }) => {
          const colour = colourOf(selector);
          return {
            label: data.words[name],
            data: data[name].map(({ n_labels, ari }) => ({ x: n_labels, y: ari.value })),
            intervals: data[name].map(({ ari }) => ari),
            borderColor: colour,
            backgroundColor: colour,
            borderDash: dash,
            borderWidth: 2,
            pointStyle: shape,
            pointRadius: 4,
            clip: 10,
          };
        }),
      },
      options: { animation: false, maintainAspectRatio: false, scales, plugins: { legend: { display: false }, tooltip } },
      plugins: [intervals],
    });
  }

  function draw() {
    charts.forEach((chart) => chart.destroy());
    charts = [];
    const canvas = document.getElementById("quality-chart");
    if (!canvas) return;
    const data = JSON.parse(canvas.dataset.chart);
    const panel = getComputedStyle(canvas.closest(".panel"));
    const quiet = colourOf(".legend .quiet");
    const colours = { surface: panel.backgroundColor, line: panel.borderTopColor, quiet };
    Chart.defaults.font.family = panel.fontFamily;
    charts = [
      drawQuality(canvas, data, colours),
      drawLabels(document.getElementById("labels-chart"), data, colours),
    ];
    const baselines = document.getElementById("baselines-chart");
    if (baselines) charts.push(drawBaselines(baselines, data, colours));
    const learning = document.getElementById("learning-chart");
    if (learning) charts.push(drawLearning(learning, JSON.parse(learning.dataset.chart), colours));
  }

  draw();
  document.addEventListener("htmx:afterSwap", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
