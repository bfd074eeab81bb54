// check.mjs NODE DESCRIPTORS PROVIDER: a tenant whose wallet signs only amino documents (as hardware wallets and many
// browser wallets do) rents from a provider and speaks to its gateway with a token that CosmJS signed. Prints ok / not ok lines.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import https from "node:https";
import { JwtTokenManager } from "@akashnetwork/chain-sdk";
import { Secp256k1HdWallet, serializeSignDoc } from "@cosmjs/amino";
import { Secp256k1 } from "@cosmjs/crypto";
import { Registry } from "@cosmjs/proto-signing";
import { AminoTypes, GasPrice, SigningStargateClient, assertIsDeliverTxSuccess, createDefaultAminoConverters, defaultRegistryTypes } from "@cosmjs/stargate";
import { forCosmjs, readContract } from "./contract.mjs";

const [node, descriptors, provider] = process.argv.slice(2);
const ours = forCosmjs(readContract(descriptors), [
  ["/sublet.market.v1.MsgCreateDeployment", "sublet/market/MsgCreateDeployment"],
  ["/sublet.market.v1.MsgCloseLease", "sublet/market/MsgCloseLease"],
]);
const signing = {
  gasPrice: GasPrice.fromString("0.0011ucredit"),
  broadcastPollIntervalMs: 200,
  registry: new Registry([...defaultRegistryTypes, ...ours.types]),
  aminoTypes: new AminoTypes({ ...createDefaultAminoConverters(), ...ours.converters }),
};
const mnemonic = process.env.TENANT_WORDS;
const wallet = await Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "sublet" });
const stranger = await Secp256k1HdWallet.generate(12, { prefix: "sublet" });
const [{ address: tenant }] = await wallet.getAccounts();
const read = async (path) => (await fetch(`${node}${path}`)).json();
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
let failed = 0;

