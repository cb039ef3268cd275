// Builds ui/dist: hashed files and manifest.json (logical name → hashed name).
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const dist = join(root, "dist");
const firstVisit = ["app.css", "app.js", "icons.svg", "favicon.svg"];
const mostBytesOnFirstVisit = 150_000;

// Writes `--name: light-dark(a, b);` as one light block and two dark ones, for browsers older than light-dark() (2024).
function lowerLightDark(css) {
  const pattern = /(--[\w-]+):\s*light-dark\(\s*([^;]+?)\s*,\s*([^,;]+?)\s*\);/g;
  const dark = [...css.matchAll(pattern)].map(([, name, , value]) => `    ${name}: ${value};`).join("\n");
  const light = css.replace(pattern, "$1: $2;");
  return light
    .replace("/* @dark-auto */", `@media (prefers-color-scheme: dark) {\n  :root[data-theme="auto"] {\n    color-scheme: dark;\n${dark}\n  }\n}`)
    .replace("/* @dark-chosen */", `:root[data-theme="dark"] {\n    color-scheme: dark;\n${dark}\n  }`);
}

const tokens = {
  name: "tokens",
  setup(build) {
    build.onLoad({ filter: /tokens\.css$/ }, async ({ path }) => ({
      contents: lowerLightDark(await readFile(path, "utf8")),
      loader: "css",
    }));
  },
};

const entries = { "app.css": "css/app.css", "print.css": "css/print.css", "map.css": "css/map.css", "app.js": "src/app.ts", "map.js": "src/map.ts" };

async function bundle(name, source) {
  const result = await esbuild.build({
    entryPoints: [join(root, source)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["chrome102", "safari15.6", "firefox102"],
    loader: { ".png": "dataurl", ".svg": "dataurl", ".gif": "dataurl" },
    legalComments: "linked",
    outdir: dist,
    plugins: [tokens],
    logLevel: "warning",
  });
  return result.outputFiles.map((file) => ({
    name: file.path.endsWith(".LEGAL.txt") ? `${name}.LEGAL.txt` : name,
    bytes: Buffer.from(file.contents),
  }));
}

async function images() {
  const folder = join(root, "images");
  const names = (await readdir(folder)).filter((name) => extname(name) === ".svg").sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
}

function hashed(name, bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const extension = extname(name);
  return `${basename(name, extension)}-${digest}${extension}`;
}

async function build() {
  const bundles = (await Promise.all(Object.entries(entries).map(([name, source]) => bundle(name, source)))).flat();
  const files = [...bundles, ...(await images())].filter((file) => file.bytes.length > 0);
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const manifest = {};
  for (const file of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    manifest[file.name] = hashed(file.name, file.bytes);
    await writeFile(join(dist, manifest[file.name]), file.bytes);
  }
  await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  report(files);
}

function report(files) {
  let total = 0;
  for (const { name, bytes } of files) {
    const compressed = brotliCompressSync(bytes).length;
    if (firstVisit.includes(name)) total += compressed;
    console.log(`${name.padEnd(20)} ${String(bytes.length).padStart(8)} bytes ${String(compressed).padStart(7)} compressed`);
  }
  console.log(`first visit without map: ${total} bytes compressed (at most ${mostBytesOnFirstVisit})`);
  if (total > mostBytesOnFirstVisit) throw new Error("the first visit has grown too heavy");
}

await build();
if (process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  let timer;
  for (const folder of ["css", "src", "images"]) {
    watch(join(root, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => build().catch((fault) => console.error(fault.message)), 100);
    });
  }
}
