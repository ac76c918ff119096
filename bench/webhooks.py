"""Signed webhooks a second, committed to PostgreSQL, beside pgbench committing the same rows.

Started by scripts/bench.sh, which brings up a private PostgreSQL and builds the gateway. Environment:
BENCH_PROGRAM (the gateway), BENCH_LOAD (the load generator), BENCH_FOLDER (scratch), BENCH_RESULTS (figures are kept
there), BENCH_SERVER_LOG (PostgreSQL's), POSTGRES_BIN, PGHOST, PGPORT, PGUSER, PGPASSWORD.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import statistics
import subprocess
import time

import pgbench
import statements
import verdicts
from gateway import Gateway
from machine import describe_machine, disk_times, waits
from postgres import Postgres
from webhook_requests import write_requests, write_warm_up

RATE = 1000


@dataclasses.dataclass
class Load:
    kind: str
    connections: int
    messages: int = 1
    """In one webhook."""
    rate: int = 0
    """Webhooks a second; 0 for as many as are answered."""


LOADS = [
    Load("1 connection", 1),
    Load("64 connections", 64),
    Load(f"{RATE:,} a second", 64, rate=RATE),
    Load("100 messages a webhook", 8, messages=100),
]


def main():
    options = arguments()
    folder = pathlib.Path(os.environ["BENCH_FOLDER"])
    postgres = Postgres(os.environ["POSTGRES_BIN"])
    print(f"preparing signed webhooks from {options.customers} customers …", flush=True)
    write_warm_up(folder / "warm-up.bin", options.customers)
    write_requests(requests(folder, 1), options.requests, 1, options.customers)
    write_requests(requests(folder, 100), options.requests // 50, 100, options.customers)
    captured = capture(postgres, folder)

    runs = []

    def take(number, run):
        runs.append(run)
        print(f"round {number}  {title(run):<32}{run['perSecond']:>10,.0f} /s   p50 {run['p50']:>7.2f} ms   "
              f"p99 {run['p99']:>7.2f} ms", flush=True)

    for number in range(1, options.rounds + 1):
        for load in LOADS:
            take(number, gateway_run(options, postgres, load, folder))
        take(number, pgbench.same_statements(postgres, captured, options, folder))
        take(number, pgbench.same_statements(postgres, captured, options, folder, clients=4, rate=RATE))
        take(number, pgbench.batches(postgres, options, folder))

    machine = describe_machine(postgres, folder)
    keep(options, machine, runs)
    medians = summaries(runs)
    print_table(options, machine, medians)
    print("\n" + "\n".join(verdicts.lines(medians, runs)))


def arguments():
    parser = argparse.ArgumentParser(description="Signed webhooks a second, committed to PostgreSQL, beside pgbench")
    parser.add_argument("--seconds", type=positive, default=10, help="of each run (default 10)")
    parser.add_argument("--rounds", type=positive, default=3, help="each run is done so often; medians are shown (3)")
    parser.add_argument("--customers", type=positive, default=5000, help="each in a room of their own (5000)")
    parser.add_argument("--requests", type=positive, help="prepared at most (default: 20000 for each second)")
    options = parser.parse_args()
    if options.customers < 128:
        parser.error("--customers: at least 128 (two connections of 64-row batches write to rooms of their own)")
    options.requests = options.requests or options.seconds * 20_000
    return options


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def requests(folder, messages):
    return folder / f"requests-{messages}.bin"


def capture(postgres, folder):
    """What a webhook with a message from a known customer makes the gateway send to PostgreSQL."""
    with postgres.database("capture") as database:
        postgres.query("postgres", "ALTER DATABASE capture SET log_statement = 'all'")
        with Gateway(database, folder) as gateway:
            send(gateway, folder / "warm-up.bin", 1, 3600)
            send(gateway, requests(folder, 1), 1, 0.1)
            return statements.last_transaction(pathlib.Path(os.environ["BENCH_SERVER_LOG"]))


def gateway_run(options, postgres, load, folder):
    """A new database, a new gateway: one message of each customer first, then the measured part."""
    with postgres.database("gateway") as database, Gateway(database, folder) as gateway:
        time.sleep(1)
        memory_at_rest = gateway.memory("VmRSS")
        warm = send(gateway, folder / "warm-up.bin", 8, 3600)
        settle(postgres, database)
        before = gateway.processor_seconds()
        with disk_times(folder) if load.rate else contextlib.nullcontext([]) as disk:
            result = send(gateway, requests(folder, load.messages), load.connections, options.seconds, load.rate)
        used = gateway.processor_seconds() - before
        memory_peak = gateway.memory("VmHWM")
        messages = result["acknowledged"] * load.messages
        postgres.check_messages(
            database, warm=options.customers, measured=messages,
            webhooks=warm["acknowledged"] + result["acknowledged"])
    if result["acknowledged"] >= options.requests // (1 if load.messages == 1 else 50):
        raise SystemExit("the prepared requests ran out before the time: use --requests with a larger number")
    return {
        "name": "gateway", "kind": load.kind, "perSecond": result["perSecond"] * load.messages, "p50": result["p50"],
        "p99": result["p99"], "processorMicroseconds": used / messages * 1e6, "memoryAtRest": memory_at_rest,
        "memoryPeak": memory_peak, "raw": result,
        **({"diskP99": pgbench.quantile(waits(disk, messages), 0.99), "diskMost": max(disk)} if disk else {}),
    }


def settle(postgres, database):
    """As a database is that has been up for a while: it has its statistics, and the search index is level."""
    postgres.query(database.name, "VACUUM ANALYZE")
    behind = ("SELECT count(*) FROM search_progress p, event_counter e "
              "WHERE p.position < e.position OR p.messages_before IS NOT NULL OR p.rooms_after IS NOT NULL")
    end = time.monotonic() + 60
    while postgres.query(database.name, behind) != ["0"]:
        if time.monotonic() > end:
            raise SystemExit("the search index does not get level")
        time.sleep(0.1)


def send(gateway, file, connections, seconds, rate=0):
    command = [os.environ["BENCH_LOAD"], str(gateway.port), str(file), "0", str(connections), str(seconds)]
    done = subprocess.run(
        command + ([str(rate)] if rate else []), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the load generator failed: {done.stdout.strip()}\n{gateway.log_tail()}")
    return json.loads(done.stdout)


def title(run):
    return f"{run['name']}, {run['kind']}"


def keep(options, machine, runs):
    results = pathlib.Path(os.environ["BENCH_RESULTS"])
    results.mkdir(parents=True, exist_ok=True)
    path = results / time.strftime("webhooks-%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps({"options": vars(options), "machine": machine, "runs": runs}, indent=1) + "\n")
    print(f"\nraw figures: {path}")


def summaries(runs):
    """The medians of each kind of run, by its title."""
    groups = {}
    for run in runs:
        groups.setdefault(title(run), []).append(run)
    figures = (
        "perSecond", "p50", "p99", "processorMicroseconds", "memoryAtRest", "memoryPeak", "diskP99", "diskMost")
    return {
        name: {key: statistics.median(run[key] for run in group) for key in figures if key in group[0]}
        for name, group in groups.items()}


def print_table(options, machine, medians):
    print(f"\n{machine['processor']}, {machine['cores']} cores, {machine['postgres']}, "
          f"fdatasync {machine['fdatasyncMs']} ms; {options.rounds} × {options.seconds} s each, medians\n")
    print("| | messages/s | p50 ms | p99 ms | gateway's µs of CPU a message | MiB at rest | MiB peak |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, m in medians.items():
        cells = [f"{m['perSecond']:,.0f}", f"{m['p50']:.2f}", f"{m['p99']:.2f}"]
        if "memoryPeak" in m:
            cells.append(f"{m['processorMicroseconds']:.0f}")
            cells += [f"{m[key] / 1024:.0f}" for key in ("memoryAtRest", "memoryPeak")]
        print(f"| {name} | {' | '.join(cells + [''] * (6 - len(cells)))} |")


def stop(*_):
    """Unwinds, so that the gateway is stopped and the database dropped."""
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    main()
