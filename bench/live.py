"""From a webhook in to the event out: WebSockets beside the load of webhooks, on PostgreSQL.

Started by scripts/bench.sh, with the same environment and the same --rounds and --seconds.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import resource
import statistics
import time

import verdicts
from gateway import Gateway
from postgres import Postgres
from webhook_requests import TEXTS, customer_phone, record, wamid, write_requests, write_warm_up
from websocket import Listener

RATE = 500
CUSTOMERS = 1000
IDLE = 5000
CROWD = 1000
CROWD_RATE = 5
CONNECTIONS = 32
PATIENCE = 30
"""Seconds until what was acknowledged must have been heard."""


def main():
    parser = argparse.ArgumentParser(description="From a webhook to a WebSocket")
    parser.add_argument("--seconds", type=int, default=10, help="of each run (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="each run is done so often; medians are shown (3)")
    options, _ = parser.parse_known_args()
    # Both this program and the gateway, which inherits it, hold thousands of sockets.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    runs = []
    for number in range(1, options.rounds + 1):
        for run in (latency, crowd, idle):
            figures = asyncio.run(measured(run, options.seconds))
            runs.append(figures)
            print(f"round {number}  " + "   ".join(f"{key} {value}" for key, value in figures.items()), flush=True)
    path = pathlib.Path(os.environ["BENCH_RESULTS"]) / time.strftime("live-%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps(runs, indent=1) + "\n")
    print(f"\nraw figures: {path}")
    print_table(runs)


async def measured(run, seconds):
    postgres = Postgres(os.environ["POSTGRES_BIN"])
    with postgres.database("live") as database, Gateway(database, os.environ["BENCH_FOLDER"]) as gateway:
        return {"run": run.__name__} | await run(gateway, seconds)


async def latency(gateway, seconds):
    """One socket that hears all rooms, webhooks at even distances from customers at random, each known already. The load
    generator is a process of its own; a message's time counts from when its webhook fell due."""
    folder = pathlib.Path(os.environ["BENCH_FOLDER"])
    write_warm_up(folder / "live-warm-up.bin", CUSTOMERS)
    write_requests(folder / "live.bin", RATE * seconds, 1, CUSTOMERS)
    await generate(gateway, folder / "live-warm-up.bin", 8, 3600)
    heard = Heard()
    async with Listener(gateway.port, "/ws", heard.note):
        done = await generate(gateway, folder / "live.bin", CONNECTIONS, seconds, RATE)
        starts = {wamid(number): done["start"] / 1e6 + number / RATE for number in range(done["acknowledged"])}
        await heard.all_of(starts)
    times = sorted((heard.times[id] - start) * 1000 for id, start in starts.items())
    return {"webhooks": len(times), "p50": percentile(times, 0.5), "p99": percentile(times, 0.99)}


async def generate(gateway, file, connections, seconds, rate=None):
    command = [os.environ["BENCH_LOAD"], gateway.port, file, 0, connections, seconds] + ([rate] if rate else [])
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        raise
    if process.returncode != 0:
        raise SystemExit(f"the load generator failed: {output.decode().strip()}\n{gateway.log_tail()}")
    return json.loads(output)


async def crowd(gateway, seconds):
    """One room with many listeners: the time until the last of them has heard."""
    async with contextlib.AsyncExitStack() as stack:
        load = await stack.enter_async_context(Load(gateway))
        await load.send(0)
        listeners = [Heard() for _ in range(CROWD)]
        path = f"/rooms/whatsapp_{customer_phone(0)}/ws"
        for heard in listeners:
            await stack.enter_async_context(Listener(gateway.port, path, heard.note))
        load.starts.clear()
        await load.run(CROWD_RATE, seconds, lambda: 0)
        for heard in listeners:
            await heard.all_of(load.starts)
    last = sorted(
        (max(heard.times[id] for heard in listeners) - start) * 1000 for id, start in load.starts.items())
    return {
        "listeners": CROWD, "webhooks": len(last), "lastP50": percentile(last, 0.5), "lastP99": percentile(last, 0.99),
        "MiB": gateway.memory("VmHWM") // 1024,
    }


