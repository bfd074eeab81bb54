#!/usr/bin/env python3
"""idle.py NODE GATEWAY: 300 slow clients at each server, then 10,000 that say nothing at the node: let go of in bounded time."""
import resource
import selectors
import socket
import sys
import time

from wire import get, row, well
import wire

node, gateway = int(sys.argv[1]), int(sys.argv[2])
WANTED, SLOW, MOST_S = 10_000, 300, 70


def opened(port, count, first):
    made = []
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port), timeout=5)
        try:
            sock.sendall(first)
        except OSError:
            pass
        sock.setblocking(False)
        made.append(sock)
    return made


def gone_after(socks, drip):
    """Drips a byte a second into those of drip; the seconds until the last one was let go of, or None."""
    watch, began, next_drip = selectors.DefaultSelector(), time.monotonic(), time.monotonic()
    for sock in socks:
        watch.register(sock, selectors.EVENT_READ)
    left = set(socks)
    while left and time.monotonic() - began < MOST_S:
        for key, _ in watch.select(0.2):
            try:
                more = key.fileobj.recv(4096)
            except OSError:
                more = b""
            if not more:
                watch.unregister(key.fileobj)
                key.fileobj.close()
                left.discard(key.fileobj)
        if time.monotonic() >= next_drip:
            next_drip += 1
            for sock in left & drip:
                try:
                    sock.send(b"a")
                except OSError:
                    pass
    for sock in left:
        sock.close()
    return None if left else time.monotonic() - began


def main():
    slow = opened(node, SLOW // 2, b"GET /health HTTP/1.1\r\nX-A: ") + opened(node, SLOW // 2, b"POST / HTTP/1.1\r\nHost: x\r\n")
    slow += opened(gateway, SLOW, b"\x16\x03\x01\x02\x00\x01")
    well(f"with {SLOW} slow clients the node", node, "/health")
    well(f"with {SLOW} slow clients the gateway", gateway, "/v1/status", tls=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    silent = []
    if hard < WANTED + SLOW * 2 + 100:
        print(f"skip hostile: 10,000 idle connections: the hard limit of open files is {hard}")
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, WANTED + SLOW * 2 + 100), hard))
        began = time.monotonic()
        silent = opened(node, WANTED, b"")
        status, _, seconds = get(node, "/health")
        row(f"beside {WANTED} idle connections the node answers or refuses at once ({status} after {seconds:.2f} s, opened in {time.monotonic() - began:.1f} s)", seconds < 1)
    seconds = gone_after(slow + silent, set(slow[:SLOW // 2]))
    row(f"slow and idle ones are all let go of{'' if seconds is None else f' within {seconds:.0f} s'}", seconds is not None, f"not after {MOST_S} s")
    well("then the node", node, "/health")
    well("and the gateway", gateway, "/v1/status", tls=True)
    sys.exit(wire.failed)


main()
