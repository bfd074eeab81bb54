"""peer.py: the program's codec as a process of its own: bytes in, the same bytes or a refusal out. See peer.cpp."""
import struct
import subprocess


class Peer:
    def __init__(self, program):
        self.process = subprocess.Popen([program, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, frames):
        """frames: [(row, bytes, wants JSON)]. Answers [(taken, bytes or refusal, JSON or None)] in the same order."""
        batch = b"".join(struct.pack("<HBI", row, json, len(piece)) + piece for row, piece, json in frames)
        self.process.stdin.write(struct.pack("<I", len(batch)))
        self.process.stdin.write(batch)
        self.process.stdin.flush()
        (size,) = struct.unpack("<I", self._read(4))
        answer, at, out = self._read(size), 0, []

        def piece():
            nonlocal at
            (length,) = struct.unpack_from("<I", answer, at)
            at += 4 + length
            return answer[at - length:at]

        for _, _, json in frames:
            taken = answer[at] == 0
            at += 1
            body = piece()
            out.append((taken, body, piece() if json and taken else None))
        return out

    def _read(self, size):
        data = self.process.stdout.read(size)
        if len(data) != size:
            raise SystemExit(f"not ok contract: the program's codec ended: status {self.process.wait()}")
        return data

    def close(self):
        self.process.stdin.close()
        self.process.wait()