async def idle(gateway, _):
    """Many sockets in rooms of their own, of which nothing is heard."""
    async with contextlib.AsyncExitStack() as stack:
        load = await stack.enter_async_context(Load(gateway))
        for customer in range(IDLE):
            await load.send(customer)
        before = gateway.memory("VmRSS")
        for customer in range(IDLE):
            path = f"/rooms/whatsapp_{customer_phone(customer)}/ws"
            await stack.enter_async_context(Listener(gateway.port, path, lambda _: None))
        await asyncio.sleep(2)
        return {
            "sockets": IDLE, "MiBBefore": before // 1024, "MiBWith": gateway.memory("VmRSS") // 1024,
            "MiBMost": gateway.memory("VmHWM") // 1024,
        }


class Heard:
    """What a listener heard of messages received, and when. It is read later, so as not to hold up what comes next."""

    def __init__(self):
        self.unread = []
        self.times = {}
        self.sequences = {}

    def note(self, text):
        self.unread.append((time.monotonic(), text))

    def read(self):
        for moment, text in self.unread:
            event = json.loads(text)
            if event.get("type") != "message.received":
                continue
            id, room, sequence = event["data"]["whatsappMessageId"], event["room"], event["sequence"]
            if id in self.times or sequence <= self.sequences.get(room, 0):
                raise SystemExit(f"{room}: an event twice or out of order")
            self.times[id] = moment
            self.sequences[room] = sequence
        self.unread = []

    async def all_of(self, starts):
        async with asyncio.timeout(PATIENCE):
            while True:
                self.read()
                if starts.keys() <= self.times.keys():
                    return
                await asyncio.sleep(0.05)


class Load:
    """Signed webhooks over keep-alive connections."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.starts = {}
        self.free = asyncio.Queue()
        self.number = 0

    async def __aenter__(self):
        for _ in range(CONNECTIONS):
            self.free.put_nowait(await asyncio.open_connection("127.0.0.1", self.gateway.port))
        return self

    async def __aexit__(self, *_):
        while not self.free.empty():
            self.free.get_nowait()[1].close()

    async def run(self, rate, seconds, customer):
        begin = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number in range(rate * seconds):
                await asyncio.sleep(max(0, begin + number / rate - time.monotonic()))
                group.create_task(self.send(customer()))

    async def send(self, customer):
        self.number += 1
        id = wamid(self.number)
        request = record([(self.number, customer, TEXTS[self.number % 1000])], int(time.time()))[4:]
        reader, writer = connection = await self.free.get()
        self.starts[id] = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"a webhook was answered {head.splitlines()[0].decode()}")
        length = next(
            int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        self.free.put_nowait(connection)


def percentile(ordered, share):
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def print_table(runs):
    medians = {}
    for name in ("latency", "crowd", "idle"):
        group = [run for run in runs if run["run"] == name]
        medians[name] = {key: statistics.median(run[key] for run in group) for key in group[0] if key != "run"}
    live, crowd, idle = medians["latency"], medians["crowd"], medians["idle"]
    print("\n| | p50 ms | p99 ms | MiB |")
    print("|---|--:|--:|--:|")
    print(f"| {RATE} webhooks a second, one socket on all rooms | {live['p50']:.2f} | {live['p99']:.2f} | |")
    print(f"| {CROWD:,} sockets in one room, until the last has heard | {crowd['lastP50']:.2f} | "
          f"{crowd['lastP99']:.2f} | {crowd['MiB']:.0f} |")
    print(f"| {IDLE:,} idle sockets ({idle['MiBBefore']:.0f} MiB without them) | | | {idle['MiBWith']:.0f} |\n")
    for line in verdicts.live(live, idle):
        print(line)


if __name__ == "__main__":
    main()
