// tamper.mjs: what a liar could do to a proof: each function answers cases that every verifier must refuse.
import { ics23 } from "@confio/ics23";

const { CommitmentProof } = ics23;
const encode = (proof) => Buffer.from(CommitmentProof.encode(proof).finish());
const copy = (bytes) => CommitmentProof.decode(bytes);
const flipped = (bytes, at = 0) => {
  const out = Buffer.from(bytes);
  out[at] ^= 1;
  return out;
};
const side = (step) => (step.suffix?.length ? "suffix" : "prefix");

// Changes to a proof of existence that keep it a proof of existence.
const existence = {
  "a byte of the proof's value": (p) => { p.value = flipped(p.value, p.value.length - 1); },
  "a byte of the proof's key": (p) => { p.key = flipped(p.key, p.key.length - 1); },
  "no leaf operation": (p) => { p.leaf = null; },
  "another leaf prefix": (p) => { p.leaf.prefix = Buffer.from([1]); },
  "a longer leaf prefix": (p) => { p.leaf.prefix = Buffer.from([0, 0]); },
  "an empty leaf prefix": (p) => { p.leaf.prefix = Buffer.alloc(0); },
  "the leaf hashed by SHA-512": (p) => { p.leaf.hash = ics23.HashOp.SHA512; },
  "the key hashed first": (p) => { p.leaf.prehashKey = ics23.HashOp.SHA256; },
  "the value not hashed first": (p) => { p.leaf.prehashValue = ics23.HashOp.NO_HASH; },
  "no lengths in the leaf": (p) => { p.leaf.length = ics23.LengthOp.NO_PREFIX; },
  "the first byte of an inner prefix": (p) => { p.path[0].prefix = flipped(p.path[0].prefix); },
  "a leaf's prefix on an inner node": (p) => { p.path.at(-1).prefix = Buffer.concat([Buffer.from([0]), p.path.at(-1).prefix.slice(1)]); },
  "an inner node hashed by SHA-512": (p) => { p.path[0].hash = ics23.HashOp.SHA512; },
  "a byte of the sibling next to the leaf": (p) => { const s = p.path[0]; s[side(s)] = flipped(s[side(s)], s[side(s)].length - 1); },
  "a byte of the sibling below the root": (p) => { const s = p.path.at(-1); s[side(s)] = flipped(s[side(s)], s[side(s)].length - 1); },
  "a sibling on the other side": (p) => {
    const s = p.path[0];
    const right = side(s) === "suffix";
    p.path[0] = { hash: s.hash, prefix: right ? Buffer.concat([s.prefix, s.suffix]) : s.prefix.slice(0, 1), suffix: right ? Buffer.alloc(0) : s.prefix.slice(1) };
  },
  "a suffix longer by one hash": (p) => { p.path[0].suffix = Buffer.concat([p.path[0].suffix ?? Buffer.alloc(0), Buffer.alloc(32)]); },
  "a prefix longer by one byte": (p) => { p.path[0].prefix = Buffer.concat([p.path[0].prefix, Buffer.alloc(1)]); },
  "two steps in the wrong order": (p) => { [p.path[0], p.path[1]] = [p.path[1], p.path[0]]; },
  "the path from root to leaf": (p) => { p.path.reverse(); },
  "the first step left out": (p) => { p.path.shift(); },
  "the last step left out": (p) => { p.path.pop(); },
  "no path": (p) => { p.path = []; },
  "a step twice": (p) => { p.path.splice(1, 0, p.path[0]); },
};

const change = (item, part, changes) => {
  const proof = copy(item.proof);
  changes(part(proof));
  return encode(proof);
};

