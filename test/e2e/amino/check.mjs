// check.mjs TOOL DESCRIPTORS SEED: our amino documents against @cosmjs/amino's, over random values of every message.
// Prints ok / not ok lines.
import { spawnSync } from "node:child_process";
import { makeSignDoc, serializeSignDoc } from "@cosmjs/amino";
import { makeAuthInfoBytes } from "@cosmjs/proto-signing";
import { AminoTypes, createDefaultAminoConverters } from "@cosmjs/stargate";
import { create, toBinary } from "@bufbuild/protobuf";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";
import { SignMode } from "cosmjs-types/cosmos/tx/signing/v1beta1/signing";
import { forCosmjs, readContract } from "./contract.mjs";

const [tool, descriptors, seedText] = process.argv.slice(2);
const perMessage = 600;
const contract = readContract(descriptors);
// cosmjs-types 0.11 writes numbers from 2^31 to 2^32 wrongly (a varint with zeros), so the body is written by another.
const bodySchema = contract.getMessage("cosmos.tx.v1beta1.TxBody");
const sendUrl = "/cosmos.bank.v1beta1.MsgSend";

// xorshift: the same values for the same seed everywhere.
let state = BigInt(seedText) || 1n;
function bits64() {
  state ^= (state << 13n) & 0xffffffffffffffffn;
  state ^= state >> 7n;
  state ^= (state << 17n) & 0xffffffffffffffffn;
  return state;
}
const below = (n) => Number(bits64() % BigInt(n));
const pick = (list) => list[below(list.length)];
const list = (most, make) => Array.from({ length: below(most + 1) }, make);

const edges = [0n, 1n, 9007199254740991n, 9007199254740993n, 9223372036854775808n, 18446744073709551615n];
const number64 = () => (below(2) ? pick(edges) : bits64() >> BigInt(below(64)));
const number32 = () => (below(2) ? pick([0, 1, 2147483648, 4294967295]) : below(4294967296));
const bytes = () => new Uint8Array(list(40, () => below(256)));
const characters = ["a", "Z", "0", " ", '"', "\\", "/", "&", "<", ">", "'", "{", "\b", "\f", "\n", "\r", "\t", "\0", "\u0001", "\u001f", "\u007f"];
const ranges = [[0x20, 0x7f], [0x80, 0x800], [0x2020, 0x2030], [0x800, 0xd800], [0xe000, 0x10000], [0x10000, 0x110000]];
function character() {
  if (below(2)) return pick(characters);
  const [from, to] = pick(ranges);
  return String.fromCodePoint(from + below(to - from));
}
const text = (most = 24) => list(most, character).join("");

function scalar(kind) {
  // ScalarType of descriptors: 4 uint64, 13 uint32, 8 bool, 9 string, 12 bytes. What is not here is not in our messages.
  const make = { 4: number64, 13: number32, 8: () => below(2) === 1, 9: text, 12: bytes }[kind];
  if (!make) throw new Error(`the contract has a scalar of kind ${kind}, which this check does not make yet`);
  return make();
}

// Zero is not a value of an enumeration that calls it UNSPECIFIED, except where a message may leave it out.
const enumeration = (field) => pick(field.enum.values.filter((value) => value.number !== 0)).number;

function random(schema) {
  const value = {};
  for (const field of schema.fields) {
    if (field.fieldKind === "list") {
      const one = { scalar: () => scalar(field.scalar), enum: () => enumeration(field), message: () => random(field.message) };
      value[field.localName] = list(3, one[field.listKind]);
    } else if (field.fieldKind === "message") {
      const part = random(field.message);
      // A part with nothing in it is left out: the ledger refuses it written out.
      if (toBinary(field.message, part).length > 0) value[field.localName] = part;
    } else if (field.fieldKind === "enum") {
      value[field.localName] = enumeration(field);
    } else if (below(4) > 0) {
      value[field.localName] = scalar(field.scalar);
    }
  }
  return create(schema, value);
}

const randomSend = () => ({
  fromAddress: text() || "from", // CosmJS's own converter writes an empty one out; the ledger refuses it in any case
  toAddress: text() || "to",
  amount: list(3, () => ({ denom: text(8) || "x", amount: String(number64()) })),
});

const names = spawnSync(tool, ["--names"], { encoding: "utf8" }).stdout.trim().split("\n").map((line) => line.split(" "));
const ours = names.filter(([typeUrl]) => typeUrl !== sendUrl);
const { types, converters } = forCosmjs(contract, ours);
const codecs = new Map(types);
const amino = new AminoTypes({ ...createDefaultAminoConverters(), ...converters });
let failed = 0;
function say(name, problem) {
  failed += problem ? 1 : 0;
  console.log(problem ? `not ok amino: ${name}: ${problem}` : `ok amino: ${name}`);
}

