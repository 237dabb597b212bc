// Pictures: what becomes of originals, what the model dreams, and what lies between and along.
import { h, head, labelled, saveButton, saveCanvas, section, select } from "./dom.js";
import { number } from "./numbers.js";
import { gallery, lines, picture, shownWidth } from "./sprites.js";

/// How many pictures fit beside each other in a frame, of one or two in a line.
function across(sprite, frames = 1) {
  return [16, 12, 8, 6, 5, 4].find((n) => n * (shownWidth(sprite) + 2) <= room(frames)) ?? 3;
}

/// The width within a frame, of one or two in a line.
function room(frames) {
  const main = document.querySelector("main").clientWidth - 32;
  return (main > 860 ? main / frames : main) - 36;
}

/// A canvas in a frame, with a button that saves it.
export function framed(title, canvas, note, controls) {
  const save = () => saveCanvas(canvas, title);
  return h("figure", {}, head(title, saveButton(title, save)),
    controls ?? null, h("div", { class: "strip", tabindex: "0", role: "region", "aria-label": title }, canvas), note ? h("figcaption", {}, note) : null);
}

function pairs(p) {
  const rows = [];
  for (const line of lines(p.originals.count, across(p.originals)))
    rows.push(line.map((index) => ({ sprite: p.originals, index })), line.map((index) => ({ sprite: p.reconstructions, index })));
  const labels = p.labels.length ? ` Sorted by label: ${[...new Set(p.labels)].join(", ")}.` : "";
  return framed("Originals and reconstructions", gallery(rows, `${p.originals.count} originals, each above what the model makes of it`),
    `Each original is above its reconstruction, the mean at its mean code.${p.held_out ? " The model has not been trained on these." : ""}${labels}`);
}

function traversal(p) {
  const unit = (i) => `z${p.units[i]}`;
  const value = (i, s) => p.low[i] + (s / (p.steps - 1)) * (p.high[i] - p.low[i]);
  const middle = (p.steps - 1) / 2;
  let chosen = 0;
  const big = picture(p.traversals, middle, `what the model makes of a code in which ${unit(0)} varies`, 196);
  const words = h("output", {}, "");
  const range = h("input", { type: "range", min: 0, max: p.steps - 1, step: 1, value: middle });
  const show = () => {
    const step = Number(range.value);
    big.show(chosen * p.steps + step);
    words.textContent = `${unit(chosen)} = ${number(value(chosen, step), 3)}`;
    range.setAttribute("aria-valuetext", words.textContent);
  };
  range.addEventListener("input", show);
  const choice = select(p.units.map((_, i) => [String(i), unit(i)]), (i) => { chosen = Number(i); show(); });
  show();
  const rows = p.units.map((_, i) => Array.from({ length: p.steps }, (_, s) => ({ sprite: p.traversals, index: i * p.steps + s })));
  const cut = p.units.length < p.latent ? ` The ${p.units.length} of ${p.latent} latents that vary most.` : "";
  return h("div", { class: "beside" },
    h("figure", {}, h("div", { class: "head" }, h("h3", {}, "Along one latent")), h("div", { class: "controls" }, labelled("Latent", choice), labelled("Value", range), words), big,
      h("figcaption", {}, "The code of the first original above with one latent changed.")),
    framed("Traversals", gallery(rows, "a line for each latent, its value rising from left to right", 40, room(2)), `A line for each latent, the most varying first: ${p.units.map((_, i) => unit(i)).join(", ")}; from ${number(p.low[0], 3)} to ${number(p.high[0], 3)}${p.low.some((x) => x !== p.low[0]) ? " for the first" : ""}.${cut}`));
}

export function showPictures(data) {
  const p = data.pictures;
  if (!p) return;
  const samples = lines(p.samples.count, across(p.samples, 2)).map((row) => row.map((index) => ({ sprite: p.samples, index })));
  const steps = p.interpolations ? lines(p.interpolations.count, p.steps).map((row) => row.map((index) => ({ sprite: p.interpolations, index }))) : null;
  section("pictures", "Pictures", pairs(p),
    h("div", { class: "grid", style: "margin-top:14px" },
      framed("Samples", gallery(samples, `${p.samples.count} new pictures`), "New pictures: means at codes that were drawn from the prior."),
      steps ? framed("Interpolations", gallery(steps, "from one picture to another, a line each", 56, room(2)), "From the code of one original to that of another, in equal steps.") : null),
    h("div", { style: "margin-top:14px" }, traversal(p)));
}
