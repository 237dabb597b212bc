// report.html in a real browser: node report_test.mjs COMMAND CHROMIUM. Small runs are fitted, their
// pages opened at two widths, light and dark; each check is a line, and any that fails ends with 1.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawn, launch, open, random, writeNpy } from "./browser.mjs";

const [command, chromium] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "diabolo-browser-"));
const at = (name) => join(folder, name);
const run = (...words) => execFileSync(command, [...words, "--quiet"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });

let failures = 0;
function expect(what, holds, more = "") {
  if (holds) return;
  ++failures;
  console.log(`FAILED ${what} ${more}`);
}

// Names that would be code if they were not escaped.
const hostile = ["</script><script>window.hacked=1</script>", '<img src=x onerror="window.hacked=2">', "a&amp;b \"'` \u2028 ${x}", "plain"];
const levels = ["<b>bold</b>", "</script>", "__proto__", "toString"];

function makeData() {
  const next = random(1);
  const rows = 400, side = 10;
  const pictures = new Uint8Array(rows * side * side), labels = new Uint8Array(rows), numbers = new Float32Array(rows * 3);
  for (let r = 0; r < rows; ++r) {
    labels[r] = r % 3;
    const from = 1 + Math.floor(next() * 4);
    for (let i = 0; i < side * side; ++i) {
      const across = i % side, down = Math.floor(i / side);
      const lit = labels[r] === 0 ? across === from : labels[r] === 1 ? down === from : across === down;
      pictures[r * side * side + i] = lit ? 200 + 50 * next() : 20 * next();
    }
    for (let c = 0; c < 3; ++c) numbers[3 * r + c] = c === 2 ? numbers[3 * r] * 2 + next() : next();
  }
  writeNpy(at("pictures.npy"), pictures, [rows, side, side]);
  writeNpy(at("labels.npy"), labels, [rows]);
  writeNpy(at("numbers.npy"), numbers, [rows, 3]);
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  const lines = [hostile.map(quoted).join(",")];
  for (let r = 0; r < rows; ++r) {
    const kind = Math.floor(next() * levels.length);
    lines.push([quoted(levels[kind]), next() < 0.1 ? "" : (kind + next()).toFixed(3), next() < 0.05 ? "" : Math.floor(40 * next()), quoted(levels[(kind + r) % 2])].join(","));
  }
  writeFileSync(at("table.csv"), lines.join("\n") + "\n");
}

/// metrics.csv of another program: a column less, and a last line that is cut.
function withoutColumn(path, name) {
  const lines = readFileSync(path, "utf8").trim().split("\n").map((line) => line.split(","));
  const place = lines[0].indexOf(name);
  const rest = lines.map((cells) => cells.filter((_, i) => i !== place));
  rest[rest.length - 1].length = 3;
  writeFileSync(path, rest.map((cells) => cells.join(",")).join("\n") + "\n");
}

function makeRuns() {
  makeData();
  const fit = (data, name, ...more) => { run("fit", data, "-o", name, "--epochs", "3", ...more); return join(name, "report.html"); };
  const pages = {
    pictures: fit("pictures.npy", "clothes", "--labels", "labels.npy", "--latent", "5"),
    "one latent, no validation": fit("numbers.npy", "one", "--latent", "1", "--valid", "0"),
    autoencoder: fit("numbers.npy", "points", "--model", "ae", "--latent", "2"),
  };
  try {
    run("info", "table.csv");
    pages.table = fit("table.csv", "table <script>&amp;", "--labels", "plain");
  } catch (error) {
    console.log(`skipped tables: ${String(error.stderr ?? error).trim()}`);
  }
  run("report", join("one", "model.safetensors"), "numbers.npy", "-o", "file.html");
  rmSync(at("numbers.npy"));
  withoutColumn(at("one/metrics.csv"), "log_px");
  run("report", "one", "-o", "norows.html");
  return { ...pages, "another file": "file.html", "without rows": "norows.html" };
}

const canvasText = (page, title) => page.evaluate((name) => [...document.querySelectorAll("[data-chart]")].find((f) => f.dataset.chart === name).querySelector("canvas").toDataURL(), title);
/// The share of the pixels of a chart that differ from those of `address`: curves may be smoothed a
/// little differently when they are drawn again.
const changed = (page, title, address) => page.evaluate(async ([name, before]) => {
  const image = new Image();
  image.src = before;
  await image.decode();
  const canvas = [...document.querySelectorAll("[data-chart]")].find((f) => f.dataset.chart === name).querySelector("canvas");
  const pixels = (picture) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(picture, 0, 0);
    return copy.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const a = pixels(canvas), b = pixels(image);
  let count = 0;
  for (let i = 3; i < a.length; i += 4) count += Math.abs(a[i] - b[i]) + Math.abs(a[i - 1] - b[i - 1]) + Math.abs(a[i - 2] - b[i - 2]) > 60;
  return (4 * count) / a.length;
}, [title, address]);
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)))));

