"""Faults under load, with an auditor of its own.

Clients note what they intend before they send it, send it again with the same id until they are answered, and note the answer. At the end the
collections are read with a driver and rules of this script's own:

LOST    an event that a client was told of, and that is not in the log
WRONG   an event in the log with another amount or user than was sent
DOUBLE  an event of which an account has more than the log
DRIFT   an account whose sums differ from its log in any other way

Beside it: BARE, answers with 503 that name no `Retry-After` or came after more than 5 s (6 s here: the machine is shared with what is measured), and how
long the process needed to say that it lives (`/healthz`).
"""
import argparse
import asyncio
import collections
import glob
import json
import os
import random
import resource
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

    def __init__(self, mongod, directory, count, network=None):
        self.ports = [free_port() for _ in range(count)]
        self.mongod, self.directory, self.processes, self.network = mongod, directory, {}, network
        for port in self.ports:
            self.start(port)
        members = [{"_id": index, "host": f"{self.host(port)}:{port}"} for index, port in enumerate(self.ports)]
        for port in self.ports:
            until(30, "mongod", lambda: self.direct(port).admin.command("ping"))
        self.direct(self.ports[0]).admin.command(
            "replSetInitiate", {"_id": "faults", "members": members, "settings": {"electionTimeoutMillis": 2000}})
        hosts = ",".join(f"{self.host(port)}:{port}" for port in self.ports)
        self.uri = f"mongodb://{hosts}/?replicaSet=faults"
        self.primary()

    def host(self, port):
        return self.network.address(self.ports.index(port)) if self.network else "127.0.0.1"

    def direct(self, port):
        return pymongo.MongoClient(
            self.host(port), port, directConnection=True, serverSelectionTimeoutMS=800, connectTimeoutMS=800, socketTimeoutMS=3000)

    def start(self, port):
        path = f"{self.directory}/{port}"
        os.makedirs(path, exist_ok=True)
        inside = self.network.command(self.ports.index(port)) if self.network else []
        self.processes[port] = subprocess.Popen(
            inside + [self.mongod, "--replSet", "faults", "--dbpath", path, "--port", str(port), "--bind_ip", self.host(port), "--nounixsocket",
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


class Network:
    """A network of its own for each member, joined by a bridge (root alone may make one)."""
    BRIDGE = "smfaults"

    def __init__(self, count):
        self.count = count
        self.close()
        self.run("ip", "link", "add", self.BRIDGE, "type", "bridge")
        self.run("ip", "addr", "add", f"{self.address(-1)}/24", "dev", self.BRIDGE)
        self.run("ip", "link", "set", self.BRIDGE, "up")
        for index in range(count):
            space, outer = self.space(index), self.link(index)
            self.run("ip", "netns", "add", space)
            self.run("ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
            self.run("ip", "link", "set", outer, "master", self.BRIDGE, "up")
            self.run("ip", "-n", space, "addr", "add", f"{self.address(index)}/24", "dev", "eth0")
            self.run("ip", "-n", space, "link", "set", "eth0", "up")
            self.run("ip", "-n", space, "link", "set", "lo", "up")

    @staticmethod
    def run(*command, check=True):
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL)

    def address(self, index):
        return f"10.213.77.{index + 2}"

    def space(self, index):
        return f"{self.BRIDGE}-{index}"

    def link(self, index):
        return f"{self.BRIDGE}{index}"

    def command(self, index):
        return ["ip", "netns", "exec", self.space(index)]

    def set(self, index, state):
        self.run("ip", "link", "set", self.link(index), state)

    def close(self):
        for index in range(self.count):
            self.run("ip", "netns", "del", self.space(index), check=False)
            self.run("ip", "link", "del", self.link(index), check=False)
        self.run("ip", "link", "del", self.BRIDGE, check=False)


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

    def start(self, memory=None, by=(), **settings):
        """`memory`: the most bytes of data that it may have. `by`: a command that becomes the service."""
        limit = (lambda: resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))) if memory else None
        self.process = subprocess.Popen(
            [*by, *self.command], env=self.environment | settings, stdout=open(self.log, "ab"), stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=limit)
        until(60, "the service", self.ready)

    def ready(self):
        if self.process.poll() is not None:
            raise SystemExit(f"the service ended: {open(self.log).read()[-3000:]}")
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

    # What an instance that stands still does not answer is nobody's fault but the fault's.
    isFrozen = wasFrozen = False

    def freeze(self):
        self.isFrozen = self.wasFrozen = True
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)
        self.isFrozen = False

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
        self.intended, self.told, self.answers, self.isOver, self.bare, self.health = {}, {}, [], False, 0, []

    async def run(self, fault):
        tasks = [asyncio.create_task(self.client(number)) for number in range(self.clients)] + [asyncio.create_task(self.nurse())]
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

    async def nurse(self):
        """Asks each process that runs whether it lives."""
        while not self.isOver:
            for service in self.services:
                if service.process.poll() is not None or service.isFrozen:
                    continue
                start = time.monotonic()
                try:
                    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
                    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    await asyncio.wait_for(reader.read(), 10)
                    writer.close()
                except (OSError, asyncio.TimeoutError):
                    continue
                if service.process.poll() is None and not service.isFrozen:
                    self.health.append(time.monotonic() - start)
            await asyncio.sleep(0.2)

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
        start = time.monotonic()
        data = json.dumps(body).encode()
        head = (f"POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n")
        try:
            writer.write(head.encode() + data)
            lines = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode("latin1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            await asyncio.wait_for(reader.readexactly(int(fields["content-length"])), 30)
            if lines[0].split()[1] == "503" and not service.wasFrozen:
                self.bare += "retry-after" not in fields or time.monotonic() - start > 6
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
    return {"LOST": lost, "WRONG": wrong, "DOUBLE": double, "DRIFT": drift, "BARE": load.bare}


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
            "slowest s": f"{slowest:.1f}", "health ms": f"{max(load.health, default=0) * 1000:.0f}", "normal after s": "-" if back is None else f"{back:.1f}",
            "statuses": dict(collections.Counter(status for _, _, status, _ in load.answers))}


