#!/usr/bin/env python3
"""streams.py SECRET LEASE PROVIDER CHAIN: a tenant that opens WebSockets at its provider's gateway without end, says what nobody says
there, and reads nothing; the gateway refuses beyond a bound, and goes on."""
import json
import sys
import time

from bearer import Bearer
from sockets import drained, frame, harms, upgraded
from wire import get, row, statuses
import wire

secret, lease, provider, chain = int(sys.argv[1], 16), int(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4]
port = int(provider["gateway_uri"].rsplit(":", 1)[1])
own = Bearer(secret, provider, chain, lease)
AT_ONCE, ASKED = 16, 60


def stream(what):
    return upgraded(port, f"/v1/leases/{lease}/{what}?follow=1", True, f"Authorization: Bearer {own.token([what])}\r\n")


def many():
    held = [stream("logs" if i % 2 else "events") for i in range(ASKED)]
    codes = [statuses(head)[:1] for _, head in held]
    row(f"of {ASKED} streams {codes.count([101])} are taken, the others refused", codes.count([101]) == AT_ONCE and codes.count([503]) == ASKED - AT_ONCE, codes)
    status, _, seconds = get(port, "/v1/status", tls=True)
    row("beside them the gateway answers at once", status == 200 and seconds < 1, (status, seconds))
    for sock, head in held:
        if statuses(head) == [101]:
            drained(sock, [frame(b"x" * 60_000) for _ in range(100)], 0.2)  # nobody reads these: 6 MB each
    row("and with 100 MB of messages that it did not ask for", get(port, "/v1/status", tls=True)[0] == 200)
    for sock, _ in held:
        sock.close()


def harm():
    for what, data in harms():
        for _ in range(100):  # those that were closed a moment ago may still count
            sock, head = stream("logs")
            if statuses(head) == [101]:
                break
            sock.close()
            time.sleep(0.1)
        with sock:
            sent = drained(sock, data) if statuses(head) == [101] else None
        row(f"{what}: closed after {sent} bytes", sent is not None and sent <= 12 << 20, head[:80])


many()
harm()
status, _, took = get(port, "/v1/status", tls=True)
row("then the gateway answers at once", status == 200 and took < 1, (status, took))
sys.exit(wire.failed)
