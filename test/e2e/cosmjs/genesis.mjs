// genesis.mjs: prints a genesis in which CosmJS's own key owns credits. The words are BIP-39's public test vector.
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { words } from "./words.mjs";

const wallet = await DirectSecp256k1HdWallet.fromMnemonic(words, { prefix: "sublet" });
const [account] = await wallet.getAccounts();
console.log(
  JSON.stringify(
    {
      chain_id: "sublet-cosmjs-1",
      time: "2026-01-01T00:00:00Z",
      params: { faucet_amount: "1000000" },
      balances: [
        { address: account.address, denom: "ucredit", amount: "1000000000" },
        { address: account.address, denom: "ulet", amount: "7" },
      ],
    },
    null,
    2,
  ),
);
