#!/usr/bin/env python3
"""ledger.py PORT CHAIN: broken requests and transactions to a node; each is refused in words, and the application's hash stays."""
import base64
import json
import os
import sys

import sign
from wire import exchange, get, row, statuses, well
import wire

port, chain = int(sys.argv[1]), sys.argv[2]


def post(body, head=""):
    body = body if isinstance(body, bytes) else body.encode()
    return exchange(port, f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body)[0]


def call(method, **params):
    answer = post(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])


def app_hash():
    return json.loads(get(port, "/status")[1])["result"]["sync_info"]["latest_app_hash"]


def transaction(raw):
    answer = call("broadcast_tx_sync", tx=base64.b64encode(raw).decode())
    result = answer.get("result", {})
    return answer.get("error") or (result if int(result.get("code", 0)) else None)


def transactions():
    secret = 0x1234567
    good = sign.faucet(secret, chain)
    # The codes of docs/spec/errors.md; -32602 is JSON-RPC's own, None any: bytes at random are wrong in many ways.
    rows = {"of no byte": (-32602, b""), "of random bytes": (None, os.urandom(500)), "cut in the middle": (1, good[:len(good) // 2]), "cut by one byte": (1, good[:-1]),
            "with a byte too many": (1, good + b"\0"), "of 64 KiB and a byte": (4, os.urandom((64 << 10) + 1)), "of 500 KiB": (4, os.urandom(500_000)),
            "with a length beyond its end": (1, b"\x0a\xff\xff\xff\xff\x0f"), "with a wrong signature": (5, sign.faucet(secret, chain, spoil=True)),
            "with a high s": (5, sign.faucet(secret, chain, high=True)), "for another chain": (5, sign.faucet(secret, chain + "x")),
            "with a sequence of the future": (100, sign.faucet(secret, chain, sequence=7))}
    for name, (code, raw) in rows.items():
        refusal = transaction(raw)
        row(f"a transaction {name} is refused in words", refusal and (refusal.get("log") or refusal.get("message")) and code in (None, refusal["code"]), refusal)
    return good


def requests():
    deep = '{"jsonrpc":"2.0","id":1,"method":"status","params":' + '{"a":' * 50_000 + "1" + "}" * 50_001
    one = {"jsonrpc": "2.0", "id": 1, "method": "health"}
    rows = {"no JSON": "{", "nothing": "", "a text": '"x"', "50,000 levels": deep, "50,000 brackets": "[" * 50_000, "bytes that are not UTF-8": b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}',
            "a method that is none": json.dumps({**one, "method": "no_such"}), "a method that is a number": json.dumps({**one, "method": 7}),
            "parameters that are a text": json.dumps({**one, "params": "x"}), "101 requests": json.dumps([one] * 101), "an empty batch": "[]",
            "a number of 10,000 digits": '{"jsonrpc":"2.0","id":' + "9" * 10_000 + ',"method":"no_such"}', "base64 that is none": json.dumps({**one, "method": "broadcast_tx_sync", "params": {"tx": "!!!"}})}
    for name, body in rows.items():
        answer = post(body)
        row(f"JSON-RPC with {name}: an error in words", statuses(answer) and statuses(answer)[0] in (200, 400, 413, 500) and b'"error"' in answer, answer[:300])


def main():
    before = app_hash()
    good = transactions()
    requests()
    row("after all of them the application's hash is the same", app_hash() == before, (before, app_hash()))
    well("the node", port, "/health")
    answer = call("broadcast_tx_commit", tx=base64.b64encode(good).decode())
    row("the same transaction unspoilt is taken", int(answer.get("result", {}).get("tx_result", {}).get("code", 1) or 0) == 0 and "error" not in answer, answer)
    after = app_hash()
    refusal = transaction(good)
    row("and refused when it comes again", refusal, refusal)
    row("which changes nothing", app_hash() == after)
    sys.exit(wire.failed)


main()
