"""What the figures were measured on."""

import os
import platform
import statistics
import time


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
