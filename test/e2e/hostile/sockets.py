"""sockets.py: WebSockets by hand: upgrades, frames that are right and frames that are not."""
import base64
import os
import struct
import time

from wire import connect


def upgraded(port, target, tls=False, head=""):
    """(socket, head of the answer)."""
    sock = connect(port, tls)
    key = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{head}\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = sock.recv(1)
        if not more:
            break
        answer += more
    return sock, answer


def frame(payload, opcode=1, last=True, masked=True, length=None):
    length = len(payload) if length is None else length
    size = bytes([length]) if length < 126 else b"\x7e" + struct.pack(">H", length) if length < 65536 else b"\x7f" + struct.pack(">Q", length)
    head = bytes([opcode | 128 * last, size[0] | 128 * masked]) + size[1:]
    return head + (b"\0\0\0\0" if masked else b"") + payload


def drained(sock, data, seconds=8):
    """Sends data over and over until the other side closes; bytes sent before, or None when it never closed."""
    sent, until = 0, time.monotonic() + seconds
    sock.settimeout(0.5)
    while time.monotonic() < until:
        try:
            for part in data:
                sock.sendall(part)
                sent += len(part)
            data = ()
            if not sock.recv(65536):
                return sent
        except TimeoutError:
            continue
        except OSError:
            return sent
    return None


def harms():
    """(what, frames): what no client sends; each must end the connection."""
    endless = (frame(b"x" * 65000, opcode=0 if i else 1, last=False) for i in range(300))
    return (("a frame of 16 MB", [frame(b"", length=16 << 20)] + [b"x" * 65536] * 256), ("fragments without end", endless), ("a frame without a mask", [frame(b"{}", masked=False)]),
            ("a length of 2^63", [frame(b"", length=(1 << 63) + 1)]), ("a reserved opcode", [frame(b"x", opcode=5)]), ("a ping of 1 KiB", [frame(b"x" * 1024, opcode=9)]),
            ("text that is not UTF-8", [frame(b"\xff\xfe")]))
