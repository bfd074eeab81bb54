#!/usr/bin/env python3
"""creator.py GROUP SETTINGS: a creator of jobs whose client checks nothing, against an honest worker. SETTINGS is JSON: secret (hex), node, chain,
kept (the worker's folder of jobs), image, results (the program that makes hostile archives), and for `images` registry, loopback, around.
Each attempt is a job of its own; a row `attempt|what the worker said|what was wrong afterwards` is printed, the last of them empty where it is well."""
import base64
import hashlib
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from bearer import Bearer  # noqa: E402
from sign import address, field, public_key, signature  # noqa: E402

GROUP, SET = sys.argv[1], json.loads(sys.argv[2])
SECRET = int(SET["secret"], 16)
OWN = address(SECRET)
PAY = 1_000  # ucredit of a task
UNCHECKED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNCHECKED.check_hostname, UNCHECKED.verify_mode = False, ssl.CERT_NONE  # the worker's key is not what is tried here
PIECE = 2 << 20
BEGAN = time.monotonic()


def node(path, body=None):
    request = urllib.request.Request(SET["node"] + path, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def send(message_type, message):
    """Signs and sends one message; gives the attributes of what happened."""
    account = node(f"/cosmos/auth/v1beta1/account_info/{OWN}")["info"]
    gas = 1_000_000  # at a thousandth of a ucredit each
    body = field(1, field(1, message_type) + field(2, message))
    key = field(1, "/cosmos.crypto.secp256k1.PubKey") + field(2, field(1, public_key(SECRET)))
    fee = field(1, field(1, "ucredit") + field(2, str(gas // 1_000))) + field(2, gas)
    auth = field(1, field(1, key) + field(2, field(1, field(1, 1))) + field(3, int(account["sequence"]))) + field(2, fee)
    signed = signature(SECRET, field(1, body) + field(2, auth) + field(3, SET["chain"]) + field(4, int(account["account_number"])))
    raw = field(1, body) + field(2, auth) + field(3, signed)
    result = node("/", {"jsonrpc": "2.0", "id": 1, "method": "broadcast_tx_commit", "params": {"tx": base64.b64encode(raw).decode()}})["result"]
    for each in ("check_tx", "tx_result"):
        if int(result[each].get("code") or 0):
            raise RuntimeError(result[each]["log"])
    return {each["key"]: each["value"] for event in result["tx_result"]["events"] if event["type"].startswith("sublet.job.") for each in event["attributes"]}


def package_of(**fields):
    out = {"audit": None, "command": ["/bin/busybox", "true"], "cpu_milli": 200, "env": [], "first": 0, "image": SET["image"], "input": None, "kind": "batch",
           "memory_bytes": 64 << 20, "output_max_bytes": 1 << 20, "salt": os.urandom(32).hex(), "session": False, "step": 1, "tasks": 1, **fields}
    return json.dumps(out, sort_keys=True, separators=(",", ":")).encode()


class Job:
    """One job on the ledger, and its way to the worker."""

    def __init__(self, package):
        self.package = package
        made = send("/sublet.job.v1.MsgCreateJob", field(1, OWN) + field(2, "batch") + field(3, hashlib.sha256(package).digest()) + field(4, 1) + field(5, PAY) +
                    field(8, 60_000) + field(9, 60_000) + field(10, 60_000) + field(11, 1))
        self.id = int(made["job"])
        provider = node("/v1/providers")["providers"][0]
        self.worker = provider["gateway_uri"]
        self.token = Bearer(SECRET, provider, SET["chain"], self.id, "job").token(["job"])

    def call(self, method, what="", body=b"", timeout=60):
        request = urllib.request.Request(f"{self.worker}/v1/jobs/{self.id}{what}", body if method == "PUT" else None, method=method)
        request.add_header("Authorization", "Bearer " + self.token)
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=UNCHECKED) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def put_input(self, bytes_):
        status, answer = 200, {}
        for offset in range(0, len(bytes_), PIECE):
            status, answer = self.call("PUT", f"/input?offset={offset}", bytes_[offset:offset + PIECE])
            if status != 200:
                break
        return status, answer

    def trouble(self):
        """What the worker says of a job that it cannot begin, within a while."""
        until = time.monotonic() + 40
        said = ""
        while not said and time.monotonic() < until:
            said = self.call("GET")[1].get("trouble", "")
            time.sleep(0 if said else 0.1)
        return said

    def kept(self):
        folder = pathlib.Path(SET["kept"]) / str(self.id)
        return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))

    def finish(self, *may):
        """The creator takes his job back; what is left of it anywhere, and what it cost, is what was wrong. `may` be kept till then."""
        wrong = [f"kept {each}" for each in self.kept() if each not in ("package.json", "creator", "pulled", *may)]
        status, _ = self.call("DELETE")
        wrong += [f"DELETE {status}"] if status not in (200, 404) else []
        wrong += [f"left {each}" for each in self.kept()]
        send("/sublet.job.v1.MsgCancelJob", field(1, OWN) + field(2, self.id))
        job = node(f"/v1/jobs/{self.id}")
        wrong += [f"{name} {job[name]}" for name, want in (("paid", 0), ("active", 0), ("refunded", PAY)) if int(job[name]) != want]
        return "; ".join(wrong)


def said(status, answer):
    return "taken" if status == 200 else f"{status}: {answer.get('error', answer)}"


def show(name, words, wrong=""):
    words = re.sub(r"job \d+", "job N", words).replace(SET["kept"], "…").replace("|", "/").replace("\n", " ")
    words = re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", words)
    words = re.sub(r"(?<=[\d\]a-z]):\d{4,5}\b", ":PORT", words)
    print(f"{name}|{words}|{wrong}", flush=True)
    print(f"{time.monotonic() - BEGAN:.2f} s: {name}", file=sys.stderr, flush=True)


def try_input(name, bytes_, say=None):
    """`say`: another size and hash than it has."""
    size, digest = say or (len(bytes_), hashlib.sha256(bytes_).hexdigest())
    job = Job(package_of(input={"bytes": size, "sha256": digest}))
    status, answer = job.call("PUT", "/package", job.package)
    if status == 200:
        status, answer = job.put_input(bytes_)
    show(name, said(status, answer), job.finish())


def archive(kind):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, SET["results"], kind, folder], check=True)
        return (pathlib.Path(folder) / "input.tar").read_bytes()


