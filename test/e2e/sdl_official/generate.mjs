// generate.mjs: thousands of deployment files, the same in every run: each field with each kind of value, each unit and
// boundary, composed files, and files whose text was damaged. `generate()` gives [{name, text, newer}]; `newer` says that
// the file uses words that the published compiler is too old for.

// A leaf is YAML text as it will stand in the file; objects and lists are written as blocks.
const base = () => ({
  version: '"2.0"',
  include: ["other.yaml"],
  services: {
    web: {
      image: "nginx:1.27",
      command: ["sh", "-c"],
      args: ['"exec nginx"'],
      env: ["A=1", "B"],
      dependencies: [{ service: "db" }],
      credentials: { host: "registry.example.com", username: "me", password: "secret", email: "me@example.com" },
      expose: [
        {
          port: "8080", as: "80", proto: "TCP", accept: ["www.example.com"],
          to: [{ global: "true" }, { service: "db" }],
          http_options: {
            max_body_size: "2048", read_timeout: "1000", send_timeout: "2000", next_tries: "2", next_timeout: "5",
            next_cases: ["error", '"500"'],
          },
        },
        { port: "53", proto: "udp", to: [{ global: "true", ip: "front" }] },
      ],
    },
    db: {
      image: "postgres",
      expose: [{ port: "5432", to: [{ service: "web" }] }],
      params: {
        storage: { data: { mount: "/var/lib/data", readOnly: "false" }, shm: { mount: "/dev/shm" } },
        permissions: { read: ["logs"] },
      },
    },
  },
  profiles: {
    compute: {
      web: {
        resources: {
          cpu: { units: "0.5", attributes: { arch: "amd64" } },
          memory: { size: "512Mi" },
          storage: { size: "1Gi" },
          gpu: {
            units: "1",
            attributes: { vendor: { nvidia: [{ model: "a100", ram: "80Gi", interface: "pcie" }, { model: "h100" }] } },
          },
        },
      },
      db: {
        resources: {
          cpu: { units: '"250m"' },
          memory: { size: "1G" },
          storage: [
            { size: "1Gi" },
            { name: "data", size: "10Gi", attributes: { persistent: "true", class: "beta2" } },
            { name: "shm", size: "64Mi", attributes: { class: "ram", persistent: "false" } },
          ],
        },
      },
    },
    placement: {
      east: {
        attributes: { region: "us-east", tier: "3" },
        signedBy: { allOf: ["one"], anyOf: ["auditor", "other"] },
        pricing: { web: { denom: "uact", amount: "600" }, db: { denom: "uakt", amount: '"0.5"' } },
      },
    },
  },
  deployment: { web: { east: { profile: "web", count: "2" } }, db: { east: { profile: "db", count: "1" } } },
  endpoints: { front: { kind: "ip" } },
});

const withNewerWords = () => {
  const doc = base();
  doc.version = '"2.1"';
  doc.reclamation = { min_window: "24h" };
  doc.services.web.expose[0].http_options.proxy_buffer_size = "4096";
  doc.services.web.params = { tee: "cpu" };
  doc.services.db.params.permissions.read = ["deployment", "logs", "events"];
  return doc;
};

const plain = () => {
  const doc = base();
  doc.version = '"2.1"';
  delete doc.include;
  delete doc.endpoints;
  delete doc.services.db;
  delete doc.profiles.compute.db;
  delete doc.profiles.placement.east.pricing.db;
  delete doc.deployment.db;
  doc.services.web = { image: "nginx", expose: [{ port: "80", to: [{ global: "true" }] }] };
  delete doc.profiles.compute.web.resources.gpu;
  return doc;
};

const isLeaf = (node) => typeof node === "string";

function lines(node, indent) {
  if (isLeaf(node)) return [indent + node];
  const out = [];
  for (const [key, value] of Object.entries(node)) {
    const head = indent + (Array.isArray(node) ? "-" : `${key}:`);
    if (isLeaf(value)) {
      out.push(value === "" ? head : `${head} ${value}`);
    } else if (Object.keys(value).length === 0) {
      out.push(`${head} ${Array.isArray(value) ? "[]" : "{}"}`);
    } else if (Array.isArray(node)) {
      const inner = lines(value, `${indent}  `);
      out.push(`${indent}- ${inner[0].slice(indent.length + 2)}`, ...inner.slice(1));
    } else {
      out.push(head, ...lines(value, `${indent}  `));
    }
  }
  return out;
}
export const write = (doc) => `${lines(doc, "").join("\n")}\n`;

