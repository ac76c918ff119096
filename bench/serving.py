"""Stored files a second, beside an nginx that serves the same folder, asked by the same wrk in turn.

Started by scripts/bench.sh after webhooks.py, with the same environment and the same --rounds and --seconds.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import time

import verdicts
from gateway import Gateway, free_port
from nginx import Nginx
from postgres import Postgres

FILES = {"100 KB": 100_000, "10 MB": 10_000_000}
CONNECTIONS = 16


def main():
    parser = argparse.ArgumentParser(description="Stored files a second, beside nginx")
    parser.add_argument("--seconds", type=int, default=10, help="of each run (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="each run is done so often; medians are shown (3)")
    options, _ = parser.parse_known_args()
    folder = pathlib.Path(os.environ["BENCH_FOLDER"])
    postgres = Postgres(os.environ["POSTGRES_BIN"])
    runs = []
    with postgres.database("serving") as database, Gateway(database, folder) as gateway:
        paths = {label: store(postgres, database, gateway, size) for label, size in FILES.items()}
        with Nginx(gateway.folder, free_port()) as nginx:
            servers = {"gateway": gateway, "nginx": nginx}
            for label, path in paths.items():
                check_same(path, FILES[label], servers)
            for round_number in range(1, options.rounds + 1):
                for label, path in paths.items():
                    for name, server in servers.items():
                        rate = wrk(server.port, path, options.seconds)
                        runs.append({"server": name, "file": label, "perSecond": rate, "bytes": FILES[label]})
                        print(f"round {round_number}  {name}, {label:<8}{rate:>10.0f} /s", flush=True)
            memory = gateway.memory("VmHWM") / 1024
    keep(runs, memory)
    print_table(runs, memory)


def store(postgres, database, gateway, size):
    """A file as the gateway keeps it: under a name in its folder, with a row in its table."""
    content = random.Random(size).randbytes(size)
    name = f"{size:032x}.pdf"
    (gateway.folder / "uploads" / "whatsapp" / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    postgres.query(
        database.name,
        f"""INSERT INTO media (name, account_id, sha256, mime_type, size, created_at)
            VALUES ('{name}', 'default', '{digest}', 'application/pdf', {size}, {int(time.time() * 1000)})""")
    return f"/uploads/whatsapp/{name}"


def check_same(path, size, servers):
    contents = {
        subprocess.run(
            ["curl", "--noproxy", "*", "--silent", "--fail", "--max-time", "20", f"http://127.0.0.1:{server.port}{path}"],
            stdout=subprocess.PIPE, check=True).stdout
        for server in servers.values()
    }
    if len(contents) != 1 or len(contents.pop()) != size:
        raise SystemExit(f"the servers do not send the same {size} bytes")


def wrk(port, path, seconds):
    done = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--timeout", "20s",
         f"http://127.0.0.1:{port}{path}"], stdout=subprocess.PIPE, text=True, check=True)
    if "Socket errors" in done.stdout or "Non-2xx" in done.stdout:
        raise SystemExit(f"wrk: {done.stdout}")
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout).group(1))


def keep(runs, memory):
    path = pathlib.Path(os.environ["BENCH_RESULTS"]) / time.strftime("serving-%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps({"memoryPeakMiB": memory, "runs": runs}, indent=1) + "\n")
    print(f"\nraw figures: {path}")


def print_table(runs, memory):
    print(f"\n{CONNECTIONS} connections; the gateway's memory peaked at {memory:.0f} MiB\n")
    print("| | gateway, files/s | nginx, files/s | gateway, MB/s | of nginx |")
    print("|---|--:|--:|--:|--:|")
    ratios = {}
    for label, size in FILES.items():
        ours, theirs = (
            statistics.median(run["perSecond"] for run in runs if run["server"] == name and run["file"] == label)
            for name in ("gateway", "nginx"))
        ratios[label] = ours / theirs
        print(f"| {label} | {ours:,.0f} | {theirs:,.0f} | {ours * size / 1e6:,.0f} | {ratios[label]:.2f} |")
    print()
    for line in verdicts.serving(ratios):
        print(line)


if __name__ == "__main__":
    main()
