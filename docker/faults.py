"""Faults under load, with an auditor of its own.

Clients note what they intend before they send it, send it again with the same id until they are answered, and note the answer. At the end the
collections are read with a driver and rules of this script's own:

LOST    an event that a client was told of, and that is not in the log
WRONG   an event in the log with another amount or user than was sent
DOUBLE  an event of which an account has more than the log
DRIFT   an account whose sums differ from its log in any other way
"""
import argparse
import asyncio
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import pymongo

from lab import free_port

ADMIN = "admin-token-of-the-faults-0123456789ab"
DATABASE = "shopmeter"


def until(seconds, what, check):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := check():
                return found
        except (pymongo.errors.PyMongoError, OSError):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{what} did not come within {seconds} s")


class ReplicaSet:
    """One member or three, each a mongod on the loopback."""

    def __init__(self, mongod, directory, count):
        self.ports = [free_port() for _ in range(count)]
        self.mongod, self.directory, self.processes = mongod, directory, {}
        for port in self.ports:
            self.start(port)
        members = [{"_id": index, "host": f"127.0.0.1:{port}"} for index, port in enumerate(self.ports)]
        for port in self.ports:
            until(30, "mongod", lambda: self.direct(port).admin.command("ping"))
        self.direct(self.ports[0]).admin.command(
            "replSetInitiate", {"_id": "faults", "members": members, "settings": {"electionTimeoutMillis": 2000}})
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self.uri = f"mongodb://{hosts}/?replicaSet=faults"
        self.primary()

    def direct(self, port):
        return pymongo.MongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=800, connectTimeoutMS=800, socketTimeoutMS=3000)

    def start(self, port):
        path = f"{self.directory}/{port}"
        os.makedirs(path, exist_ok=True)
        self.processes[port] = subprocess.Popen(
            [self.mongod, "--replSet", "faults", "--dbpath", path, "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket",
             "--wiredTigerCacheSizeGB", "0.4", "--oplogSize", "500", "--logpath", f"{path}.log", "--logappend",
             "--setParameter", "enableTestCommands=1", "--setParameter", "diagnosticDataCollectionEnabled=false"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def primary(self):
        def find():
            for port in self.ports:
                try:
                    if self.direct(port).admin.command("hello").get("isWritablePrimary"):
                        return port
                except pymongo.errors.PyMongoError:
                    pass
        return until(60, "a primary", find)

    def healthy(self):
        def check():
            states = [member["stateStr"] for member in self.direct(self.primary()).admin.command("replSetGetStatus")["members"]]
            return sorted(states) == ["PRIMARY"] + ["SECONDARY"] * (len(self.ports) - 1)
        return until(120, "every member", check)

    def fail(self, mode, **data):
        self.direct(self.primary()).admin.command("configureFailPoint", "failCommand", mode=mode, data=data)

    def close(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


class Service:
    """One instance of the executable."""

    def __init__(self, shopmeter, directory, uri=None, **settings):
        self.port, self.directory = free_port(), directory
        self.log = f"{directory}.log"
        self.command = [shopmeter, "serve", "--port", str(self.port), "--data-dir", directory]
        self.environment = dict(os.environ, SHOPMETER_ADMIN_TOKEN=ADMIN, SHOPMETER_LOG_LEVEL="warning", **settings)
        if uri:
            self.environment["SHOPMETER_MONGODB_URI"] = uri
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=open(self.log, "ab"), stderr=subprocess.STDOUT, start_new_session=True)
        until(60, "the service", self.ready)

    def ready(self):
        if self.process.poll() is not None:
            raise SystemExit(f"the service ended: {open(self.log).read()[-600:]}")
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
            return answer.status == 200

    def call(self, method, path, body=None, key=ADMIN):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", None if body is None else json.dumps(body).encode(), method=method)
        request.add_header("Authorization", f"Bearer {key}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self, how=signal.SIGTERM, patience=30):
        start = time.monotonic()
        self.process.send_signal(how)
        return self.process.wait(patience), time.monotonic() - start

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()


class Load:
    """Clients that each record events of users of their own, on any of the instances, and send again what was not answered."""

    def __init__(self, services, key, clients=40, pause=0.02):
        self.services, self.key, self.pause, self.clients = services, key, pause, clients
        self.intended, self.told, self.answers, self.isOver = {}, {}, [], False

    async def run(self, fault):
        tasks = [asyncio.create_task(self.client(number)) for number in range(self.clients)]
        try:
            await fault()
        finally:
            self.isOver = True
            await asyncio.gather(*tasks)

    async def client(self, number):
        count, connection, user = 0, None, f"user-{number}"
        while not self.isOver:
            count += 1
            event = f"{number}-{count}"
            self.intended[(user, event)] = amount = random.randrange(1, 50)
            body = {"event_id": event, "user_id": user, "amount": amount}
            give_up = None
            while True:
                start = time.monotonic()
                status, connection = await self.send(body, connection)
                self.answers.append((start, time.monotonic() - start, status, user))
                if status in (200, 201):
                    self.told[(user, event)] = amount
                    break
                if self.isOver:
                    give_up = give_up or time.monotonic() + 20
                    if time.monotonic() > give_up:
                        return
                await asyncio.sleep(0.05)
            await asyncio.sleep(self.pause)

    async def send(self, body, connection):
        service = random.choice([service for service in self.services if service.process.poll() is None] or self.services)
        if connection is None or connection[2] is not service:
            if connection:
                connection[1].close()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
            except OSError:
                return "refused", None
            connection = (reader, writer, service)
        reader, writer, _ = connection
        data = json.dumps(body).encode()
        head = (f"POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n")
        try:
            writer.write(head.encode() + data)
            lines = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            await asyncio.wait_for(reader.readexactly(int(fields["content-length"])), 30)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            writer.close()
            return "broken", None
        if fields.get("connection") == "close":
            writer.close()
            connection = None
        return int(lines[0].split()[1]), connection


def audited(uri, load):
    """What clients were told, held against the log, and the log against the accounts."""
    database = pymongo.MongoClient(uri)[DATABASE]
    found, sums, logs = {}, collections.Counter(), collections.defaultdict(list)
    for event in database.usage_events.find({"_id.shop_id": "faults", "meter": {"$exists": True}}):
        key = (event["_id"]["user_id"], event["_id"]["event_id"])
        found[key] = event["amount"]
        sums[key[0]] += event["amount"]
        logs[key[0]].append((event.get("sequence", 0), event["amount"]))
    lost = sum(1 for key in load.told if key not in found)
    wrong = sum(1 for key, amount in found.items() if load.intended.get(key) != amount)
    double = drift = 0
    for account in database.token_usage.find({"_id.shop_id": "faults"}):
        user = account["_id"]["user_id"]
        # A document is behind its log by the events after its number.
        after = sum(amount for number, amount in logs[user] if number > account.get("sequence", number))
        counted = after + (account["lifetime"]["tokens"] if "lifetime" in account else account["total_tokens"])
        double += counted > sums[user]
        drift += counted < sums[user]
        days = after + sum(day["tokens"] for day in account["daily_usage"]) + sum(month["tokens"] for month in account["monthly_summary"])
        drift += days != counted and counted == sums[user]
    return {"LOST": lost, "WRONG": wrong, "DOUBLE": double, "DRIFT": drift}


def figures(load, healed):
    """Longest gap without an acknowledgement, slowest answer, and the time after `healed` until the rate is 80 % of what it was before."""
    good = sorted(start + took for start, took, status, _ in load.answers if status in (200, 201))
    gap = max((after - before for before, after in zip(good, good[1:])), default=0)
    slowest = max(took for _, took, _, _ in load.answers)
    begin, end = good[0], good[-1]
    normal = sum(1 for time_ in good if time_ < begin + 3) / 3
    back = None
    if healed:
        moment = healed
        while moment < end - 1:
            if sum(1 for time_ in good if moment <= time_ < moment + 1) >= 0.8 * normal:
                back = moment - healed
                break
            moment += 0.1
    return {"acknowledged": len(load.told), "unanswered": len(load.intended) - len(load.told), "gap s": f"{gap:.1f}",
            "slowest s": f"{slowest:.1f}", "normal after s": "-" if back is None else f"{back:.1f}",
            "statuses": dict(collections.Counter(status for _, _, status, _ in load.answers))}


class Lab:
    def __init__(self, options, members):
        self.directory = tempfile.mkdtemp(prefix="shopmeter-faults-")
        self.options = options
        self.set = ReplicaSet(options.mongod, self.directory, members)
        self.services = [Service(options.shopmeter, f"{self.directory}/service-{number}", self.set.uri) for number in range(2)]
        made = self.services[0].call("POST", "/v1/admin/shops", {"shop_id": "faults", "name": "Faults", "currency": "EUR", "clock": "live"})
        self.key = made["api_key"]
        self.services[0].call("PUT", "/v1/plans/free", {"allowances": {"tokens": None}}, self.key)
        self.client = pymongo.MongoClient(self.set.uri)

    def close(self):
        for service in self.services:
            service.close()
        self.set.close()
        shutil.rmtree(self.directory, ignore_errors=True)


async def settle(seconds):
    await asyncio.sleep(seconds)
    return time.monotonic()


# Each fault gets the lab and gives the time at which everything was well again.

async def none(lab):
    return await settle(6)


async def transaction_left_open(lab):
    await settle(4)
    session = lab.client.start_session()
    session.start_transaction()
    for number in range(4):
        lab.client[DATABASE].token_usage.update_one(
            {"_id": {"shop_id": "faults", "user_id": f"user-{number}"}}, {"$set": {"held": 1}}, session=session)
    await settle(12)
    session.abort_transaction()
    return time.monotonic()


async def instance_killed(lab):
    await settle(4)
    lab.services[0].stop(signal.SIGKILL)
    healed = await settle(0)
    await settle(8)
    lab.services[0].start()
    return healed


async def primary_killed(lab):
    await settle(4)
    port = lab.set.primary()
    lab.set.processes[port].kill()
    lab.set.processes[port].wait()
    await asyncio.to_thread(lab.set.primary)
    healed = time.monotonic()
    lab.set.start(port)
    await settle(8)
    return healed


async def primary_frozen(lab):
    await settle(4)
    port = lab.set.primary()
    lab.set.processes[port].send_signal(signal.SIGSTOP)
    await settle(10)
    lab.set.processes[port].send_signal(signal.SIGCONT)
    return time.monotonic()


async def stepped_down(lab):
    await settle(4)
    try:
        lab.set.direct(lab.set.primary()).admin.command("replSetStepDown", 10, secondaryCatchUpPeriodSecs=5)
    except pymongo.errors.PyMongoError:
        pass
    await asyncio.to_thread(lab.set.primary)
    return time.monotonic()


async def slow_commands(lab):
    await settle(4)
    lab.set.fail({"activationProbability": 0.05}, failCommands=["find", "aggregate", "update", "insert"], errorCode=50)
    await settle(6)
    lab.set.fail("off")
    return time.monotonic()


async def temporary_codes(lab):
    await settle(4)
    for code in (134, 11601, 14031, 290):
        lab.set.fail({"activationProbability": 0.1}, failCommands=["find", "insert", "update", "commitTransaction"], errorCode=code)
        await settle(2)
    lab.set.fail("off")
    return time.monotonic()


async def commits_cut(lab):
    await settle(4)
    lab.set.fail({"activationProbability": 0.05}, failCommands=["commitTransaction"], closeConnection=True)
    await settle(8)
    lab.set.fail("off")
    return time.monotonic()


FAULTS = {
    "none": (1, none), "transaction-left-open": (1, transaction_left_open), "only-member-frozen": (1, primary_frozen),
    "instance-killed": (3, instance_killed), "primary-killed": (3, primary_killed), "primary-frozen": (3, primary_frozen),
    "stepped-down": (3, stepped_down), "slow-commands": (1, slow_commands), "temporary-codes": (1, temporary_codes),
    "commits-cut": (1, commits_cut),
}


async def run(name, options):
    members, fault = FAULTS[name]
    lab = Lab(options, members)
    try:
        load, healed = Load(lab.services, lab.key), None

        async def make():
            nonlocal healed
            healed = await fault(lab)
            await settle(6)
        await load.run(make)
        await asyncio.to_thread(lab.set.healthy)
        result = audited(lab.set.uri, load) | figures(load, healed)
        held = {f"user-{number}" for number in range(4)}
        if name == "transaction-left-open":
            others = [took for _, took, _, user in load.answers if user not in held]
            result["slowest of the others s"] = f"{max(others):.1f}"
        print(f"{name:22}", "  ".join(f"{title} {value}" for title, value in result.items()), flush=True)
        return not any(result[title] for title in ("LOST", "WRONG", "DOUBLE", "DRIFT", "unanswered"))
    finally:
        lab.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shopmeter", required=True)
    parser.add_argument("--mongod", required=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("faults", nargs="*")
    options = parser.parse_args()
    if options.list:
        print("\n".join(FAULTS))
        return 0
    return 0 if all([asyncio.run(run(name, options)) for name in options.faults or FAULTS]) else 1


if __name__ == "__main__":
    sys.exit(main())
