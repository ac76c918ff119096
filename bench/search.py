"""Searches over many messages, one after another over one connection, on both engines.

Started by scripts/bench.sh after serving.py, with the same environment. `--messages` says over how many (100,000), and
`--searches` how many of each kind (500).
"""

import argparse
import http.client
import os
import pathlib
import random
import re
import signal
import time
import urllib.parse

from gateway import Gateway
from postgres import Postgres
from webhook_requests import WORDS, customer_phone, write_texts
from webhooks import send, stop

CUSTOMERS = 5000
RARE = "zanzibar"
# Every so many messages have it.
RARITY = 10_000
ROOM = f"whatsapp_{customer_phone(7)}"
KINDS = [
    ("a rare word", {"q": RARE}),
    ("a word of every third message", {"q": "parcel"}),
    ("two words and the beginning of a third", {"q": "parcel tomorrow add"}),
    ("a frequent beginning", {"q": "re"}),
    ("a rare word beside a frequent one", {"q": f"parcel {RARE}"}),
    ("a word that is nowhere", {"q": "nowhere"}),
    ("a frequent word in one room", {"q": "parcel", "room": ROOM}),
    ("a rare word in one room", {"q": RARE, "room": ROOM}),
]


def main():
    parser = argparse.ArgumentParser(description="Searches over many messages")
    parser.add_argument("--messages", type=int, default=100_000, help="to search in (default 100000)")
    parser.add_argument("--searches", type=int, default=500, help="of each kind (default 500)")
    options, _ = parser.parse_known_args()
    folder = pathlib.Path(os.environ["BENCH_FOLDER"])
    texts = folder / "texts.bin"
    write_texts(texts, list(made_texts(options.messages)), CUSTOMERS)
    print(f"\nsearching in {options.messages:,} messages of {CUSTOMERS:,} customers, {options.searches} times each\n")
    columns = []
    postgres = Postgres(os.environ["POSTGRES_BIN"])
    with postgres.database("search") as database:
        columns.append(measured(database, folder, texts, options))
    columns.append(measured(None, folder, texts, options))
    print()
    print("| | " + " | ".join(f"{engine} p50 ms | p99 ms" for engine in ("PostgreSQL", "SQLite")) + " | found |")
    print("|---|--:|--:|--:|--:|--:|")
    for (title, _), *cells in zip(KINDS, *columns):
        if len({found for _, _, found in cells}) != 1:
            raise SystemExit(f"{title}: the engines find different numbers: {cells}")
        times = " | ".join(f"{p50:.2f} | {p99:.2f}" for p50, p99, _ in cells)
        print(f"| {title} | {times} | {cells[0][2]} |")


def made_texts(count):
    chance = random.Random(5)
    for number in range(count):
        words = chance.choices(WORDS, k=chance.randint(4, 20))
        if number % RARITY == RARITY // 2:
            words.append(RARE)
        yield " ".join(words)


def measured(database, folder, texts, options):
    """(p50, p99, how many were found on the first page) of each kind."""
    with Gateway(database, folder) as gateway:
        send(gateway, texts, 4, 3600)
        start = time.monotonic()
        while metric(gateway, "vestibule_search_messages_total") < options.messages:
            if time.monotonic() - start > 900:
                raise SystemExit("the index does not catch up")
            time.sleep(0.2)
        print(f"{'PostgreSQL' if database else 'SQLite'}: the index caught up {time.monotonic() - start:.1f} s after "
              f"the last webhook", flush=True)
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
        return [search(connection, query, options.searches) for _, query in KINDS]


def search(connection, query, count):
    path = "/search?" + urllib.parse.urlencode(query)
    times, found = [], 0
    for number in range(count + 20):
        start = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        times.append(1000 * (time.perf_counter() - start))
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:200]}")
        found = body.count(b'"whatsappMessageId"')
    # The first ones prepare the statements.
    times = sorted(times[20:])
    return times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))], found


def metric(gateway, name):
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    match = re.search(rf"^{name} (\d+)", text, re.MULTILINE)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    main()