// `item` and `other` are honest proofs of existence at one height; `elsewhere` is the root of another height.
export function ofExistence(item, other, elsewhere, absent) {
  const lie = (name, fields) => ({ ...item, group: `existence: ${name}`, ok: false, ...fields });
  const out = Object.entries(existence).map(([name, changes]) => lie(name, { proof: change(item, (p) => p.exist, changes) }));
  const key = flipped(item.key, item.key.length - 1);
  const value = flipped(item.value, item.value.length - 1);
  out.push(lie("another key asked for", { key }));
  out.push(lie("another key in question and proof", { key, proof: change(item, (p) => p.exist, (p) => { p.key = key; }) }));
  out.push(lie("another value asked for", { value }));
  out.push(lie("another value in question and proof", { value, proof: change(item, (p) => p.exist, (p) => { p.value = value; }) }));
  out.push(lie("the value of another key", { value: other.value.equals(item.value) ? value : other.value }));
  out.push(lie("the proof of another key", { proof: other.proof }));
  out.push(lie("a proof of absence", { proof: absent.proof }));
  out.push(lie("another root", { root: flipped(item.root, 31) }));
  out.push(lie("the root of another height", { root: elsewhere }));
  out.push(lie("shown as absence", { kind: "absent" }));
  out.push(lie("shown as the absence of a neighbour's key", { kind: "absent", key }));
  out.push(lie("cut short", { proof: item.proof.subarray(0, item.proof.length - 7) }));
  out.push(lie("nothing", { proof: Buffer.alloc(0) }));
  return out;
}

// `item` is an honest proof of absence with both neighbours; `far` is an honest proof of a key that is not one of them.
export function ofAbsence(item, far, elsewhere) {
  const lie = (name, fields) => ({ ...item, group: `absence: ${name}`, ok: false, ...fields });
  const nonexist = (changes) => ({ proof: change(item, (p) => p.nonexist, changes) });
  const honest = copy(item.proof).nonexist;
  const stranger = copy(far.proof).exist;
  const isLeft = Buffer.compare(Buffer.from(stranger.key), item.key) < 0;
  const out = [
    lie("neighbours swapped", nonexist((p) => { [p.left, p.right] = [p.right, p.left]; })),
    lie("no left neighbour", nonexist((p) => { p.left = null; })),
    lie("no right neighbour", nonexist((p) => { p.right = null; })),
    lie("no neighbour", nonexist((p) => { p.left = null; p.right = null; })),
    lie("one neighbour on both sides", nonexist((p) => { p.right = p.left; })),
    lie("a neighbour from farther away", nonexist((p) => { p[isLeft ? "left" : "right"] = stranger; })),
    lie("asked for the left neighbour", { key: Buffer.from(honest.left.key) }),
    lie("asked for the right neighbour", { key: Buffer.from(honest.right.key) }),
    lie("asked for a key before the left neighbour", { key: Buffer.from([0]) }),
    lie("asked for a key after the right neighbour", { key: Buffer.from([255]) }),
    lie("another root", { root: flipped(item.root) }),
    lie("the root of another height", { root: elsewhere }),
    lie("shown as existence", { kind: "exist", value: Buffer.from(honest.left.value) }),
    lie("shown as existence of nothing", { kind: "exist", value: Buffer.alloc(0) }),
    lie("the left neighbour's proof as existence", { kind: "exist", value: Buffer.from(honest.left.value), proof: encode({ exist: honest.left }) }),
  ];
  for (const neighbour of ["left", "right"]) {
    for (const [name, changes] of Object.entries(existence)) {
      out.push(lie(`${neighbour} neighbour: ${name}`, nonexist((p) => changes(p[neighbour]))));
    }
  }
  return out;
}

// npm's decoder goes by field numbers and overlooks a wrong wire type; such a proof says what it said before.
const saysTheSame = (proof, honest) => {
  try {
    return encode(copy(proof)).equals(honest);
  } catch {
    return false;
  }
};

// Every proof with one bit turned, somewhere. The key inside a proof of absence is not looked at by verifiers: left alone.
export function bitFlips(items, random) {
  return items.map((item) => {
    const from = item.kind === "absent" ? item.proof.indexOf(item.key) + item.key.length : 0;
    let proof;
    do {
      proof = Buffer.from(item.proof);
      proof[from + (random() % (proof.length - from))] ^= 1 << (random() % 8);
    } while (saysTheSame(proof, item.proof));
    return { ...item, proof, ok: false, group: "any one bit turned" };
  });
}
