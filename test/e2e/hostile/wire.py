"""wire.py: raw sockets, and rows that print ok / not ok."""
import http.client
import re
import select
import socket
import ssl
import time

failed = 0


def row(name, good, why=""):
    global failed
    failed += not good
    print(f"ok hostile: {name}" if good else f"not ok hostile: {name}: {str(why)[:300]}", flush=True)


def within_tls(plain):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate is self-signed, and not what is tried here
    return context.wrap_socket(plain)


def connect(port, tls=False, timeout=5, source="127.0.0.1"):
    plain = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))
    return within_tls(plain) if tls else plain


def is_reset(sock):
    """The other side has cut it; looks without reading."""
    watch = select.poll()
    watch.register(sock, 0)
    return bool(watch.poll(0))


def exchange(port, data, tls=False, timeout=5, most=1 << 20):
    """Sends; gives what came back until the other side closed or said nothing for a while, how many bytes it took, and whether it closed."""
    taken, got, closed = 0, b"", False
    with connect(port, tls, timeout) as sock:
        try:
            for part in data if isinstance(data, (list, tuple)) or hasattr(data, "__next__") else [data]:
                sock.sendall(part)
                taken += len(part)
        except OSError:
            closed = True
        sock.settimeout(1.0)
        try:
            while len(got) < most:
                more = sock.recv(65536)
                if not more:
                    closed = True
                    break
                got += more
        except TimeoutError:
            pass
        except OSError:
            closed = True
    return got, taken, closed


def statuses(answer):
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def get(port, path, tls=False, timeout=5, source="127.0.0.1"):
    """(status, body, seconds); status 0 when there was no answer."""
    began = time.monotonic()
    try:
        with connect(port, tls, timeout, source) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            response = http.client.HTTPResponse(sock)
            response.begin()
            return response.status, response.read(), time.monotonic() - began
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error).encode(), time.monotonic() - began


def well(name, port, path, tls=False):
    status, body, seconds = get(port, path, tls)
    row(f"{name} answers at once", status == 200 and seconds < 1, f"status {status} after {seconds:.2f} s: {body[:100]}")
