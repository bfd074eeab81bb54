"""bearer.py: signed tokens for a gateway, right ones and ones that are wrong in one place."""
import base64
import hashlib
import json
import os
import time

import sign


def part(value):
    value = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Bearer:
    """Makes tokens of one key for one lease, or one job, at one provider (as the ledger's record of it says)."""

    def __init__(self, secret, provider, chain, lease, what="lease"):
        self.secret = secret
        pin = provider["tls_pin"]
        self.target = {"aud": provider["owner"], "chain_id": chain, "spki": pin if len(pin) == 64 else base64.b64decode(pin).hex(), what: lease}

    def token(self, scopes, secret=None, header=None, high=False, **claims):
        """`secret` signs (else the key's own); `header` and `claims` replace what would be right."""
        secret = secret or self.secret
        x, y = sign.times(secret)
        now = int(time.time())
        head = {"alg": "ES256K", "typ": "JWT", "jwk": {"kty": "EC", "crv": "secp256k1", "x": part(x.to_bytes(32, "big")), "y": part(y.to_bytes(32, "big"))}, **(header or {})}
        body = {"iss": sign.address(secret), **self.target, "scope": scopes, "iat": now, "nbf": now, "exp": now + 300, "jti": part(os.urandom(16)), **claims}
        text = part(head) + "." + part(body)
        return text + "." + part(sign.signature(secret, text.encode(), high))

    def unsigned(self, scopes, algorithm="none", signature=b""):
        text = self.token(scopes, header={"alg": algorithm}).rsplit(".", 1)[0]
        return text + "." + part(signature)

    def keyed(self, scopes):
        """Signed by what everybody knows, as if the public key were a password."""
        text = self.token(scopes, header={"alg": "HS256"}).rsplit(".", 1)[0]
        key = sign.public_key(self.secret)
        inner = hashlib.sha256(bytes(b ^ 0x36 for b in key.ljust(64, b"\0")) + text.encode()).digest()
        return text + "." + part(hashlib.sha256(bytes(b ^ 0x5C for b in key.ljust(64, b"\0")) + inner).digest())


def flipped(address):
    """Another address that is as well formed: of the key 2."""
    return sign.address(2) if address != sign.address(2) else sign.address(3)
