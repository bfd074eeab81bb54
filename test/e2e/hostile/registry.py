#!/usr/bin/env python3
"""registry.py ADDRESS PORT CERTIFICATE WHERE BUSYBOX: a container registry over TLS that leads who pulls hostile/WAY-PLACE to where WHERE (JSON: place
to URL) has PLACE; hostile/honest is an image, and so is hostile/escape, whose layer has names that lead out. The three ports after PORT ask
for tokens from the loopback, the metadata and a private address. With ADDRESS PORT alone: a plain server that answers everything and prints who called."""
import gzip
import hashlib
import http.server
import io
import json
import pathlib
import socketserver
import ssl
import sys
import tarfile
import threading

TYPE = "application/vnd.docker."
LAYER, FOREIGN = TYPE + "image.rootfs.diff.tar.gzip", TYPE + "image.rootfs.foreign.diff.tar.gzip"
blobs = {}


def kept(bytes_, media):
    digest = "sha256:" + hashlib.sha256(bytes_).hexdigest()
    blobs[digest] = bytes_
    return {"mediaType": media, "size": len(bytes_), "digest": digest}


def manifest(tar, media=LAYER, **more):
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]}}
    layer = {**kept(gzip.compress(tar, mtime=0), media), **more}
    return {"schemaVersion": 2, "mediaType": TYPE + "distribution.manifest.v2+json", "config": kept(json.dumps(config).encode(), TYPE + "container.image.v1+json"), "layers": [layer]}


def layer(**files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, content in files.items():
            head = tarfile.TarInfo(name)
            head.size, head.mode = len(content), 0o755
            made.addfile(head, io.BytesIO(content))
    return out.getvalue()


class Plain(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        print("called", self.client_address[0], self.path, flush=True)
        self.answer(200, b"{}")

    do_HEAD = do_POST = do_GET

    def log_message(self, *_):
        pass


class Registry(Plain):
    def do_GET(self):
        parts = self.path.split("/")
        asked = ("", "loopback", "metadata", "ten")[self.server.server_address[1] - int(sys.argv[2])]
        if asked:
            return self.answer(401, WWW_Authenticate=f'Bearer realm="{WHERE[asked]}/token",service="x"')
        if self.path.startswith("/endless/"):
            return self.answer(302, Location=self.path + "x")
        if len(parts) < 6:
            return self.answer(200, b"{}")
        name, what, which = parts[3], parts[4], parts[5]
        way, _, place = name.partition("-")
        url = WHERE.get(place, "") + "/" + name
        if what == "manifests":
            if way in ("manifest", "endless"):
                return self.answer(302, Location="/endless/x" if way == "endless" else url)
            made = {"honest": honest, "escape": escape, "blob": blob}.get(way) or {**blob, "layers": [{**blob["layers"][0], "mediaType": FOREIGN, "urls": [url]}]}
            body = json.dumps(made).encode()
            return self.answer(200, body, Content_Type=made["mediaType"])
        if way in ("blob", "foreign") and which == blob["layers"][0]["digest"]:
            return self.answer(307, Location=url) if way == "blob" else self.answer(404)
        return self.answer(200, blobs.get(which, b""), Content_Type="application/octet-stream")

    do_HEAD = do_GET


class Server(http.server.ThreadingHTTPServer):
    def server_bind(self):  # http.server would ask a name server for its own name, and wait
        socketserver.TCPServer.server_bind(self)


if len(sys.argv) == 3:
    Server((sys.argv[1], int(sys.argv[2])), Plain).serve_forever()
WHERE = json.loads(sys.argv[4])
program = pathlib.Path(sys.argv[5]).read_bytes()
honest = manifest(layer(**{"bin/busybox": program}))
blob = manifest(layer(any=b"a layer that is elsewhere"))
escape = manifest(layer(**{"bin/busybox": program, "../../../../../../../../tmp/sublet-escaped": b"x", "/../../../../../../../tmp/sublet-escaped-too": b"x"}))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3])
for number in range(4):
    server = Server((sys.argv[1], int(sys.argv[2]) + number), Registry)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()