def inputs():
    for kind, name in (("up", "a name with ../"), ("absolute", "an absolute name"), ("link", "a symbolic link out"), ("through-a-link", "a file through a link"),
                       ("hard-link", "a hard link to a file of the host"), ("device", "a device"), ("pipe", "a pipe"), ("twice", "a name that is there twice"),
                       ("terminal", "a name that steers a terminal"), ("setuid", "a setuid program"), ("many", "100,001 empty files"),
                       ("ten-gigabytes-said", "a file that says it has 10 GB"), ("compressed", "a compressed bomb"), ("zip", "a zip bomb")):
        try_input(name, archive(kind))
    good = archive("good")
    sum_ = hashlib.sha256(good).hexdigest()
    try_input("a piece that does not hash", good[:600] + b"x" + good[601:], (len(good), sum_))
    try_input("more bytes than it says", good, (len(good) - 512, sum_))
    try_input("an input of 1 TiB", good, (1 << 40, sum_))
    job = Job(package_of(input={"bytes": len(good), "sha256": sum_}))
    job.call("PUT", "/package", job.package)
    show("a piece that begins elsewhere", said(*job.call("PUT", "/input?offset=512", good)), job.finish())
    job = Job(package_of())
    show("another package than the job's", said(*job.call("PUT", "/package", package_of())), job.finish())
    for name, change in (("a package with a key twice", lambda p: p.replace(b'{"audit"', b'{"image":"x","audit"')), ("a package of 1,000,000 brackets", lambda p: b"[" * 1_000_000),
                         ("a package that names TASK", lambda p: p.replace(b'"env":[]', b'"env":["TASK=1"]')), ("no package", lambda p: b"")):
        job = Job(change(package_of()))
        show(name, said(*job.call("PUT", "/package", job.package)), job.finish())


