// world.mjs: what the chain of this test holds: keys and values of records, written from docs/spec alone. As a program it prints the genesis.
import { createHash } from "node:crypto";
import { toBech32 } from "@cosmjs/encoding";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";

export const chainId = "sublet-proofs-1";
export const holders = 1000;
export const rich = 1_000_000_000n;

// BIP-39's public test vector.
const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
export const wallet = await DirectSecp256k1HdWallet.fromMnemonic(words, { prefix: "sublet" });
export const [sender] = await wallet.getAccounts();

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
export const bytesOf = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
export const address = (name) => sha256(Buffer.from(name)).subarray(0, 20);
export const text = (raw) => toBech32("sublet", raw);

export const accountKey = (raw) => bytesOf([1, 1], raw);
export const balanceKey = (raw, denom) => bytesOf([2, 1], raw, Buffer.from(denom));
export const supplyKey = (denom) => bytesOf([2, 2], Buffer.from(denom));
export const leaseKey = (id) => bytesOf([5, 3, 0, 0, 0, 0, 0, 0, 0], [id]);

export function varint(number) {
  const out = [];
  for (let rest = BigInt(number); ; rest >>= 7n) {
    out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) return Buffer.from(out);
  }
}
// Balance{version 1, amount 2}; Account{version 1, address 2, number 4} of one that never signed.
export const balanceRecord = (amount) => bytesOf([8, 1, 16], varint(amount));
export const accountRecord = (raw, number) => bytesOf([8, 1, 18, 20], raw, [32], varint(number));

export const amountOf = (index) => 1000n + BigInt(index) * 977n;
export const hasLet = (index) => index % 5 === 0;

// Every record of the holders: [key, value].
export function records() {
  const out = [];
  for (let index = 0; index < holders; index += 1) {
    const raw = address(`holder ${index}`);
    out.push([accountKey(raw), accountRecord(raw, index + 1)]);
    out.push([balanceKey(raw, "ucredit"), balanceRecord(amountOf(index))]);
    if (hasLet(index)) out.push([balanceKey(raw, "ulet"), balanceRecord(3n)]);
  }
  return out;
}

if (process.argv[1]?.endsWith("world.mjs")) {
  const balances = [];
  for (let index = 0; index < holders; index += 1) {
    const owner = text(address(`holder ${index}`));
    balances.push({ address: owner, denom: "ucredit", amount: String(amountOf(index)) });
    if (hasLet(index)) balances.push({ address: owner, denom: "ulet", amount: "3" });
  }
  balances.push({ address: sender.address, denom: "ucredit", amount: String(rich) });
  console.log(JSON.stringify({ chain_id: chainId, time: "2026-01-01T00:00:00Z", params: {}, balances }));
}
