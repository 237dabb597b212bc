// Tables and arrays: each column real beside generated, how columns depend on each other, and what
// is missing together.
import { axis, figure, legend, tip } from "./chart.js";
import { h, section } from "./dom.js";
import { drawable, number, percent, valueText } from "./numbers.js";
import { colour, diverging, onSquare, ink, line, soft } from "./theme.js";

const shorten = (text, most) => drawable(text.length > most ? `${text.slice(0, most - 1)}…` : text);

function histogram(c) {
  const named = c.kind === "levels";
  // Edges of whole numbers lie between them.
  const whole = !named && c.edges.every((x) => Math.abs(x % 1) === 0.5);
  // Within a day or so its date would be all that there is room for.
  const { edges = [] } = c;
  const clock = c.kind === "timestamp" && edges.at(-1) - edges[0] < 100_000;
  const ends = (i) => (whole ? [c.edges[i] + 0.5, c.edges[i + 1] - 0.5] : [c.edges[i], c.edges[i + 1]]);
  const range = (i) => {
    if (named) return c.levels[i];
    const [low, high] = ends(i).map((x) => valueText(c, x));
    return low === high ? low : `${low} to ${high}`;
  };
  const middle = (i) => (whole ? valueText(c, ends(i)[0]) : valueText(c, (c.edges[i] + c.edges[i + 1]) / 2, 4));
  const names = named ? c.levels : c.real.map((_, i) => middle(i).slice(clock ? 11 : 0));
  return figure({
    title: c.name, height: 200, level: "h4",
    text: `Shares of real and of generated rows; they differ by ${percent(c.distance)}.`,
    note: `differ by ${percent(c.distance)}${c.missing ? `, ${percent(c.missing)} missing` : ""}`,
    option: () => ({
      grid: { left: 6, right: 8, top: 26, bottom: 4, containLabel: true },
      legend: legend({ itemWidth: 16 }),
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (p) => tip([range(p[0].dataIndex), ...p.map((s) => `${s.seriesName} ${percent(s.value)}`)]) },
      xAxis: axis("", { type: "category", data: names, axisLabel: { color: soft(), hideOverlap: true, formatter: (text) => shorten(String(text), 12) } }),
      yAxis: axis("", { scale: false, axisLabel: { color: soft(), formatter: (x) => `${number(100 * x, 3)} %` } }),
      series: [
        { name: "real", type: "bar", color: colour(0), barGap: "-100%", barCategoryGap: named ? "35%" : "4%", itemStyle: { opacity: 0.55 }, data: c.real },
        named
          ? { name: "generated", type: "bar", color: "transparent", itemStyle: { color: "transparent", borderColor: colour(1), borderWidth: 2 }, data: c.made }
          : { name: "generated", type: "line", step: "middle", symbol: "none", color: colour(1), lineStyle: { width: 2 }, data: c.made },
      ],
    }),
  });
}

function heatmap(title, names, values, low, high, note) {
  const n = names.length;
  const cells = [];
  for (let i = 0; i < n; ++i) for (let j = 0; j < n; ++j) cells.push([j, i, values[i * n + j] ?? "-"]);
  return figure({
    title, note, height: Math.max(300, Math.min(620, 150 + 26 * n)),
    text: `A square for each pair of ${n} columns, from ${low} to ${high}.`,
    option: () => ({
      grid: { left: 4, right: 12, top: 10, bottom: 54, containLabel: true },
      tooltip: { formatter: (p) => tip([`${names[p.value[1]]} and ${names[p.value[0]]}`, number(p.value[2], 3)]) },
      xAxis: axis("", { type: "category", data: names, splitLine: { show: false }, axisLabel: { color: soft(), rotate: 60, interval: 0, formatter: (t) => shorten(t, 12) } }),
      yAxis: axis("", { type: "category", data: names, inverse: true, splitLine: { show: false }, axisLabel: { color: soft(), interval: 0, formatter: (t) => shorten(t, 12) } }),
      visualMap: { min: low, max: high, calculable: true, orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 12, precision: 2, textStyle: { color: soft() }, inRange: { color: diverging() } },
      series: [{ type: "heatmap", data: cells.map((value) => ({ value, label: { color: onSquare(value[2] / high) } })), label: { show: n <= 10, fontSize: 10, formatter: (p) => (typeof p.value[2] === "number" ? p.value[2].toFixed(2).replace("-0.00", "0.00") : "") }, itemStyle: { borderColor: line(), borderWidth: 0.5 } }],
    }),
  });
}

