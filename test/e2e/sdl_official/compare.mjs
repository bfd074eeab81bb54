// compare.mjs: who agrees with whom: `difference` of two records, and `explained`, which knows what the published compiler is too old
// for and which of our differences are known. Rules by name; what no rule names is a failure.

const canonical = (value) => {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => {
    const inner = canonical(value[key]);
    // the official compilers differ among themselves in the order of endpoints
    return [key, key === "endpoints" && Array.isArray(inner) ? inner.map((e) => JSON.stringify(e)).sort() : inner];
  }));
};
const same = (a, b) => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
const paths = (record) => new Set((record.errors ?? []).map((error) => error.path ?? ""));

export function difference(official, ours) {
  if (official.status === "stumbles" && ours.status === "invalid") return "";
  if (official.status !== ours.status) return `official ${official.status}, here ${ours.status}`;
  if (ours.status === "invalid") {
    const listed = paths(official);
    const elsewhere = [...paths(ours)].filter((path) => !listed.has(path));
    return elsewhere.length === 0 ? "" : `refused at ${elsewhere[0] || "the top"}, officially at ${[...listed].join(" ")}`;
  }
  if (ours.status !== "ok") return "";
  if (!same(official.manifest, ours.manifest)) return "manifest";
  if (official.version !== ours.version) return "hash";
  return same(official.groupSpecs, ours.groupSpecs) ? "" : "groups";
}

// Rules that came after the published compiler (the recorded answers have them) and rules that it still has.
const newer = [
  ["a storage class says whether it is persistent", ({ path, keyword }) => /\/storage(\/\d+)?\/attributes(\/persistent)?$/.test(path) && /required|const|if/.test(keyword)],
  ["a GPU without units", ({ path, keyword }) => /\/resources\/gpu(\/attributes|\/units)?$/.test(path) && /required|if|additionalProperties/.test(keyword)],
  ["prices in ibc/ denominations", ({ path, keyword }) => path.endsWith("/denom") && /enum|pattern/.test(keyword)],
  ["expose may be empty", ({ path, keyword }) => path.endsWith("/expose") && keyword === "type"],
  ["a GPU count that is no number", ({ path, message }) => path.endsWith("/gpu/units") && message.startsWith(".")],
  ["words that came later", ({ path }) => path.startsWith("/reclamation") || path.endsWith("/params/tee")],
  ["words that came later", ({ message }) => /"(tee|reclamation|proxy_buffer_size)" is not allowed|(deployment|logs)\.$/.test(message)],
];
const known = [
  ["yaml-cpp reads no plain text with ? in brackets", ({ name }) => name.includes("[?a]")],
  ["yaml-cpp reads no block text at the left margin", ({ name }) => name.includes('"--- |')],
  ["a key that is only a colon, under a key without a value", ({ text }) => /^ *: /m.test(text)],
];

const noStorage = (manifest) => JSON.stringify(canonical(manifest)).replaceAll('"storage":[]', '"storage":null');

// The name of the rule that explains a difference, or "".
export function explained(file, official, ours) {
  for (const [name, applies] of known) if (applies(file)) return name;
  if (official.status === "ok" && ours.status === "ok" && noStorage(official.manifest) === noStorage(ours.manifest)) {
    return "params without storage";
  }
  const [theirs, mine] = [official, ours].map((record) => (record.errors ?? []).map((error) => ({ path: "", ...error })));
  const ruleOf = (error) => newer.find(([, applies]) => applies(error))?.[0];
  const rule = [...theirs, ...mine].map(ruleOf).find(Boolean);
  const rest = [theirs, mine].map((errors) => errors.filter((error) => !ruleOf(error)).map((error) => error.path));
  // Without the rules that differ by age they agree, or one side has stopped at such a rule before it looked at the rest.
  const masked = (theirs.length > 0 && rest[0].length === 0) || (mine.length > 0 && rest[1].length === 0);
  return rule && (masked || rest[1].every((path) => rest[0].includes(path))) ? rule : "";
}
