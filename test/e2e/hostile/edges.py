#!/usr/bin/env python3
"""edges.py NAME PORT PATH [tls]: what no HTTP client sends, to one server: it refuses within bounds, and answers PATH at once after."""
import base64
import os
import sys

from sockets import drained, frame, harms, upgraded
from wire import exchange, row, statuses, well
import wire

name, port, path, tls = sys.argv[1], int(sys.argv[2]), sys.argv[3], len(sys.argv) > 4
HEAD = f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode()


def smuggling():
    second = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Smuggled: 1\r\n\r\n".encode()
    rows = {"a length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
            "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + second,
            "a list of lengths": HEAD + b"Content-Length: 5, 6\r\n\r\nhello" + second,
            "chunks with a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + second,
            "an encoding nobody knows": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + second,
            "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + second,
            "a length with a plus": HEAD + b"Content-Length: +5\r\n\r\nhello" + second,
            "a length of 30 digits": HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n" + second,
            "a chunk larger than 64 bits": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n" + second,
            "a chunk of a negative size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n" + second,
            "a NUL in a header": HEAD + b"X-A: b\0c\r\nContent-Length: 0\r\n\r\n",
            "lines that end in a bare LF": HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n",
            "a version that is none": b"GET / HTTP/9.9\r\n\r\n", "random bytes": os.urandom(4000)}
    for what, data in rows.items():
        answer, _, closed = exchange(port, data, tls)
        # One answer at most: a second one would mean that the two ends disagree where the first request ends.
        row(f"{name}: {what}: refused, and the connection closes", closed and (not statuses(answer) or (len(statuses(answer)) == 1 and 400 <= statuses(answer)[0] < 600)),
            (statuses(answer), closed, answer[:120]))
    answer, _, _ = exchange(port, HEAD + b"X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n", tls)
    row(f"{name}: a header folded over two lines is one request", len(statuses(answer)) == 1, answer[:200])
    answer, _, _ = exchange(port, second * 50, tls)
    row(f"{name}: 50 requests sent at once have no more than 50 answers", 1 <= len(statuses(answer)) <= 50, len(statuses(answer)))


def sizes():
    def parts(first, size):
        yield first
        for _ in range(size >> 16):
            yield b"a" * 65536

    # What the kernel's buffers of both ends swallow counts as taken: loopback gives a socket some MB of them.
    for what, first, size, most in (("1 MB of headers", HEAD + b"X-A: ", 1 << 20, 1 << 20), ("an address of 1 MB", b"GET /", 1 << 20, 1 << 20),
                                    ("a body of 100 MB", HEAD + b"Content-Length: 104857600\r\n\r\n", 100 << 20, 24 << 20),
                                    ("10,000 headers", HEAD + b"A: b\r\n" * 10_000, 0, 1 << 20)):
        answer, taken, closed = exchange(port, parts(first, size), tls)
        row(f"{name}: {what}: refused after {taken >> 10} KiB were handed over", closed and taken <= most + 65536 + len(first) and (not statuses(answer) or 400 <= statuses(answer)[0] < 600),
            (taken, statuses(answer), closed))


def websockets():
    subscribe = [frame(b'{"jsonrpc":"2.0","id":%d,"method":"subscribe","params":{"query":"tm.event=\'Tx\' AND tx.height=%d"}}' % (i, i)) for i in range(40)]
    for what, data in harms():
        sock, head = upgraded(port, "/websocket", tls)
        with sock:
            sent = drained(sock, data) if b" 101 " in head else None
        row(f"{name}: WebSocket: {what}: closed after {sent} bytes", sent is not None and sent <= 12 << 20, head[:80])
    sock, head = upgraded(port, "/websocket", tls)
    with sock:
        sock.sendall(b"".join(subscribe))
        sock.settimeout(1)
        got = b""
        try:
            while more := sock.recv(65536):
                got += more
        except (TimeoutError, OSError):
            pass
    taken, refused = got.count(b'"result":{}'), got.count(b'"error"')
    row(f"{name}: WebSocket: of 40 subscriptions {taken} are taken, the others refused in words", taken == 16 and refused == 24, (taken, refused, got[:200]))
    sock, head = upgraded(port, "/websocket", tls)
    with sock:
        drained(sock, (frame(b"x" * 100, opcode=9) for _ in range(100_000)), 5)
    well(f"{name}: WebSocket: after 100,000 pings it", port, path, tls)


def tokens():
    """Tokens that no key signed; those that one signed are in token_test.cpp."""
    def part(text):
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    claims = part('{"iss":"x","lease":"1","scope":["status"]}')
    rows = {"no token": None, "an empty token": "", "a token of one part": "abc", "alg none": part('{"alg":"none","typ":"JWT"}') + "." + claims + ".",
            "alg HS256": part('{"alg":"HS256","typ":"JWT"}') + "." + claims + "." + part("x" * 32), "a token of 8 KiB": "a" * 8192, "dots": "." * 1000}
    for what, token in rows.items():
        head = "" if token is None else f"Authorization: Bearer {token}\r\n"
        answer, _, _ = exchange(port, f"GET /v1/leases/1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode(), tls)
        row(f"{name}: {what}: refused in words", statuses(answer) in ([400], [401]) and b'"error"' in answer, answer[:300])


smuggling()
sizes()
if tls:
    tokens()
else:
    websockets()
well(name, port, path, tls)
sys.exit(wire.failed)