function* places(node, path = []) {
  for (const key of Object.keys(node)) {
    yield [...path, key];
    if (!isLeaf(node[key])) yield* places(node[key], [...path, key]);
  }
}
const at = (doc, path) => path.reduce((node, key) => node[key], doc);
function put(doc, path, value) {
  at(doc, path.slice(0, -1))[path.at(-1)] = value;
  return doc;
}
function drop(doc, path) {
  const parent = at(doc, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
  else delete parent[path.at(-1)];
  return doc;
}

const oddValues = [
  "", "~", "null", "true", "yes", '"true"', "0", "1", "-1", "1.5", "1e3", '"1"', "0x10", "99999999999999999999", ".nan",
  ".inf", "[]", "{}", "[a]", "[1]", "[null]", "{a: b}", "{a: {}}", '""', "word", '"é💻"', "!!str 5", "'it''s'",
];

function* everyFieldWithEveryValue() {
  for (const [label, make, newer] of [["full", base, false], ["newer", withNewerWords, true], ["plain", plain, false]]) {
    yield { name: label, text: write(make()), newer };
    for (const path of places(make())) {
      const name = `${label} ${path.join("/")}`;
      if (label === "newer" && !/tee|reclamation|proxy_buffer|permissions|gpu|params$/.test(name)) continue;
      for (const value of oddValues) yield { name: `${name} = ${value}`, text: write(put(make(), path, value)), newer };
      yield { name: `${name} dropped`, text: write(drop(make(), path)), newer };
      if (!Array.isArray(at(make(), path.slice(0, -1)))) {
        const beside = (key, value) => {
          const doc = make();
          at(doc, path.slice(0, -1))[key] = value;
          return write(doc);
        };
        yield { name: `${name} and unknown`, text: beside("unknown", "1"), newer };
        yield { name: `${name} twice`, text: beside(`"${path.at(-1)}"`, "1"), newer };
        yield { name: `${name} in capitals`, text: beside(path.at(-1).toUpperCase(), "1"), newer };
      }
    }
  }
}

const cpu = ["compute", "web", "resources", "cpu", "units"];
const fields = {
  version: ["version"],
  cpu: ["profiles", ...cpu],
  arch: ["profiles", "compute", "web", "resources", "cpu", "attributes", "arch"],
  memory: ["profiles", "compute", "web", "resources", "memory", "size"],
  disk: ["profiles", "compute", "db", "resources", "storage", "0", "size"],
  volume: ["profiles", "compute", "db", "resources", "storage", "1", "name"],
  class: ["profiles", "compute", "db", "resources", "storage", "1", "attributes", "class"],
  persistent: ["profiles", "compute", "db", "resources", "storage", "1", "attributes", "persistent"],
  ramPersistent: ["profiles", "compute", "db", "resources", "storage", "2", "attributes", "persistent"],
  gpu: ["profiles", "compute", "web", "resources", "gpu", "units"],
  nvidia: ["profiles", "compute", "web", "resources", "gpu", "attributes", "vendor", "nvidia"],
  vendor: ["profiles", "compute", "web", "resources", "gpu", "attributes", "vendor"],
  ram: ["profiles", "compute", "web", "resources", "gpu", "attributes", "vendor", "nvidia", "0", "ram"],
  interface: ["profiles", "compute", "web", "resources", "gpu", "attributes", "vendor", "nvidia", "0", "interface"],
  amount: ["profiles", "placement", "east", "pricing", "web", "amount"],
  denom: ["profiles", "placement", "east", "pricing", "web", "denom"],
  attribute: ["profiles", "placement", "east", "attributes", "tier"],
  count: ["deployment", "web", "east", "count"],
  port: ["services", "web", "expose", "0", "port"],
  as: ["services", "web", "expose", "0", "as"],
  proto: ["services", "web", "expose", "0", "proto"],
  body: ["services", "web", "expose", "0", "http_options", "max_body_size"],
  timeout: ["services", "web", "expose", "0", "http_options", "read_timeout"],
  tries: ["services", "web", "expose", "0", "http_options", "next_tries"],
  cases: ["services", "web", "expose", "0", "http_options", "next_cases"],
  accept: ["services", "web", "expose", "0", "accept"],
  to: ["services", "web", "expose", "0", "to"],
  ip: ["services", "web", "expose", "1", "to", "0"],
  password: ["services", "web", "credentials", "password"],
  email: ["services", "web", "credentials", "email"],
  image: ["services", "web", "image"],
  env: ["services", "web", "env"],
  args: ["services", "web", "args"],
  mount: ["services", "db", "params", "storage", "data", "mount"],
  shmMount: ["services", "db", "params", "storage", "shm", "mount"],
  storage: ["profiles", "compute", "db", "resources", "storage"],
  mounts: ["services", "db", "params", "storage"],
  endpoints: ["endpoints"],
  dependency: ["services", "web", "dependencies"],
  signedBy: ["profiles", "placement", "east", "signedBy"],
  read: ["services", "db", "params", "permissions", "read"],
};

const numbers = [
  "0", "-0", "00", "007", "1.", ".5", "0.5", "0.25", "0.001", "0.0001", "0.0005", "1e-3", "1e-7", "1e-10", "1.5e3", "1E2", "+1", "+.5",
  "-.5", "2.5", "64", "65535", "65536", "60000", "60001", "104857600", "104857601", "4294967295", "4294967296",
  "9007199254740991", "9007199254740993", "18446744073709551615", "18446744073709551616", "1e21", "1e22", "1.7e308",
  "1e309", "-1e309", "123456789012345678901234567890", "0o17", "0o8", "0b1", "0xff", "0xFFFFFFFFFFFFFFFFFF", "-0x1",
  "1_000", "1,000", "1:30", ".", "-", "+", "1e", "1e+", "..5", "1.2.3", "0.1", "0.3", "1.005", "3.14159265358979323846",
  "0.000000000000000001", "0.0000000000000000001", "12345.678901234567890123", ".inf", "+.INF", ".NaN", "2020-01-01", "off",
];
const quotedNumbers = [
  '"0"', '"00.0"', '"0m"', '"0M"', '"0.0m"', '"000"', '"1"', '"01"', '"1."', '".5"', '"0.5"', '"0.0005"', '"1e3"', '"1m"', '"1M"', '"500m"', '"1.5m"',
  '"0.1m"', '"1500m"', '"128Mi"', '"1k"', '"2cores"', '"1 "', '" 1"', '"1 m"', '"-1"', '"+1"', '"1,5"', '"1_0"', '"1.2.3"', '"0x10"',
  '"99999999999999999999"', '"9007199254740993m"', '"18446744073709551616"', '"1e400"', '"NaN"', '"Infinity"', '"１"', '"1\\n"', '"0\\n"',
  '"1.000000000000000000"', '"0.0000000000000000001"', '"12345678901234567890.5"', '"0.30000000000000004"', '"600.0"',
];
const sizes = ["k", "K", "ki", "Ki", "KI", "kB", "KB", "KiB", "m", "M", "Mi", "mi", "MB", "Mb", "MiB", "g", "G", "Gi", "GI", "gB", "GB", "GiB",
  "T", "Ti", "t", "P", "Pi", "E", "Ei", "Z", "Zi", "Y", "B", "b", "i", "Gx", "Mii", "q", "Gi ", " Gi", "Gi2", "é"];
const amounts = ["1", "0", "0.5", "1.5", "1.", ".5", "007", "0.0001", "1e3", "-1", "", "1024", "9007199254740993", "16", "18446744073709551615",
  "99999999999999999999999", "1.2.3", "0.1", "2.3", "1..", "..", "1_0"];
const valuesOf = {
  version: ['"2.0"', '"2.1"', "2.0", "'2.0'", "2.1", '"2"', '"2.2"', '"3.0"', '"2.0.0"', '"v2.0"', '" 2.0"', "!!str 2.0", "[2.0]", '"2.00"'],
  cpu: [...numbers, ...quotedNumbers, "100m", "1.5", "0.5m", "0", "4k"],
  arch: ["arm64", "true", "1", "1.0", "1e21", "null", "[a, b]", "[1, [2, null]]", "{a: 1}", "[]", "1.5e-7", '""', "0x10", "-0"],
  memory: [...numbers, ...amounts.flatMap((n) => sizes.slice(0, n === "1" || n === "1.5" ? 99 : 12).map((s) => `"${n}${s}"`)), "1Gi", '"1"', '"Gi"', '"1Gi\\n"'],
  disk: ["1", '"1"', "100Gi", "1.5Gi", "0.1k", "1.0001k", '"0.3Ki"', "8Ei", "16Ei", "17Ei", "0Gi", "1Tib", "5GB", "5 Gi", "-5Gi", "1e3Gi"],
  volume: ["data", "default", '""', "null", "1", "Data", "a/b", "a~b", "shm", '"é"', '"with space"', "__proto__"],
  class: ["beta1", "beta2", "beta3", "default", "ram", "RAM", "ssd", '""', "1", "null", "true"],
  persistent: ["true", "false", '"true"', '"false"', '"TRUE"', '"True"', '"no"', '"No"', '"0"', '""', '"yes"', '"off"', "True", "TRUE", "yes", "1", "0", "null", "[]", "{}"],
  ramPersistent: ["true", "false", '"true"', '"false"', '"TRUE"', '"no"', '"0"', '""', '"x"', "null", "1"],
  gpu: [...numbers, ...quotedNumbers, '"2 GPUs"', '"x"', '""', '"-0"', '"0.0"', '"0.5"', '"1.9"', '"08"', '"+2"', '"\\t3"', '"2e3"'],
  nvidia: ["", "null", "[]", "[{}]", "[{model: }]", "[{model: a}, {model: a}]", "[{ram: 8Gi}]", "[{interface: sxm}]", '[{model: "*"}]', "{model: a}", "a100",
    '[{model: "", ram: ""}]', "[{model: a/b, ram: 1 2}]", "[[]]", "[null]", "[{model: A100, ram: 80GB, interface: SXM}]"],
  vendor: ["", "null", "{}", "{amd: }", "{nvidia: , amd: }", "{intel: [{model: x}]}", "nvidia", "[nvidia]", "{nvidia: }", '{"nvidia": null}', "{NVIDIA: }"],
  ram: ["8Gi", "80", '"80"', "80GB", "much", '""', "-1Gi", "1.5Gi", "0Gi", "null", "{}", '" 8Gi"'],
  interface: ["pcie", "sxm", "PCIE", "sxm4", '""', "null", "1"],
  amount: [...numbers, ...quotedNumbers, "600", "1.1", "'5'", "5uact", '"5uact"', "600.000000000000000001"],
  denom: ["uact", "uakt", "ucredit", "UACT", '""', "uusd", "akt", "1", "ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1", "ibc/x", "ibc/"],
  attribute: [...numbers, "text", "true", "True", "null", "~", "[]", "{}", "[1, 2]", "[a, [b, null, true]]", "{a: {b: c}}", '"1.0"', "1.50", '"<&>"', '"\\u2028"'],
  count: [...numbers, '"1"', "1.0", "1e0", "2147483647", "2147483648", "4294967295"],
  port: [...numbers, '"80"', "80.0", "8e1"],
  as: [...numbers, '"80"', "443", "null", "80"],
  proto: ["TCP", "UDP", "tcp", "udp", "Tcp", "http", '""', "null", "6", "[TCP]"],
  body: numbers, timeout: numbers, tries: numbers,
  cases: ["[]", "[off]", '["off"]', "[off, error]", "[error, off]", "[off, off]", "[error, error]", "[error, timeout, '500', '502', '503', '504', '403', '404', '429']",
    "[500]", "['501']", "error", "null", "{}", "[null]", "[Error]", "[non_idempotent]"],
  accept: ["[]", "[a.b]", "[A.B]", "[a.b, a.b]", '[""]', "[1]", "[null]", "a.b", "null", '["*.a.b"]', '["a b"]', "['é.example']"],
  to: ["[]", "null", "[{}]", "[{global: true}]", "[{global: false}]", "[{service: db}]", "[{service: nobody}]", '[{service: ""}]', "[{service: web}]", "[{global: true, service: db}]",
    "[{global: false, service: db}]", "[{global: true}, {global: true}]", "[{global: 1}]", "[{global: yes}]", '[{global: "true"}]', "[{global: true, service: web}, {service: db}, {global: true}]",
    "[{global: true, http_options: {}}]", "{global: true}", "[null]", "[[]]", "[{service: b}, {service: A}, {service: a}, {service: _}, {service: B1}, {service: b-1}]"],
  ip: ["{global: true, ip: front}", "{global: false, ip: front}", "{ip: front}", '{global: true, ip: ""}', "{global: true, ip: back}", "{global: true, ip: null}", "{global: true, ip: 1}",
    "{global: true, ip: front, service: db}", "{global: null, ip: front}", '{global: "true", ip: front}', "{ip: [front]}", "{ip: 5, global: false}"],
  password: ["secret", "short", '"éééééé"', '"💻💻💻💻💻"', '"💻💻💻💻💻💻"', "123456", '"123456"', '"      "', '""'],
  email: ["a@b.c", "a@b", '""', "null", "12345", '"💻💻💻💻"'],
  image: ["a", '""', '" "', "a b", "null", "1", "1.20", "nginx:latest", "a@sha256:00", '"<&>"', '"\\""', '"a\\tb"', "'\u{1f4bb}'", "\"\\u2028\\u00e9\\u007f\"", '"\\x01"', '"\\/"', "UPPER/Case"],
  env: ["", "null", "[]", '[""]', '["=x"]', '["1A=x"]', "[A=1, A=2]", "[A: 1]", "[1]", "[true]", "{A: 1}", "A=1", "[null]", "[A=]", '["A=<b>&c"]', "[[A]]", '["A=\\n"]', '["A=\\ud83d\\ude00"]', '["é=1"]', "[A B=1]"],
  args: ["", "null", "[]", '[""]', "[-c, --x]", "[1]", "-c", "{}", "[a, null]", '["\\\\", "\\"", "\\u0000", "\\b\\f\\n\\r\\t"]', '["</script>"]'],
  mount: ["/", "/a", "a", '""', "/a/../b", "//", "/dev/shm", "null", "1", '" /a"', "/é", "[/a]"],
  shmMount: ["/var/lib/data", "/var/lib/data/", "/x", "''", "null"],
  storage: ["[]", "{}", "{size: 1Gi}", "{size: 1Gi, name: data}", "[{size: 1Gi}]", "[{size: 1Gi}, {size: 1Gi}]", "[{name: data, size: 1Gi}, {name: data, size: 2Gi}]", "null", "1Gi", "[1Gi]", "[[{size: 1Gi}]]",
    "[{name: data, size: 1Gi}, {name: shm, size: 1Gi}]", "[{name: data, size: 1Gi, attributes: {}}, {name: shm, size: 1Gi, attributes: {class: ram}}]",
    "[{name: data, size: 1Gi, attributes: {class: beta3}}, {name: shm, size: 1Gi}]", "[{name: data, size: 1Gi, attributes: {persistent: true}}, {name: shm, size: 1Gi}]",
    "[{name: data, size: 1Gi, attributes: null}, {name: shm, size: 1Gi}]", "[{size: 1Gi, attributes: {persistent: true}}, {name: data, size: 1G}, {name: shm, size: 1Gi}]",
    "{size: 1Gi, attributes: {persistent: true, class: beta1}}", "[{name: data, size: 1Gi, attributes: {class: ssd, persistent: false}}, {name: shm, size: 1Gi}]", "[{name: data, size: 1Gi, kind: x}]"],
  mounts: ["{}", "null", "[]", "{data: {mount: /a}}", "{data: {}}", "{data: }", "{data: {mount: /a}, shm: {mount: /a}}", "{data: {mount: /a}, shm: {}}", "{shm: {}, data: {mount: /a, readOnly: true}}", "{nothing: {mount: /a}}",
    "{data: {mount: /a, readOnly: null}}", "{data: {mount: /a, mode: x}}", "{default: {mount: /a}, data: {mount: /b}}", "{data: {mount: /a}, shm: {mount: /b, readOnly: true}}", "{b: {mount: /a}, B: {mount: /b}}"],
  endpoints: ["", "null", "{}", "[]", "{front: {kind: ip}, back: {kind: ip}}", "{back: {kind: ip}}", "{front: {}}", "{front: }", "{front: {kind: port}}", "{front: {kind: ip, x: 1}}", "{F: {kind: ip}, front: {kind: ip}}",
    "{a: {kind: ip}, front: {kind: ip}}", "{1a: {kind: ip}, front: {kind: ip}}", "{a-: {kind: ip}, front: {kind: ip}}", "{a_b-1: {kind: ip}, front: {kind: ip}}", "{é: {kind: ip}, front: {kind: ip}}", "{front: ip}"],
  dependency: ["", "[]", "[{}]", "[{service: nobody}]", "[{service: 1}]", "[db]", "{service: db}", "[{service: db, condition: x}]", "[null]", "[{service: web}]"],
  signedBy: ["", "{}", "{allOf: []}", "{anyOf: []}", "{anyOf: }", "{anyOf: a}", "{anyof: [a]}", "[a]", "{anyOf: [a, a], allOf: [b]}", "{anyOf: [1]}", '{anyOf: [""]}'],
  read: ["[]", "[deployment]", "[logs]", "[logs, logs]", "[deployment, logs]", "[secrets]", "logs", "null", "[null]", "[Logs]"],
};

function* everyUnitAndBoundary() {
  for (const [field, values] of Object.entries(valuesOf)) {
    for (const value of values) yield { name: `${field} ${value}`, text: write(put(base(), fields[field], value)), newer: false };
  }
  const newer = {
    "reclamation/min_window": ["1s", "24h", "30m", "0s", "01h", "1d", "1h30m", "1.5h", "-1h", "24", '"24"', "24H", '""', "null", "99999999999h", "999999999999999999999h", "1 h", '"1h\\n"'],
    "services/web/params/tee": ["cpu", "cpu-gpu", "gpu", "CPU", '""', "null", "true"],
    "services/web/expose/0/http_options/proxy_buffer_size": numbers,
    "services/db/params/permissions/read": ["[events]", "[events, logs, deployment]", "[event]"],
    "services/db/params": ["{tee: cpu}", "{tee: cpu-gpu}", "{}", "{storage: {}, tee: cpu}", "{permissions: {}}", "{permissions: {read: []}}"],
    "profiles/compute/web/resources/gpu": ["", "{}", "{units: 0}", "{units: 1}", '{units: "0"}', "{attributes: {vendor: {nvidia: }}}", "{units: 0, attributes: {vendor: {nvidia: }}}", '{units: "0", attributes: {vendor: {nvidia: }}}',
      "{units: 1, attributes: {}}", "{units: 1, attributes: }", "{units: -1, attributes: {vendor: {nvidia: }}}", "{units: 0, attributes: {}}", "{units: null}", "{units: -1}", '{units: "-1"}', '{units: ""}', '{units: "x"}', '{units: "0.0"}', "{units: 0.0}", '{units: "00"}'],
    "services/web/expose": ["", "null", "[]", "{}", "[null]", "[{}]", "[{port: 80}]", "[{port: 80, to: []}]"],
  };
  for (const [field, values] of Object.entries(newer)) {
    for (const value of values) {
      yield { name: `newer ${field} ${value}`, text: write(put(withNewerWords(), field.split("/"), value)), newer: true };
    }
  }
}

// The same numbers in every run.
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (n) => next() % n;
  return { below, pick: (list) => list[below(list.length)], chance: (percent) => below(100) < percent };
}