class Lab:
    def __init__(self, options, members, room=None, isApart=False):
        """`room`: the bytes of a disk of its own for the database; `isApart`: each member has a network of its own."""
        self.directory = tempfile.mkdtemp(prefix="shopmeter-faults-")
        self.options, self.notes, self.services, self.set, self.room = options, {}, [], None, room
        self.disk = f"{self.directory}/disk"
        os.mkdir(self.disk)
        if room:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", self.disk], check=True)
        self.network = Network(members) if isApart else None
        self.set = ReplicaSet(options.mongod, self.disk, members, self.network)
        self.services = [Service(options.shopmeter, f"{self.directory}/service-{number}", self.set.uri) for number in range(2)]
        made = self.services[0].call("POST", "/v1/admin/shops", {"shop_id": "faults", "name": "Faults", "currency": "EUR", "clock": "live"})
        self.key = made["api_key"]
        self.services[0].call("PUT", "/v1/plans/free", {"allowances": {"tokens": None}}, self.key)
        self.client = pymongo.MongoClient(self.set.uri)

    def close(self):
        for service in self.services:
            service.close()
        if self.set:
            self.set.close()
        if self.network:
            self.network.close()
        if self.room:
            subprocess.run(["umount", self.disk], check=True)
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


async def commits_unknown(lab):
    """The commit is made, and its answer says that nobody knows."""
    await settle(4)
    lab.set.fail({"activationProbability": 0.1}, failCommands=["commitTransaction"],
                 writeConcernError={"code": 64, "errmsg": "waiting for replication timed out"})
    await settle(8)
    lab.set.fail("off")
    return time.monotonic()


async def instance_stopped(lab):
    """SIGTERM under load, as an upgrade does."""
    await settle(4)
    code, took = await asyncio.to_thread(lab.services[0].stop)
    lab.notes |= {"exit code": code, "stopped after s": f"{took:.1f}"}
    healed = await settle(4)
    await asyncio.to_thread(lab.services[0].start)
    return healed


async def one_killed_one_frozen(lab):
    await settle(4)
    lab.services[0].stop(signal.SIGKILL)
    lab.services[1].freeze()
    await settle(8)
    await asyncio.to_thread(lab.services[0].start)
    healed = await settle(4)
    lab.services[1].thaw()
    return healed


async def primary_killed_twice(lab):
    await primary_killed(lab)
    await asyncio.to_thread(lab.set.healthy)
    return await primary_killed(lab)


