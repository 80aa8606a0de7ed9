// Builds the page into the Python package: one script, one style sheet, one font, one document.
// Names have a digest of the content, so that browsers may keep the files for ever.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const OUT = new URL("../src/remanence/server/page/assets/", import.meta.url).pathname;
const MOST = 250 * 1024; // bytes gzipped of all files together
const FONT = "node_modules/@fontsource-variable/inter";

mkdirSync(OUT, { recursive: true });
for (const name of readdirSync(OUT)) rmSync(OUT + name, { recursive: true });

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);
function put(stem, ending, bytes) {
  const name = `${stem}-${digest(bytes)}.${ending}`;
  writeFileSync(OUT + name, bytes);
  return name;
}

const font = put("inter", "woff2", readFileSync(`${FONT}/files/inter-latin-wght-normal.woff2`));
copyFileSync(`${FONT}/LICENSE`, `${OUT}LICENSE-inter.txt`);
const icon = put("icon", "svg", readFileSync("src/icon.svg"));

const result = await build({
  entryPoints: ["src/main.tsx"],
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: ["es2022"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  outdir: OUT,
  external: ["*.woff2"],
  define: { "process.env.NODE_ENV": '"production"' },
});
let script = "";
let style = "";
for (const file of result.outputFiles) {
  const text = file.text.replaceAll("inter.woff2", font);
  if (file.path.endsWith(".js")) script = put("app", "js", text);
  if (file.path.endsWith(".css")) style = put("app", "css", text);
}
writeFileSync(
  `${OUT}index.html`,
  readFileSync("src/index.html", "utf8")
    .replaceAll("{script}", script)
    .replaceAll("{style}", style)
    .replaceAll("{icon}", icon)
    .replaceAll("{font}", font),
);

// The notices that the licences of what is bundled ask for.
const bundled = ["preact", "@preact/signals", "@preact/signals-core", "d3-force", "d3-dispatch", "d3-quadtree", "d3-timer", "lucide-preact"];
writeFileSync(
  `${OUT}LICENSES.txt`,
  bundled
    .map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`)
    .join(`\n${"-".repeat(80)}\n\n`),
);

let total = 0;
for (const name of readdirSync(OUT)) {
  if (name.endsWith(".txt")) continue;
  const packed = gzipSync(readFileSync(OUT + name), { level: 9 }).length;
  total += packed;
  console.log(`${String(packed).padStart(8)}  ${name}`);
}
console.log(`${String(total).padStart(8)}  bytes gzipped of ${MOST}`);
if (total > MOST) process.exit(1);
