// The latent map: rows by their mean codes. Points keep their row, so that hovering can show it;
// a row can also be asked for by its number.
import { axis, figure, inside, legend, tip } from "./chart.js";
import { h, labelled, section, select } from "./dom.js";
import { drawable, drawn, known, number, unpack, valueText } from "./numbers.js";
import { picture } from "./sprites.js";
import { colour, ink, ramp, symbol } from "./theme.js";

const kColourLevels = 20;  // levels with a colour of their own
const missingOf = (values) => (values instanceof Uint8Array ? 255 : values instanceof Uint16Array ? 65535 : null);

function take(packed) {
  const column = { ...packed, values: unpack(packed.values) };
  column.missing = missingOf(column.values);
  column.at = (i) => (column.values[i] === column.missing ? NaN : column.values[i]);
  return column;
}

/// Rows in groups of one colour each: [{name, colour, symbol, rows}].
function groups(column, count) {
  const all = Array.from({ length: count }, (_, i) => i);
  if (!column) return [{ name: "rows", colour: () => colour(0), symbol: "circle", rows: all }];
  const absent = { name: "missing", colour: () => "#999999", symbol: "emptyCircle", rows: all.filter((i) => !known(column.at(i))) };
  let list;
  if (column.kind === "levels") {
    const shown = Math.min(column.levels.length, kColourLevels);
    list = column.levels.slice(0, shown).map((name, i) => ({ name, colour: () => colour(i), symbol: symbol(i), rows: [] }));
    const others = { name: `${column.levels.length - shown} others`, colour: () => "#999999", symbol: "circle", rows: [] };
    for (const i of all) if (known(column.at(i))) (list[column.at(i)] ?? others).rows.push(i);
    list.push(others);
  } else {
    // Equal shares of the rows have a colour: a few far values do not take all of them.
    const sorted = all.filter((i) => known(column.at(i))).sort((a, b) => column.at(a) - column.at(b));
    const steps = ramp().length;
    list = [];
    for (let begin = 0, k = 0; begin < sorted.length && k < steps; ++k) {
      let end = Math.max(begin + 1, Math.round(((k + 1) / steps) * sorted.length));
      while (end < sorted.length && column.at(sorted[end]) === column.at(sorted[end - 1])) ++end;
      const rows = sorted.slice(begin, end);
      const text = (i) => valueText(column, column.at(i), 4);
      const name = text(rows[0]) === text(rows.at(-1)) ? text(rows[0]) : `${text(rows[0])} to ${text(rows.at(-1))}`;
      list.push({ name, colour: () => ramp()[k], symbol: "circle", rows });
      begin = end;
    }
  }
  // Names of a legend must differ.
  const seen = new Map();
  list = [...list, absent].filter((g) => g.rows.length);
  for (const g of list) {
    const n = seen.get(g.name) ?? 0;
    seen.set(g.name, n + 1);
    if (n) g.name = `${g.name} (${n + 1})`;
    g.name = drawable(g.name);
  }
  return list;
}

function thumbnail(pictures, place, row) {
  if (!pictures) return null;
  const sprite = { png: pictures.sheets[Math.floor(place / pictures.each)], width: pictures.width, height: pictures.height, across: pictures.across };
  return picture(sprite, place % pictures.each, `row ${row}`, 84);
}

