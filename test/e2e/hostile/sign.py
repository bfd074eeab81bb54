"""sign.py: just enough of secp256k1 and the transaction format to sign what a node must refuse; the standard library only."""
import functools
import hashlib
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "contract"))
from bech32 import bech32  # noqa: E402

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798, 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


@functools.lru_cache(64)  # a key is multiplied for every token
def times(scalar, point=G):
    sum_ = None
    while scalar:
        sum_ = add(sum_, point) if scalar & 1 else sum_
        point, scalar = add(point, point), scalar >> 1
    return sum_


def signature(secret, document, high=False):
    digest = hashlib.sha256(document).digest()
    k = int.from_bytes(hashlib.sha256(secret.to_bytes(32, "big") + digest).digest(), "big") % N
    r = times(k)[0] % N
    s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * secret) % N
    if (s > N // 2) != high:
        s = N - s
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def public_key(secret):
    x, y = times(secret)
    return bytes([2 + (y & 1)]) + x.to_bytes(32, "big")


def address(secret):
    raw = hashlib.new("ripemd160", hashlib.sha256(public_key(secret)).digest()).digest()
    return bech32(raw)


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value) if value else b""
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def faucet(secret, chain, sequence=0, account=0, high=False, spoil=False):
    """A signed MsgFaucet: the one message that a key without money may send."""
    message = field(1, "/sublet.bank.v1.MsgFaucet") + field(2, field(1, address(secret)))
    body = field(1, message)
    key = field(1, "/cosmos.crypto.secp256k1.PubKey") + field(2, field(1, public_key(secret)))
    signer = field(1, key) + field(2, field(1, field(1, 1))) + field(3, sequence)
    auth = field(1, signer) + field(2, field(2, 200_000))
    document = field(1, body) + field(2, auth) + field(3, chain) + field(4, account)
    made = signature(secret, document, high)
    if spoil:
        made = made[:40] + bytes([made[40] ^ 1]) + made[41:]
    return field(1, body) + field(2, auth) + field(3, made)
