"""What the figures were measured on."""

import contextlib
import os
import platform
import statistics
import threading
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
    return round(statistics.median(write_times(folder, range(200))), 3)


@contextlib.contextmanager
def disk_times(folder):
    """Makes 8 KiB durable up to a hundred times a second for as long as the `with` block runs, on a thread of its own.
    The list that it gives holds the times in ms afterwards."""
    times, is_over = [], threading.Event()
    ticks = iter(lambda: is_over.wait(0.01), True)
    thread = threading.Thread(target=lambda: times.extend(write_times(folder, ticks)))
    thread.start()
    try:
        yield times
    finally:
        is_over.set()
        thread.join()


def waits(times, count):
    """In ms, sorted: how long `count` webhooks, one a millisecond, would wait for writes that took these times."""
    late = [time - passed for time in times for passed in range(int(time) + 1)]
    return sorted([0.0] * (count - len(late)) + late)


def write_times(folder, turns):
    """In ms, of 8 KiB made durable at each turn."""
    path = folder / "fdatasync"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in turns:
            file.write(bytes(8192))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    path.unlink()
    return times
