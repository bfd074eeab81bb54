// collect.mjs URL FILE SPEC: fills a chain, collects proofs at several of its last 128 heights, and writes them with lies about them, one
// JSON object a line, for verifiers of other people: {group, kind, root, key, value, proof, ok}, bytes in hex; the
// published spec goes to SPEC. Prints ok / not ok lines.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { ics23 } from "@confio/ics23";
import { call, latest, queryMany, queryOne, refusal, rootAfter, rootInHeader, transfer } from "./node.mjs";
import { bitFlips, ofAbsence, ofExistence } from "./tamper.mjs";
import {
  accountKey, accountRecord, address, balanceKey, balanceRecord, bytesOf, holders, leaseKey, records, supplyKey, text,
} from "./world.mjs";

const kept = 128;
const moves = 135;
let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`ok proofs: ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`not ok proofs: ${name}: ${String(problem?.message ?? problem).split("\n")[0]}`);
    console.error(problem);
  }
}
let state = 7n;
function random() {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number(state >> 40n);
}

// Each move makes an account that was not there at the height before.
const newcomer = (index) => address(`newcomer ${index}`);
const arrivals = [];
for (let index = 0; index < moves; index += 1) {
  arrivals.push(await transfer(text(newcomer(index)), holders + 1, index));
}
const tip = await latest();
const oldest = tip - kept + 1;
const main = tip - 1;
const heights = [oldest, oldest + 41, tip - 17, tip];

const present = new Map(records().map(([key, value]) => [key.toString("hex"), value]));
function absentKeys(count) {
  const keys = [
    bytesOf([0]), bytesOf([0, 0]), Buffer.alloc(32), bytesOf([0, 0, 255]), bytesOf([1]), bytesOf([1, 0]), bytesOf([1, 1]), bytesOf([2]),
    bytesOf([3]), bytesOf([4, 1]), leaseKey(1), bytesOf([5, 4]), bytesOf([255]), Buffer.alloc(100, 255), bytesOf([6, 0]), Buffer.alloc(1024, 1),
    supplyKey("uother"), bytesOf(supplyKey("ulet"), [0]), bytesOf([0, 1, 0]), bytesOf([0, 2, 0, 0]),
  ];
  for (let index = 0; keys.length < count; index += 1) {
    const raw = address(`holder ${index % holders}`);
    const key = index % 2 ? balanceKey(raw, "ucredit") : accountKey(raw);
    const last = key[key.length - 1];
    keys.push(accountKey(address(`stranger ${index}`)), balanceKey(address(`stranger ${index}`), "ulet"));
    keys.push(bytesOf(key, [0]), bytesOf(key, Buffer.alloc(1 + (index % 9))), bytesOf(key, [1 + (index % 255)]), bytesOf(key, Buffer.alloc(40, 255)));
    keys.push(key.subarray(0, 1 + (random() % (key.length - 1))), key.subarray(0, key.length - 1));
    keys.push(bytesOf(key.subarray(0, -1), [(last + 1) % 256]), bytesOf(key.subarray(0, -1), [(last + 255) % 256]));
  }
  const distinct = new Map(keys.map((key) => [key.toString("hex"), key]));
  return [...distinct].filter(([hex]) => !present.has(hex)).map(([, key]) => key);
}
const everyFew = (list, count) => list.filter((_, index) => index % Math.ceil(list.length / count) === 0);

const cases = [];
// Asks for keys at a height; what the node answers must be what we know, in the shape that proof operations have.
async function collect(group, height, pairs) {
  const root = await rootAfter(height);
  const answers = await queryMany(pairs.map(([key]) => key), height);
  return answers.map((answer, index) => {
    const [key, value] = pairs[index];
    assert.equal(answer.code, 0, answer.log);
    assert.equal(answer.height, String(height));
    assert.deepEqual(Buffer.from(answer.key, "base64"), key);
    assert.equal(Buffer.from(answer.value ?? "", "base64").toString("hex"), value.toString("hex"), `value of ${key.toString("hex")}`);
    assert.equal(answer.proofOps.ops.length, 1);
    const [operation] = answer.proofOps.ops;
    assert.equal(operation.type, "ics23:simple");
    assert.deepEqual(Buffer.from(operation.key, "base64"), key);
    const proof = Buffer.from(operation.data, "base64");
    assert.deepEqual(Buffer.from(ics23.CommitmentProof.encode(ics23.CommitmentProof.decode(proof)).finish()), proof, "canonical");
    return { group, kind: value.length ? "exist" : "absent", root, key, value, proof, ok: true };
  });
}
const none = Buffer.alloc(0);
const asAbsent = (keys) => keys.map((key) => [key, none]);
const pairs = [...present].map(([hex, value]) => [Buffer.from(hex, "hex"), value]);
let exist = [];
let absent = [];

await check(`a node proves ${pairs.length} keys of a genesis at height ${main} of ${tip}, their values as the spec writes them`, async () => {
  exist = await collect("existence", main, pairs);
  cases.push(...exist);
});
const strangers = absentKeys(1500);
await check(`a node proves the absence of ${strangers.length} keys there: before all, after all, between, prefixes, extensions`, async () => {
  absent = await collect("absence", main, asAbsent(strangers));
  cases.push(...absent);
});
await check(`existence and absence at heights ${heights.join(", ")}`, async () => {
  for (const height of heights) {
    cases.push(...(await collect(`existence at ${height}`, height, everyFew(pairs, 150))));
    cases.push(...(await collect(`absence at ${height}`, height, asAbsent(everyFew(strangers, 150)))));
  }
});
await check("the app hash of a block is in the next block's header", async () => {
  for (const height of [oldest, main]) assert.deepEqual(await rootAfter(height), await rootInHeader(height + 1));
});
await check("an account is proved absent at the height before its first money, present from then on", async () => {
  for (const index of [moves - 100, moves - 40, moves - 1]) {
    const key = accountKey(newcomer(index));
    const value = accountRecord(newcomer(index), holders + 2 + index);
    cases.push(...(await collect("absence before the first money", arrivals[index] - 1, [[key, none]])));
    cases.push(...(await collect("existence from the first money on", arrivals[index], [[key, value], [balanceKey(newcomer(index), "ucredit"), balanceRecord(1)]])));
  }
});
await check("pruned and future heights, no key, a huge key and a height that is no number are refused with words", async () => {
  const key = pairs[0][0];
  for (const [answer, says] of [
    [await queryOne(key, oldest - 1), `height ${oldest - 1} can no longer be queried; the oldest is ${oldest}`],
    [await queryOne(key, 1), "can no longer be queried"],
    [await queryOne(key, tip + 1), `height ${tip + 1} is not there yet; the last is ${tip}`],
    [await queryOne(none, tip), "expected a key"],
    [await queryOne(Buffer.alloc(1025, 1), tip), "at most 1024 bytes"],
  ]) {
    assert.notEqual(answer.code, 0);
    assert.ok(answer.log.includes(says), answer.log);
    assert.equal(answer.proofOps, null);
    assert.equal(answer.value, "");
  }
  for (const height of ["-1", "x", "99999999999999999999"]) {
    assert.equal((await refusal("abci_query", { path: "/store/state/key", data: "0001", height, prove: true })).code, -32602, height);
  }
  assert.equal((await queryOne(key, 0)).height, String(tip), "0 is the newest height");
});
await check("a query that has no proof says so", async () => {
  const { response } = await call("abci_query", { path: "/sublet.ledger.v1.Query/Status", data: "", prove: true });
  assert.equal(response.code, 0);
  assert.equal(response.proofOps, null);
  assert.match(response.log, /no proof/);
});
await check("lies about 24 of these proofs are written down, and hundreds of proofs with one bit turned", async () => {
  const elsewhere = await rootAfter(oldest);
  const between = absent.filter((item) => {
    const { nonexist } = ics23.CommitmentProof.decode(item.proof);
    return nonexist.left && nonexist.right && nonexist.left.path.length > 2 && nonexist.right.path.length > 2;
  });
  for (let index = 0; index < 12; index += 1) {
    const item = exist[random() % exist.length];
    let far = exist[random() % exist.length];
    while (far.key.equals(item.key)) far = exist[random() % exist.length];
    cases.push(...ofExistence(item, far, elsewhere, between[index]));
    const gap = between[random() % between.length];
    const { left, right } = ics23.CommitmentProof.decode(gap.proof).nonexist;
    while ([left.key, right.key].some((key) => far.key.equals(key))) far = exist[random() % exist.length];
    cases.push(...ofAbsence(gap, far, elsewhere));
  }
  cases.push(...bitFlips(everyFew(exist, 300), random), ...bitFlips(everyFew(absent, 300), random));
});

let spec = {};
await check("/v1/proof-spec says what verifiers must be told", async () => {
  const answer = await (await fetch(`${process.argv[2]}/v1/proof-spec`)).json();
  assert.equal(answer.query_path, "/store/state/key");
  assert.equal(answer.proof_type, "ics23:simple");
  assert.equal(answer.kept_heights, kept);
  spec = answer.spec;
});
writeFileSync(process.argv[4], JSON.stringify(spec));

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const line = ({ group, kind, root, key, value, proof, ok }) =>
  JSON.stringify({ group, kind, root: hex(root), key: hex(key), value: hex(value), proof: hex(proof), ok });
writeFileSync(process.argv[3], `${cases.map(line).join("\n")}\n`);
process.exit(failed === 0 ? 0 : 1);
