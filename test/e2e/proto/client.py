#!/usr/bin/env python3
"""client.py URL GEN: a Python client generated from proto/ into GEN: an account from nothing, messages of ours, their records.

Signing is coincurve's, addresses are bech32's; the rest is what protoc wrote. Prints ok / not ok lines.
"""
import base64
import hashlib
import json
import sys
import urllib.request

import bech32
import coincurve

url = sys.argv[1]
sys.path.insert(0, sys.argv[2])
from cosmos.auth.v1beta1 import auth_pb2, query_pb2 as auth_query_pb2  # noqa: E402
from cosmos.crypto.secp256k1 import keys_pb2  # noqa: E402
from cosmos.tx.signing.v1beta1 import signing_pb2  # noqa: E402
from cosmos.tx.v1beta1 import tx_pb2  # noqa: E402
from sublet.bank.v1 import tx_pb2 as bank_tx_pb2  # noqa: E402
from sublet.ledger.v1 import query_pb2 as ledger_query_pb2  # noqa: E402
from sublet.provider.v1 import query_pb2 as provider_query_pb2, tx_pb2 as provider_tx_pb2  # noqa: E402

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def rpc(method, **parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    assert "error" not in answer, answer
    return answer["result"]


def query(path, question, answer):
    """Asks by abci_query; the answer's message must write the node's own bytes again."""
    response = rpc("abci_query", path=path, data=question.SerializeToString().hex())["response"]
    assert int(response["code"]) == 0, response["log"]
    data = base64.b64decode(response["value"] or "")
    answer.ParseFromString(data)
    assert answer.SerializeToString(deterministic=True) == data, "the client writes other bytes than the node"
    return answer


class Account:
    def __init__(self, secret):
        self.key = coincurve.PrivateKey(secret)
        self.public = self.key.public_key.format(compressed=True)
        self.raw = hashlib.new("ripemd160", hashlib.sha256(self.public).digest()).digest()
        self.address = bech32.bech32_encode("sublet", bech32.convertbits(self.raw, 8, 5))
        self.number = self.sequence = 0

    def look_up(self):
        reply = query("/cosmos.auth.v1beta1.Query/Account", auth_query_pb2.QueryAccountRequest(address=self.address), auth_query_pb2.QueryAccountResponse())
        base = auth_pb2.BaseAccount()
        assert reply.account.Unpack(base)
        self.number, self.sequence = base.account_number, base.sequence

    def sign(self, chain_id, messages, gas, fee):
        """A TxRaw in SIGN_MODE_DIRECT."""
        body = tx_pb2.TxBody(memo="from Python")
        for message in messages:
            body.messages.add().Pack(message, type_url_prefix="")
        key = keys_pb2.PubKey(key=self.public)
        auth = tx_pb2.AuthInfo(fee=tx_pb2.Fee(gas_limit=gas))
        if fee:
            auth.fee.amount.add(denom="ucredit", amount=str(fee))
        signer = auth.signer_infos.add(sequence=self.sequence)
        signer.public_key.Pack(key, type_url_prefix="")
        signer.mode_info.single.mode = signing_pb2.SIGN_MODE_DIRECT
        raw = tx_pb2.TxRaw(body_bytes=body.SerializeToString(), auth_info_bytes=auth.SerializeToString())
        document = tx_pb2.SignDoc(body_bytes=raw.body_bytes, auth_info_bytes=raw.auth_info_bytes, chain_id=chain_id, account_number=self.number)
        r_and_s = self.key.sign_recoverable(document.SerializeToString())[:64]  # over SHA-256, low s
        assert int.from_bytes(r_and_s[32:], "big") <= CURVE_ORDER // 2
        raw.signatures.append(r_and_s)
        return raw.SerializeToString()


def send(raw):
    """Broadcasts and waits for the block."""
    result = rpc("broadcast_tx_commit", tx=base64.b64encode(raw).decode())
    for part in ("check_tx", "tx_result"):
        assert int(result[part].get("code", 0)) == 0, result[part]["log"]
    return result


def faucet(account, chain_id):
    send(account.sign(chain_id, [bank_tx_pb2.MsgFaucet(recipient=account.address)], 200_000, 0))
    account.look_up()
    assert account.number > 0 and account.sequence == 1, (account.number, account.sequence)


def register(account, chain_id):
    message = provider_tx_pb2.MsgRegister(owner=account.address, operator_address=Account(bytes([9]) * 32).address,
                                          gateway_uri="https://127.0.0.1:8443", tls_pin=bytes(range(32)), machines=["größe"])
    message.attributes.add(key="region", value="eu-ÿ漢")
    raw = account.sign(chain_id, [message], 300_000, 300)
    send(raw)
    found = query("/sublet.provider.v1.Query/Providers", provider_query_pb2.ProvidersRequest(), provider_query_pb2.ProvidersResponse())
    record, = found.records
    assert record.owner == account.raw and record.tls_pin == message.tls_pin and record.version == 1, record
    assert [each.name for each in record.machines] == list(message.machines)
    assert list(record.attributes) == list(message.attributes)
    return raw


def refusals(account, chain_id, raw):
    """The same transaction, in bytes that only a lenient parser takes for the same."""
    parsed = tx_pb2.TxRaw.FromString(raw)
    spoilt = {
        "an unknown field": raw + b"\x20\x01",
        "fields in another order": b"".join(tx_pb2.TxRaw(**{name: getattr(parsed, name)}).SerializeToString() for name in ("signatures", "body_bytes", "auth_info_bytes")),
        "a longer length": raw[:1] + bytes([raw[1] | 0x80, raw[2] if raw[1] & 0x80 else 0]) + raw[2:] if raw[1] < 0x80 else raw[:2] + bytes([raw[2] | 0x80, 0]) + raw[3:],
    }
    for what, data in spoilt.items():
        assert tx_pb2.TxRaw.FromString(data).body_bytes == parsed.body_bytes, what
        answer = rpc("broadcast_tx_sync", tx=base64.b64encode(data).decode())
        assert int(answer["code"]) != 0 and answer["log"], what
    text = provider_tx_pb2.MsgUpdate(owner=account.address, operator_address=account.address, gateway_uri="https://127.0.0.1:1", tls_pin=bytes(range(32)))
    text.attributes.add(key="region", value="AB")
    account.look_up()
    body = account.sign(chain_id, [text], 300_000, 300)
    account_signed = tx_pb2.TxRaw.FromString(body)
    account_signed.body_bytes = account_signed.body_bytes.replace(b"AB", b"\xff\xfe")
    document = tx_pb2.SignDoc(body_bytes=account_signed.body_bytes, auth_info_bytes=account_signed.auth_info_bytes, chain_id=chain_id, account_number=account.number)
    account_signed.signatures[0] = account.key.sign_recoverable(document.SerializeToString())[:64]
    answer = rpc("broadcast_tx_sync", tx=base64.b64encode(account_signed.SerializeToString()).decode())
    assert int(answer["code"]) != 0 and "UTF-8" in answer["log"], answer


def main():
    failed, account, state = 0, Account(bytes(range(1, 33))), {}

    def status():
        found = query("/sublet.ledger.v1.Query/Status", ledger_query_pb2.StatusRequest(), ledger_query_pb2.StatusResponse())
        assert found.chain_id and found.height and found.params.version == 1
        state["chain_id"] = found.chain_id

    def registered():
        state["raw"] = register(account, state["chain_id"])

    steps = [("the network's status and parameters", status),
             ("MsgFaucet makes an account for a key that nobody knew", lambda: faucet(account, state["chain_id"])),
             ("MsgRegister, signed with coincurve, and the record decoded", registered),
             ("what only a lenient parser reads is refused", lambda: refusals(account, state["chain_id"], state["raw"]))]
    for name, step in steps:
        try:
            step()
            print(f"ok proto: Python: {name}")
        except Exception as problem:  # each step reports by itself; the others still run
            failed += 1
            print(f"not ok proto: Python: {name}: {problem!r}"[:300])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
