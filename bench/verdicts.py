"""The goals of docs/benchmarks.md, held against the figures of one run."""


def lines(medians, runs):
    one, many, paced, hundred = (
        medians[f"gateway, {kind}"]
        for kind in ("1 connection", "64 connections", "1,000 a second", "100 messages a webhook"))
    same, ceiling = medians["pgbench, same statements"], medians["pgbench, batches"]
    peak = max(run["memoryPeak"] for run in runs if "memoryPeak" in run) / 1024
    yield verdict("64 connections: {} of what pgbench commits in batches, at least {}",
                  many["perSecond"] / ceiling["perSecond"], at_least=0.3)
    yield verdict("100 messages a webhook: {} of the same, at least {}",
                  hundred["perSecond"] / ceiling["perSecond"], at_least=0.5)
    yield verdict("1 connection: p50 is {} times that of pgbench with the same statements, at most {}",
                  one["p50"] / same["p50"], at_most=4)
    yield verdict("1,000 a second: p99 {} ms, under {}", paced["p99"], at_most=5)
    yield (f"     (beside it, waiting for the disk alone would have taken p99 {paced['diskP99']:.2f} ms; "
           f"the longest write took {paced['diskMost']:.2f} ms)")
    yield verdict("memory: at most {} MiB in any run, under {}", peak, at_most=150)


def serving(ratios):
    """`ratios`: by the file's size, the gateway's files a second over nginx's."""
    yield verdict("files of 100 KB: {} of nginx's a second, at least {}", ratios["100 KB"], at_least=0.5)
    yield verdict("files of 10 MB: {} of nginx's a second, at least {}", ratios["10 MB"], at_least=0.8)


def live(latency, idle):
    yield verdict("webhook to socket: p50 {} ms, under {}", latency["p50"], at_most=5)
    yield verdict("webhook to socket: p99 {} ms, under {}", latency["p99"], at_most=25)
    yield verdict("5,000 idle sockets: {} MiB, under {}", idle["MiBWith"], at_most=150)


def verdict(words, figure, at_least=None, at_most=None):
    is_met = figure >= at_least if at_least is not None else figure < at_most
    bound = at_least if at_least is not None else at_most
    return f"goal {words.format(f'{figure:.2f}', bound)}: {'met' if is_met else 'missed'}"
