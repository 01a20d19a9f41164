"""Two shops on one service: `quiet` records a few events a second, `loud` floods. Prints the quiet shop's latency, idle and under each flood.

The load generators share the machine's processors with the service and the database, as neighbours' requests would: compare the rows with one
another, not with another machine's.
"""
import argparse
import asyncio
import multiprocessing
import random
import sys
import time

from lab import Connection, Service, fill, shop


async def forever(port, until, request):
    """Calls `request(connection)` until the time is over; counts the answers by status."""
    statuses, connection = {}, Connection(port)
    while time.monotonic() < until:
        try:
            status = await request(connection)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            status = type(error).__name__
            connection.close()
            await asyncio.sleep(0.05)
        statuses[status] = statuses.get(status, 0) + 1
        if status in (429, 503):
            await asyncio.sleep(0.02)
    connection.close()
    return statuses


def events(key, user="flood"):
    async def request(connection):
        body = {"event_id": f"{random.getrandbits(64):x}", "user_id": f"{user}-{random.randrange(2000)}", "amount": 3}
        return (await connection.call("POST", "/v1/usage", key, body))[0]
    return request


def batches(key):
    async def request(connection):
        several = [{"event_id": f"{random.getrandbits(64):x}", "user_id": f"flood-{random.randrange(2000)}", "amount": 3} for _ in range(1000)]
        return (await connection.call("POST", "/v1/usage/batch", key, {"events": several}))[0]
    return request


def get(key, path, timeout=60.0):
    async def request(connection):
        return (await connection.call("GET", path, key, timeout=timeout))[0]
    return request


def unknown_keys(_):
    async def request(connection):
        key = f"smk_{random.getrandbits(48):012x}_{random.getrandbits(256):064x}"
        return (await connection.call("GET", "/v1/plans", key))[0]
    return request


async def slow_sockets(port, until, count):
    """Connections that send a byte of a request each second."""
    async def one():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            for byte in b"GET /v1/plans HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 600:
                if time.monotonic() > until:
                    break
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
            writer.close()
        except OSError:
            pass
    await asyncio.gather(*(one() for _ in range(count)))
    return {"sockets": count}


async def slow_readers(port, until, key, count):
    """Exports that are read a few bytes a second."""
    async def one():
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            writer.write(f"GET /v1/export/usage_events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
            while time.monotonic() < until and await reader.read(16):
                await asyncio.sleep(1)
            writer.close()
        except OSError:
            pass
    await asyncio.gather(*(one() for _ in range(count)))
    return {"readers": count}


FLOODS = {
    "events": lambda key, port, until: [forever(port, until, events(key)) for _ in range(64)],
    "batches": lambda key, port, until: [forever(port, until, batches(key)) for _ in range(8)],
    "breakdowns": lambda key, port, until: [
        forever(port, until, get(key, "/v1/usage/heavy/breakdown?group_by=model")) for _ in range(12)],
    "analytics": lambda key, port, until: [forever(port, until, get(key, "/v1/analytics")) for _ in range(8)],
    "exports": lambda key, port, until: [forever(port, until, get(key, "/v1/export/usage_events")) for _ in range(8)],
    "unknown-keys": lambda key, port, until: [forever(port, until, unknown_keys(key)) for _ in range(32)],
    "slow-sockets": lambda key, port, until: [slow_sockets(port, until, 500)],
    "slow-readers": lambda key, port, until: [slow_readers(port, until, key, 50)],
}


def flood(kind, key, port, seconds, results):
    """A process of its own that floods for some seconds, then says what it was answered."""
    async def run():
        until = time.monotonic() + seconds
        sums = {}
        for statuses in await asyncio.gather(*FLOODS[kind](key, port, until), return_exceptions=True):
            for status, count in (statuses.items() if isinstance(statuses, dict) else [(type(statuses).__name__, 1)]):
                sums[status] = sums.get(status, 0) + count
        results.put(sums)
    asyncio.run(run())


async def quiet(key, port, seconds):
    """Eight clients, each an event every 100 ms. Returns the latencies in milliseconds and the statuses that are not 201."""
    until, latencies, errors = time.monotonic() + seconds, [], {}

    async def client(number):
        connection = Connection(port)
        await asyncio.sleep(number / 80)
        while time.monotonic() < until:
            start = time.monotonic()
            try:
                body = {"event_id": f"{random.getrandbits(64):x}", "user_id": f"quiet-{number}", "amount": 3}
                status, _ = await connection.call("POST", "/v1/usage", key, body)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
                status = type(error).__name__
                connection.close()
            latencies.append((time.monotonic() - start) * 1000)
            if status != 201:
                errors[status] = errors.get(status, 0) + 1
            await asyncio.sleep(max(0, 0.1 - (time.monotonic() - start)))
        connection.close()
    await asyncio.gather(*(client(number) for number in range(8)))
    return sorted(latencies), errors


def row(name, latencies, errors, answers=""):
    at = lambda share: latencies[min(len(latencies) - 1, int(len(latencies) * share))] if latencies else float("nan")
    print(f"{name:14} {len(latencies):6} {at(.5):8.1f} {at(.99):8.1f} {at(1):8.1f}   {errors or '-'}   {answers}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shopmeter", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the user whose breakdown is asked for")
    parser.add_argument("floods", nargs="*", default=[], help=", ".join(FLOODS))
    options = parser.parse_args()
    floods = options.floods or list(FLOODS)
    with Service(options.shopmeter) as service:
        measure(service.port, floods, options)


def measure(port, floods, options):
    calm, loud = shop(port, "quiet"), shop(port, "loud")
    if {"breakdowns", "exports", "slow-readers"} & set(floods):
        start = time.monotonic()
        fill(port, loud, options.events)
        print(f"filled {options.events} events in {time.monotonic() - start:.0f} s", flush=True)
    print(f"{'flood':14} {'calls':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}   errors of the quiet shop   answers to the flood", flush=True)
    row("idle", *asyncio.run(quiet(calm, port, options.seconds)))
    for kind in floods:
        results = multiprocessing.Queue()
        process = multiprocessing.Process(target=flood, args=(kind, loud, port, options.seconds + 2, results))
        process.start()
        time.sleep(1)
        latencies, errors = asyncio.run(quiet(calm, port, options.seconds))
        answers = results.get(timeout=120)
        process.join()
        row(kind, latencies, errors, answers)
        time.sleep(1)
    row("idle again", *asyncio.run(quiet(calm, port, options.seconds)))


if __name__ == "__main__":
    sys.exit(main())
