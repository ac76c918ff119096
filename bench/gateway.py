"""The gateway under test."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from webhook_requests import APP_SECRET, PHONE_NUMBER_ID

# A port that nobody listens on: the outbox is written and, MongoDB being away, never emptied.
ABSENT_MONGODB = "mongodb://127.0.0.1:1/vestibule?serverSelectionTimeoutMS=1000"


class Gateway:
    """One gateway process on PostgreSQL, or without a database on SQLite, with folders of its own; stopped on leaving
    the `with` block."""

    def __init__(self, database, folder):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gateway.", dir=folder))
        self.port = free_port()
        self.log = self.folder / "log"
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "HOST": "127.0.0.1", "PORT": str(self.port),
            "MONGODB_URI": ABSENT_MONGODB, "DATA_DIR": str(self.folder / "data"),
            "UPLOADS_DIR": str(self.folder / "uploads"), "WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
            "WHATSAPP_ACCESS_TOKEN": "bench", "WHATSAPP_APP_SECRET": APP_SECRET,
            "WHATSAPP_WEBHOOK_VERIFY_TOKEN": "bench", "LOG_LEVEL": "warning",
        }
        if database:
            environment["DATABASE_URL"] = database.url
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [os.environ["BENCH_PROGRAM"], "serve"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)

    def __enter__(self):
        deadline = time.monotonic() + 30
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit(f"the gateway did not start:\n{self.log_tail()}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as answer:
                return answer.status == 200 and self.process.poll() is None
        except (urllib.error.URLError, OSError):
            return False

    def memory(self, field):
        """In KiB: VmRSS (now) or VmHWM (the most there was)."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(field + ":"))

    def processor_seconds(self):
        """User and system time so far."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
