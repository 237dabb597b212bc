// node bundle.mjs OUT: the page's modules, styles and skeleton as one HTML file, with a place for
// the numbers. scripts/get_charts runs it beside the packages.
import { build } from "esbuild";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const bundle = async (name, loader) => {
  const result = await build({
    entryPoints: [join(folder, name)],
    bundle: true,
    minify: true,
    write: false,
    format: loader === "js" ? "iife" : undefined,
    target: ["chrome100", "firefox100", "safari15"],
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return result.outputFiles[0].text.trim();
};

const script = (await bundle("src/main.js", "js")).replaceAll("</script", "<\\/script");
const style = await bundle("style.css", "css");
const page = readFileSync(join(folder, "index.html"), "utf8")
  .replace("/*STYLE*/", () => style)
  .replace("/*SCRIPT*/", () => script);
writeFileSync(process.argv[2], page);
