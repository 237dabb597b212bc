// What the tests and the pictures of the docs share: a browser that sees no network and tells what
// went wrong, and small data.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../.browser/node_modules/", import.meta.url)));
const { chromium } = require("playwright-core");

export const launch = (executablePath) =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--hide-scrollbars"] });  // root has no sandbox

/// Opens a report; `problems` grows by what a page must not do.
export async function open(browser, path, { width, scheme, problems }) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, acceptDownloads: true });
  const page = await context.newPage();
  const address = pathToFileURL(path).href;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (url !== address && !/^(data|blob):/.test(url)) problems.push(`request: ${url}`);
  });
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(address);
  await drawn(page);
  return page;
}

/// Waits for every chart.
export async function drawn(page) {
  await page.waitForSelector("html[data-ready]");
  await page.waitForFunction(() => [...document.querySelectorAll("[data-chart]")].every((f) => f.hasAttribute("data-drawn")));
}

/// An .npy file of u8 or f32.
export function writeNpy(path, values, shape) {
  const type = values instanceof Uint8Array ? "|u1" : "<f4";
  let header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  header = header.padEnd(118 - 1, " ") + "\n";
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(header.length, 8);
  writeFileSync(path, Buffer.concat([head, Buffer.from(header, "latin1"), Buffer.from(values.buffer)]));
}

/// Numbers that look random, the same each time.
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