async def all_killed(lab):
    await settle(4)
    for process in lab.set.processes.values():
        process.kill()
        process.wait()
    await settle(3)
    for port in lab.set.ports:
        lab.set.start(port)
    await asyncio.to_thread(lab.set.primary)
    return time.monotonic()


async def rolled_back(lab):
    """The primary takes writes that no other member fetches, is frozen, and comes back when another one is primary."""
    await settle(4)
    old = lab.set.primary()
    others = [port for port in lab.set.ports if port != old]

    def fetching(mode):
        for port in others:
            lab.set.direct(port).admin.command("configureFailPoint", "stopReplProducer", mode=mode)
    fetching("alwaysOn")
    await settle(3)
    lab.set.processes[old].send_signal(signal.SIGSTOP)
    fetching("off")
    await asyncio.to_thread(until, 60, "another primary", lambda: lab.set.primary() in others)
    healed = await settle(4)
    lab.set.processes[old].send_signal(signal.SIGCONT)
    await settle(3)
    await asyncio.to_thread(lab.set.healthy)
    with open(f"{lab.disk}/{old}.log") as log:
        lab.notes["rollbacks"] = sum("Rollback summary" in line for line in log)
    return healed


async def disk_full(lab):
    await settle(4)
    ballast = f"{lab.disk}/ballast"
    try:
        with open(ballast, "wb") as file:
            while True:
                file.write(bytes(1 << 20))
    except OSError:
        pass
    port, = lab.set.ports
    await settle(8)
    ended = lab.set.processes[port].poll()
    lab.notes["mongod"] = "went on" if ended is None else f"ended with {ended}"
    os.remove(ballast)
    if ended is None:
        # It may be about to end.
        await settle(2)
    if lab.set.processes[port].poll() is not None:
        lab.set.start(port)
    await asyncio.to_thread(lab.set.primary)
    return time.monotonic()


async def memory_limited(lab):
    """Both instances have 512 MB of data at most (stacks of threads among it)."""
    for service in lab.services:
        await asyncio.to_thread(service.stop)
        await asyncio.to_thread(service.start, memory=512 << 20)
    return await settle(10)