const published = [...contract]
  .filter((type) => type.kind === "message" && type.name.startsWith("Msg") && !type.name.endsWith("Response"))
  .map((type) => `/${type.typeName}`);
const missing = published.filter((typeUrl) => !names.some(([known]) => known === typeUrl));
const extra = names.filter(([typeUrl]) => !published.includes(typeUrl));
say(`the contract and the ledger name the same ${names.length} messages`, [...missing, ...extra].join(" "));
const long = names.filter(([, name]) => name.length >= 40);
say("every name is shorter than 40 characters", long.join(" "));

function message(typeUrl) {
  const value = typeUrl === sendUrl ? randomSend() : random(contract.getMessage(typeUrl.slice(1)));
  const wire = typeUrl === sendUrl ? MsgSend.encode(MsgSend.fromPartial(value)).finish() : codecs.get(typeUrl).encode(value).finish();
  return { typeUrl, value, wire };
}

const publicKey = { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value: new Uint8Array([10, 33, 2, ...new Array(32).fill(7)]) };

// One transaction that begins with a message of this type: the line for our tool and CosmJS's document.
function transaction(typeUrl) {
  const messages = [message(typeUrl), ...list(3, () => message(pick(names)[0]))];
  const fee = { amount: list(2, () => ({ denom: text(8) || "x", amount: String(number64()) })), gas: String(below(1e15)) };
  if (below(3) === 0) fee.payer = text() || "payer";
  let memo = text(60);
  while (Buffer.byteLength(memo) > 256) memo = memo.slice(0, -2).replace(/[\ud800-\udbff]$/, "");
  const [chainId, accountNumber, sequence] = [text(10) || "c", below(1e15), below(1e15)];
  const timeoutHeight = below(2) ? number64() : 0n;
  const body = { messages: messages.map(({ typeUrl: url, wire }) => ({ typeUrl: url, value: wire })), memo, timeoutHeight };
  const raw = TxRaw.encode({
    bodyBytes: toBinary(bodySchema, create(bodySchema, body)),
    authInfoBytes: makeAuthInfoBytes([{ pubkey: publicKey, sequence }], fee.amount, Number(fee.gas), undefined, fee.payer, SignMode.SIGN_MODE_LEGACY_AMINO_JSON),
    signatures: [new Uint8Array(64)],
  }).finish();
  const document = makeSignDoc(messages.map((each) => amino.toAmino(each)), fee, chainId, memo, accountNumber, sequence, timeoutHeight || undefined);
  return {
    messages,
    line: `${accountNumber} ${Buffer.from(chainId).toString("hex")} ${Buffer.from(raw).toString("hex")}`,
    theirs: Buffer.from(serializeSignDoc(document)).toString(),
  };
}

for (const [typeUrl, name] of names) {
  const made = Array.from({ length: perMessage }, () => transaction(typeUrl));
  const answer = spawnSync(tool, [], { input: made.map((each) => each.line).join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 28 });
  const lines = answer.stdout.split("\n");
  const wrong = made.findIndex((each, i) => each.theirs !== lines[i]);
  if (wrong >= 0 && failed === 0) console.error(`transaction ${made[wrong].line}\ntheirs ${made[wrong].theirs}\nours   ${lines[wrong]}`);
  say(`${name}: ${perMessage} random documents are CosmJS's byte for byte`, wrong < 0 ? "" : `document ${wrong} of seed ${seedText} differs`);
}

// Nothing is lost: each document gives back the bytes of its messages, so no two transactions share one.
function readBack(message, { type, value }) {
  const again = amino.fromAmino({ type, value });
  const wire = again.typeUrl === sendUrl ? MsgSend.encode(again.value).finish() : codecs.get(again.typeUrl).encode(again.value).finish();
  return again.typeUrl === message.typeUrl && Buffer.compare(wire, message.wire) === 0;
}
const all = names.flatMap(([typeUrl]) => Array.from({ length: 50 }, () => transaction(typeUrl)));
const documents = spawnSync(tool, [], { input: all.map((each) => each.line).join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 28 }).stdout.split("\n");
const lost = all.findIndex((each, i) => !JSON.parse(documents[i]).msgs.every((one, k) => readBack(each.messages[k], one)));
say(`${all.length} documents give back the bytes of their messages`, lost < 0 ? "" : `document ${lost} of seed ${seedText}: ${documents[lost]}`);
process.exit(failed === 0 ? 0 : 1);