def coded(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:" % len(value) + value
    return b"d" + b"".join(coded(key) + coded(value[key]) for key in sorted(value)) + b"e"


def torrent(content, name=b"input", size=None, more=None, info=None):
    """As docs/spec/swarm.md has it, but for what is told otherwise."""
    length, block = 256 << 10, 16 << 10
    pair = lambda row: [hashlib.sha256(row[i] + row[i + 1]).digest() for i in range(0, len(row), 2)]  # noqa: E731

    def root(row):
        while len(row) > 1:
            row = pair(row)
        return row[0]

    pieces = [root([hashlib.sha256(content[at + i:at + i + block]).digest() for i in range(0, length, block)]) for at in range(0, len(content), length)]
    top = root(pieces)
    made = {b"file tree": {name: {b"": {b"length": size or len(content), b"pieces root": top}}}, b"meta version": 2, b"name": name, b"piece length": length, b"private": 1,
            **(info or {})}
    return coded({b"info": made, b"piece layers": {top: b"".join(pieces)}, **(more or {})})


def swarms():
    content = os.urandom(2 << 20)
    sum_ = hashlib.sha256(content).hexdigest()
    good = torrent(content)
    whole = {"torrent": base64.b64encode(good).decode(), "key": "11" * 32, "place": 0, "of": 1, "peers": []}

    def bent(name, torrent_=None, **fields):
        job = Job(package_of(input={"bytes": len(content), "sha256": sum_}))
        job.call("PUT", "/package", job.package)
        body = {**whole, **({"torrent": base64.b64encode(torrent_).decode()} if torrent_ is not None else {}), **fields}
        words = said(*job.call("PUT", "/swarm", json.dumps(body).encode()))
        show(name, words, job.finish(*(("swarm.json", "swarm", "swarm/input") if words == "taken" else ())))

    bent("the torrent that it should be")
    bent("a torrent whose file is ../../escaped", torrent(content, b"../../escaped"))
    bent("a torrent whose file is /tmp/sublet-escaped", torrent(content, b"/tmp/sublet-escaped"))
    bent("a torrent of another size", torrent(content, size=1 << 40))
    bent("a torrent with a tracker at the metadata address", torrent(content, more={b"announce": b"http://169.254.169.254/announce"}))
    bent("a torrent with a seed in the local network", torrent(content, more={b"url-list": b"http://192.168.213.2/"}))
    bent("a torrent that is not private", torrent(content, info={b"private": 0}))
    bent("a torrent with a second file", torrent(content, info={b"file tree": {b"a": {b"": {b"length": 1}}, b"input": {b"": {b"length": len(content)}}}}))
    bent("a torrent whose pieces are not under its root", good[:-100] + bytes(98) + good[-2:])
    bent("a torrent of 200 KiB", bytes(200 << 10))
    bent("a torrent of nothing", b"")
    bent("a key of one byte", key="11")
    bent("65 peers", peers=["203.0.113.9:6881"] * 65)
    bent("a peer with a name", peers=["metadata.internal:80"])
    bent("a place of 10^18", of=10**18)


def image(name, reference):
    job = Job(package_of(image=reference))
    status, answer = job.call("PUT", "/package", job.package)
    words = job.trouble() if status == 200 else said(status, answer)
    words = words.removeprefix(f"the image {reference} cannot be had: ").removeprefix(f"image '{reference}' was not pulled: ")
    words = re.sub(r"^POST \S+: |^the container engine refused GET \S+: ", "", words)
    show(name, words or "nothing", job.finish("in"))  # an empty folder


def images():
    registry, around = SET["registry"], SET["around"]
    image("a registry at the loopback address", f"{SET['loopback']}/hostile/x:1")
    image("a registry called localhost", "localhost:5000/hostile/x:1")
    image("a registry at IPv6's loopback address", "[::1]:5000/hostile/x:1")
    image("a registry at the metadata address", "169.254.169.254:5000/hostile/x:1")
    image("a registry in the local network", f"{around['lan']}:5000/hostile/x:1")
    for kind in ("docker-archive:/etc/passwd", "dir:/etc", "oci:/etc:x", "../../etc/passwd", "--tls-verify=false"):
        image(f"an image called {kind}", kind)
    name_of = {"loopback": "the loopback address", "metadata": "the metadata address", "ten": "a LAN 10.0.0.0/8", "lan": "a LAN 192.168.0.0/16"}
    for way, name in (("manifest", "a manifest"), ("blob", "a layer"), ("foreign", "a layer that names its own address")):
        for where in name_of if way == "manifest" else ("loopback", "metadata", "ten"):
            image(f"{name}, redirected to {name_of[where]}", f"{registry}/hostile/{way}-{where}:1")
    host, port = registry.split(":")
    for place, where in enumerate(("loopback", "metadata", "ten"), 1):  # each has a port of its own
        image(f"tokens, to be had at {name_of[where]}", f"{host}:{int(port) + place}/hostile/token:1")
    image("a redirect without end", f"{registry}/hostile/endless:1")


{"inputs": inputs, "swarms": swarms, "images": images}[GROUP]()