async def clock_jumps(lab):
    """One instance's clock jumps an hour ahead, then an hour back, by libfaketime."""
    library = next((path for path in glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
    if not library:
        raise SystemExit("clock-jumps needs libfaketime: apt-get install libfaketime")
    offset = f"{lab.directory}/clock"

    def jump(hours):
        with open(f"{offset}.new", "w") as file:
            file.write(f"{hours:+}h\n")
        os.rename(f"{offset}.new", offset)
    jump(0)
    one = lab.services[0]
    await asyncio.to_thread(one.stop)
    # The library moves the environment of the first program that it is loaded into, and Swift looks for its arguments before that.
    await asyncio.to_thread(
        one.start, by=["env"], LD_PRELOAD=library, FAKETIME_TIMESTAMP_FILE=offset, FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
    for hours in (1, -1, 0):
        await settle(3)
        jump(hours)
    return await settle(3)


async def partitioned(lab):
    """Nobody reaches the primary, and it reaches nobody."""
    await settle(4)
    port = lab.set.primary()
    index = lab.set.ports.index(port)
    lab.network.set(index, "down")
    await asyncio.to_thread(until, 60, "another primary", lambda: lab.set.primary() != port)
    healed = await settle(6)
    lab.network.set(index, "up")
    return healed


async def mixed(lab):
    """Every few seconds another fault, by a seed, for some minutes."""
    options = lab.options
    dice = random.Random(options.seed)
    lab.notes["seed"] = options.seed
    end, made = time.monotonic() + options.minutes * 60, collections.Counter()
    await settle(4)

    async def instance(how):
        service = dice.choice(lab.services)
        await asyncio.to_thread(service.stop, how)
        await settle(dice.uniform(0, 4))
        await asyncio.to_thread(service.start)

    async def frozen_instance():
        service = dice.choice(lab.services)
        service.freeze()
        await settle(dice.uniform(1, 12))
        service.thaw()

    async def member(how, whose):
        port = lab.set.primary() if whose == "primary" else dice.choice(lab.set.ports)
        process = lab.set.processes[port]
        process.send_signal(how)
        if how == signal.SIGKILL:
            process.wait()
        await settle(dice.uniform(1, 12))
        if how == signal.SIGSTOP:
            process.send_signal(signal.SIGCONT)
        else:
            lab.set.start(port)

    async def failing(**data):
        lab.set.fail({"activationProbability": dice.uniform(0.01, 0.2)}, **data)
        await settle(dice.uniform(1, 6))
        lab.set.fail("off")

    async def step_down():
        try:
            lab.set.direct(lab.set.primary()).admin.command("replSetStepDown", 5, secondaryCatchUpPeriodSecs=3)
        except pymongo.errors.PyMongoError:
            pass
    kinds = {
        "kill": lambda: instance(signal.SIGKILL), "term": lambda: instance(signal.SIGTERM), "freeze": frozen_instance,
        "kill-member": lambda: member(signal.SIGKILL, "any"), "kill-primary": lambda: member(signal.SIGKILL, "primary"),
        "freeze-primary": lambda: member(signal.SIGSTOP, "primary"), "step-down": step_down,
        "cut": lambda: failing(failCommands=["commitTransaction", "insert", "find"], closeConnection=True),
        "unknown": lambda: failing(failCommands=["commitTransaction"], writeConcernError={"code": 64, "errmsg": "timed out"}),
        "temporary": lambda: failing(failCommands=["find", "insert", "update", "commitTransaction"], errorCode=11601),
    }
    while time.monotonic() < end:
        name = dice.choice(sorted(kinds))
        made[name] += 1
        try:
            await kinds[name]()
        except pymongo.errors.PyMongoError:
            # The member that was told to fail was not there, or fails for this script too.
            pass
        await settle(dice.uniform(0, 3))
        if dice.random() < 0.5:
            await asyncio.to_thread(lab.set.healthy)
    for port in lab.set.ports:
        try:
            lab.set.direct(port).admin.command("configureFailPoint", "failCommand", mode="off")
        except pymongo.errors.PyMongoError:
            pass
    lab.notes["faults"] = dict(made)
    await asyncio.to_thread(lab.set.healthy)
    return time.monotonic()


FAULTS = {
    "none": (1, none), "transaction-left-open": (1, transaction_left_open), "only-member-frozen": (1, primary_frozen),
    "instance-killed": (3, instance_killed), "primary-killed": (3, primary_killed), "primary-frozen": (3, primary_frozen),
    "stepped-down": (3, stepped_down), "slow-commands": (1, slow_commands), "temporary-codes": (1, temporary_codes),
    "commits-cut": (1, commits_cut), "commits-unknown": (1, commits_unknown), "instance-stopped": (1, instance_stopped),
    "one-killed-one-frozen": (1, one_killed_one_frozen), "primary-killed-twice": (3, primary_killed_twice), "all-killed": (3, all_killed),
    "rolled-back": (3, rolled_back), "disk-full": (1, disk_full), "memory-limited": (1, memory_limited), "clock-jumps": (1, clock_jumps),
    "partitioned": (3, partitioned), "mixed": (3, mixed),
}


async def run(name, options):
    members, fault = FAULTS[name]
    lab = Lab(options, members, room=(700 << 20) if name == "disk-full" else None, isApart=name == "partitioned")
    try:
        load, healed = Load(lab.services, lab.key), None

        async def make():
            nonlocal healed
            healed = await fault(lab)
            await settle(6)
        await load.run(make)
        await asyncio.to_thread(lab.set.healthy)
        result = audited(lab.set.uri, load) | figures(load, healed) | lab.notes
        held = {f"user-{number}" for number in range(4)}
        if name == "transaction-left-open":
            others = [took for _, took, _, user in load.answers if user not in held]
            result["slowest of the others s"] = f"{max(others):.1f}"
        print(f"{name:22}", "  ".join(f"{title} {value}" for title, value in result.items()), flush=True)
        return not any(result[title] for title in ("LOST", "WRONG", "DOUBLE", "DRIFT", "BARE", "unanswered"))
    finally:
        lab.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shopmeter", required=True)
    parser.add_argument("--mongod", required=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the faults of `mixed`")
    parser.add_argument("--minutes", type=float, default=2, help="of `mixed`")
    parser.add_argument("faults", nargs="*")
    options = parser.parse_args()
    if options.list:
        print("\n".join(FAULTS))
        return 0
    return 0 if all([asyncio.run(run(name, options)) for name in options.faults or FAULTS]) else 1


if __name__ == "__main__":
    sys.exit(main())
