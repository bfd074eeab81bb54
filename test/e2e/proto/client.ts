// client.ts URL: a TypeScript client generated from proto/ sends messages of ours through CosmJS and reads the records.
// Prints ok / not ok lines.
import assert from "node:assert/strict";
import { DirectSecp256k1HdWallet, Registry, type GeneratedType } from "@cosmjs/proto-signing";
import { GasPrice, SigningStargateClient, assertIsDeliverTxSuccess } from "@cosmjs/stargate";
import { connectComet } from "@cosmjs/tendermint-rpc";
import { StatusRequest, StatusResponse } from "./gen/sublet/ledger/v1/query.js";
import { DeploymentsRequest, DeploymentsResponse } from "./gen/sublet/market/v1/query.js";
import { MsgCloseDeployment, MsgCreateDeployment } from "./gen/sublet/market/v1/tx.js";
import { DeploymentState, OrderState } from "./gen/sublet/market/v1/types.js";

interface Codec<T> {
  encode(value: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

const url = process.argv[2] ?? "";
const words = "abandon ".repeat(11) + "about"; // BIP-39's first test vector: known to everybody
const wallet = await DirectSecp256k1HdWallet.fromMnemonic(words, { prefix: "sublet" });
const [account] = await wallet.getAccounts();
assert.ok(account);
const { address } = account;
// CosmJS describes generated codecs by those of its own package; they are called in the same way.
const types: [string, unknown][] = [
  ["/sublet.market.v1.MsgCreateDeployment", MsgCreateDeployment],
  ["/sublet.market.v1.MsgCloseDeployment", MsgCloseDeployment],
];
const comet = await connectComet(url);
const client = await SigningStargateClient.createWithSigner(comet, wallet, {
  registry: new Registry(types as [string, GeneratedType][]),
  gasPrice: GasPrice.fromString("0.0011ucredit"),
  broadcastPollIntervalMs: 100,
});
let failed = 0;

async function check(name: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    console.log(`ok proto: TypeScript: ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`not ok proto: TypeScript: ${name}: ${String(problem instanceof Error ? problem.message : problem).split("\n")[0]}`);
    console.error(problem);
  }
}

async function query<Q, A>(path: string, question: Codec<Q>, value: Q, answer: Codec<A>): Promise<A> {
  const response = await comet.abciQuery({ path, data: question.encode(value).finish() });
  assert.equal(response.code, 0, response.log ?? "");
  const decoded = answer.decode(response.value);
  assert.deepEqual(answer.encode(decoded).finish(), response.value, "the client writes other bytes than the node");
  return decoded;
}

const deployments = () =>
  query("/sublet.market.v1.Query/Deployments", DeploymentsRequest, DeploymentsRequest.fromPartial({ address }), DeploymentsResponse);
const message = MsgCreateDeployment.fromPartial({
  owner: address,
  commitment: new Uint8Array(32).fill(7),
  depositTime: 600_000n,
  groups: [
    {
      name: "wëb",
      attributes: [{ key: "region", value: "eu" }],
      units: [
        {
          cpuMilli: 500n,
          memoryBytes: 1n << 29n,
          count: 2n,
          maxRate: 250_000n,
          volumes: [{ name: "data", bytes: 1n << 30n, persistent: true, storageClass: "default" }],
        },
      ],
      minNotice: 30_000n,
    },
  ],
});

await check("the network's status and parameters", async () => {
  const status = await query("/sublet.ledger.v1.Query/Status", StatusRequest, {}, StatusResponse);
  assert.equal(status.chainId, await client.getChainId());
  assert.ok(status.height > 0n);
  assert.equal(status.params?.objectBond, 10_000n);
});
await check("signAndBroadcast of MsgCreateDeployment, and the record decoded", async () => {
  const sent = await client.signAndBroadcast(address, [{ typeUrl: "/sublet.market.v1.MsgCreateDeployment", value: message }], "auto");
  assertIsDeliverTxSuccess(sent);
  const { records } = await deployments();
  const record = records[0];
  assert.ok(record && records.length === 1);
  assert.equal(record.id, 1n);
  assert.equal(record.state, DeploymentState.DEPLOYMENT_STATE_ACTIVE);
  assert.deepEqual(record.commitment, message.commitment);
  assert.deepEqual(record.groups[0]?.spec, message.groups[0]);
  assert.equal(record.groups[0]?.order?.state, OrderState.ORDER_STATE_OPEN);
});
await check("closing it twice in one transaction is refused, so neither counts; once is enough", async () => {
  const close = { typeUrl: "/sublet.market.v1.MsgCloseDeployment", value: MsgCloseDeployment.fromPartial({ owner: address, deployment: 1n }) };
  const fee = { amount: [{ denom: "ucredit", amount: "500" }], gas: "300000" };
  const both = await client.signAndBroadcast(address, [close, close], fee);
  assert.notEqual(both.code, 0);
  assert.equal((await deployments()).records[0]?.state, DeploymentState.DEPLOYMENT_STATE_ACTIVE);
  assertIsDeliverTxSuccess(await client.signAndBroadcast(address, [close], "auto"));
  assert.equal((await deployments()).records[0]?.state, DeploymentState.DEPLOYMENT_STATE_CLOSED);
});
comet.disconnect();
process.exit(failed === 0 ? 0 : 1);
