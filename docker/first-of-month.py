"""Users of the shop `many`, whose periods all end at one instant, record and read; users of the shop `other`, whose periods do not end, record.

The load generators share the machine's processors with the service and the database: compare the rows with one another, not with another machine's.
"""
import argparse
import asyncio
import datetime
import random
import sys
import time

import pymongo
from bson.int64 import Int64

from lab import Connection, Service, shop

TARGET = 250.0


class Caller:
    """Clients that make a request at a steady pace each; keeps (when asked, milliseconds, status)."""

    def __init__(self, port, key, clients, pause, request):
        self.port, self.key, self.clients, self.pause, self.request = port, key, clients, pause, request
        self.seen = []

    async def one(self, number, until):
        connection = Connection(self.port)
        await asyncio.sleep(self.pause * number / self.clients)
        while time.time() < until:
            asked = time.time()
            try:
                status, _ = await connection.call(*self.request(number), timeout=15.0)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
                status = type(error).__name__
                connection.close()
            self.seen.append((asked, (time.time() - asked) * 1000, status))
            await asyncio.sleep(max(0, self.pause - (time.time() - asked)))
        connection.close()

    def row(self, name, start, end):
        calls = [call for call in self.seen if start <= call[0] < end]
        times = sorted(call[1] for call in calls)
        errors = {}
        for call in calls:
            if call[2] not in (200, 201):
                errors[call[2]] = errors.get(call[2], 0) + 1
        at = lambda share: times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")
        print(f"{name:30} {len(calls):6} {at(.5):8.1f} {at(.99):8.1f} {at(1):8.1f}   {errors or '-'}", flush=True)
        return at(.99)


def event(key, user):
    return "POST", "/v1/usage", key, {"event_id": f"{random.getrandbits(64):x}", "user_id": user, "amount": 3}


async def fill(port, key, users):
    connection = Connection(port)
    for first in range(0, users, 1000):
        several = [{"event_id": "first", "user_id": f"u{number}", "amount": 1} for number in range(first, min(first + 1000, users))]
        status, _ = await connection.call("POST", "/v1/usage/batch", key, {"events": several}, timeout=60)
        if status != 200:
            sys.exit(f"the users could not be made: {status}")
    connection.close()


async def measure(port, keys, accounts, options):
    other = Caller(port, keys["other"], 8, 0.1, lambda number: event(keys["other"], f"o{number}"))
    due = Caller(port, keys["many"], 32, 0.1, lambda number: event(keys["many"], f"u{random.randrange(options.users)}"))
    reads = Caller(
        port, keys["many"], 8, 0.1, lambda number: ("GET", f"/v1/usage/u{random.randrange(options.users)}", keys["many"]))
    start = time.time()
    end = start + options.before
    until = end + options.seconds
    instant = datetime.datetime.fromtimestamp(end, datetime.timezone.utc)
    # The periods end at one instant, as those of all users of the free plan do. After an erasure the service reads a shop's accounts again.
    accounts.update_many({"_id.shop_id": "many"}, {"$set": {"current_period_end": instant}})
    accounts.database.shops.update_one({"_id": "many"}, {"$inc": {"erasures": Int64(1)}})
    closed = []

    async def watch():
        while time.time() < until:
            left = await asyncio.to_thread(accounts.count_documents, {"_id.shop_id": "many", "current_period_end": instant})
            if left == 0 and not closed:
                closed.append(time.time() - end)
            await asyncio.sleep(0.5)
    callers = (other, due, reads)
    await asyncio.gather(watch(), *(caller.one(number, until) for caller in callers for number in range(caller.clients)))
    print(f"{'':30} {'calls':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}   errors")
    names = ("others' events", "due users' events", "due users' reads")
    for caller, name in zip(callers, names):
        caller.row(name + ", before", start + 2, end)
    during = end + (closed[0] if closed else options.seconds)
    found = [caller.row(name + ", closing", end, during) for caller, name in zip(callers, names)]
    for caller, name in zip(callers, names):
        caller.row(name + ", after", during, until)
    print(f"all {options.users} periods were closed after {closed[0]:.1f} s" if closed else "not all periods were closed", flush=True)
    return bool(closed) and found[0] <= TARGET


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True, help="the executable of shopmeter")
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--before", type=int, default=10, help="seconds before the periods end")
    parser.add_argument("--seconds", type=int, default=60, help="seconds after that")
    options = parser.parse_args()
    with Service(options.binary, "--tick-seconds", "5", log_level="warning") as service:
        keys = {name: shop(service.port, name) for name in ("other", "many")}
        asyncio.run(fill(service.port, keys["many"], options.users))
        with open(service.data + "/mongodb-uri") as file:
            client = pymongo.MongoClient(file.read().strip(), tz_aware=True)
        return 0 if asyncio.run(measure(service.port, keys, client.shopmeter.token_usage, options)) else 1


if __name__ == "__main__":
    sys.exit(main())
