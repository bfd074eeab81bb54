// verify.mjs FILE SPEC: what npm's @confio/ics23 says to the cases of collect.mjs, told the spec that the node publishes. Prints ok / not ok lines.
import { readFileSync } from "node:fs";
import { ics23, tendermintSpec, verifyMembership, verifyNonMembership } from "@confio/ics23";

// protobuf's JSON with snake case, as ics23.ProofSpec.
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const renamed = (json) =>
  json === null || typeof json !== "object" || Array.isArray(json)
    ? json
    : Object.fromEntries(Object.entries(json).map(([name, value]) => [camel(name), renamed(value)]));
const spec = ics23.ProofSpec.fromObject(renamed(JSON.parse(readFileSync(process.argv[3], "utf8"))));
const plain = (value) => JSON.stringify(ics23.ProofSpec.toObject(ics23.ProofSpec.fromObject(value), { defaults: true, bytes: String }));

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
function accepts({ kind, root, key, value, proof }) {
  try {
    const decoded = ics23.CommitmentProof.decode(bytes(proof));
    return kind === "exist"
      ? verifyMembership(decoded, spec, bytes(root), bytes(key), bytes(value))
      : verifyNonMembership(decoded, spec, bytes(root), bytes(key));
  } catch {
    return false; // it does not even decode
  }
}

const count = { true: 0, false: 0 };
const wrong = [];
for (const line of readFileSync(process.argv[2], "utf8").trimEnd().split("\n")) {
  const item = JSON.parse(line);
  count[item.ok] += 1;
  if (accepts(item) !== item.ok) wrong.push(`${item.group} (key ${item.key.slice(0, 50)})`);
}
const name = "npm @confio/ics23";
if (count.true < 2000 || count.false < 500) wrong.push(`there are only ${count.true} proofs and ${count.false} lies`);
if (plain(spec) !== plain(tendermintSpec)) wrong.push("the node's spec is not Tendermint's");
if (wrong.length === 0) console.log(`ok proofs: ${name}: ${count.true} proofs accepted, ${count.false} lies refused`);
for (const each of wrong.slice(0, 5)) console.log(`not ok proofs: ${name}: ${each}`);
process.exit(wrong.length === 0 ? 0 : 1);
