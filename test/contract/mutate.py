"""mutate.py: encodings that a canonical encoder does not write, made from ones that it does, at any depth.

Bytes are taken apart into fields by the contract's descriptors; one place is changed and everything around it is put
together again with its new length. Each way to change has a name, for the table of outcomes.
"""

VARINT, FIXED64, LENGTH, GROUP, FIXED32 = 0, 1, 2, 3, 5


def varint(value, pad=0):
    """A varint, with `pad` bytes more than it needs."""
    out = bytearray()
    while value >= 128 or pad > 0:
        if value < 128:
            pad -= 1
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def split(data):
    """[(number, wire type, content)] of canonical bytes: content is a number or bytes."""
    fields, at = [], 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == VARINT:
            content, at = read_varint(data, at)
        else:
            size, at = read_varint(data, at)
            content, at = data[at:at + size], at + size
        fields.append((tag >> 3, tag & 7, content))
    return fields


def one(number, wire_type, content, pads=(0, 0)):
    """A field; `pads` are superfluous bytes of its tag and of its value or length."""
    head = varint(number << 3 | wire_type, pads[0])
    return head + (varint(content, pads[1]) if wire_type == VARINT else varint(len(content), pads[1]) + content)


def join(fields):
    return b"".join(one(*field) for field in fields)


