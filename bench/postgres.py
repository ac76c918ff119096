"""The private PostgreSQL server of a benchmark run, by its own command line tools."""

import contextlib
import dataclasses
import os
import subprocess

from webhook_requests import wamid


@dataclasses.dataclass
class NewDatabase:
    name: str
    url: str


class Postgres:
    def __init__(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def database(self, name):
        """A new database, dropped on leaving the `with` block."""
        self.query("postgres", f"CREATE DATABASE {name}")
        host, port, user, password = (os.environ[key] for key in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"))
        try:
            yield NewDatabase(name, f"postgres://{user}:{password}@{host}:{port}/{name}")
        finally:
            self.query("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def query(self, database, sql):
        """The rows as text, one a line, columns parted by tabs."""
        done = subprocess.run(
            [f"{self.folder}/psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
             "--set=ON_ERROR_STOP=1", f"--dbname={database}"],
            input=sql, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def version(self):
        return "PostgreSQL " + self.query("postgres", "SHOW server_version")[0].split()[0]

    def settings(self):
        names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size", "wal_level")
        return {name: self.query("postgres", f"SHOW {name}")[0] for name in names}

    def check_messages(self, database, warm, measured, webhooks):
        """Every acknowledged message is in both tables exactly once and twice in the outbox, every webhook is a raw
        event, and nothing else is; the sequences of each room are 1, 2, 3 … without a gap."""
        expected = {wamid(-1 - number) for number in range(warm)} | {wamid(number) for number in range(measured)}
        for table in ("whatsapp_messages", "chat_messages"):
            stored = self.query(database.name, f"SELECT whatsapp_message_id FROM {table}")
            if len(stored) != len(expected) or set(stored) != expected:
                missing = len(expected - set(stored))
                raise SystemExit(
                    f"{table} holds {len(stored)} messages, {len(expected)} were acknowledged, {missing} are missing")
        events = int(self.query(database.name, "SELECT count(*) FROM webhook_events WHERE state = 'processed'")[0])
        if events != webhooks:
            raise SystemExit(f"{events} raw events are kept, {webhooks} were acknowledged")
        marks = int(self.query(database.name, "SELECT count(*) FROM mirror_outbox")[0])
        if marks != 2 * len(expected):
            raise SystemExit(f"the outbox holds {marks} marks for {len(expected)} messages")
        gaps = self.query(
            database.name,
            """SELECT room_name FROM chat_messages GROUP BY room_name
               HAVING min(sequence) <> 1 OR max(sequence) <> count(*) OR count(DISTINCT sequence) <> count(*)""")
        if gaps:
            raise SystemExit(f"the sequences of {len(gaps)} rooms have gaps, the first is {gaps[0]}")