const names = ["web", "api", "db", "a", "a1", "b-2", "zz", "Web", "x_y", "10", "2", "aa", "A", "web-2", "web1", "_"];
function composed(r) {
  const doc = { version: r.pick(['"2.0"', '"2.1"']), services: {}, profiles: { compute: {}, placement: {} }, deployment: {} };
  const some = (most) => [...new Set(Array.from({ length: 1 + r.below(most) }, () => r.pick(names)))];
  const services = some(5);
  const profiles = some(3);
  const placements = some(3);
  const endpoints = r.chance(30) ? ["ep1", "front-x", "zz_9"].slice(0, 1 + r.below(3)) : [];
  for (const profile of profiles) {
    const volumes = [{ size: r.pick(["1Gi", "512Mi", "1.5G"]) }];
    if (r.chance(40)) volumes.push({ name: "data", size: "5Gi", ...(r.chance(50) ? { attributes: { persistent: r.pick(["true", '"true"']), class: "beta3" } } : {}) });
    if (r.chance(25)) volumes.push({ name: "shm", size: "1Gi", attributes: { class: "ram", ...(r.chance(50) ? { persistent: "false" } : {}) } });
    doc.profiles.compute[profile] = { resources: {
      cpu: { units: r.pick(["1", "0.1", '"250m"', "2.5", "0.333"]), ...(r.chance(20) ? { attributes: { zeta: "1", arch: "arm64" } } : {}) },
      memory: { size: r.pick(["1Gi", "128Mi", "0.3Gi"]) },
      storage: volumes.length === 1 && r.chance(50) ? volumes[0] : volumes,
      ...(r.chance(30) ? { gpu: { units: r.pick(["1", "2", '"1"']), attributes: { vendor: { nvidia: r.pick(["", [{ model: "a100" }, { model: "h100", ram: "80Gi" }], [{ interface: "sxm" }]]) } } } } : {}),
    } };
  }
  for (const service of services) {
    const body = { image: r.pick(["nginx", "a/b:1"]), expose: [] };
    for (let i = r.below(4); i >= 0; --i) {
      const expose = { port: r.pick(["80", "443", "8080", "53"]) };
      if (r.chance(40)) expose.as = r.pick(["80", "81", "443"]);
      if (r.chance(40)) expose.proto = r.pick(["tcp", "UDP", "TCP", "udp"]);
      const to = [];
      for (let j = r.below(3); j > 0; --j) {
        to.push(r.pick([{ global: "true" }, { service: r.pick(services) }, { global: "false", service: r.pick(services) },
          endpoints.length ? { ip: r.pick(endpoints), global: "true" } : { global: "true" }]));
      }
      if (to.length) expose.to = to;
      body.expose.push(expose);
    }
    if (r.chance(40)) body.params = { storage: { data: { mount: "/data" }, ...(r.chance(30) ? { shm: { mount: "/dev/shm", readOnly: r.pick(["true", "false"]) } } : {}) } };
    if (r.chance(30)) body.env = ["B=2", "A=<1>"];
    doc.services[service] = body;
    if (r.chance(97)) {
      doc.deployment[service] = {};
      for (const placement of placements) {
        if (r.chance(75)) doc.deployment[service][placement] = { profile: r.pick(profiles), count: String(1 + r.below(4)) };
      }
    }
  }
  for (const placement of placements) {
    const pricing = {};
    for (const profile of profiles) if (r.chance(97)) pricing[profile] = { denom: r.pick(["uact", "uakt"]), amount: r.pick(["100", "0.5", '"1.25"', "1e3"]) };
    doc.profiles.placement[placement] = { pricing };
    if (r.chance(40)) doc.profiles.placement[placement].attributes = { host: "akash", B: "true", a: "1.0", "a-b": "x", a_b: "y" };
    if (r.chance(30)) doc.profiles.placement[placement].signedBy = { anyOf: ["one"] };
  }
  if (r.chance(3)) doc.deployment.ghost = { [placements[0]]: { profile: profiles[0], count: "1" } };
  if (endpoints.length) doc.endpoints = Object.fromEntries(endpoints.map((e) => [e, { kind: "ip" }]));
  return doc;
}
function* composedFiles(count) {
  for (let i = 0; i < count; ++i) yield { name: `composed ${i}`, text: write(composed(random(1000 + i))), newer: false };
}

