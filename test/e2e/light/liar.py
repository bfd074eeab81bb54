"""liar.py: stands before a node and lies as a file says.

Usage: liar.py NODE_URL MODE_FILE; prints its own URL. Modes: honest; balance (a record is changed, in the answer and in its proof);
answer (the record alone is changed); absent (the record is said not to be there); stale (states and blocks of the moment in which
this mode was first seen); state (the header names another state); validators (others than those who signed); round (the
signatures are shown as of another round); swapped (two signatures change places); gone (no proof); genesis (one founder has more
power); chain (its ledger is of another chain); deep (its ledger is 100,000 brackets); peers (addresses of nodes that would be more
than an address in a file).
"""

import base64
import http.server
import json
import sys
import urllib.request

TIMEOUT_S = 20


def ask(url, call):
    request = urllib.request.Request(url, json.dumps(call).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def bent(text):
    """Base64 of other bytes of the same length: the last one is changed."""
    data = bytearray(base64.b64decode(text))
    data[-1] ^= 1
    return base64.b64encode(bytes(data)).decode()


def lie_of_state(mode, response):
    operations = (response.get("proofOps") or {}).get("ops") or [{}]
    if mode in ("balance", "answer") and not response["value"]:
        return  # of the denomination that the account has not
    if mode == "balance":
        old = base64.b64decode(response["value"])
        response["value"] = bent(response["value"])
        proof = base64.b64decode(operations[0]["data"]).replace(old, base64.b64decode(response["value"]))
        operations[0]["data"] = base64.b64encode(proof).decode()
    elif mode == "answer":
        response["value"] = bent(response["value"])
    elif mode == "absent":
        response["value"] = ""
    elif mode == "gone":
        response["proofOps"] = None


def lie_of_block(mode, signed):
    signatures = [each for each in signed["commit"]["signatures"] if each["signature"]]
    if mode == "state":
        signed["header"]["app_hash"] = "5A" * 32
    elif mode == "round":
        signed["commit"]["round"] += 1
    elif mode == "swapped":
        signatures[0]["signature"], signatures[1]["signature"] = signatures[1]["signature"], signatures[0]["signature"]


class Liar(http.server.BaseHTTPRequestHandler):
    kept = {}

    def log_message(self, *_):
        pass

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with open(sys.argv[2], encoding="ascii") as file:
            mode = file.read().strip()
        method = call["method"]
        if mode == "stale" and method == "abci_query":
            answer = self.kept.setdefault(call["params"]["data"], None) or ask(sys.argv[1], call)
            self.kept[call["params"]["data"]] = answer
        else:
            answer = ask(sys.argv[1], call)
        if method == "abci_query" and "result" in answer:
            lie_of_state(mode, answer["result"]["response"])
        elif method == "commit" and "result" in answer:
            lie_of_block(mode, answer["result"]["signed_header"])
        elif method == "validators" and mode == "validators":
            for each in answer["result"]["validators"]:
                each["pub_key"]["value"] = bent(each["pub_key"]["value"])
        elif method == "genesis" and mode == "genesis":
            answer["result"]["genesis"]["app_state"]["validators"][0]["power"] = "1000001"
        elif method == "net_info" and mode == "peers":
            for each in answer["result"]["peers"]:
                each["node_info"]["listen_addr"] = 'tcp://x"\nseed_mode = true\n#:26656'
        elif method == "genesis" and mode == "chain":
            answer["result"]["genesis"]["app_state"]["chain_id"] = "another-1"
        body = json.dumps(answer).encode()
        if method == "genesis" and mode == "deep":
            body = b'{"jsonrpc":"2.0","id":1,"result":{"genesis":{"app_state":' + b"[" * 100_000 + b"]" * 100_000 + b"}}}"
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
