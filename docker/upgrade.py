"""An upgrade behind haproxy under load, as docker/upgrade.sh describes it."""
import asyncio
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from lab import ADMIN, Connection, free_port, is_ready

RATE = 200
CLIENTS = 40
DRAIN = 3
HERE = pathlib.Path(__file__).resolve().parent


class Instance:
    def __init__(self, directory, port, uri):
        self.directory, self.port, self.uri, self.process = directory, port, uri, None

    def start(self, program):
        environment = dict(
            os.environ, SHOPMETER_ADMIN_TOKEN=ADMIN, SHOPMETER_LOG_LEVEL="warning", SHOPMETER_DRAIN_SECONDS=str(DRAIN),
            SHOPMETER_MONGODB_URI=self.uri, SHOPMETER_DATA_DIR=self.directory, SHOPMETER_PORT=str(self.port))
        if not self.drains(program):
            del environment["SHOPMETER_DRAIN_SECONDS"]
        self.process = subprocess.Popen([program, "serve"], env=environment, start_new_session=True)
        if not is_ready(self.process, self.port):
            raise SystemExit(f"{program} did not become ready")

    def drains(self, program):
        """Whether the program knows how to say that it is about to stop."""
        return "--drain-seconds" in subprocess.run([program, "serve", "--help"], capture_output=True, text=True).stdout

    def stop(self):
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30), time.monotonic() - start


class Load:
    """Clients that keep their connections: an event, a check, a read, in turn. No request is sent again."""

    def __init__(self, port, key):
        self.port, self.key, self.isOver = port, key, False
        self.statuses, self.slowest, self.failures = collections.Counter(), 0, []

    async def run(self):
        await asyncio.gather(*[self.client(number) for number in range(CLIENTS)])

    async def client(self, number):
        connection, count = Connection(self.port), 0
        await asyncio.sleep(random.random() * CLIENTS / RATE)
        while not self.isOver:
            count += 1
            start = time.monotonic()
            user = f"user-{number}"
            method, path, body = [
                ("POST", "/v1/usage", {"event_id": f"{number}-{count}", "user_id": user, "amount": 1}),
                ("GET", f"/v1/usage/{user}/check?amount=1", None), ("GET", f"/v1/usage/{user}", None)][count % 3]
            try:
                status, answer = await connection.call(method, path, self.key, body)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
                status, answer = type(error).__name__, b""
                connection.close()
            took = time.monotonic() - start
            self.statuses[status] += 1
            self.slowest = max(self.slowest, took)
            if status not in (200, 201):
                self.failures.append(f"{method} {path}: {status} {answer[:200]!r}")
            await asyncio.sleep(max(0, CLIENTS / RATE - took))


def tell(proxy, words):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(proxy)
        connection.sendall(words.encode() + b"\n")
        connection.recv(4096)


async def upgrade(load, instances, old, new, proxy):
    await asyncio.sleep(3)
    for name, instance in zip(("one", "two"), instances):
        # A program that cannot drain by itself is taken out by hand.
        byHand = not instance.drains(old)
        if byHand:
            tell(proxy, f"set server instances/{name} state drain")
            await asyncio.sleep(DRAIN)
        code, took = await asyncio.to_thread(instance.stop)
        await asyncio.to_thread(instance.start, new)
        if byHand:
            tell(proxy, f"set server instances/{name} state ready")
        print(f"instance {name}: ended with {code} after {took:.1f} s, replaced", flush=True)
        # Until haproxy has found out that it is ready.
        await asyncio.sleep(2)
    await asyncio.sleep(2)
    load.isOver = True


async def measure(old, new, directory):
    one, two, front = free_port(), free_port(), free_port()
    # The first one's embedded mongod must outlive it: so a third process has the database.
    database = Instance(f"{directory}/database", free_port(), "")
    environment = dict(os.environ, SHOPMETER_ADMIN_TOKEN=ADMIN, SHOPMETER_LOG_LEVEL="warning")
    database.process = subprocess.Popen(
        [old, "serve", "--port", str(database.port), "--data-dir", database.directory], env=environment, start_new_session=True)
    if not is_ready(database.process, database.port):
        raise SystemExit("the database did not start")
    uri = pathlib.Path(database.directory, "mongodb-uri").read_text().strip()
    instances = [Instance(f"{directory}/{name}", port, uri) for name, port in (("one", one), ("two", two))]
    proxy = None
    try:
        for instance in instances:
            instance.start(old)
        admin = f"{directory}/haproxy"
        names = {"METER_ADMIN": admin, "METER_BIND": f"127.0.0.1:{front}", "METER_ONE": f"127.0.0.1:{one}", "METER_TWO": f"127.0.0.1:{two}"}
        proxy = subprocess.Popen(["haproxy", "-f", str(HERE / "haproxy.cfg"), "-db"], env=dict(os.environ, **names))
        if not is_ready(proxy, front):
            raise SystemExit("haproxy did not start")
        setting_up = Connection(front)
        _, made = await setting_up.call(
            "POST", "/v1/admin/shops", ADMIN, {"shop_id": "upgrade", "name": "Upgrade", "currency": "EUR", "clock": "live"})
        load = Load(front, json.loads(made)["api_key"])
        start = time.monotonic()
        await asyncio.gather(load.run(), upgrade(load, instances, old, new, admin))
        count, seconds = sum(load.statuses.values()), time.monotonic() - start
        print(f"{count} requests in {seconds:.0f} s ({count / seconds:.0f} a second), slowest {load.slowest:.2f} s: {dict(load.statuses)}")
        for failure in load.failures[:10]:
            print(f"  {failure}")
        print(f"{len(load.failures)} failed")
        return 1 if load.failures else 0
    finally:
        if proxy:
            proxy.terminate()
        for instance in [*instances, database]:
            if instance.process and instance.process.poll() is None:
                instance.process.terminate()
                instance.process.wait(30)


def main():
    directory = tempfile.mkdtemp(prefix="shopmeter-upgrade-")
    try:
        return asyncio.run(measure(sys.argv[1], sys.argv[2], directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