// A value of the file's text, written in every way that YAML has; %s stands where the value of `env` is.
const scalars = [
  "[A=1]", "[ A=1 , B=2 ]", "[A=1,]", "[,A]", "[A=1,,B]", "['A=1',\"B=2\"]", "[A=1", "A=1]", "\n      - A=1", "\n    - A=1", "\n   - A=1", "\n      -A=1", "\n      -\n        A=1", "\n      - >\n        A=1\n        B",
  "\n      - |\n        A=1\n        B", "\n      - |-\n        A=1\n", "\n      - |+\n        A=1\n\n", "\n      - |2\n          A=1", "\n      - >-\n        a\n\n        b\n          c\n        d", "\n      - |9\n x", "\n      - |0\n  x",
  "\n      - |x\n        a", "\n      - | # c\n        a", "\n      - |#c\n        a", "\n      - \"a\n        b\"", "\n      - \"a\\\n        b\"", "\n      - \"a\n\n        b\"", "\n      - 'a\n        b'", "\n      - \"a\n  b\"", "\n      - a\n        b", "\n      - a\n      b",
  "\n      - a #c", "\n      - a#c", "\n      - a: b", "\n      - a:b", "\n      - 'a: b'", "\n      - a :b", "\n      - \"a\"b", "\n      - \"a\" #c", "\n      - \"a\"#c", "\n      - &x a\n      - *x", "\n      - *y", "\n      - &x", "\n      - &x &y a", "\n      - !!str 1", "\n      - !!int 1",
  "\n      - ! 1", "\n      - !x 1", "\n      - !!str\n        a", "\n      - !<tag:yaml.org,2002:str> 1", "\n      - !!str &a 1", "\n      - &a !!str 1", "\n      - @a", "\n      - `a`", "\n      - %a", "\n      - ,a", "\n      - ]a", "\n      - }a", "\n      - a,b", "\n      - a]", "\n      - a}", "\n      - -a", "\n      - - a", "\n      - ?a", "\n      - ? a",
  "\n      - :a", "\n      - : a", "\n      - |a", "\n      - >a", "\n      - !a", "\n      - &a", "\n      - *a", "\n      - '", "\n      - \"", "\n      - \"\\q\"", "\n      - \"\\x4\"", "\n      - \"\\u00e9\\U0001f4bb\\x41\\e\\0\\a\\_\\N\\L\\P\"", "\n      - \"\\xe9\\xff\\u00e9\\ud83d\\ude00\"\n      - \\ud83d", "\n      - \"a\tb\"", "\n      - a\tb", "\n      -\ta", "\n\t- a", "\n      \t- a",
  "\n      - a\t", "\n      - a\t#c", "\n      - ~", "\n      - ''", "\n      - ---", "\n      - --- a", "\n--- a", "\n...", "\n      - ...", "\n      - <<", "\n      - {a, b}", "\n      - {a}", "\n      - [a: b]", "\n      - {a: }", "\n      - { ? a : b }", "\n      - {\"a\":b}", "\n      - {a:b}", "\n      - [\"a\":b]", "\n      - {a: b,\n  c: d}", "\n      - [a,\n        b]", "\n      - [a,\n  b]",
  "\n      - [a\n        ,b\n        ]", "\n      - [a #c\n        ,b]", "\n      - [a,#c\n        b]", "\n      - [a, #c\n        b]", "\n      - [-a]", "\n      - [- a]", "\n      - [?a]", "\n      - [? a]", "\n      - [:a]", "\n      - [a:]", "\n      - [a :]", "\n      - [*x]", "\n      - [&x a, *x]", "\n      - [!!str 1]", "\n      - [|]", "\n      - [a, [b, {c: d}]]", "\n      - [a b\n        c]", "\n      - [---]", "\n      - [a]b", "\n      - [a] b", "\n      - [a]:b", "\n      - [a]: b",
  "\n      - {a: b}: c", "\n      - a\n      # c\n      - b", "\n      - a\n    # c\n      - b", "\n      - a\n# c\n      - b", "\n\n\n      - a\n\n      - b\n", "\n      - a\n     - b", "\n      - a\n       - b", "\n      - \u00a0a", "\n      - \ufeffa", "\n      - a\u2028b", "\n      - a\u0085b", "\n      - \u0007", "\n      - \u007f", "\n      - é", "\n      - 💻",
  " &all\n      - a", " &all [a]", " !!seq [a]", " !!seq\n      - a", " !!map {a: b}", " !!set {a}", " !!omap [a: b]", " *all", " !!binary aGk=", "\n      - !!null ~", "\n      - !!bool true", "\n      - !!float 1", "\n      - !!timestamp 2020-01-01",
];
const heads = ["", "---\n", "--- # c\n", "---\n---\n", "...\n", "...\n---\n", "%YAML 1.2\n---\n", "%YAML 1.1\n---\n", "%YAML 2.0\n---\n", "%YAML 1.2\n", "%TAG ! tag:x,2000:\n---\n", "%FOO bar\n---\n", "%YAML 1.2\n%YAML 1.2\n---\n", "# c\n", "#c\n\n", "\n\n", " \n", "\t\n", "\ufeff", "\ufeff---\n", "\ufeff\ufeff", "--- \n",
  "---\t\n", "----\n", "--- !!map\n", "--- &a\n", "--- |\n", "  # c\n", "\t# c\n", "- a\n", "a\n", "{}\n", "x: &x [1]\n", "!!map\n", "\u0000", "\u0008", "%", "% \n---\n", "--\n"];
