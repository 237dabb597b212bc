// What each latent carries.
import { axis, figure, inside, tip } from "./chart.js";
import { h, section } from "./dom.js";
import { number } from "./numbers.js";
import { colour, soft } from "./theme.js";

export function showUnits(data) {
  const e = data.evaluation;
  if (!e) return;
  const withKl = Boolean(e.kl_per_unit);
  const values = withKl ? e.kl_per_unit : e.deviations;
  // The active ones are those whose means vary most; how many, evaluate says.
  const byMovement = e.deviations.map((_, z) => z).sort((a, b) => e.deviations[b] - e.deviations[a]);
  const active = new Set(byMovement.slice(0, e.active_units));
  const order = values.map((_, z) => z).sort((a, b) => values[b] - values[a]);
  const unit = withKl ? "nats" : "";
  const what = withKl ? "KL" : "standard deviation of the mean code";
  const words = `${e.active_units} of ${values.length} latents are active`;
  const chart = figure({
    title: withKl ? "KL of each latent" : "How far each latent moves", zoom: order.length > 40,
    text: `${words}; the largest is z${order[0]} with ${number(values[order[0]])} ${unit}.`,
    note: "Full bars: active, hatched: the mean hardly varies over the rows.",
    option: () => ({
      grid: { left: 12, right: 12, top: 12, bottom: 36, containLabel: true },
      tooltip: { trigger: "item", formatter: (p) => tip([`z${order[p.dataIndex]}`, `${what} ${number(values[order[p.dataIndex]])} ${unit}`, `standard deviation of its mean ${number(e.deviations[order[p.dataIndex]])}`, active.has(order[p.dataIndex]) ? "active" : "not active"]) },
      xAxis: axis("latent", { type: "category", data: order.map((z) => `z${z}`), nameGap: 26 }),
      yAxis: axis("", { scale: false }),
      dataZoom: order.length > 40 ? [inside()] : [],
      series: [{ type: "bar", barMaxWidth: 40, data: order.map((z) => ({
        value: values[z],
        itemStyle: active.has(z) ? { color: colour(0) }
          : { color: soft(), opacity: 0.8, decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: 0.8, color: "rgba(128,128,128,.9)" } } })) }],
    }),
  });
  section("units", "Latents", h("p", {}, `${words}${withKl ? ", together with a KL of " + number(e.kl) + " nats a row" : ""} (evaluate, on ${number(e.rows)} rows). ${e.active_units < values.length ? "Those that are not active could be left out." : "All are in use: more of them may carry more."}`), chart.figure);
}
