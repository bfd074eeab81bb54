// world.mjs: the keys of this test; as a program it prints the genesis.
import { stringToPath } from "@cosmjs/crypto";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";

export const chainId = "sublet-rest-1";
// BIP-39's public test vector; the second key is an operator, the third one nobody's yet.
const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const hdPaths = [0, 1, 2].map((index) => stringToPath(`m/44'/118'/0'/0/${index}`));
export const wallet = await DirectSecp256k1HdWallet.fromMnemonic(words, { prefix: "sublet", hdPaths });
export const [owner, operator, stranger] = await wallet.getAccounts();
export const money = { ucredit: 1_000_000_000n, ulet: 7n };

if (process.argv[1]?.endsWith("world.mjs")) {
  const balances = Object.entries(money).map(([denom, amount]) => ({ address: owner.address, denom, amount: String(amount) }));
  console.log(JSON.stringify({ chain_id: chainId, time: "2026-01-01T00:00:00Z", params: { faucet_amount: "1000000" }, balances }));
}
