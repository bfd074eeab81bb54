// run.mjs: holds `sublet sdl check --akash-json` against Akash's published compiler, and prints ok / not ok lines.
// Usage: node run.mjs PROGRAM WORK ROOT SHARED; FOLDER=PATH keeps the generated files there.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { difference, explained } from "./compare.mjs";
import { generate } from "./generate.mjs";
import { officialRecord } from "./official.mjs";

const [program, work, root, shared] = process.argv.slice(2);
const perCall = 400;

function ourRecords(paths) {
  const out = [];
  for (let i = 0; i < paths.length; i += perCall) {
    let text;
    try {
      text = execFileSync(program, ["sdl", "check", "--akash-json", ...paths.slice(i, i + perCall)], { maxBuffer: 1 << 28, encoding: "utf8" });
    } catch (error) {
      if (error.status !== 1) throw error;
      text = error.stdout;  // 1: some file is not ok
    }
    out.push(...text.trimEnd().split("\n").map((line) => JSON.parse(line)));
  }
  return out;
}

function report(title, files, failures, notes) {
  if (failures.length === 0) {
    console.log(`ok sdl_official: ${title}: ${files} files agree${notes}`);
    return;
  }
  const shown = failures.slice(0, 5).map(({ name, what }) => `${name}: ${what}`).join("; ");
  console.log(`not ok sdl_official: ${title}: ${failures.length} of ${files} files disagree: ${shown}`);
  process.exitCode = 1;
}

async function compare(title, files) {
  const ours = ourRecords(files.map((file) => file.path));
  const failures = [];
  const reasons = new Map();
  const verdicts = new Map();
  for (const [i, file] of files.entries()) {
    const official = await officialRecord(file.text);
    verdicts.set(ours[i].status, (verdicts.get(ours[i].status) ?? 0) + 1);
    const what = file.newer ? "" : difference(official, ours[i]);
    const why = file.newer ? "words that the published compiler does not know" : what && explained(file, official, ours[i]);
    if (why) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    else if (what) failures.push({ name: file.name, what });
  }
  const list = (map) => [...map].map(([key, count]) => `${count} ${key}`).join(", ");
  report(title, files.length, failures, ` (${list(verdicts)}${reasons.size ? `; not comparable: ${list(reasons)}` : ""})`);
}

const onDisk = (paths) => paths.map((path) => ({ name: path, path, text: readFileSync(path, "utf8"), newer: false }));
const folder = process.env.FOLDER ?? join(work, "generated");
mkdirSync(folder, { recursive: true });
const write = (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const examples = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".yaml")).sort().map((name) => join(root, "examples", name));
await compare("examples in their own denomination", onDisk(examples));
await compare("examples in uact", onDisk(examples.map((path) => write(`example-${path.split("/").pop()}`, readFileSync(path, "utf8").replaceAll("ucredit", "uact")))));
await compare("generated", generate().map((file, i) => ({ ...file, path: write(`${String(i).padStart(5, "0")}.yaml`, file.text) })));

const corpus = join(shared, "data/sdl");
if (existsSync(join(corpus, "golden.jsonl"))) {
  const golden = readFileSync(join(corpus, "golden.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const files = golden.map(({ file }) => ({ name: file, path: join(corpus, file) }));
  const failures = ourRecords(files.map((file) => file.path))
    .map((ours, i) => ({ name: files[i].name, what: difference(golden[i], ours) })).filter(({ what }) => what);
  report("published files, recorded answers", golden.length, failures, "");
  await compare("published files, published compiler", onDisk(files.map((file) => file.path)));
} else {
  console.log(`skip sdl_official: the published files are not here (${corpus}; SUBLET_SHARED names the folder above)`);
}
