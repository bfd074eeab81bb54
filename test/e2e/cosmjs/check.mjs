// check.mjs URL DESCRIPTORS: what wallets and scripts do with CosmJS, unpatched, over HTTP and WebSocket, with keys that
// sign protobuf (DIRECT) and with keys that sign only amino JSON. Prints ok / not ok lines.
import assert from "node:assert/strict";
import { Secp256k1HdWallet, makeSignDoc as makeAminoDoc } from "@cosmjs/amino";
import { fromBase64 } from "@cosmjs/encoding";
import { DirectSecp256k1HdWallet, Registry } from "@cosmjs/proto-signing";
import {
  AminoTypes,
  GasPrice,
  SigningStargateClient,
  StargateClient,
  assertIsDeliverTxSuccess,
  createDefaultAminoConverters,
  defaultRegistryTypes,
} from "@cosmjs/stargate";
import { Comet38Client, WebsocketClient, connectComet } from "@cosmjs/tendermint-rpc";
import { SignMode } from "cosmjs-types/cosmos/tx/signing/v1beta1/signing";
import { AuthInfo, TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx";
import { forCosmjs, readContract } from "./contract.mjs";
import { words } from "./words.mjs";

const [url, descriptors] = process.argv.slice(2);
const socketUrl = url.replace(/^http/, "ws");
const options = { prefix: "sublet" };
const wallet = await DirectSecp256k1HdWallet.fromMnemonic(words, options);
const other = await DirectSecp256k1HdWallet.generate(12, options);
const [{ address }] = await wallet.getAccounts();
const [{ address: otherAddress }] = await other.getAccounts();
let failed = 0;

async function check(name, body) {
  try {
    await body();
    console.log(`ok cosmjs: ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`not ok cosmjs: ${name}: ${String(problem?.message ?? problem).split("\n")[0]}`);
    console.error(problem);
  }
}

const gasPrice = GasPrice.fromString("0.0011ucredit");
// CosmJS looks for a transaction every 3 s unless told otherwise; blocks here take milliseconds.
const faucetUrl = "/sublet.bank.v1.MsgFaucet";
const createUrl = "/sublet.market.v1.MsgCreateDeployment";
const ours = forCosmjs(readContract(descriptors), [
  [faucetUrl, "sublet/bank/MsgFaucet"],
  [createUrl, "sublet/market/MsgCreateDeployment"],
]);
const signing = {
  gasPrice,
  broadcastPollIntervalMs: 200,
  registry: new Registry([...defaultRegistryTypes, ...ours.types]),
  aminoTypes: new AminoTypes({ ...createDefaultAminoConverters(), ...ours.converters }),
};
const aminoWallet = await Secp256k1HdWallet.fromMnemonic(words, options);
const wallets = { DIRECT: wallet, amino: aminoWallet };

// A deployment that no offer fits: its order stands.
const deployment = (owner, name) => ({
  typeUrl: createUrl,
  value: {
    owner,
    groups: [{ name, units: [{ cpuMilli: 100n, memoryBytes: 1n << 26n, count: 1n, maxRate: 1000n }] }],
    commitment: new Uint8Array(32).fill(7),
    deposit: 5_000_000n,
  },
});

for (const [transport, endpoint, mode] of [
  ["HTTP", url, "DIRECT"],
  ["WebSocket", socketUrl, "DIRECT"],
  ["HTTP, amino", url, "amino"],
  ["WebSocket, amino", socketUrl, "amino"],
]) {
  const comet = await connectComet(endpoint);
  const reader = await StargateClient.create(comet);
  const client = await SigningStargateClient.createWithSigner(comet, wallets[mode], signing);
  let sent;

  await check(`${transport}: the client picked is that of CometBFT 0.38`, async () => {
    assert.ok(comet instanceof Comet38Client);
    assert.equal(await reader.getChainId(), "sublet-cosmjs-1");
    assert.ok((await reader.getHeight()) > 0);
  });
  await check(`${transport}: account and sequence`, async () => {
    const account = await reader.getAccount(address);
    assert.equal(account.address, address);
    assert.ok(account.accountNumber > 0);
    assert.equal(await reader.getAccount(otherAddress.replace(/.{6}$/, "qqqqqq")).catch(() => null), null);
  });
  await check(`${transport}: balance and all balances`, async () => {
    assert.equal((await reader.getBalance(address, "ulet")).amount, "7");
    const all = await reader.getAllBalances(address);
    assert.deepEqual(all.map((coin) => coin.denom).sort(), ["ucredit", "ulet"]);
  });
  await check(`${transport}: simulate`, async () => {
    const message = {
      typeUrl: "/cosmos.bank.v1beta1.MsgSend",
      value: { fromAddress: address, toAddress: otherAddress, amount: [{ denom: "ucredit", amount: "1" }] },
    };
    const gas = await client.simulate(address, [message], "memo");
    assert.ok(gas > 10_000 && gas < 1_000_000, `gas ${gas}`);
  });
  await check(`${transport}: sendTokens with "auto" fee`, async () => {
    const before = BigInt((await reader.getBalance(otherAddress, "ucredit")).amount);
    sent = await client.sendTokens(address, otherAddress, [{ denom: "ucredit", amount: "1234" }], "auto", "from CosmJS");
    assertIsDeliverTxSuccess(sent);
    const after = BigInt((await reader.getBalance(otherAddress, "ucredit")).amount);
    assert.equal(after - before, 1234n);
  });
  await check(`${transport}: signAndBroadcast of several messages, sequence after sequence`, async () => {
    const message = {
      typeUrl: "/cosmos.bank.v1beta1.MsgSend",
      value: { fromAddress: address, toAddress: otherAddress, amount: [{ denom: "ucredit", amount: "10" }] },
    };
    for (let i = 0; i < 2; i += 1) {
      const done = await client.signAndBroadcast(address, [message, message], "auto");
      assertIsDeliverTxSuccess(done);
      assert.equal(done.events.filter((event) => event.type === "transfer").length, 2);
    }
  });
  await check(`${transport}: signAndBroadcast of one of our messages`, async () => {
    const name = `web & <${mode}> \u2028 "\\`;
    const done = await client.signAndBroadcast(address, [deployment(address, name)], "auto", "für uns");
    assertIsDeliverTxSuccess(done);
    const made = done.events.find((event) => event.type === "sublet.market.deployment_created");
    const id = made.attributes.find((attribute) => attribute.key === "deployment").value;
    const record = await (await fetch(`${url}/v1/deployments/${id}`)).json();
    assert.equal(record.owner, address);
    assert.equal(record.groups[0].spec.name, name);
    const stored = await (await fetch(`${url}/v1/txs/${done.transactionHash}`)).json();
    const { signerInfos } = AuthInfo.decode(TxRaw.decode(fromBase64(stored.raw)).authInfoBytes);
    const wanted = mode === "amino" ? SignMode.SIGN_MODE_LEGACY_AMINO_JSON : SignMode.SIGN_MODE_DIRECT;
    assert.equal(signerInfos[0].modeInfo.single.mode, wanted);
  });
  await check(`${transport}: a transfer nobody can pay is refused with a code and a sentence`, async () => {
    const fee = { amount: [{ denom: "ucredit", amount: "500" }], gas: "200000" };
    const call = client.sendTokens(address, otherAddress, [{ denom: "ucredit", amount: "999999999999" }], fee);
    await assert.rejects(call, (error) => error.code > 0 || error.message.length > 10);
  });
  await check(`${transport}: getTx and searchTx`, async () => {
    const found = await reader.getTx(sent.transactionHash);
    assert.equal(found.hash, sent.transactionHash);
    assert.equal(found.height, sent.height);
    assert.ok(found.gasUsed > 0n);
    const list = await reader.searchTx([{ key: "message.sender", value: address }]);
    assert.ok(list.some((tx) => tx.hash === sent.transactionHash));
    assert.equal((await reader.searchTx(`tx.height=${sent.height}`)).length, 1);
  });
  await check(`${transport}: getBlock and the rest of the RPC`, async () => {
    const block = await reader.getBlock(sent.height);
    assert.equal(block.header.height, sent.height);
    assert.equal(block.txs.length, 1);
    const results = await comet.blockResults(sent.height);
    assert.equal(results.results.length, 1);
    assert.equal((await comet.validators({ height: sent.height })).validators.length, 1);
    assert.equal((await comet.commit(sent.height)).header.height, sent.height);
    assert.ok((await comet.blockchain(1, sent.height)).blockMetas.length > 0);
    assert.ok((await comet.blockSearch({ query: `block.height=${sent.height}` })).totalCount === 1);
    assert.equal((await comet.genesis()).chainId, "sublet-cosmjs-1");
    assert.ok((await comet.abciInfo()).lastBlockHeight >= sent.height);
    assert.equal((await comet.numUnconfirmedTxs()).total, 0);
    await comet.health();
  });
  comet.disconnect();
}

await check("WebSocket: subscriptions to blocks and to one's own transactions", async () => {
  const socket = new WebsocketClient(socketUrl);
  const comet = await Comet38Client.create(socket);
  const client = await SigningStargateClient.createWithSigner(comet, wallet, signing);
  const seen = { blocks: [], txs: [] };
  const blocks = comet.subscribeNewBlock().subscribe({ next: (event) => seen.blocks.push(event.header.height) });
  const txs = comet.subscribeTx(`message.sender='${address}'`).subscribe({
    next: (event) => seen.txs.push(event),
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const sent = await client.sendTokens(address, otherAddress, [{ denom: "ucredit", amount: "1" }], "auto");
  for (let i = 0; i < 50 && (seen.txs.length === 0 || seen.blocks.length === 0); i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  blocks.unsubscribe();
  txs.unsubscribe();
  comet.disconnect();
  assert.ok(seen.blocks.includes(sent.height));
  assert.equal(seen.txs.length, 1);
  assert.equal(seen.txs[0].height, sent.height);
});

await check("WebSocket: a subscription to our own events", async () => {
  const comet = await Comet38Client.create(new WebsocketClient(socketUrl));
  const client = await SigningStargateClient.createWithSigner(comet, aminoWallet, signing);
  const seen = [];
  const txs = comet.subscribeTx(`sublet.market.deployment_created.owner='${address}'`).subscribe({ next: (event) => seen.push(event) });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await client.sendTokens(address, otherAddress, [{ denom: "ucredit", amount: "1" }], "auto");
  const done = await client.signAndBroadcast(address, [deployment(address, "heard")], "auto");
  for (let i = 0; i < 50 && seen.length === 0; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  txs.unsubscribe();
  comet.disconnect();
  assert.equal(seen.length, 1);
  assert.equal(seen[0].height, done.height);
  assert.ok(seen[0].result.events.some((event) => event.type === "sublet.market.deployment_created"));
});

await check("amino: an address without an account calls the faucet, and the ledger knows it then", async () => {
  const fresh = await Secp256k1HdWallet.generate(12, options);
  const [{ address: freshAddress }] = await fresh.getAccounts();
  const client = await SigningStargateClient.connectWithSigner(url, fresh, signing);
  const message = { typeUrl: faucetUrl, value: { recipient: freshAddress } };
  const signer = { accountNumber: 0, sequence: 0, chainId: "sublet-cosmjs-1" };
  const raw = await client.sign(freshAddress, [message], { amount: [], gas: "200000" }, "", signer);
  assertIsDeliverTxSuccess(await client.broadcastTx(TxRaw.encode(raw).finish(), 10_000, 200));
  assert.equal((await client.getBalance(freshAddress, "ucredit")).amount, "1000000");
  assert.equal((await client.getAccount(freshAddress)).sequence, 1);
});

// The bodies of both modes are the same bytes, so a signature is moved from one envelope to the other.
await check("a signature of one mode does not pass as one of the other", async () => {
  const clients = {};
  for (const mode of ["DIRECT", "amino"]) clients[mode] = await SigningStargateClient.connectWithSigner(url, wallets[mode], signing);
  const { accountNumber, sequence } = await clients.DIRECT.getSequence(address);
  const signer = { accountNumber, sequence, chainId: "sublet-cosmjs-1" };
  const message = {
    typeUrl: "/cosmos.bank.v1beta1.MsgSend",
    value: { fromAddress: address, toAddress: otherAddress, amount: [{ denom: "ucredit", amount: "1" }] },
  };
  const fee = { amount: [{ denom: "ucredit", amount: "200" }], gas: "150000" };
  const direct = await clients.DIRECT.sign(address, [message], fee, "", signer);
  const amino = await clients.amino.sign(address, [message], fee, "", signer);
  assert.deepEqual(direct.bodyBytes, amino.bodyBytes);
  for (const [envelope, other] of [[direct, amino], [amino, direct]]) {
    const swapped = TxRaw.encode({ ...envelope, signatures: other.signatures }).finish();
    await assert.rejects(clients.DIRECT.broadcastTx(swapped, 1000, 200), /signature does not verify/);
  }
  assertIsDeliverTxSuccess(await clients.amino.broadcastTx(TxRaw.encode(amino).finish(), 10_000, 200));
});

await check("amino: a document with another amount than the transaction is refused", async () => {
  const client = await SigningStargateClient.connectWithSigner(url, aminoWallet, signing);
  const { accountNumber, sequence } = await client.getSequence(address);
  const message = (amount) => ({
    typeUrl: "/cosmos.bank.v1beta1.MsgSend",
    value: { fromAddress: address, toAddress: otherAddress, amount: [{ denom: "ucredit", amount }] },
  });
  const fee = { amount: [{ denom: "ucredit", amount: "200" }], gas: "150000" };
  const raw = await client.sign(address, [message("999")], fee, "", { accountNumber, sequence, chainId: "sublet-cosmjs-1" });
  const shown = makeAminoDoc([signing.aminoTypes.toAmino(message("1"))], fee, "sublet-cosmjs-1", "", accountNumber, sequence);
  const { signature } = await aminoWallet.signAmino(address, shown);
  const forged = TxRaw.encode({ ...raw, signatures: [fromBase64(signature.signature)] }).finish();
  await assert.rejects(client.broadcastTx(forged, 1000, 200), /signature does not verify/);
});

await check("the chain info is enough to find, fund and use the network", async () => {
  const info = await (await fetch(`${url}/.well-known/chain-info.json`)).json();
  assert.equal(info.chainId, "sublet-cosmjs-1");
  assert.equal(info.rpc, url);
  assert.equal(info.rest, url);
  assert.equal(info.bip44.coinType, 118);
  assert.equal(info.bech32Config.bech32PrefixAccAddr, "sublet");
  assert.equal(Object.keys(info.bech32Config).length, 6);
  assert.deepEqual(info.currencies.map((coin) => coin.coinMinimalDenom), ["ucredit", "ulet"]);
  const [fee] = info.feeCurrencies;
  const { low, average, high } = fee.gasPriceStep;
  assert.ok(low > 0 && low <= average && average <= high);
  const own = await DirectSecp256k1HdWallet.fromMnemonic(words, { prefix: info.bech32Config.bech32PrefixAccAddr });
  assert.equal((await own.getAccounts())[0].address, address);
  for (const price of [low, average, high]) {
    const client = await SigningStargateClient.connectWithSigner(info.rpc, own, { ...signing, gasPrice: GasPrice.fromString(`${price}${fee.coinMinimalDenom}`) });
    assertIsDeliverTxSuccess(await client.sendTokens(address, otherAddress, [{ denom: fee.coinMinimalDenom, amount: "1" }], "auto"));
  }
  const tooCheap = { ...signing, gasPrice: GasPrice.fromString(`${(low / 2).toFixed(9)}${fee.coinMinimalDenom}`) };
  const miser = await SigningStargateClient.connectWithSigner(info.rpc, own, tooCheap);
  await assert.rejects(miser.sendTokens(address, otherAddress, [{ denom: "ucredit", amount: "1" }], "auto"), /fee/);
});

await check("the chain registry's documents name the same chain and coins", async () => {
  const chain = await (await fetch(`${url}/.well-known/chain.json`)).json();
  const assets = await (await fetch(`${url}/.well-known/assetlist.json`)).json();
  assert.equal(chain.chain_id, "sublet-cosmjs-1");
  assert.equal(chain.chain_name, assets.chain_name);
  assert.match(chain.chain_name, /^[a-z0-9]+$/);
  assert.equal(chain.apis.rpc[0].address, url);
  assert.deepEqual(assets.assets.map((asset) => asset.base), ["ucredit", "ulet"]);
  for (const asset of assets.assets) assert.equal(asset.denom_units.find((unit) => unit.denom === asset.display).exponent, 6);
});

process.exit(failed === 0 ? 0 : 1);
