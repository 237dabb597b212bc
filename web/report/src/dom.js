// Elements. Texts are set as texts, never as HTML: names and values come from data.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return element;
}

let count = 0;
/// A label and its control, tied together.
export function labelled(text, control) {
  control.id = `control-${++count}`;
  return h("span", { class: "control" }, h("label", { for: control.id }, text), control);
}

export function select(options, onchange) {
  const list = options.map(([value, text]) => h("option", { value }, text));
  return h("select", { onchange: (event) => onchange(event.target.value) }, list);
}

export function table(heads, rows, caption) {
  const kind = (head, x) => (head.number ? "number" : head.long ? "long" : typeof x === "string" && x.length <= 20 ? "short" : undefined);
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, heads.map((x) => h("th", { scope: "col", class: kind(x) }, x.text)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((x, i) => h("td", { class: kind(heads[i], x) }, x))))),
    ),
  );
}

/// The heading of a frame and its buttons.
export const head = (title, tools, level = "h3") => h("div", { class: "head" }, h(level, {}, title), h("div", { class: "tools" }, tools));
export const saveButton = (title, onclick) => h("button", { type: "button", "aria-label": `Save as picture: ${title}`, onclick }, "Save");

/// Hands a picture of a canvas to the browser as a file.
export function saveCanvas(canvas, title) {
  canvas.toBlob((blob) => {
    const address = URL.createObjectURL(blob);
    const link = h("a", { href: address, download: `${title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "chart"}.png`, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });
}

const nav = () => document.querySelector("nav");
/// A part of the page, with a link to it at the top.
export function section(id, title, ...children) {
  const list = nav().firstElementChild ?? nav().appendChild(h("ul"));
  list.append(h("li", {}, h("a", { href: `#${id}` }, title)));
  const part = h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), children);
  document.querySelector("main").append(part);
  return part;
}