const tails = ["", "...\n", "... # c\n", "---\n", "--- \n", "---\na: b\n", "...\n---\n", "...\n...\n", "# c\n", "# c", "\n\n\n", "\t\n", "  \n", "  x: y\n", "x\n", "}\n", "- a\n", "...a\n", "... a\n", "...\n# c\n", "...\na: b\n", "\u0000", "\ufeff", "%x\n", "\t# c\n", "? a\n", "? a\n: b\n", ": b\n", "a:b\n", "\"a\": b\n", "<<: {a: b}\n", "1: 2\n", "~: 2\n", "true: 2\n", "[a]: b\n", "{a: b}: c\n", "&a a: b\n", "!!str a: b\n", "*a : b\n"];

function* writtenInEveryWay() {
  const full = write(base());
  for (const scalar of scalars) {
    yield { name: `env ${JSON.stringify(scalar)}`, text: full.replace("env:\n      - A=1\n      - B", `env:${scalar.startsWith("\n") ? scalar : ` ${scalar.trimStart()}`}`), newer: false };
  }
  for (const head of heads) yield { name: `head ${JSON.stringify(head)}`, text: head + full, newer: false };
  for (const tail of tails) yield { name: `tail ${JSON.stringify(tail)}`, text: full + tail, newer: false };
  yield { name: "CRLF", text: full.replaceAll("\n", "\r\n"), newer: false };
  yield { name: "CR", text: full.replaceAll("\n", "\r"), newer: false };
  yield { name: "no end of line", text: full.trimEnd(), newer: false };
  for (const [name, text] of [["nothing", ""], ["blank", " \n"], ["comment", "# c\n"], ["marker", "---\n"], ["end", "...\n"], ["null", "~\n"], ["text", "a\n"], ["number", "5\n"], ["list", "[]\n"], ["map", "{}\n"], ["list of maps", "- a: b\n"]]) {
    yield { name: `only ${name}`, text, newer: false };
  }
  yield { name: "flow", text: JSON.stringify(JSON.parse('{"version":"2.1","services":{"web":{"image":"x"}},"profiles":{"compute":{"web":{"resources":{"cpu":{"units":1},"memory":{"size":"1Gi"},"storage":{"size":"1Gi"}}}},"placement":{"p":{"pricing":{"web":{"denom":"uact","amount":1}}}}},"deployment":{"web":{"p":{"profile":"web","count":1}}}}')), newer: false };
}