/// What holds for each page.
async function look(page, name, width) {
  const found = await page.evaluate(() => {
    const nameOf = (e) => e.getAttribute("aria-label") || (e.hasAttribute("role") ? "" : e.labels?.[0]?.textContent || e.textContent);
    const blank = [...document.querySelectorAll("[data-chart] canvas, canvas.pixels")].filter((canvas) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set();
      for (let i = 0; i < data.length && seen.size < 3; i += 4) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
      return seen.size < 2;
    });
    return {
      blank: blank.map((c) => c.closest("figure")?.textContent.slice(0, 40)),
      charts: document.querySelectorAll("[data-chart]").length,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      nameless: [...document.querySelectorAll("button, select, input, a, canvas.pixels, [role=img], [role=region]")].filter((e) => !nameOf(e)?.trim()).map((e) => e.outerHTML.slice(0, 80)),
      small: [...document.querySelectorAll("main *")].filter((e) => e.children.length === 0 && e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 11).length,
      titles: [...document.querySelectorAll("h1")].length,
      landmarks: ["header", "nav", "main", "footer"].every((tag) => document.querySelector(tag)),
      broken: [...document.querySelectorAll("nav a")].filter((a) => !document.querySelector(a.getAttribute("href"))).length,
      words: /\b(undefined|NaN|null|\[object)\b/.exec(document.body.innerText)?.[0],
      twice: [...document.querySelectorAll("table")].filter((t) => { const heads = [...t.querySelectorAll("th")].map((e) => e.textContent); return new Set(heads).size < heads.length; }).length,
      hidden: [...document.querySelectorAll("nav a")].filter((a) => a.getBoundingClientRect().right > document.documentElement.clientWidth).length,
      paper: getComputedStyle(document.body).backgroundColor,
    };
  });
  const where = `${name} at ${width}:`;
  expect(`${where} nothing is blank`, found.blank.length === 0, found.blank.join(" | "));
  expect(`${where} no sideways scrolling`, found.overflow <= 0, `${found.overflow} pixels`);
  expect(`${where} everything has a name`, found.nameless.length === 0, found.nameless.join(" | "));
  expect(`${where} letters can be read`, found.small === 0, `${found.small} texts`);
  expect(`${where} one title, landmarks, links that lead somewhere`, found.titles === 1 && found.landmarks && found.broken === 0);
  expect(`${where} no table shows a column twice`, found.twice === 0, `${found.twice} tables`);
  expect(`${where} every link of the top is seen`, found.hidden === 0, `${found.hidden} links`);
  expect(`${where} no word that stands for nothing`, !found.words, found.words);
  return found;
}

/// Every control is reached by Tab, and shows that it is.
async function keyboard(page, name) {
  const wanted = await page.evaluate(() => {
    window.wanted = [...document.querySelectorAll("button, select, input, a[href], summary, [tabindex='0']")].filter((e) => e.checkVisibility());
    return window.wanted.length;
  });
  await page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0); });
  await page.evaluate(() => { window.reached = new Set(); });
  let plain = 0;
  for (let i = 0; i < wanted + 20; ++i) {
    await page.keyboard.press("Tab");
    plain += await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return 0;
      window.reached.add(e);
      return getComputedStyle(e).outlineStyle === "none" ? 1 : 0;
    });
  }
  const lost = await page.evaluate(() => window.wanted.filter((e) => !window.reached.has(e)).map((e) => e.outerHTML.slice(0, 80)));
  expect(`${name}: Tab reaches every control`, lost.length === 0, lost.join(" | "));
  expect(`${name}: focus can be seen`, plain === 0, `${plain} without an outline`);
}

async function useMap(page, name) {
  const before = await canvasText(page, "Latent map");
  const colours = page.getByLabel("Colour by");
  const others = await colours.evaluate((e) => [...e.options].map((o) => o.value).filter((v) => v !== e.value));
  await colours.selectOption(others.at(-1));
  await settled(page);
  const coloured = await canvasText(page, "Latent map");
  expect(`${name}: colouring changes the map`, before !== coloured);

  await page.getByRole("button", { name: "Zoom in: Latent map" }).press("Enter");
  await settled(page);
  const near = await changed(page, "Latent map", coloured);
  expect(`${name}: the map zooms in`, near > 0.02, String(near));
  await page.getByRole("button", { name: "Show all: Latent map" }).press("Enter");
  await settled(page);
  const again = await changed(page, "Latent map", coloured);
  expect(`${name}: and out again`, again < 0.005, String(again));

  await page.getByLabel("Show row").fill("7");
  await page.getByLabel("Show row").press("Enter");
  await settled(page);
  expect(`${name}: a row can be asked for`, (await page.locator(".card h3").textContent()) === "Row 7");
  await page.getByLabel("Show row").fill("100000");
  await page.getByLabel("Show row").press("Enter");
  await settled(page);
  const other = await page.locator(".card").textContent();
  expect(`${name}: another row is not shown without a word`, /Row 399Row 100,000 is not on the map/.test(other), other.slice(0, 90));

  const box = await page.locator("[data-chart='Latent map'] .chart").boundingBox();
  let shown = "";
  for (let i = 0; i < 900 && !shown; ++i) {
    const x = box.x + box.width * (0.1 + 0.8 * ((i * 0.618034) % 1)), y = box.y + box.height * (0.15 + 0.7 * ((i * 0.414214) % 1));
    if (i === 0) await page.locator("[data-chart='Latent map']").scrollIntoViewIfNeeded();
    await page.mouse.move(x, y);
    shown = await page.evaluate(() => [...document.querySelectorAll(".tip")].find((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))?.innerText ?? "");
  }
  expect(`${name}: hovering shows a row`, /row [\d,]+/.test(shown), shown);
}

