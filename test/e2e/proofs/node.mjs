// node.mjs: a node's JSON-RPC over HTTP, in batches, and a transfer that waits for its block.
import { Registry, makeSignDoc, makeAuthInfoBytes, encodePubkey } from "@cosmjs/proto-signing";
import { encodeSecp256k1Pubkey } from "@cosmjs/amino";
import { fromBase64 } from "@cosmjs/encoding";
import { defaultRegistryTypes } from "@cosmjs/stargate";
import { TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";
import { chainId, sender, wallet } from "./world.mjs";

const url = process.argv[2];
const batchSize = 100;

async function post(body) {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return answer.json();
}
export async function call(method, params = {}) {
  const answer = await post({ jsonrpc: "2.0", id: 1, method, params });
  if (answer.error) throw new Error(`${method}: ${answer.error.message}: ${answer.error.data}`);
  return answer.result;
}
export const refusal = async (method, params) => (await post({ jsonrpc: "2.0", id: 1, method, params })).error;

const query = (key, height) => ({ path: "/store/state/key", data: key.toString("hex"), height: String(height), prove: true });
export const queryOne = async (key, height) => (await call("abci_query", query(key, height))).response;
// The answers to many keys at one height, in their order.
export async function queryMany(keys, height) {
  const out = [];
  for (let from = 0; from < keys.length; from += batchSize) {
    const part = keys.slice(from, from + batchSize);
    const calls = part.map((key, id) => ({ jsonrpc: "2.0", id, method: "abci_query", params: query(key, height) }));
    for (const answer of await post(calls)) out.push(answer.result.response);
  }
  return out;
}
export const latest = async () => Number((await call("status")).sync_info.latest_block_height);
export const rootAfter = async (height) => Buffer.from((await call("block_results", { height: String(height) })).app_hash, "base64");
export const rootInHeader = async (height) => Buffer.from((await call("block", { height: String(height) })).block.header.app_hash, "hex");

const registry = new Registry(defaultRegistryTypes);
const publicKey = encodePubkey(encodeSecp256k1Pubkey(sender.pubkey));
// Sends one ucredit and answers the height that has it.
export async function transfer(recipient, accountNumber, sequence) {
  const message = { fromAddress: sender.address, toAddress: recipient, amount: [{ denom: "ucredit", amount: "1" }] };
  const body = { messages: [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: message }], memo: "" };
  const bodyBytes = registry.encode({ typeUrl: "/cosmos.tx.v1beta1.TxBody", value: body });
  const fee = [{ denom: "ucredit", amount: "1000" }];
  const authInfoBytes = makeAuthInfoBytes([{ pubkey: publicKey, sequence }], fee, 200_000, undefined, undefined);
  const document = makeSignDoc(bodyBytes, authInfoBytes, chainId, accountNumber);
  const { signature } = await wallet.signDirect(sender.address, document);
  const raw = TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [fromBase64(signature.signature)] }).finish();
  const done = await call("broadcast_tx_commit", { tx: Buffer.from(raw).toString("base64") });
  if (done.check_tx.code !== 0 || done.tx_result.code !== 0) throw new Error(done.check_tx.log || done.tx_result.log);
  return Number(done.height);
}