const pieces = [" ", "  ", "\t", "\n", ":", ": ", "-", "- ", "#", " #", "\"", "'", "[", "]", "{", "}", ",", "&a ", "*a", "!", "!!str ", "|", ">", "%", "@", "`", "?", "? ", "~", "0", "-1", "é", "\\", "...", "---", "\n---\n", "\n...\n", "\r", "<<", "null", "\u00a0", "\ufeff", "=", "\"\"", "''", "{}", "[]"];
function damaged(text, r) {
  let out = text;
  for (let i = r.below(2); i >= 0; --i) {
    const spot = r.below(out.length);
    const rows = out.split("\n");
    const row = r.below(rows.length);
    switch (r.below(9)) {
      case 0: out = out.slice(0, spot) + out.slice(spot + 1); break;
      case 1: out = out.slice(0, spot) + r.pick(pieces) + out.slice(spot); break;
      case 2: out = out.slice(0, spot) + r.pick(pieces) + out.slice(spot + 1 + r.below(3)); break;
      case 3: rows.splice(row, 1); out = rows.join("\n"); break;
      case 4: rows.splice(row, 0, rows[r.below(rows.length)]); out = rows.join("\n"); break;
      case 5: rows[row] = ` ${rows[row]}`; out = rows.join("\n"); break;
      case 6: rows[row] = rows[row].slice(1); out = rows.join("\n"); break;
      case 7: rows[row] = rows[row].replace(/(: |- )(.*)$/, (_, a, b) => `${a}${r.pick([`"${b}"`, `'${b}'`, `[${b}]`, `{${b}}`, `\n  ${b}`, `&a ${b}`, `>\n            ${b}`, `|\n            ${b}`, `!!str ${b}`])}`); out = rows.join("\n"); break;
      default: rows[row] += r.pick([" ", "\t", " # c", "#c", ":", ",", "\r", " |", " >-", " x"]); out = rows.join("\n");
    }
  }
  return out;
}
function* damagedFiles(count) {
  const sources = [write(base()), write(plain()), write(composed(random(7))), write(composed(random(8)))];
  for (let i = 0; i < count; ++i) {
    const r = random(50000 + i);
    yield { name: `damaged ${i}`, text: damaged(r.pick(sources), r), newer: false };
  }
}

export function generate({ composedCount = 400, damagedCount = 1500 } = {}) {
  return [...everyFieldWithEveryValue(), ...everyUnitAndBoundary(), ...composedFiles(composedCount), ...writtenInEveryWay(), ...damagedFiles(damagedCount)];
}
