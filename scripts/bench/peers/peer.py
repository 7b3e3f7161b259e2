"""The peer's side of race.mjs."""
import json, sys, time


def serve(name, work_once, check=None, units=1):
    """units is how much work one call does (tokens, products)."""
    print(json.dumps({'name': name, 'check': check}), flush=True)
    for line in sys.stdin:
        ms = []
        for _ in range(int(line)):
            started = time.perf_counter()
            work_once()
            ms.append(1000 * (time.perf_counter() - started) / units)
        print(json.dumps({'ms': ms}), flush=True)


def best_setting(settings, work_once, repetitions=5):
    """Tries each setting (a function that applies it) and leaves the fastest applied; returns its place."""
    times = []
    for apply in settings:
        apply()
        work_once()
        each = []
        for _ in range(repetitions):
            started = time.perf_counter()
            work_once()
            each.append(time.perf_counter() - started)
        times.append(sorted(each)[repetitions // 2])
    best = times.index(min(times))
    settings[best]()
    return best
