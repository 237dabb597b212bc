// node make_pictures.mjs RUNS OUT CHROMIUM: charts of reports as pictures, each as the page shows
// it, and how long a page takes (docs/make_pictures calls it).
import { existsSync } from "node:fs";
import { join } from "node:path";
import { launch, open } from "../tests/browser/browser.mjs";

const [runs, out, chromium] = process.argv.slice(2);
const browser = await launch(chromium);
const problems = [];

/// Parts of a page one under another, from the top of the first to the end of the last.
async function take(page, name, first, last) {
  const box = await page.evaluate(([a, b]) => {
    const from = document.querySelector(a).getBoundingClientRect(), to = document.querySelector(b).getBoundingClientRect();
    document.querySelector("nav").style.position = "static";
    const top = a === "header" ? 0 : from.top + scrollY;
    return { x: 0, y: top, width: document.documentElement.clientWidth, height: to.bottom + scrollY - top };
  }, [first, last]);
  await page.screenshot({ path: join(out, `${name}.png`), fullPage: true, clip: box });
}

const wide = { width: 1100, scheme: "light", problems };
let page = await open(browser, join(runs, "clothes/report.html"), wide);
await take(page, "report-clothes-map", "#map", "#map");
await take(page, "report-clothes-curves", "header", "#curves");
await take(page, "report-clothes-pictures", "#pictures", "#pictures > div:nth-of-type(1)");
await take(page, "report-clothes-rows", "#scores", "#scores");
page = await open(browser, join(runs, "customers/report.html"), wide);
await take(page, "report-table-columns", "#columns", "#columns");
await take(page, "report-table-rows", "#scores", "#scores .scroll");
page = await open(browser, join(runs, "nonlinear/report.html"), { ...wide, scheme: "dark" });
await take(page, "report-nonlinear", "#map", "#columns");
page = await open(browser, join(runs, "customers/report.html"), { width: 400, scheme: "dark", problems });
await take(page, "report-phone", "header", "#units");

for (const path of ["ten.html", "clothes/report.html", "customers/report.html", "many.html"].map((name) => join(runs, name))) {
  if (!existsSync(path)) continue;
  page = await open(browser, path, wide);
  const times = await page.evaluate(() => performance.getEntriesByType("mark").map((m) => `${m.name} after ${Math.round(m.startTime)} ms`));
  console.log(path, times.join(", "));
}
if (problems.length) console.log(problems);
await browser.close();
process.exit(problems.length ? 1 : 0);