class Mutator:
    def __init__(self, random, max_repeated):
        self.random, self.max_repeated = random, max_repeated
        self.whole = [self.unknown_field, self.unknown_group, self.trailing, self.truncated, self.noise, self.default_written, self.too_many, self.field_zero]
        self.placed = [self.swapped, self.twice, self.long_tag, self.long_value, self.wrong_type, self.over_64_bits, self.resized, self.all_zero, self.other_number, self.repacked, self.not_utf8]

    def mutate(self, data, descriptor):
        """(name of the way, changed bytes); the bytes may by chance be the same or canonical again."""
        fields = split(data)
        inner = [i for i, (number, wire_type, _) in enumerate(fields) if wire_type == LENGTH and descriptor.fields_by_number[number].message_type]
        if inner and self.random.random() < 0.6:
            i = self.random.choice(inner)
            number, wire_type, content = fields[i]
            name, changed = self.mutate(content, descriptor.fields_by_number[number].message_type)
            fields[i] = (number, wire_type, changed)
            return name, join(fields)
        ways = self.whole + (self.placed if fields else [])
        way = self.random.choice(ways)
        changed = way(data, fields, descriptor)
        return way.__name__, data if changed is None else changed

    # Ways that need no field.
    def unknown_field(self, data, fields, descriptor):
        number = self.random.choice([n for n in (1, 2, 5, 15, 16, 50, 1023, 2047, 2**29 - 1) if n not in descriptor.fields_by_number])
        extra = self.random.choice([one(number, VARINT, self.random.getrandbits(20)), one(number, LENGTH, b"x"), varint(number << 3 | FIXED32) + b"1234", varint(number << 3 | FIXED64) + b"12345678"])
        before = [f for f in fields if f[0] < number]
        return join(before) + extra + join(fields[len(before):])

    def unknown_group(self, data, fields, descriptor):
        return data + varint(900 << 3 | GROUP) + varint(900 << 3 | 4)

    def trailing(self, data, fields, descriptor):
        return data + self.random.randbytes(self.random.randrange(1, 4))

    def field_zero(self, data, fields, descriptor):
        return data + b"\0\1"

    def truncated(self, data, fields, descriptor):
        return data[: self.random.randrange(len(data) + 1)]

    def noise(self, data, fields, descriptor):
        out = bytearray(data)
        for _ in range(self.random.randrange(1, 4)):
            kind, at = self.random.randrange(3), self.random.randrange(len(out) + 1)
            if kind == 0 and at < len(out):
                out[at] ^= 1 << self.random.randrange(8)
            elif kind == 1 and at < len(out):
                del out[at]
            else:
                out.insert(at, self.random.randrange(256))
        return bytes(out)

    def default_written(self, data, fields, descriptor):
        there = {number for number, _, _ in fields}
        absent = [f for f in descriptor.fields if f.number not in there]
        if not absent:
            return None
        field = self.random.choice(absent)
        packed = field.label == field.LABEL_REPEATED
        extra = (field.number, LENGTH, b"") if packed or field.type in (9, 11, 12) else (field.number, VARINT, 0)
        return join(sorted([*fields, extra], key=lambda f: f[0]))

    def too_many(self, data, fields, descriptor):
        lists = [f for f in descriptor.fields if f.label == f.LABEL_REPEATED]
        if not lists or self.random.random() < 0.9:
            return None
        field = self.random.choice(lists)
        rest = [f for f in fields if f[0] != field.number]
        many = self.max_repeated + self.random.choice((0, 1, 1, 2))
        extra = [(field.number, LENGTH, b"\1" * many)] if field.type not in (9, 11, 12) else [(field.number, LENGTH, b"")] * many
        return join(sorted(rest + extra, key=lambda f: f[0]))

    # Ways that change a field.
    def swapped(self, data, fields, descriptor):
        out = list(fields)
        i, j = self.random.randrange(len(out)), self.random.randrange(len(out))
        out[i], out[j] = out[j], out[i]
        return join(out)

    def twice(self, data, fields, descriptor):
        i = self.random.randrange(len(fields))
        return join(fields[: i + 1] + [self.random.choice((fields[i], fields[self.random.randrange(len(fields))]))] + fields[i + 1:])

    def _at_one(self, fields, change):
        i = self.random.randrange(len(fields))
        return join(fields[:i]) + change(*fields[i]) + join(fields[i + 1:])

    def long_tag(self, data, fields, descriptor):
        return self._at_one(fields, lambda n, t, c: one(n, t, c, (self.random.randrange(1, 3), 0)))

    def long_value(self, data, fields, descriptor):
        return self._at_one(fields, lambda n, t, c: one(n, t, c, (0, self.random.randrange(1, 3))))

    def over_64_bits(self, data, fields, descriptor):
        huge = self.random.choice((b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01", b"\xff" * 9 + b"\x01", b"\x80" * 9 + b"\x01", varint(2**32), varint(2**40 + 5), varint(256), varint(2**31)))
        return self._at_one(fields, lambda n, t, c: varint(n << 3 | VARINT) + huge if t == VARINT else one(n, t, c))

    def wrong_type(self, data, fields, descriptor):
        def change(number, wire_type, content):
            if wire_type == VARINT:
                return self.random.choice((one(number, LENGTH, varint(content)), varint(number << 3 | FIXED32) + b"abcd", varint(number << 3 | FIXED64) + b"abcdefgh"))
            return self.random.choice((one(number, VARINT, 5), varint(number << 3 | GROUP) + varint(number << 3 | 4)))
        return self._at_one(fields, change)

    def resized(self, data, fields, descriptor):
        return self._at_one(fields, lambda n, t, c: one(n, t, self.random.choice((c[:-1], c + b"\1", b"", c + c))) if t == LENGTH else one(n, t, self.random.choice((0, c + 1, c ^ 3))))

    def all_zero(self, data, fields, descriptor):
        return self._at_one(fields, lambda n, t, c: one(n, t, 0 if t == VARINT else bytes(len(c))))

    def other_number(self, data, fields, descriptor):
        return self._at_one(fields, lambda n, t, c: one(max(1, n + self.random.choice((-1, 1, 16))), t, c))

    def repacked(self, data, fields, descriptor):
        lists = [i for i, (n, t, c) in enumerate(fields) if t == LENGTH and c and descriptor.fields_by_number[n].label == 3 and descriptor.fields_by_number[n].type not in (9, 11, 12)]
        if not lists:
            return None
        i = self.random.choice(lists)
        number, _, content = fields[i]
        numbers, at = [], 0
        while at < len(content):
            value, at = read_varint(content, at)
            numbers.append(value)
        cut = self.random.randrange(len(numbers) + 1)
        pieces = self.random.choice((
            [(number, VARINT, n) for n in numbers],
            [(number, LENGTH, b"".join(map(varint, part))) for part in (numbers[:cut], numbers[cut:])],
            [(number, LENGTH, b"".join(varint(n, 1) for n in numbers))]))
        return join(fields[:i] + pieces + fields[i + 1:])

    def not_utf8(self, data, fields, descriptor):
        texts = [i for i, (n, t, _) in enumerate(fields) if t == LENGTH and descriptor.fields_by_number[n].type == 9]
        if not texts:
            return None
        i = self.random.choice(texts)
        bad = self.random.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xe2\x82", b"\xf0\x9f\x98"))
        number, wire_type, content = fields[i]
        fields = list(fields)
        fields[i] = (number, wire_type, self.random.choice((bad, content + bad, bad + content)))
        return join(fields)
