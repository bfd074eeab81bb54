"""bech32.py: addresses as text, written from BIP-173; for every test in Python that needs one."""


def bech32(data, prefix="sublet"):
    """BIP-173, written from its text."""
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = int.from_bytes(data, "big")
    words = [bits >> 5 * i & 31 for i in reversed(range(len(data) * 8 // 5))]
    check = 1
    for value in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + words + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    check ^= 1
    return prefix + "1" + "".join(letters[w] for w in words + [check >> 5 * (5 - i) & 31 for i in range(6)])