function correlations(c) {
  const difference = c.real.map((x, i) => (x === null || c.made[i] === null ? null : c.made[i] - x));
  const most = Math.max(0.1, ...difference.filter((x) => x !== null).map(Math.abs));
  const end = Math.ceil(most * 10) / 10;
  return [h("h3", { style: "margin:1.4rem 0 .3rem" }, "How columns depend on each other"),
    h("p", {}, "Pearson's correlation of two columns of numbers; with categories the correlation ratio or Cramér's V, which have no sign."),
    h("div", { class: "grid" }, [heatmap("Real", c.names, c.real, -1, 1), heatmap("Generated", c.names, c.made, -1, 1), heatmap("Generated − real", c.names, difference, -end, end, "What the model makes stronger or weaker than it is.")].map((f) => f.figure))];
}

function missing(m) {
  const chart = figure({
    title: "Missing together", height: Math.max(220, 90 + 24 * m.patterns.length),
    text: `${m.patterns_total} patterns of missing columns in ${number(m.rows)} rows; the most frequent: ${m.patterns.slice(0, 3).map((p) => `${m.names.filter((_, c) => p.missing[c] === "1").join(" and ") || "none missing"} in ${percent(p.rows / m.rows)}`).join(", ")}.`,
    note: `A line for each pattern of missing values, ${m.patterns.length < m.patterns_total ? `the ${m.patterns.length} most frequent of ${number(m.patterns_total)}` : "all of them"}: filled squares are missing.`,
    option: () => ({
      grid: { left: 4, right: 10, top: 10, bottom: 6, containLabel: true },
      tooltip: { formatter: (p) => tip([m.names[p.value[0]], p.value[2] ? "missing" : "there", `in ${number(m.patterns[p.value[1]].rows)} rows like this (${percent(m.patterns[p.value[1]].rows / m.rows)})`]) },
      xAxis: axis("", { type: "category", data: m.names, splitLine: { show: false }, axisLabel: { color: soft(), rotate: 50, interval: 0, formatter: (t) => shorten(t, 14) } }),
      yAxis: axis("", { type: "category", inverse: true, data: m.patterns.map((p) => percent(p.rows / m.rows)), splitLine: { show: false } }),
      visualMap: { show: false, min: 0, max: 1, inRange: { color: ["rgba(128,128,128,0.12)", colour(1)] } },
      series: [{ type: "heatmap", itemStyle: { borderColor: line(), borderWidth: 1 }, data: m.patterns.flatMap((p, y) => [...p.missing].map((x, column) => [column, y, Number(x)])) }],
    }),
  });
  const share = figure({
    title: "Missing in each column", height: Math.max(220, 60 + 24 * m.names.length),
    text: m.names.map((name, c) => `${name} ${percent(m.share[c])}`).filter((_, c) => m.share[c] > 0).join(", "),
    option: () => ({
      grid: { left: 4, right: 50, top: 6, bottom: 4, containLabel: true },
      tooltip: { formatter: (p) => tip([m.names[p.dataIndex], `${percent(m.share[p.dataIndex])} missing`]) },
      xAxis: axis("", { scale: false, axisLabel: { color: soft(), formatter: (x) => `${number(100 * x, 3)} %` } }),
      yAxis: axis("", { type: "category", inverse: true, data: m.names, axisLabel: { color: soft(), interval: 0, formatter: (t) => shorten(t, 16) } }),
      series: [{ type: "bar", color: colour(1), barMaxWidth: 16, data: m.share, label: { show: true, position: "right", color: soft(), formatter: (p) => (p.value ? percent(p.value) : "") } }],
    }),
  });
  const cut = m.names.length < m.with_holes ? ` Of ${number(m.with_holes)} columns with missing values the ${m.names.length} that lack most are shown.` : "";
  return [h("h3", { style: "margin:1.4rem 0 .3rem" }, "Missing values"), h("p", {}, `${number(m.with_holes)} of ${number(m.columns_total)} columns have missing values.${cut}`), h("div", { class: "grid" }, share.figure, chart.figure)];
}

export function showColumns(data) {
  const c = data.columns;
  if (!c) return;
  const drawn = c.columns.filter((column) => column.kind !== "empty").map((column) => histogram(column));
  const empty = c.columns.filter((column) => column.kind === "empty").map((column) => column.name);
  const without = empty.length ? ` No value of ${empty.join(", ")} is known in these rows.` : "";
  const cut = c.columns.length < c.columns_total ? ` The first ${c.columns.length} of ${number(c.columns_total)} columns.` : "";
  section("columns", "Columns", h("p", {}, `Real rows beside as many generated ones (${number(c.rows)}).${cut}${without} The number under a chart is half the sum of the differences of all bars: 0 % is the same, 100 % nothing in common. The outer bars of numbers also count what lies beyond.`),
    h("div", { class: "grid small" }, drawn.map((f) => f.figure)),
    c.correlations ? correlations(c.correlations) : null,
    data.missing ? missing(data.missing) : null);
}
