// A chart in its frame: heading, buttons, a text for those who cannot see it; drawn again when the
// window or the light changes. ECharts with only what this page uses.
import { BarChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, DataZoomComponent, GridComponent, LegendComponent, LegendScrollComponent, MarkLineComponent,
  TooltipComponent, VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { h, head, saveButton, saveCanvas } from "./dom.js";
import { colours, dark, ink, line, panel, paper, soft } from "./theme.js";

echarts.use([
  BarChart, HeatmapChart, LineChart, ScatterChart, AriaComponent, DataZoomComponent, GridComponent, LegendComponent,
  LegendScrollComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, CanvasRenderer,
]);

const charts = [];

export const axis = (name, more = {}) => ({
  name, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: soft() }, axisLabel: { color: soft(), hideOverlap: true },
  axisLine: { lineStyle: { color: line() } }, splitLine: { lineStyle: { color: line(), opacity: 0.6 } }, scale: true, ...more,
});

export const legend = (more = {}) => ({
  type: "scroll", top: 0, textStyle: { color: ink() }, pageTextStyle: { color: soft() }, pageIconColor: ink(),
  pageIconInactiveColor: line(), ...more,
});

/// Zoom by dragging, pinching and ctrl + wheel; plain scrolling stays the page's.
export const inside = (more = {}) => ({ type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, ...more });

/// What hovering shows: `lines` are texts.
export const tip = (lines, picture) =>
  h("div", { class: "tip" }, picture, lines.map((text, i) => h("div", {}, i === 0 ? h("b", {}, text) : text)));

function base() {
  return {
    animation: false, color: colours(), backgroundColor: "transparent", textStyle: { color: ink(), fontFamily: "system-ui, sans-serif" },
    tooltip: { confine: true, backgroundColor: paper(), borderColor: line(), textStyle: { color: ink() } },
    aria: { enabled: false },
  };
}

const save = (chart, title) => saveCanvas(chart.renderToCanvas({ pixelRatio: 2, backgroundColor: panel() }), title);

function zoomBy(chart, factor) {
  for (const [i, zoom] of (chart.getOption().dataZoom ?? []).entries()) {
    if (zoom.type !== "inside") continue;
    const middle = (zoom.start + zoom.end) / 2, half = Math.min(((zoom.end - zoom.start) / 2) * factor, 50);
    const start = Math.max(0, Math.min(middle - half, 100 - 2 * half));
    chart.dispatchAction({ type: "dataZoom", dataZoomIndex: i, start: factor === 0 ? 0 : start, end: factor === 0 ? 100 : start + 2 * half });
  }
}

/// `option()` is what ECharts takes, made anew for each drawing; `text` says in words what is
/// there to see. Returns {figure, chart(), redraw()}.
export function figure({ title, text, note, option, height = 300, zoom = false, group, level = "h3" }) {
  const place = h("div", { class: "chart", role: "img", "aria-label": `${title}. ${text}` });
  place.style.height = `${height}px`;
  let chart = null;
  const tool = (name, label, action) => h("button", { type: "button", "aria-label": `${label}: ${title}`, onclick: action }, name);
  const tools = [
    zoom
      ? [tool("+", "Zoom in", () => zoomBy(chart, 0.6)), tool("−", "Zoom out", () => zoomBy(chart, 1 / 0.6)),
         tool("All", "Show all", () => zoomBy(chart, 0))]
      : [],
    saveButton(title, () => save(chart, title)),
  ];
  const frame = h("figure", { "data-chart": title }, head(title, tools, level), place,
                  note ? h("figcaption", {}, note) : null);
  const draw = () => {
    if (!chart) {
      chart = echarts.init(place, null, { renderer: "canvas" });
      chart.on("finished", () => frame.setAttribute("data-drawn", "true"));
      place.firstElementChild?.setAttribute("aria-hidden", "true");
      if (group) { chart.group = group; echarts.connect(group); }
    }
    const { tooltip, ...rest } = option();
    chart.setOption({ ...base(), ...rest, tooltip: { ...base().tooltip, ...tooltip } }, { notMerge: true });
  };
  const entry = { figure: frame, chart: () => chart, redraw: draw, place };
  charts.push(entry);
  return entry;
}

/// Draws all charts, one after another, so that the page answers meanwhile.
export function drawAll() {
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) charts.find((c) => c.place === target)?.chart()?.resize();
  });
  const queue = [...charts];
  const next = () => {
    const entry = queue.shift();
    if (!entry) {
      performance.mark("all is drawn");
      return document.documentElement.setAttribute("data-ready", "true");
    }
    entry.redraw();
    sizes.observe(entry.place);
    setTimeout(next);
  };
  next();
  dark.addEventListener("change", () => charts.forEach((entry) => entry.redraw()));
}
