"""Signed webhooks a second, committed to PostgreSQL, beside pgbench committing the same rows.

Started by scripts/bench.sh, which brings up a private PostgreSQL and builds the gateway. Environment:
BENCH_PROGRAM (the gateway), BENCH_LOAD (the load generator), BENCH_FOLDER (scratch), BENCH_RESULTS (figures are kept
there), POSTGRES_BIN, PGHOST, PGPORT, PGUSER, PGPASSWORD.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import time

import pgbench
from gateway import Gateway
from postgres import Postgres
from webhook_requests import write_requests

CONNECTIONS = [1, 16, 64]


def main():
    options = arguments()
    folder = pathlib.Path(os.environ["BENCH_FOLDER"])
    postgres = Postgres(os.environ["POSTGRES_BIN"])
    print(f"preparing {options.requests} signed webhooks from {options.customers} customers …", flush=True)
    warm_up, measured = folder / "warm-up.bin", folder / "measured.bin"
    write_requests(warm_up, measured, count=options.requests, customers=options.customers)

    runs = []
    for round_number in range(1, options.rounds + 1):
        for connections in CONNECTIONS:
            runs.append(gateway_run(options, postgres, warm_up, measured, connections, folder))
            report_run(round_number, runs[-1])
        for clients in CONNECTIONS:
            runs.append(pgbench.run(postgres, clients=clients, batch=1, options=options, folder=folder))
            report_run(round_number, runs[-1])
        runs.append(pgbench.run(postgres, clients=2, batch=64, options=options, folder=folder))
        report_run(round_number, runs[-1])

    machine = describe_machine(postgres, folder)
    keep(options, machine, runs)
    print_table(options, machine, runs)


def arguments():
    parser = argparse.ArgumentParser(description="Signed webhooks a second, committed to PostgreSQL, beside pgbench")
    parser.add_argument("--seconds", type=positive, default=10, help="of each run (default 10)")
    parser.add_argument("--rounds", type=positive, default=3, help="each run is done so often; medians are shown (3)")
    parser.add_argument("--customers", type=positive, default=5000, help="each in a room of their own (5000)")
    parser.add_argument("--requests", type=positive, help="prepared at most (default: 25000 for each second)")
    options = parser.parse_args()
    if options.customers < 128:
        parser.error("--customers: at least 128 (two connections of 64-row batches write to rooms of their own)")
    options.requests = options.requests or options.seconds * 25_000
    return options


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def gateway_run(options, postgres, warm_up, measured, connections, folder):
    """A new database, a new gateway: one message of each customer first, then the measured part."""
    with postgres.database("gateway") as database, Gateway(database, folder) as gateway:
        time.sleep(1)
        memory_at_rest = gateway.memory("VmRSS")
        load(gateway, warm_up, 16, 3600)
        result = load(gateway, measured, connections, options.seconds)
        memory_peak = gateway.memory("VmHWM")
        expected = options.customers + result["acknowledged"]
        postgres.check_messages(database, warm=options.customers, measured=result["acknowledged"])
    if result["acknowledged"] == options.requests:
        raise SystemExit("the prepared requests ran out before the time: use --requests with a larger number")
    return {
        "name": "gateway", "connections": connections, "perSecond": result["perSecond"], "p50": result["p50"],
        "p99": result["p99"], "rows": expected, "memoryAtRest": memory_at_rest, "memoryPeak": memory_peak,
        "raw": result,
    }


def load(gateway, requests, connections, seconds):
    command = [os.environ["BENCH_LOAD"], str(gateway.port), str(requests), "0", str(connections), str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the load generator failed: {done.stdout.strip()}\n{gateway.log_tail()}")
    return json.loads(done.stdout)


def report_run(round_number, run):
    figures = f"{run['perSecond']:>10.0f} /s   p50 {run['p50']:>7.2f} ms   p99 {run['p99']:>7.2f} ms"
    print(f"round {round_number}  {title(run):<36}{figures}", flush=True)


def title(run):
    unit = "connection" if run["name"] == "gateway" else "client"
    count = f"{run['connections']} {unit}{'s' if run['connections'] > 1 else ''}"
    batch = f", {run['batch']}-row batches" if run.get("batch", 1) > 1 else ""
    return f"{run['name']}, {count}{batch}"


def describe_machine(postgres, folder):
    processor = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine())
    return {
        "processor": processor, "cores": os.cpu_count(), "kernel": platform.release(),
        "postgres": postgres.version(), "settings": postgres.settings(), "fdatasyncMs": fdatasync_time(folder),
    }


def fdatasync_time(folder):
    """Median time in ms of making 8 KiB durable where the database's files are."""
    path = folder / "fdatasync"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(8192))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    path.unlink()
    return round(statistics.median(times), 3)


def keep(options, machine, runs):
    results = pathlib.Path(os.environ["BENCH_RESULTS"])
    results.mkdir(parents=True, exist_ok=True)
    path = results / time.strftime("webhooks-%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps({"options": vars(options), "machine": machine, "runs": runs}, indent=1) + "\n")
    print(f"\nraw figures: {path}")


def print_table(options, machine, runs):
    groups = {}
    for run in runs:
        groups.setdefault(title(run), []).append(run)
    medians = {name: summary(group) for name, group in groups.items()}
    print(f"\n{machine['processor']}, {machine['cores']} cores, {machine['postgres']}, "
          f"fdatasync {machine['fdatasyncMs']} ms; {options.rounds} × {options.seconds} s each, medians\n")
    print("| | messages/s | p50 ms | p99 ms | of pgbench, as many clients | of pgbench, batches "
          "| MiB at rest | MiB peak |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    batches = next(m for m in medians.values() if m["batch"] > 1)
    for name, m in medians.items():
        cells = [f"{m['perSecond']:,.0f}", f"{m['p50']:.2f}", f"{m['p99']:.2f}"]
        if m["name"] == "gateway":
            single = next(
                x for x in medians.values()
                if x["name"] == "pgbench" and x["batch"] == 1 and x["connections"] == m["connections"])
            cells += [f"{m['perSecond'] / other['perSecond']:.2f}" for other in (single, batches)]
            cells += [f"{m['memoryAtRest'] / 1024:.0f}", f"{m['memoryPeak'] / 1024:.0f}"]
        else:
            cells += ["", "", "", ""]
        print(f"| {name} | {' | '.join(cells)} |")


def summary(group):
    result = {key: group[0].get(key) for key in ("name", "connections")}
    result["batch"] = group[0].get("batch", 1)
    for key in ("perSecond", "p50", "p99", "memoryAtRest", "memoryPeak"):
        if group[0].get(key) is not None:
            result[key] = statistics.median(run[key] for run in group)
    return result


def stop(*_):
    """Unwinds, so that the gateway is stopped and the database dropped."""
    raise SystemExit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    main()
