#!/usr/bin/env python3
"""lease.py SECRET LEASE OTHER PROVIDER CHAIN SAVED: tokens and manifests for a lease that runs, right and wrong ones. LEASE is of the
key SECRET (hex), OTHER is another tenant's; PROVIDER is the ledger's record as JSON, SAVED the file with manifest and nonce."""
import base64
import json
import pathlib
import sys
import time

from bearer import Bearer, flipped
import sign
from sockets import upgraded
from wire import exchange, row, statuses
import wire

secret, lease, other = int(sys.argv[1], 16), int(sys.argv[2]), int(sys.argv[3])
provider, chain = json.loads(sys.argv[4]), sys.argv[5]
saved = json.loads(pathlib.Path(sys.argv[6]).read_text())
port = int(provider["gateway_uri"].rsplit(":", 1)[1])
own = Bearer(secret, provider, chain, lease)
MANIFEST, NONCE = base64.b64decode(saved["manifest"]).decode(), saved["nonce"]


def ask(token, what="status", of=lease, method="GET", body=b""):
    head = f"{method} /v1/leases/{of}/{what} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    answer, _, _ = exchange(port, head.encode() + f"Authorization: Bearer {token}\r\n\r\n".encode() + body, tls=True)
    return statuses(answer), answer.split(b"\r\n\r\n", 1)[-1]


def refused(what, status, words, answer):
    codes, body = answer
    row(f"{what}: {status}, and why", codes == [status] and b'"error"' in body and words.encode() in body.lower(), answer)


def put(token, manifest=MANIFEST, nonce=NONCE, of=lease):
    return ask(token, "manifest", of, "PUT", json.dumps({"nonce": nonce, "manifest": manifest}).encode())


def tokens():
    now, scope = int(time.time()), ["status"]
    row("a right token is taken", ask(own.token(scope))[0] == [200])
    rows = (("a token for another provider", 401, "another provider", own.token(scope, aud=flipped(provider["owner"]))),
            ("for another TLS key", 401, "tls key", own.token(scope, spki="00" * 32)),
            ("for another network", 401, "another chain", own.token(scope, chain_id=chain + "x")),
            ("for another lease", 403, "another lease", own.token(scope, lease=other)),
            ("for a lease as text", 401, "lease", own.token(scope, lease=str(lease))),
            ("without the scope", 403, "scope", own.token(["logs"])),
            ("with a scope nobody knows", 401, "scope", own.token(["status", "root"])),
            ("expired", 401, "expired", own.token(scope, iat=now - 700, nbf=now - 700, exp=now - 400)),
            ("of the future", 401, "not valid yet", own.token(scope, iat=now + 100, nbf=now + 100, exp=now + 200)),
            ("that lives for a year", 401, "300 s", own.token(scope, exp=now + 31_536_000)),
            ("of another key in its own name", 403, "another tenant", own.token(scope, secret=2)),
            ("of another key in the tenant's name", 401, "key of its issuer", own.token(scope, secret=2, iss=sign.address(secret))),
            ("with another signature's s", 401, "signature", own.token(scope, high=True)),
            ("with alg none and no signature", 401, "alg", own.unsigned(scope)),
            ("with alg none and the right key's signature", 401, "alg", own.token(scope, header={"alg": "none"})),
            ("with the public key as a password", 401, "alg", own.keyed(scope)),
            ("that claims something more", 401, "claims", own.token(scope, admin=True)))
    for what, status, words, token in rows:
        refused(what, status, words, ask(token))
    refused("a right token at another tenant's lease", 403, "another lease", ask(own.token(scope), of=other))
    refused("a token for another tenant's lease there", 403, "another tenant", ask(own.token(scope, lease=other), of=other))
    refused("a lease that is not there", 404, "no lease", ask(own.token(scope, lease=999_999), of=999_999))
    for what, status, scopes in (("a token for the status", 403, ["status"]), ("a token for logs", 101, ["logs"])):
        sock, head = upgraded(port, f"/v1/leases/{lease}/logs", True, f"Authorization: Bearer {own.token(scopes)}\r\n")
        sock.close()
        row(f"an upgrade to the logs with {what}: {status}", statuses(head) == [status], head[:200])
    refused("a way that is none", 404, "nothing at", ask(own.token(["shell"]), "shell"))


def manifests():
    once = own.token(["manifest"])
    changed = MANIFEST.replace("/bin/busybox", "/bin/mischief", 1)
    rows = (("another manifest", 409, "not the manifest", changed, NONCE), ("with a space more", 409, "not the manifest", MANIFEST + " ", NONCE),
            ("with another nonce", 409, "not the manifest", MANIFEST, "00" * 32), ("with half a nonce", 400, "32 bytes", MANIFEST, NONCE[:32]),
            ("with a nonce that is no hex", 400, "32 bytes", MANIFEST, "zz" * 32), ("no manifest", 409, "not the manifest", "", NONCE))
    row("the manifest is one that can be changed", changed != MANIFEST)
    for what, status, words, manifest, nonce in rows:
        refused(f"a manifest: {what}", status, words, put(own.token(["manifest"]), manifest, nonce))
    refused("a body that is no JSON", 400, "the body is not", ask(own.token(["manifest"]), "manifest", lease, "PUT", b"{"))
    refused("a body of 1,000,000 brackets", 400, "the body is not", ask(own.token(["manifest"]), "manifest", lease, "PUT", b"[" * 1_000_000))
    refused("the manifest with a token for the status", 403, "scope", put(own.token(["status"])))
    refused("the manifest for another tenant's lease", 403, "another tenant", put(own.token(["manifest"], lease=other), of=other))
    answer = put(once)
    row("the right one is taken, once more", answer[0] == [200], answer)
    refused("the same token again", 401, "used", put(once))
    refused("the same token after a wrong manifest", 409, "not the manifest", put(once, changed))
    row("a new token with the same manifest is taken", put(own.token(["manifest"]))[0] == [200])
    codes, _ = ask(own.token(["manifest"]), "manifest", lease, "PUT", b"x" * ((4 << 20) + 1))
    row("a manifest of 4 MiB and a byte: 413", codes == [413], codes)


tokens()
manifests()
sys.exit(wire.failed)
