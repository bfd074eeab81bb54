// check.mjs URL PYTHON PROTO: a wallet that speaks REST alone: reads, simulates, signs, sends and finds, each answer read strictly.
// Prints ok / not ok lines.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { encodeSecp256k1Pubkey } from "@cosmjs/amino";
import { Registry, encodePubkey, makeAuthInfoBytes, makeSignDoc } from "@cosmjs/proto-signing";
import { defaultRegistryTypes } from "@cosmjs/stargate";
import { Bech32PrefixResponse, QueryAccountInfoResponse, QueryAccountResponse, QueryParamsResponse as AuthParams } from "cosmjs-types/cosmos/auth/v1beta1/query";
import * as bank from "cosmjs-types/cosmos/bank/v1beta1/query";
import { ConfigResponse, StatusResponse } from "cosmjs-types/cosmos/base/node/v1beta1/query";
import * as base from "cosmjs-types/cosmos/base/tendermint/v1beta1/query";
import * as service from "cosmjs-types/cosmos/tx/v1beta1/service";
import { AuthInfo, TxBody, TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";
import { ours, strict } from "./strict.mjs";
import { chainId, money, operator, owner, stranger, wallet } from "./world.mjs";

const [, , url, python, proto] = process.argv;
let failed = 0;
async function check(name, body) {
  try {
    await body();
    console.log(`ok cosmos_rest: ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`not ok cosmos_rest: ${name}: ${String(problem?.message ?? problem).split("\n")[0]}`);
    console.error(problem);
  }
}

async function ask(path, options = {}) {
  const answer = await fetch(`${url}${path}`, options);
  return { status: answer.status, headers: answer.headers, json: await answer.json() };
}
async function get(type, path, headers = {}) {
  const { status, json } = await ask(path, { headers });
  assert.equal(status, 200, `${path}: ${JSON.stringify(json)}`);
  return strict(type, json);
}
async function post(type, path, body) {
  const { status, json } = await ask(path, { method: "POST", body: JSON.stringify(body) });
  assert.equal(status, 200, `${path}: ${JSON.stringify(json)}`);
  return strict(type, json);
}
async function refused(path, status, code, options = {}) {
  const answer = await ask(path, options);
  assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.json)}`);
  assert.deepEqual(Object.keys(answer.json), ["code", "message", "details"], path);
  assert.equal(answer.json.code, code, path);
  assert.ok(answer.json.message.length > 10, path);
  assert.deepEqual(answer.json.details, [], path);
}
// A message of ours as its bytes, by protobuf's own reader of JSON.
const encodeOurs = (messages) =>
  JSON.parse(execFileSync(python, [fileURLToPath(new URL("contract.py", import.meta.url)), proto], { input: JSON.stringify(messages) }));

const registry = new Registry(defaultRegistryTypes);
const price = 1_000_000n; // nano-ucredit per unit of gas
async function sign(signer, messages, { gas = 300_000n, fee = (gas * price + 999_999_999n) / 1_000_000_000n, memo = "" } = {}) {
  const { json } = await ask(`/cosmos/auth/v1beta1/accounts/${signer.address}`);
  const { account_number: number, sequence } = json.account;
  const bodyBytes = TxBody.encode(TxBody.fromPartial({ messages, memo })).finish();
  const coins = fee ? [{ denom: "ucredit", amount: String(fee) }] : [];
  const authInfoBytes = makeAuthInfoBytes([{ pubkey: encodePubkey(encodeSecp256k1Pubkey(signer.pubkey)), sequence: Number(sequence) }], coins, Number(gas), undefined, undefined);
  const { signature } = await wallet.signDirect(signer.address, makeSignDoc(bodyBytes, authInfoBytes, chainId, Number(number)));
  const raw = TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [Buffer.from(signature.signature, "base64")] }).finish();
  return { bodyBytes, authInfoBytes, base64: Buffer.from(raw).toString("base64") };
}
const send = (amount) => ({
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: registry.encode({
    typeUrl: "/cosmos.bank.v1beta1.MsgSend",
    value: { fromAddress: owner.address, toAddress: stranger.address, amount: [{ denom: "ucredit", amount: String(amount) }] },
  }),
});
const broadcast = (base64, mode) => post(service.BroadcastTxResponse, "/cosmos/tx/v1beta1/txs", { tx_bytes: base64, mode });
async function sent(hash) {
  for (let round = 0; round < 50; round += 1) {
    const { status, json } = await ask(`/cosmos/tx/v1beta1/txs/${hash}`);
    if (status === 200) return json;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${hash} is in no block`);
}

const auth = "/cosmos/auth/v1beta1";
const bankPath = "/cosmos/bank/v1beta1";
const tendermint = "/cosmos/base/tendermint/v1beta1";
const coins = (list) => Object.fromEntries(list.map(({ denom, amount }) => [denom, amount]));

await check("accounts: one that never signed has no key", async () => {
  const { account } = await get(QueryAccountResponse, `${auth}/accounts/${owner.address}`);
  assert.equal(account.typeUrl, "/cosmos.auth.v1beta1.BaseAccount");
  const { info } = await get(QueryAccountInfoResponse, `${auth}/account_info/${owner.address}`);
  assert.equal(info.address, owner.address);
  assert.equal(info.pubKey, undefined);
  assert.equal(info.sequence, 0n);
  assert.equal((await get(AuthParams, `${auth}/params`)).params.maxMemoCharacters, 256n);
  assert.equal((await get(Bech32PrefixResponse, `${auth}/bech32`)).bech32Prefix, "sublet");
});
await check("balances, by denomination, in pages", async () => {
  const wanted = { ucredit: String(money.ucredit), ulet: String(money.ulet) };
  for (const kind of ["balances", "spendable_balances"]) {
    const path = `${bankPath}/${kind}/${owner.address}`;
    const all = await get(bank.QueryAllBalancesResponse, path);
    assert.deepEqual(coins(all.balances), wanted);
    assert.equal(all.pagination.total, 2n);
    const first = await get(bank.QueryAllBalancesResponse, `${path}?pagination.limit=1&pagination.count_total=true`);
    assert.equal(first.balances.length, 1);
    const key = encodeURIComponent(Buffer.from(first.pagination.nextKey).toString("base64"));
    const second = await get(bank.QueryAllBalancesResponse, `${path}?pagination.limit=1&pagination.key=${key}`);
    assert.deepEqual(coins([...first.balances, ...second.balances]), wanted);
    assert.equal(second.pagination.nextKey.length, 0);
    const last = await get(bank.QueryAllBalancesResponse, `${path}?pagination.reverse=true&pagination.limit=1`);
    assert.equal(last.balances[0].denom, "ulet");
    const one = await get(bank.QueryBalanceResponse, `${path}/by_denom?denom=ulet`);
    assert.deepEqual(one.balance, { denom: "ulet", amount: "7" });
  }
  const none = await get(bank.QueryAllBalancesResponse, `${bankPath}/balances/${stranger.address}`);
  assert.deepEqual(none.balances, []);
  assert.equal((await get(bank.QueryBalanceResponse, `${bankPath}/balances/${owner.address}/by_denom?denom=uatom`)).balance.amount, "0");
});
await check("supply, names of the denominations, parameters of the bank", async () => {
  const { supply } = await get(bank.QueryTotalSupplyResponse, `${bankPath}/supply`);
  assert.equal(coins(supply).ucredit, String(money.ucredit));
  assert.equal((await get(bank.QuerySupplyOfResponse, `${bankPath}/supply/by_denom?denom=ulet`)).amount.amount, "7");
  assert.equal((await get(bank.QueryParamsResponse, `${bankPath}/params`)).params.defaultSendEnabled, true);
  const { metadatas } = await get(bank.QueryDenomsMetadataResponse, `${bankPath}/denoms_metadata`);
  assert.deepEqual(metadatas.map((each) => each.base), ["ucredit", "ulet"]);
  const { metadata } = await get(bank.QueryDenomMetadataResponse, `${bankPath}/denoms_metadata/ucredit`);
  assert.equal(metadata.denomUnits.find((unit) => unit.denom === metadata.display).exponent, 6);
});
await check("node, its program, its gas price", async () => {
  const { defaultNodeInfo, applicationVersion } = await get(base.GetNodeInfoResponse, `${tendermint}/node_info`);
  assert.equal(defaultNodeInfo.network, chainId);
  assert.ok(applicationVersion.version.length > 0);
  assert.equal((await get(base.GetSyncingResponse, `${tendermint}/syncing`)).syncing, false);
  assert.equal((await get(ConfigResponse, "/cosmos/base/node/v1beta1/config")).minimumGasPrice, "0.001000000000000000ucredit");
  assert.ok((await get(StatusResponse, "/cosmos/base/node/v1beta1/status")).height > 0n);
});

await check("simulate, then send in each mode; the account has its key afterwards", async () => {
  const trial = await sign(owner, [send(5)]);
  const { gasInfo, result } = await post(service.SimulateResponse, "/cosmos/tx/v1beta1/simulate", { tx_bytes: trial.base64 });
  assert.ok(gasInfo.gasUsed > 10_000n && gasInfo.gasUsed < 1_000_000n);
  assert.ok(result.events.some((event) => event.type === "transfer"));
  for (const mode of ["BROADCAST_MODE_SYNC", "BROADCAST_MODE_ASYNC", "BROADCAST_MODE_BLOCK"]) {
    const { base64 } = await sign(owner, [send(5)], { gas: gasInfo.gasUsed, memo: mode });
    const { txResponse } = await broadcast(base64, mode);
    assert.equal(txResponse.code, 0, txResponse.rawLog);
    assert.equal(txResponse.height > 0n, mode === "BROADCAST_MODE_BLOCK");
    const found = strict(service.GetTxResponse, await sent(txResponse.txhash));
    assert.equal(found.tx.body.memo, mode);
    assert.ok(Date.parse(found.txResponse.timestamp) > 0);
  }
  const { balance } = await get(bank.QueryBalanceResponse, `${bankPath}/balances/${stranger.address}/by_denom?denom=ucredit`);
  assert.equal(balance.amount, "15");
  const { info } = await get(QueryAccountInfoResponse, `${auth}/account_info/${owner.address}`);
  assert.equal(info.sequence, 3n);
  assert.equal(info.pubKey.typeUrl, "/cosmos.crypto.secp256k1.PubKey");
});
await check("a transaction's JSON is its bytes: body and auth info encode to what was signed", async () => {
  const { base64, bodyBytes, authInfoBytes } = await sign(owner, [send(1), send(2)], { memo: 'tab\t "quote" \\ €' });
  const { txResponse } = await broadcast(base64, "BROADCAST_MODE_BLOCK");
  assert.equal(txResponse.code, 0, txResponse.rawLog);
  const { tx } = strict(service.GetTxResponse, await sent(txResponse.txhash));
  assert.deepEqual(Buffer.from(TxBody.encode(tx.body).finish()), Buffer.from(bodyBytes));
  assert.deepEqual(Buffer.from(AuthInfo.encode(tx.authInfo).finish()), Buffer.from(authInfoBytes));
  assert.equal(tx.signatures.length, 1);
});
await check("refused at the check: HTTP 200, a code, a sentence", async () => {
  const { txResponse } = await broadcast((await sign(owner, [send(1)], { fee: 1n })).base64, "BROADCAST_MODE_SYNC");
  assert.ok(txResponse.code > 0);
  assert.equal(txResponse.codespace, "sublet");
  assert.ok(txResponse.rawLog.length > 10);
  assert.match(txResponse.txhash, /^[0-9A-F]{64}$/);
});
await check("our own messages: read strictly by the contract in proto/, and encode to what was signed", async () => {
  const pin = Buffer.alloc(32, 250).toString("base64");
  const price = { cpu_core: "1000", memory_gib: "100", storage_gib: "1", gpu: "0" };
  const capacity = { cpu_milli: "4000", memory_bytes: "8589934592", storage_bytes: "10737418240", gpus: [] };
  const register = { "@type": "/sublet.provider.v1.MsgRegister", owner: owner.address, operator_address: operator.address, gateway_uri: "https://127.0.0.1:8443", tls_pin: pin, attributes: [{ key: "region", value: "eu" }], machines: ["one"] };
  const offer = { "@type": "/sublet.market.v1.MsgPostOffer", operator_address: operator.address, machine: 0, capacity, price, notice: "30000", attributes: [], available_until: "0" };
  const pause = { "@type": "/sublet.market.v1.MsgUpdateOffer", operator_address: operator.address, offer: "1", state: "OFFER_STATE_PAUSED", capacity, price, notice: "30000", attributes: [], available_until: "0" };
  const all = [[owner, register, {}], [operator, offer, { fee: 0n }], [operator, pause, { fee: 0n }]];
  const values = encodeOurs(all.map(([, message]) => message));
  for (const [index, [signer, message, options]] of all.entries()) {
    const { base64 } = await sign(signer, [{ typeUrl: message["@type"], value: Buffer.from(values[index], "base64") }], options);
    const { txResponse } = await broadcast(base64, "BROADCAST_MODE_BLOCK");
    assert.equal(txResponse.code, 0, txResponse.rawLog);
    ours.length = 0;
    strict(service.GetTxResponse, await sent(txResponse.txhash));
    assert.deepEqual(ours[0], message);
    assert.equal(encodeOurs(ours)[0], values[index]);
  }
});
await check("find: query, events, order, pages", async () => {
  const path = "/cosmos/tx/v1beta1/txs";
  const condition = encodeURIComponent(`message.sender='${owner.address}'`);
  const byQuery = await get(service.GetTxsEventResponse, `${path}?query=${condition}`);
  assert.ok(byQuery.total >= 5n);
  assert.equal(byQuery.txs.length, byQuery.txResponses.length);
  const recipient = encodeURIComponent(`transfer.recipient='${stranger.address}'`);
  const byEvents = await get(service.GetTxsEventResponse, `${path}?events=${condition}&events=${recipient}&order_by=ORDER_BY_DESC`);
  assert.equal(byEvents.total, 4n);
  assert.ok(byEvents.txResponses[0].height > byEvents.txResponses[3].height);
  const second = await get(service.GetTxsEventResponse, `${path}?query=${recipient}&page=2&limit=1`);
  assert.equal(second.txResponses.length, 1);
  assert.equal(second.txResponses[0].txhash, byEvents.txResponses[2].txhash);
  const offset = await get(service.GetTxsEventResponse, `${path}?query=${recipient}&pagination.offset=1&pagination.limit=1`);
  assert.equal(offset.txResponses[0].txhash, second.txResponses[0].txhash);
});
await check("blocks, latest and by height; validators", async () => {
  const latest = await get(base.GetLatestBlockResponse, `${tendermint}/blocks/latest`);
  const { height } = latest.block.header;
  const block = await get(base.GetBlockByHeightResponse, `${tendermint}/blocks/${height}`);
  assert.deepEqual(block.blockId, latest.blockId);
  assert.equal(block.block.data.txs.length, 1);
  assert.equal(block.block.header.proposerAddress.length, 20);
  assert.match(block.sdkBlock.header.proposerAddress, /^subletvalcons1/);
  for (const which of ["latest", String(height)]) {
    const set = await get(base.GetLatestValidatorSetResponse, `${tendermint}/validatorsets/${which}`);
    assert.equal(set.validators.length, 1);
    assert.equal(set.validators[0].address, block.sdkBlock.header.proposerAddress);
  }
});
await check("state at an older height by x-cosmos-block-height", async () => {
  const path = `${bankPath}/balances/${stranger.address}/by_denom?denom=ucredit`;
  const then = await ask(path, { headers: { "x-cosmos-block-height": "1" } });
  assert.equal(then.json.balance.amount, "0");
  assert.equal(then.headers.get("grpc-metadata-x-cosmos-block-height"), "1");
  assert.notEqual((await ask(path)).json.balance.amount, "0");
  await refused(path, 404, 5, { headers: { "x-cosmos-block-height": "9999" } });
  await refused(path, 400, 3, { headers: { "x-cosmos-block-height": "x" } });
});
await check("abci_query, with a proof", async () => {
  const key = encodeURIComponent(Buffer.from([0, 1]).toString("base64"));
  const answer = await get(base.ABCIQueryResponse, `${tendermint}/abci_query?path=/store/state/key&data=${key}&prove=true`);
  assert.equal(answer.code, 0);
  assert.ok(answer.value.length > 0);
  assert.equal(answer.proofOps.ops[0].type, "ics23:simple");
});
await check("errors are those of a gateway: code, message, details", async () => {
  const body = (json) => ({ method: "POST", body: typeof json === "string" ? json : JSON.stringify(json) });
  await refused(`${auth}/accounts/${operator.address.replace(/.{6}$/, "qqqqqq")}`, 400, 3);
  await refused(`${bankPath}/balances/cosmos1abc`, 400, 3);
  await refused(`${auth}/accounts/sublet1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqaelydw`, 400, 3);
  await refused(`${bankPath}/denoms_metadata/uatom`, 404, 5);
  await refused(`${bankPath}/balances/${owner.address}?pagination.key=AAAA`, 400, 3);
  await refused(`/cosmos/tx/v1beta1/txs/${"0".repeat(64)}`, 404, 5);
  await refused("/cosmos/tx/v1beta1/txs/zz", 400, 3);
  await refused("/cosmos/tx/v1beta1/txs", 400, 3);
  await refused("/cosmos/tx/v1beta1/txs?query=oh%20no", 400, 3);
  await refused(`${tendermint}/blocks/99999`, 404, 5);
  await refused(`${tendermint}/blocks/0`, 400, 3);
  for (const path of ["simulate", "txs"]) {
    for (const bad of ["{", "[]", {}, { tx_bytes: "!" }, { tx_bytes: "AAAA" }, { tx_bytes: 5 }]) {
      await refused(`/cosmos/tx/v1beta1/${path}`, 400, 3, body(bad));
    }
  }
  await refused("/cosmos/tx/v1beta1/txs", 400, 3, body({ tx_bytes: "AAAA", mode: "BROADCAST_MODE_UNSPECIFIED" }));
  const poor = await sign(owner, [send(10n ** 15n)]);
  await refused("/cosmos/tx/v1beta1/simulate", 400, 3, body({ tx_bytes: poor.base64 }));
  await refused(`${auth}/params`, 405, 12, { method: "POST", body: "{}" });
  await refused("/cosmos/auth/v1beta1/nothing", 404, 5);
});
await check("what other chains have and this one has not: 501 with a sentence", async () => {
  for (const path of [`/cosmos/staking/v1beta1/delegations/${owner.address}`, "/cosmos/gov/v1/proposals", `/cosmos/distribution/v1beta1/delegators/${owner.address}/rewards`, "/cosmos/mint/v1beta1/inflation", "/cosmos/feegrant/v1beta1/allowances/x", "/ibc/apps/transfer/v1/params", "/cosmwasm/wasm/v1/code"]) {
    await refused(path, 501, 12);
  }
});
await check("every one of these paths is in the OpenAPI document", async () => {
  const { json } = await ask("/openapi.json");
  const paths = Object.keys(json.paths).filter((path) => path.startsWith("/cosmos/"));
  assert.ok(paths.length >= 24, String(paths.length));
  assert.ok("/v1/proof-spec" in json.paths);
});

process.exit(failed === 0 ? 0 : 1);
