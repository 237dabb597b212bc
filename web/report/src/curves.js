// Training curves from metrics.csv: by epoch, training and validation.
import { axis, figure, inside, legend, tip } from "./chart.js";
import { h, section } from "./dom.js";
import { known, number } from "./numbers.js";
import { colour, line, soft } from "./theme.js";

const minus = (a, b) => a && b && a.map((x, i) => (known(x) && known(b[i]) ? x - b[i] : null));
const any = (list) => list?.some(known);
const below = (list) => list?.some((x) => x < 0);

function curve(data, title, unit, series, note) {
  const { history, summary } = data;
  const shown = series.filter(([, values]) => any(values));
  if (!shown.length) return null;
  const end = shown.map(([name, values]) => `${name} ends at ${number(values.filter(known).at(-1))}`).join(", ");
  return figure({
    title, note, text: `By epoch; ${end} ${unit}.`, zoom: true, group: "curves",
    option: () => ({
      grid: { left: 12, right: 18, top: 34, bottom: 66, containLabel: true },
      legend: legend(),
      tooltip: {
        trigger: "axis",
        formatter: (points) => tip([`epoch ${points[0].axisValue}`, ...points.map((p) => `${p.seriesName} ${number(p.value[1])} ${unit}`)]),
      },
      xAxis: axis("epoch", { type: "value", min: history.epoch[0], max: history.epoch.at(-1), minInterval: 1, nameGap: 22 }),
      yAxis: axis(unit, { name: "" }),
      dataZoom: [inside({ filterMode: "none" }), { type: "slider", height: 18, bottom: 6, filterMode: "none", borderColor: line(), textStyle: { color: soft() }, labelFormatter: (x) => String(Math.round(x)) }],
      series: shown.map(([name, values], i) => ({
        name, type: "line", showSymbol: history.epoch.length < 30, symbol: i ? "triangle" : "circle", symbolSize: 6,
        lineStyle: { width: 2, type: i ? "dashed" : "solid" }, color: colour(i),
        data: history.epoch.map((epoch, at) => [epoch, values[at] ?? null]),
        markLine: i === 0 && summary.best_epoch
          ? { symbol: "none", silent: true, label: { formatter: "kept", color: soft() }, lineStyle: { color: soft(), type: "dotted" }, data: [{ xAxis: summary.best_epoch }] }
          : undefined,
      })),
    }),
  });
}

export function showCurves(data) {
  const m = data.history;
  if (!m?.epoch?.length) return;
  const list = [
    curve(data, "Loss", "nats a row", [["training", m.loss], ["validation", m.valid_loss]], "What training minimises; lower is better."),
    curve(data, "Bound", "nats a row", [["training", minus(m.log_px, m.kl)], ["validation", minus(m.valid_log_px, m.valid_kl)]], "log_px − KL, whatever the weight of the KL was; higher is better."),
    curve(data, "Reconstruction", "nats a row", [["training", m.log_px], ["validation", m.valid_log_px]], "log_px, log p(x|z) at a draw of the code; higher is better."),
    curve(data, "KL", "nats a row", [["training", m.kl], ["validation", m.valid_kl]], `What the codes carry. Near 0 they carry nothing.${below(m.kl) || below(m.valid_kl) ? " It is measured by one draw of the code: a mean below 0 is within its chance." : ""}`),
    curve(data, "Active units", "latents", [["active", m.active_units]], `Latents in use, of ${data.summary.latent}.`),
    any(m.beta) && new Set(m.beta).size > 1 ? curve(data, "Weight of the KL", "", [["beta", m.beta]], "") : null,
  ].filter(Boolean);
  const valid = any(m.valid_loss) ? "" : " This run had no validation: whether it learned by heart, these curves cannot tell.";
  section("curves", "Training", h("p", {}, `One point an epoch. Drag or use the slider to look closer; all curves move together.${valid}`),
    h("div", { class: "grid" }, list.map((f) => f.figure)));
}
