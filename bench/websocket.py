"""The listening side of WebSocket (RFC 6455), as much of it as the benchmark needs."""

import asyncio
import base64
import os

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Listener(asyncio.Protocol):
    """A socket that hands each text frame to `on_text`. Open once `async with` has been entered."""

    def __init__(self, port, path, on_text):
        self.port, self.path, self.on_text = port, path, on_text
        self.pending = bytearray()
        self.opened = asyncio.get_running_loop().create_future()
        self.closes = False

    async def __aenter__(self):
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self.port)
        await self.opened
        return self

    async def __aexit__(self, *_):
        self.closes = True
        self.transport.abort()

    def connection_made(self, transport):
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())

    def connection_lost(self, error):
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before it was open"))
        elif not self.closes:
            raise SystemExit("a socket was closed by the gateway")

    def data_received(self, data):
        self.pending += data
        if not self.opened.done():
            head, mark, rest = self.pending.partition(b"\r\n\r\n")
            if not mark:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(head.splitlines()[0].decode()))
                return
            self.pending = bytearray(rest)
            self.opened.set_result(None)
        while frame := self.next_frame():
            self.take(*frame)

    def next_frame(self):
        """(opcode, payload) of the first whole frame; those of a server are not masked."""
        if len(self.pending) < 2:
            return None
        length, start = self.pending[1], 2
        if length > 125:
            start = 4 if length == 126 else 10
            if len(self.pending) < start:
                return None
            length = int.from_bytes(self.pending[2:start])
        if len(self.pending) < start + length:
            return None
        frame = self.pending[0] & 15, bytes(self.pending[start:start + length])
        del self.pending[:start + length]
        return frame

    def take(self, opcode, payload):
        if opcode == TEXT:
            self.on_text(payload)
        elif opcode == PING:
            mask = os.urandom(4)
            self.transport.write(
                bytes([0x80 | PONG, 0x80 | len(payload)]) + mask
                + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)))
        elif opcode == CLOSE and not self.closes:
            raise SystemExit(f"the gateway closed a socket: {payload[2:].decode()}")
