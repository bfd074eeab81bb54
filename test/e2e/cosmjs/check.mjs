// check.mjs URL: what wallets and scripts do with CosmJS, unpatched, over HTTP and WebSocket. Prints ok / not ok lines.
import assert from "node:assert/strict";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { GasPrice, SigningStargateClient, StargateClient, assertIsDeliverTxSuccess } from "@cosmjs/stargate";
import { Comet38Client, WebsocketClient, connectComet } from "@cosmjs/tendermint-rpc";
import { words } from "./words.mjs";

const url = process.argv[2];
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
const signing = { gasPrice, broadcastPollIntervalMs: 200 };

for (const [transport, endpoint] of [["HTTP", url], ["WebSocket", socketUrl]]) {
  const comet = await connectComet(endpoint);
  const reader = await StargateClient.create(comet);
  const client = await SigningStargateClient.createWithSigner(comet, wallet, signing);
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

process.exit(failed === 0 ? 0 : 1);
