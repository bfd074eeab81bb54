#!/usr/bin/env python3
"""idle.py NAME PORT PATH [tls]: slow clients from one address, let go of in bounded time; beside them 10,000 connections from another
one that say nothing: everybody else is answered at once, from that address too."""
import contextlib
import json
import resource
import selectors
import socket
import sys
import time

from wire import get, row, well
import wire

name, port, path, tls = sys.argv[1], int(sys.argv[2]), sys.argv[3], len(sys.argv) > 4
WANTED, EACH, READERS, MOST_S = 10_000, 80, 8, 80
SLOW_FROM, IDLE_FROM, STRANGER = "127.0.0.3", "127.0.0.1", "127.0.0.2"
BATCH = json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "status"}] * 100).encode()
MUCH = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BATCH) + BATCH
BODY = b"Host: x\r\nContent-Length: 1000000\r\n\r\n"

# What each kind sends first, and whether it goes on with a byte a second.
KINDS = {"heads": (f"GET {path} HTTP/1.1\r\nX-A: ".encode(), True), "heads that stop": (b"POST / HTTP/1.1\r\nHost: x\r\n", False),
         "bodies": (b"POST / HTTP/1.1\r\n" + BODY, True)}
READERS_OF_MUCH = {"readers of much": (MUCH * 200, False)}  # each costs the node a few hundred answers: they come last
TLS_KINDS = {"handshakes": (b"\x16\x03\x01\x02\x00\x01", True), "handshakes that stop": (b"\x16", False)}
INSIDE_TLS = {"bodies inside TLS": (f"PUT {path} HTTP/1.1\r\n".encode() + BODY, True)}


def opened(count, first, source, through_tls=False, small=False):
    made = []
    for _ in range(count):
        plain = socket.socket()
        if small:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(5)
        with contextlib.suppress(OSError):
            plain.bind((source, 0))
            plain.connect(("127.0.0.1", port))
        sock = wire.within_tls(plain) if through_tls else plain
        sock.settimeout(0)
        with contextlib.suppress(OSError):
            sock.send(first)
        made.append(sock)
    return made


class Watch:
    """Sockets of several kinds; when the last of each was let go of."""

    def __init__(self):
        self.began, self.next_drip, self.selector = time.monotonic(), time.monotonic(), selectors.DefaultSelector()
        self.open, self.last, self.kinds = {}, {}, {}

    def add(self, kind, drips, reads, socks):
        self.kinds[kind] = drips
        for sock in socks:
            self.open[sock] = kind
            if reads:
                self.selector.register(sock, selectors.EVENT_READ)

    def gone(self, sock):
        self.last[self.open.pop(sock)] = time.monotonic() - self.began
        with contextlib.suppress(KeyError):
            self.selector.unregister(sock)
        sock.close()

    def until(self, seconds):
        while self.open and time.monotonic() - self.began < seconds:
            for key, _ in self.selector.select(0.2):
                try:
                    more = key.fileobj.recv(4096)
                except BlockingIOError:
                    continue
                except OSError:
                    more = b""
                if not more:
                    self.gone(key.fileobj)
            if time.monotonic() >= self.next_drip:
                self.next_drip += 1
                self.drip()

    def drip(self):
        for sock, kind in list(self.open.items()):
            try:
                if self.kinds[kind]:
                    sock.send(b"a")
                elif sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or wire.is_reset(sock):
                    self.gone(sock)
            except BlockingIOError:
                continue
            except OSError:
                self.gone(sock)


def flood():
    """10,000 that say nothing, and in between and at the end somebody who asks."""
    silent, answers = [], []
    began = time.monotonic()
    for _ in range(10):
        silent += opened(WANTED // 10, b"", IDLE_FROM)
        answers.append(get(port, path, tls, source=IDLE_FROM))
    seconds = time.monotonic() - began
    good = all(status == 200 and took < 1 for status, _, took in answers)
    row(f"{name}: while {WANTED} idle connections open in {seconds:.1f} s, each of {len(answers)} requests from their address is answered at once", good, [(status, f"{took:.2f} s") for status, _, took in answers])
    for who, source in (("their own address", IDLE_FROM), ("another address", STRANGER)):
        status, body, took = get(port, path, tls, source=source)
        row(f"{name}: beside {WANTED} idle connections {who} is answered after {took:.2f} s", status == 200 and took < 1, f"{status} after {took:.2f} s: {body[:100]}")
    for sock in silent:
        sock.close()


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = WANTED + EACH * 4 + 100
    watch = Watch()

    def open_kinds(kinds, through=False, count=EACH, reads=True):
        for kind, (first, drips) in kinds.items():
            watch.add(kind, drips, reads, opened(count, first, SLOW_FROM, through, not reads))

    open_kinds(TLS_KINDS if tls else KINDS)
    if tls:
        open_kinds(INSIDE_TLS, through=True)
    slow = len(watch.open)
    well(f"{name}: with {slow} slow clients it", port, path, tls)
    if hard < needed:
        print(f"skip hostile: 10,000 idle connections: the hard limit of open files is {hard}")
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
        flood()
    if not tls:
        open_kinds(READERS_OF_MUCH, count=READERS, reads=False)
    watch.until(MOST_S)
    left = list(watch.open.values())
    for kind in watch.kinds:
        row(f"{name}: slow {kind} are let go of within {watch.last.get(kind, 0):.0f} s", kind not in left, f"{left.count(kind)} are still there after {MOST_S} s")
    well(f"{name}: then it", port, path, tls)
    sys.exit(wire.failed)


main()