export function showMap(data) {
  const map = data.map;
  if (!map) return;
  const axes = map.axes.map((a) => ({ name: a.name, values: unpack(a.values) }));
  const numbers = unpack(map.numbers);
  const columns = map.columns.map(take);
  // Labels if there are any, else something with few names, which shows most at first sight.
  const first = (map.has_labels ? columns[0] : columns.find((c) => c.kind === "levels" && c.levels.length > 1 && c.levels.length <= 12)) ?? columns[0] ?? null;
  const state = { x: axes.length > 2 ? 2 : 0, y: axes.length > 2 ? 3 : Math.min(1, axes.length - 1), column: first, chosen: -1 };
  let shown = groups(state.column, map.count);

  const words = (place) => columns.map((c) => `${c.name}: ${valueText(c, c.at(place))}`);
  const hover = (place) => tip([`row ${number(numbers[place])}`, ...words(place).slice(0, 12), ...(columns.length > 12 ? [`... ${columns.length - 12} more; click to see them`] : [])], thumbnail(map.pictures, place, numbers[place]));

  const size = map.count > 20000 ? 2.5 : map.count > 3000 ? 4 : 6;
  const chart = figure({
    title: "Latent map", zoom: true, height: 560,
    text: `${number(map.count)} rows by their mean codes, ${axes[state.x].name} and ${axes[state.y].name}.`,
    option: () => ({
      grid: { left: 34, right: 18, top: 40, bottom: 26, containLabel: true },
      legend: legend({ data: shown.map((g) => ({ name: g.name })) }),
      tooltip: { trigger: "item", formatter: (p) => (p.seriesIndex < shown.length ? hover(shown[p.seriesIndex].rows[p.dataIndex]) : hover(state.chosen)) },
      xAxis: axis(axes[state.x].name, { nameGap: 24 }),
      yAxis: axis(axes[state.y].name, { nameGap: 38 }),
      dataZoom: [inside({ xAxisIndex: 0, filterMode: "none" }), inside({ yAxisIndex: 0, filterMode: "none" })],
      series: [
        ...shown.map((g) => {
          const points = new Float32Array(2 * g.rows.length);
          g.rows.forEach((place, i) => { points[2 * i] = axes[state.x].values[place]; points[2 * i + 1] = axes[state.y].values[place]; });
          return { name: g.name, type: "scatter", data: points, dimensions: ["x", "y"], large: true, largeThreshold: 500, progressive: 0, symbol: g.symbol, symbolSize: size, itemStyle: { color: g.colour(), opacity: map.count > 20000 ? 0.6 : 0.75 } };
        }),
        { name: "chosen row", type: "scatter", z: 10, symbol: "circle", symbolSize: 16, itemStyle: { color: "transparent", borderColor: ink(), borderWidth: 2.5 },
          data: state.chosen < 0 ? [] : [[axes[state.x].values[state.chosen], axes[state.y].values[state.chosen]]] },
      ],
    }),
  });

  const card = h("div", { class: "card", "aria-live": "polite" }, h("h3", {}, "A row"), h("p", { class: "soft" }, "Hover over a point to see its row, click to keep it here, or ask for a row by its number."));
  const show = (place, note) => {
    state.chosen = place;
    card.replaceChildren(h("h3", {}, `Row ${number(numbers[place])}`), note ? h("p", { class: "soft" }, note) : "", thumbnail(map.pictures, place, numbers[place]) ?? "",
      h("dl", {}, columns.map((c) => [h("dt", {}, c.name), h("dd", {}, valueText(c, c.at(place)))]),
        axes.map((a) => [h("dt", {}, a.name), h("dd", {}, number(a.values[place], 4))])));
    chart.redraw();
  };
  const pick = h("input", { type: "number", min: 0, max: map.total - 1, step: 1, size: 7, value: "" });
  const ask = () => {
    if (pick.value === "") return;
    const wanted = Number(pick.value);
    let place = numbers.findIndex((n) => n >= wanted);
    if (place < 0) place = numbers.length - 1;
    const why = wanted > map.total - 1 || wanted < 0 ? `rows are numbered from 0 to ${number(map.total - 1)}` : "it is not among those that were drawn";
    show(place, numbers[place] === wanted ? "" : `Row ${number(wanted)} is not on the map (${why}); this is the ${numbers[place] > wanted ? "next" : "last"} one that is.`);
  };
  pick.addEventListener("change", ask);

  const colouring = select([...columns.map((c, i) => [String(i), c.name]), ["-1", "nothing"]], (value) => {
    state.column = columns[Number(value)] ?? null;
    shown = groups(state.column, map.count);
    chart.redraw();
  });
  colouring.value = String(columns.indexOf(first));
  const axisChoice = (which) => {
    const control = select(axes.map((a, i) => [String(i), a.name]), (value) => { state[which] = Number(value); chart.redraw(); });
    control.value = String(state[which]);
    return control;
  };
  const draw = chart.redraw;
  chart.redraw = () => {
    const first = !chart.chart();
    draw();
    if (first) chart.chart().on("click", (p) => p.seriesIndex < shown.length && show(shown[p.seriesIndex].rows[p.dataIndex]));
  };

  const notes = [`The map has ${drawn(map.count, map.total)}.`];
  if (map.columns_shown < map.columns_total) notes.push(`It can be coloured by the first ${map.columns_shown} of ${number(map.columns_total)} columns.`);
  if (map.scored && map.scored < map.count) notes.push(`Scores are known of ${number(map.scored)} of them.`);
  if (!map.has_labels && !map.columns_total) notes.push("Give labels, one for each row, to colour it: --labels FILE.");
  if (map.latent === 1) notes.push("There is one latent; the other axis is the place of the row in the data.");
  section("map", "Latent map", h("p", {}, `Rows by the means of their codes; what lies together is alike to the model. ${notes.join(" ")}`),
    h("div", { class: "controls" }, labelled("Colour by", colouring), labelled("across", axisChoice("x")), labelled("up", axisChoice("y")), labelled("Show row", pick)),
    h("div", { class: "mapbox" }, chart.figure, card),
    h("p", { class: "soft" }, "Drag to move, pinch or ctrl + wheel to zoom; a click on a name of the legend hides its rows."));
}