async function check(name, body) {
  try {
    await body();
    console.log(`ok wallets: ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`not ok wallets: ${name}: ${String(problem?.message ?? problem).split("\n")[0]}`);
    console.error(problem);
  }
}

// What `signArbitrary` of a wallet does, with CosmJS's own signer.
function adr036Document(address, data) {
  return {
    chain_id: "",
    account_number: "0",
    sequence: "0",
    fee: { gas: "0", amount: [] },
    msgs: [{ type: "sign/MsgSignData", value: { signer: address, data: Buffer.from(data).toString("base64") } }],
    memo: "",
  };
}
async function signArbitrary(signer, address, data) {
  const { signature } = await signer.signAmino(address, adr036Document(address, data));
  return Buffer.from(signature.signature, "base64");
}

async function token(signer, target, change = {}) {
  const [{ address, pubkey }] = await signer.getAccounts();
  const point = Secp256k1.uncompressPubkey(pubkey);
  const header = { alg: "ES256KADR36", typ: "JWT", jwk: { kty: "EC", crv: "secp256k1", x: base64url(point.slice(1, 33)), y: base64url(point.slice(33)) } };
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: address, aud: provider, ...target, scope: ["status"], iat: now, nbf: now, exp: now + 300, jti: base64url(crypto.getRandomValues(new Uint8Array(16))), ...change.claims };
  const text = `${base64url(JSON.stringify({ ...header, ...change.header }))}.${base64url(JSON.stringify(claims))}`;
  const signature = await signArbitrary(signer, change.signer ?? address, change.data ?? text);
  return `${text}.${base64url(signature)}`;
}

// No session is taken up again: each answer shows the certificate.
const agent = new https.Agent({ maxCachedSessions: 0, rejectUnauthorized: false });

// GET over TLS whose certificate nobody signed: what counts is its key.
function ask(url, bearer) {
  return new Promise((resolve, reject) => {
    const request = https.get(url, { agent, headers: bearer ? { authorization: `Bearer ${bearer}` } : {} }, (response) => {
      const key = response.socket.getPeerX509Certificate().publicKey.export({ type: "spki", format: "der" });
      let body = "";
      response.on("data", (part) => (body += part));
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(body), pin: createHash("sha256").update(key).digest("hex") }));
    });
    request.on("error", reject);
    request.setTimeout(10_000, () => request.destroy(new Error("the gateway does not answer")));
  });
}

const client = await SigningStargateClient.connectWithSigner(node, wallet, signing);
const chainId = await client.getChainId();
let lease;

await check("a deployment that an amino wallet signed gets a lease", async () => {
  const value = {
    owner: tenant,
    groups: [{ name: "web", units: [{ cpuMilli: 100n, memoryBytes: 1n << 26n, volumes: [{ name: "root", bytes: 1n << 26n }], count: 1n, maxRate: 1n << 40n }] }],
    commitment: new Uint8Array(32).fill(1),
    deposit: 1_000_000n,
  };
  assertIsDeliverTxSuccess(await client.signAndBroadcast(tenant, [{ typeUrl: "/sublet.market.v1.MsgCreateDeployment", value }], "auto"));
  [lease] = (await read(`/v1/leases?tenant=${tenant}`)).leases;
  assert.ok(lease, JSON.stringify(await read("/v1/offers")));
  assert.equal(lease.provider, provider);
});
if (!lease) process.exit(1);

const record = await read(`/v1/providers/${provider}`);
const spki = (await ask(`${record.gateway_uri}/v1/status`)).pin;
const target = { chain_id: chainId, spki, lease: Number(lease.id) };
const status = (bearer) => ask(`${record.gateway_uri}/v1/leases/${lease.id}/status`, bearer);

await check("its gateway has the key that the record pins", async () => {
  assert.ok([spki, Buffer.from(spki, "hex").toString("base64")].includes(record.tls_pin), record.tls_pin);
});
await check("a token that the wallet signed as an ADR-036 document is taken", async () => {
  const { status: code, body } = await status(await token(wallet, target));
  assert.equal(code, 200, JSON.stringify(body));
});

await check("Akash's own SDK asks a wallet for the same document", async () => {
  const akash = await Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "akash" });
  const [{ address }] = await akash.getAccounts();
  let asked;
  const spy = {
    getAccounts: () => akash.getAccounts(),
    signAmino: (signer, document) => ((asked = document), akash.signAmino(signer, document)),
  };
  const text = await new JwtTokenManager(spy).generateToken({ iss: address, version: "v1", leases: { access: "full" } });
  const [header, claims, signature] = text.split(".");
  assert.equal(JSON.parse(Buffer.from(header, "base64url")).alg, "ES256KADR36");
  assert.deepEqual(serializeSignDoc(asked), serializeSignDoc(adr036Document(address, `${header}.${claims}`)));
  assert.equal(base64url(await signArbitrary(akash, address, `${header}.${claims}`)), signature);
});

const now = Math.floor(Date.now() / 1000);
const refusals = [
  ["no token", 401, async () => undefined],
  ["another account's token", 403, () => token(stranger, target)],
  ["a document that names another signer", 401, async () => {
    const [{ address }] = await stranger.getAccounts();
    return token({ getAccounts: () => wallet.getAccounts(), signAmino: (_, document) => wallet.signAmino(tenant, document) }, target, { signer: address });
  }],
  ["another account's key in the tenant's name", 401, () => token(stranger, target, { claims: { iss: tenant } })],
  ["a document with other data", 401, () => token(wallet, target, { data: "hello" })],
  ["the same signature under the name ES256K", 401, () => token(wallet, target, { header: { alg: "ES256K" } })],
  ["an expired one", 401, () => token(wallet, target, { claims: { iat: now - 600, nbf: now - 600, exp: now - 330 } })],
  ["one for another chain", 401, () => token(wallet, { ...target, chain_id: "elsewhere" })],
  ["one for another lease", 403, () => token(wallet, { ...target, lease: target.lease + 1 })],
  ["one for another scope", 403, () => token(wallet, target, { claims: { scope: ["logs"] } })],
];
for (const [name, wanted, make] of refusals) {
  await check(`refused: ${name}`, async () => {
    const { status: code, body } = await status(await make());
    assert.equal(code, wanted, JSON.stringify(body));
  });
}

await check("the wallet closes the lease", async () => {
  const value = { tenant, lease: BigInt(lease.id) };
  assertIsDeliverTxSuccess(await client.signAndBroadcast(tenant, [{ typeUrl: "/sublet.market.v1.MsgCloseLease", value }], "auto"));
  assert.ok(["closed", "closing"].includes((await read(`/v1/leases/${lease.id}`)).state));
});
process.exit(failed === 0 ? 0 : 1);
