// strict.mjs: reads protobuf's JSON as a strict reader would, by the schemas of cosmjs-types: no field unknown, none missing, every value
// in the one form that the mapping has for its type.
import assert from "node:assert/strict";
import { PubKey as Ed25519Key } from "cosmjs-types/cosmos/crypto/ed25519/keys";
import { BaseAccount } from "cosmjs-types/cosmos/auth/v1beta1/auth";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx";
import { PubKey } from "cosmjs-types/cosmos/crypto/secp256k1/keys";
import { Tx } from "cosmjs-types/cosmos/tx/v1beta1/tx";

const known = new Map([Ed25519Key, BaseAccount, MsgSend, PubKey, Tx].map((type) => [type.typeUrl, type]));
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// An Any's JSON has its fields beside "@type"; cosmjs-types wants its bytes. Messages of our own are collected: contract.py reads them.
export const ours = [];
function prepare(json) {
  if (Array.isArray(json)) return json.map(prepare);
  if (json === null || typeof json !== "object") return json;
  if ("@type" in json) {
    const { "@type": typeUrl, ...fields } = json;
    const type = known.get(typeUrl);
    if (!type) {
      ours.push(json);
      return { typeUrl, value: "" };
    }
    const value = Buffer.from(type.encode(strict(type, fields)).finish()).toString("base64");
    return { typeUrl, value };
  }
  const out = {};
  for (const [name, value] of Object.entries(json)) {
    assert.equal(snake(camel(name)), name, `${name} is in snake case`);
    out[camel(name)] = prepare(value);
  }
  return out;
}

// What cosmjs-types leaves undefined, Cosmos' gateway writes as null, and so the key after the last page; times differ in their digits.
function same(given, back, path) {
  if (given === null) return assert.equal(path.endsWith(".nextKey") ? back || undefined : back, undefined, `${path}: null is only for what is not set`);
  if (Array.isArray(given)) {
    assert.equal(given.length, back?.length, `${path}: length`);
    return given.forEach((each, index) => same(each, back[index], `${path}[${index}]`));
  }
  if (typeof given !== "object") {
    const isTime = typeof given === "string" && /^\d{4}-\d\d-\d\dT/.test(given) && given !== back;
    return isTime ? assert.equal(Date.parse(given), Date.parse(back), path) : assert.strictEqual(given, back, path);
  }
  if ("typeUrl" in given) return assert.equal(given.typeUrl, back?.typeUrl, path);
  for (const name of Object.keys(given)) {
    if (given[name] !== null) assert.ok(back && name in back, `${path}.${name}: the schema has no such field`);
    same(given[name], back?.[name], `${path}.${name}`);
  }
  for (const name of Object.keys(back)) assert.ok(name in given, `${path}.${name} is missing`);
}

// The value, decoded; fails where the JSON is not exactly what the type's JSON is.
export function strict(type, json) {
  const prepared = prepare(json);
  const value = type.fromJSON(prepared);
  same(prepared, type.toJSON(value), type.typeUrl.split(".").at(-1));
  return value;
}
