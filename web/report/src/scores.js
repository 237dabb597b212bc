// The rows that the model finds most and least likely, with its reasons.
import { axis, figure, tip } from "./chart.js";
import { h, head, saveButton, saveCanvas, section, table } from "./dom.js";
import { drawn, known, number } from "./numbers.js";
import { gallery, picture } from "./sprites.js";
import { colour, soft } from "./theme.js";

function histogram(s) {
  const { low, width, counts } = s.histogram;
  const range = (i) => `${number(low + i * width, 4)} to ${number(low + (i + 1) * width, 4)}`;
  return figure({
    title: "Scores", height: 230, text: `${number(s.examined)} rows, from ${number(s.best[0].score)} to ${number(s.worst[0].score)} nats.`,
    note: known(s.threshold) ? `Dotted: 1 % of the rows ${s.threshold_held_out ? "held out in training" : "of training"} score higher (${number(s.threshold)} nats).${s.threshold_held_out ? "" : " None were held out: new rows may score higher."}` : "How many rows have which score.",
    option: () => ({
      grid: { left: 8, right: 20, top: 14, bottom: 30, containLabel: true },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, formatter: (p) => tip([`score ${range(p[0].dataIndex)} nats`, `${number(counts[p[0].dataIndex])} rows`]) },
      xAxis: [axis("score, nats: high is abnormal", { type: "category", data: counts.map((_, i) => number(low + (i + 0.5) * width, 3)), nameGap: 24 }), { type: "value", show: false, min: low, max: low + width * counts.length }],
      yAxis: axis("", { scale: false, type: "value", minInterval: 1 }),
      series: [{ type: "bar", color: colour(0), barCategoryGap: "6%", data: counts },
        { type: "line", xAxisIndex: 1, data: [], markLine: known(s.threshold) ? { symbol: "none", silent: true, label: { show: false }, lineStyle: { color: soft(), type: "dotted", width: 2 }, data: [{ xAxis: s.threshold }] } : undefined }],
    }),
  });
}

function pictures(title, rows, sprites) {
  const save = async () => {
    const all = gallery([sprites.originals, sprites.reconstructions].map((sprite) => rows.map((_, index) => ({ sprite, index }))), title);
    await all.drawn;
    saveCanvas(all, title);
  };
  return h("figure", {}, head(title, saveButton(title, save)), h("div", { class: "pictures" }, rows.map((row, i) => h("div", { class: "picture" },
    picture(sprites.originals, i, `row ${row.row}, score ${number(row.score)} nats`), picture(sprites.reconstructions, i, "its reconstruction"),
    h("div", {}, number(row.score, 5)), h("div", {}, `row ${number(row.row)}`), row.label ? h("div", {}, row.label) : null))));
}

function rowsTable(s, rows, caption) {
  const reasons = rows.some((row) => row.reasons);
  const heads = [{ text: "row", number: true }, { text: "score", number: true }, { text: "log_px", number: true }, { text: "KL", number: true }];
  if (reasons) heads.push({ text: "reasons (nats beyond the usual)", long: true });
  const apart = s.labels && !s.columns.includes(s.labels);
  if (apart) heads.push({ text: s.labels });
  heads.push(...s.columns.map((text) => ({ text })));
  return table(heads, rows.map((row) => [number(row.row), number(row.score), number(row.log_px), number(row.kl), ...(reasons ? [row.reasons || "–"] : []), ...(apart ? [row.label] : []), ...row.values.map((x) => x || "missing")]), caption);
}

export function showScores(data) {
  const s = data.scores;
  if (!s) {
    if (data.map) section("scores", "Rows", h("p", {}, "This model has no bound, so rows have no scores."));
    return;
  }
  const of = drawn(s.examined, s.total);
  const cut = s.columns.length < s.columns_total ? ` Tables show the first ${s.columns.length} of ${number(s.columns_total)} columns.` : "";
  const text = h("p", {}, `The score is −log p(x) in nats, estimated with 16 draws a row: high is abnormal. Of ${of}; rows count from 0.${cut} diabolo score has all.`);
  const body = s.worst_pictures
    ? h("div", { class: "grid" }, pictures("Least likely, above their reconstructions", s.worst, s.worst_pictures), pictures("Most likely, above their reconstructions", s.best, s.best_pictures))
    : [h("h3", { style: "margin-top:1rem" }, s.worst.length === 1 ? "The least likely" : `The ${s.worst.length} least likely`), rowsTable(s, s.worst, "The least likely rows"),
       h("details", {}, h("summary", {}, s.best.length === 1 ? "The most likely" : `The ${s.best.length} most likely`), rowsTable(s, s.best, "The most likely rows"))];
  section("scores", "Rows", text, histogram(s).figure, h("div", { style: "margin-top:14px" }, body));
}
