// What was learned from what: the head of the page, what looks wrong, and all settings at its end.
import { h, section, table } from "./dom.js";
import { known, number, percent, time } from "./numbers.js";

const last = (list) => (list?.length ? list[list.length - 1] : null);
const tile = (name, value, meaning) => h("div", {}, h("dt", {}, name), h("dd", {}, value, meaning ? h("small", {}, meaning) : null));

function rowText(data) {
  const { kind, dimensions, shape } = data.summary;
  const size = kind === "pictures" ? `of ${shape.slice(0, 2).join(" × ")} pixels${shape[2] === 3 ? " in colour" : ""}`
    : `of ${number(dimensions)} ${dimensions === 1 ? "column" : "columns"}`;
  return size;
}

function tiles({ summary, history, evaluation: e, map, schema }) {
  const list = [];
  const rows = map?.total ?? schema?.rows;
  if (known(rows)) list.push(tile(summary.learned || !map ? "rows" : "rows shown", number(rows), rowText({ summary })));
  else list.push(tile("data", summary.kind, rowText({ summary })));
  if (e) {
    const of = e.rows < e.total ? `on ${number(e.rows)} of the rows` : "on all rows";
    if (known(e.elbo)) list.push(tile("bound (elbo)", number(e.elbo), `nats a row, ${of}`));
    list.push(tile("reconstruction (log_px)", number(e.log_px), `nats a row, ${of}`));
    if (known(e.kl)) list.push(tile("KL", number(e.kl), "nats a row that codes carry"));
    list.push(tile("active units", `${e.active_units} of ${summary.latent}`, "latents whose mean varies"));
    if (known(e.mse)) list.push(tile("mse", number(e.mse), "of the reconstruction, in the data's units squared"));
  }
  if (history?.epoch?.length) {
    list.push(tile("epochs", number(last(history.epoch)), summary.best_epoch ? `the weights are those of epoch ${summary.best_epoch}` : "the weights are those of the last"));
    if (known(last(history.seconds))) list.push(tile("time", time(last(history.seconds)), `${time(last(history.train_seconds))} of it in training steps`));
  }
  list.push(tile("parameters", number(summary.parameters), `${number(summary.latent)} latent ${summary.latent === 1 ? "dimension" : "dimensions"}`));
  return h("dl", { class: "tiles" }, list);
}

export function showSummary(data) {
  const { summary } = data;
  document.title = `${summary.title} – diabolo report`;
  const model = summary.settings.model ?? "model";
  const parts = summary.parts;
  const from = summary.data && (summary.learned ? `, learned from ${summary.data}` : `. The rows on this page are those of ${summary.data}, not the ones that it learned from`);
  document.querySelector("header").append(
    h("h1", {}, summary.title),
    h("p", { class: "soft" },
      `${/^[aeiou]/.test(model) ? "An" : "A"} ${model} with ${number(summary.latent)} ${summary.latent === 1 ? "latent" : "latents"}, likelihood ${parts.likelihood}, prior ${parts.prior}${from}.`),
    tiles(data));
  if (summary.findings.length)
    section("wrong", "What looks wrong", h("p", {}, "Checks of the training found this, and this is worth trying:"),
      h("ul", { class: "findings" }, summary.findings.map((text) => h("li", {}, text))));
  else
    document.querySelector("header").append(h("p", {}, "The checks of the training found nothing wrong."));
  if (!data.map)
    section("norows", "Without rows", h("p", {}, "This page was made from the model alone. Give it rows for the map, pictures, columns and scores: diabolo report RUN DATA"));
  document.querySelector("footer").append(
    h("p", {}, `Made by diabolo ${summary.version}.${summary.machine ? ` Trained on ${summary.machine}.` : ""} Training curves are ${summary.curves}; other numbers are those of evaluate, score, encode and sample with seed ${summary.settings.seed ?? 0}. Nothing on this page is fetched from anywhere.`));
}

function schemaTable(schema, rows) {
  const heads = [{ text: "column" }, { text: "kind" }, { text: "range or levels", long: true }, { text: "missing", number: true }, { text: "likelihood" }, { text: "why", long: true }];
  const lines = schema.columns.map((c) => [c.name, c.kind, c.range, c.missing ? percent(c.missing / schema.rows) : "", c.used ? c.likelihood : "left out", c.why]);
  const cut = schema.columns.length < schema.count ? h("p", {}, `The first ${schema.columns.length} of ${number(schema.count)} columns; schema.json has all.`) : null;
  return [h("h3", {}, "Columns of the data"), cut, table(heads, lines, "Columns of the data")];
}

export function showSettings({ summary, schema }) {
  const settings = Object.entries(summary.settings);
  section("settings", "Settings",
    schema ? schemaTable(schema) : null,
    h("h3", {}, "Settings in force"),
    table([{ text: "setting" }, { text: "value", long: true }], [...Object.entries(summary.parts), ...settings.filter(([name]) => !(name in summary.parts))], "Settings in force"));
}