async function useCurves(page, name) {
  const before = await canvasText(page, "KL").catch(() => null);
  if (!before) return;
  await page.getByRole("button", { name: "Zoom in: Loss" }).press("Space");
  await settled(page);
  expect(`${name}: curves zoom together`, before !== (await canvasText(page, "KL")));
}

async function useSlider(page) {
  const big = page.locator(".beside canvas").first();
  const picture = () => big.evaluate((c) => c.toDataURL());
  const before = await picture(), words = await page.locator("output").textContent();
  await page.getByRole("slider", { name: "Value" }).focus();
  for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
  await settled(page);
  expect("the slider changes the picture", before !== (await picture()));
  expect("and says the value", words !== (await page.locator("output").textContent()));
  await page.getByLabel("Latent", { exact: true }).selectOption("1");
  await settled(page);
  expect("another latent, another name", /^z\d+ = /.test(await page.locator("output").textContent()));
}

async function useSave(page, where) {
  const buttons = page.getByRole("button", { name: /^Save as picture/ });
  for (let i = 0; i < (await buttons.count()); ++i) {
    if (i % 8 === 7) {  // browsers ask before a page saves very many files
      await page.reload();
      await drawn(page);
    }
    const button = buttons.nth(i);
    const name = await button.getAttribute("aria-label");
    const [download] = await Promise.all([page.waitForEvent("download", { timeout: 10000 }).catch(() => null), button.press("Enter")]);
    expect(`${where}: ${name}`, download);
    if (!download) continue;
    const bytes = readFileSync(await download.path());
    expect(`${where}: ${download.suggestedFilename()} is a picture`, download.suggestedFilename().endsWith(".png") && bytes.subarray(1, 4).toString() === "PNG" && bytes.length > 500);
  }
}

async function checkHostile(page) {
  const seen = await page.evaluate(() => ({ hacked: window.hacked, polluted: Object.keys(Object.prototype).length, scripts: document.scripts.length, images: document.images.length, text: document.body.textContent }));
  expect("hostile names are no code", seen.hacked === undefined && seen.polluted === 0 && seen.scripts === 2 && seen.images === 0, JSON.stringify({ ...seen, text: "" }));
  for (const text of [...hostile, ...levels.slice(0, 2), "table <script>&amp;"]) expect(`${JSON.stringify(text)} is shown as it is`, seen.text.includes(text));
}

async function checkPages(browser, pages) {
  for (const [name, path] of Object.entries(pages)) {
    const papers = new Set();
    for (const [width, scheme] of [[1600, "light"], [400, "dark"], [400, "light"], [1600, "dark"]]) {
      const problems = [];
      const page = await open(browser, at(path), { width, scheme, problems }).catch((error) => expect(`${name} opens`, false, `${error.message.split("\n")[0]} ${problems.join(" | ")}`));
      if (!page) break;
      papers.add((await look(page, name, width)).paper);
      if (scheme === "light" || width === 400) {
        if (await page.locator("#map").count()) await useMap(page, `${name} at ${width}`);
        await useCurves(page, name);
      }
      if (width === 1600 && scheme === "light") {
        await keyboard(page, name);
        if (name === "pictures") await useSlider(page);
        if (name === "table") await checkHostile(page);
        await useSave(page, name);
        await page.emulateMedia({ colorScheme: "dark" });  // while it is open
        await settled(page);
      }
      expect(`${name} at ${width}, ${scheme}: no errors, no requests`, problems.length === 0, problems.join(" | "));
      await page.context().close();
    }
    expect(`${name}: light and dark differ`, papers.size === 2);
    console.log(`looked at ${name}`);
  }
}

const browser = await launch(chromium);
try {
  await checkPages(browser, makeRuns());
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(failures ? `${failures} checks failed` : "all checks passed");
process.exit(failures ? 1 : 0);
