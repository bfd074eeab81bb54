"""proxy.py: stands between the agent and its container engine and misbehaves as a file says.

Usage: proxy.py SOCKET ENGINE MODE_FILE. Modes: pass; slow (each piece of an answer comes half a second late); cut (every seventh
piece of an answer breaks off in its middle, with its connection); silent (requests are taken and never answered); gone (nobody
listens, and open connections end).
"""

import asyncio
import os
import sys

PIECE_BYTES = 1 << 16
LOOK_S = 0.05
SLOW_S = 0.5
CUT_EVERY = 7


class Proxy:
    def __init__(self, socket, engine, mode_file):
        self.socket, self.engine, self.mode_file = socket, engine, mode_file
        self.pieces = 0
        self.open = set()

    def mode(self):
        with open(self.mode_file, encoding="ascii") as file:
            return file.read().strip()

    async def forward(self, source, target, answers):
        while piece := await source.read(PIECE_BYTES):
            if self.mode() == "silent":
                continue
            if answers and self.mode() == "slow":
                await asyncio.sleep(SLOW_S)
            if answers and self.mode() == "cut":
                self.pieces += 1
                if self.pieces % CUT_EVERY == 0:
                    target.write(piece[: len(piece) // 2])
                    await target.drain()
                    return
            target.write(piece)
            await target.drain()

    async def serve(self, reader, writer):
        self.open.add(writer)
        try:
            from_engine, to_engine = await asyncio.open_unix_connection(self.engine)
        except OSError:
            writer.close()
            self.open.discard(writer)
            return
        ways = [
            asyncio.create_task(self.forward(reader, to_engine, False)),
            asyncio.create_task(self.forward(from_engine, writer, True)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, to_engine):
            end.close()
        self.open.discard(writer)

    async def run(self):
        server = None
        while True:
            gone = self.mode() == "gone"
            if not gone and server is None:
                server = await asyncio.start_unix_server(self.serve, self.socket)
            if gone and server is not None:
                server.close()
                server = None
                os.unlink(self.socket)
                for writer in list(self.open):
                    writer.close()
            await asyncio.sleep(LOOK_S)


asyncio.run(Proxy(*sys.argv[1:]).run())
