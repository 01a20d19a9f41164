"""Runs ShopMeter beside its peers on this machine and writes a report. Called by docker/bench.sh, which sets the machine up."""
import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from types import SimpleNamespace

import loads
import report
from contests import USERS, contests
from processes import Mongod, Naive, Nginx, PostgreSQL, ShopMeter


def tell(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def start(options, folder):
    """Every program, with 20,000 users in each, all on a plan with a limit that they never reach."""
    field = SimpleNamespace(bare=options.bare)
    field.running = []

    def started(process):
        field.running.append(process)
        return process
    try:
        field.mongod = started(Mongod(options.mongod, folder, options.cache))
        field.shopmeter = started(ShopMeter(options.shopmeter, folder, field.mongod))
        field.idle = field.shopmeter.memory()
        field.before = options.before and started(ShopMeter(options.before, folder, field.mongod, "shopmeter_before", "before"))
        for service in filter(None, [field.shopmeter, field.before]):
            service.make_shop()
            service.subscribe(USERS)
            service.open_accounts(0, USERS)
        field.naive = started(Naive(sys.executable, folder, field.mongod, USERS))
        field.postgres = started(PostgreSQL(folder))
        field.nginx = started(Nginx(folder))
    except BaseException:
        stop(field)
        raise
    return field


def stop(field):
    for process in reversed(field.running):
        process.stop()


def once(field, options):
    """What is measured without a peer: memory, rollover, start."""
    meter, rows = field.shopmeter, [["memory after the start", f"{field.idle:.0f} MB"]]
    if "memory" in options.contests:
        count, memory = loads.idle_connections(meter, 10_000)
        rows.append([f"memory with {count:,} idle connections", f"{memory:.0f} MB"])
        meter.open_accounts(USERS, 200_000)
        rows.append(["memory after 200,000 active accounts", f"{meter.memory():.0f} MB"])
    if "rollover" in options.contests:
        result = loads.rollover(meter, options.accounts)
        rows.append([f"rollover of {options.accounts:,} accounts",
                     f"{result['rate']:,} accounts/s; {result['ratio']} of bare updates; slowest event {result['slowest']} ms; {result['memory']}"])
    if "start" in options.contests:
        meter.stop()
        field.running.remove(meter)
        again = ShopMeter(options.shopmeter, tempfile.mkdtemp(dir=field.folder), field.mongod)
        field.running.append(again)
        rows.append(["time to start serving on this database", f"{again.start_seconds:.2f} s"])
    return rows


def versions(field):
    line = lambda *command: subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    return {
        "MongoDB": f"{field.mongod.version}, one member, w: majority, journaled, cache {field.cache} GB",
        "PostgreSQL": f"{field.postgres.version}, its defaults, fsync on", "Python": sys.version.split()[0],
        "Swift": line("swift", "--version") if shutil.which("swift") else "–"}


def main():
    known = ["usage", "users", "one", "batch", "check", "status", "healthz", "export", "memory", "rollover", "start"]
    parser = argparse.ArgumentParser(prog="docker/bench.sh", description=__doc__)
    parser.add_argument("--shopmeter", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--mongod", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bare", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--before", help="another shopmeter to run beside: the program of an older commit")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=8, help="of each run (8)")
    parser.add_argument("--accounts", type=int, default=100_000, help="of the rollover (100000)")
    parser.add_argument("--cache", type=float, default=1.0, help="mongod's cache in gigabytes (1)")
    parser.add_argument("--out", default="bench-report", help="the report's folder (./bench-report)")
    parser.add_argument("contests", nargs="*", help=f"which of {', '.join(known)} (all)")
    options = parser.parse_args()
    options.contests = options.contests or known
    if unknown := set(options.contests) - set(known):
        parser.error(f"there is no contest {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.makedirs(options.out, exist_ok=True)
    folder, begun = tempfile.mkdtemp(prefix="shopmeter-bench-"), time.strftime("%Y-%m-%d %H:%M")
    field = start(options, folder)
    field.folder, field.cache = folder, options.cache
    try:
        makers = contests(field, options.seconds)
        done = []
        for name in filter(makers.get, options.contests):
            contest = makers[name]()
            contest.run(options.rounds, tell)
            done.append(contest)
        single = once(field, options)
        facts = {"begun": begun, "rounds": f"{options.rounds} of {options.seconds} s", **versions(field)}
        print(report.write(options.out, facts, done, single))
    finally:
        stop(field)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
