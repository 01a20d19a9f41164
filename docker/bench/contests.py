"""What is compared with what. A contest runs its contestants by turns, several rounds, so that what else the machine does hits all of them."""
from dataclasses import dataclass, field
from statistics import median

import loads

USERS = 20_000


@dataclass
class Contest:
    name: str
    #: What a rate counts: "events", "requests".
    unit: str
    #: The contestants by name; the first is measured against each other.
    contestants: dict
    #: The figure that is compared: `rate` (more is better) or `p50` (less is better).
    by: str = "rate"
    note: str = ""
    #: The samples of each contestant, one a round.
    samples: dict = field(default_factory=dict)

    def run(self, rounds, tell):
        self.samples = {name: [] for name in self.contestants}
        for number in range(rounds):
            order = list(self.contestants.items())
            for name, load in order if number % 2 == 0 else reversed(order):
                sample = load()
                self.samples[name].append(sample)
                tell(f"{self.name}, round {number + 1}: {name} {sample.rate:,.0f} {self.unit}/s")

    def ratios(self, other):
        """The first contestant's figure over the other's, round by round."""
        first = next(iter(self.samples.values()))
        return [getattr(mine, self.by) / getattr(theirs, self.by) for mine, theirs in zip(first, self.samples[other])]

    def middle(self, name, figure="rate"):
        values = [getattr(sample, figure) for sample in self.samples[name]]
        return None if None in values else median(values)

    def cpu(self, name):
        """The median microseconds a unit, by program."""
        programs = self.samples[name][0].cpu
        return {program: median(sample.cpu.get(program, 0) for sample in self.samples[name]) for program in programs}


def contests(field, seconds):
    """`field`: the programs that run. Each contest is (name, function that makes it), since some need what others recorded."""
    meter, mongod = field.shopmeter, field.mongod

    def usage(service, connections=256, users=USERS, distribution="uniform", database=mongod):
        return lambda: loads.wrk(service, database, "usage", connections, seconds, users, distribution)

    def against_peers():
        contestants = {"ShopMeter": usage(meter)}
        if field.before:
            contestants["ShopMeter before"] = usage(field.before)
        contestants["naive service"] = usage(field.naive)
        contestants["PostgreSQL function, 32 clients"] = lambda: loads.pgbench(field.postgres, 32, seconds)
        return Contest("POST /v1/usage", "events", contestants, note=f"one event a request, 256 connections, {USERS:,} users")

    def distributions():
        return Contest("POST /v1/usage by users", "events", {
            "uniform": usage(meter), "Zipf, s = 1.1": usage(meter, distribution="zipf"), "one hot user": usage(meter, distribution="hot"),
            "200,000 users": usage(meter, users=200_000)}, note="the first against each other, 256 connections")

    def one_connection():
        return Contest("One connection", "events", {
            "ShopMeter": usage(meter, connections=1),
            "a bare durable insert": lambda: loads.bare(field.bare, mongod, meter.database, "insert", seconds)},
            by="p50", note="p50 in milliseconds; less is better")

    def batches():
        return Contest("POST /v1/usage/batch", "events", {
            "ShopMeter": lambda: loads.wrk(meter, mongod, "batch", 8, seconds, USERS, units=500),
            "bare transactions of 500": lambda: loads.bare(field.bare, mongod, meter.database, "batches", seconds, 8)},
            note="batches of 500 events over 8 connections; libmongoc's insert_many of the same documents")

    def reads(kind, name):
        contestants = {"ShopMeter": lambda: loads.wrk(meter, mongod, kind, 64, seconds, USERS)}
        if field.before:
            contestants["ShopMeter before"] = lambda: loads.wrk(field.before, mongod, kind, 64, seconds, USERS)
        contestants["naive status"] = lambda: loads.wrk(field.naive, mongod, "status", 64, seconds, USERS)
        return Contest(name, "requests", contestants, note="64 connections")

    def health():
        return Contest("GET /healthz", "requests", {
            "ShopMeter": lambda: loads.wrk(meter, None, "get", 256, seconds, path="/healthz"),
            "nginx, one worker": lambda: loads.wrk(field.nginx, None, "get", 256, seconds, path="/")}, note="256 connections")

    def export():
        return Contest("Export as NDJSON", "events", {
            "ShopMeter": lambda: loads.export(meter, mongod),
            "a bare cursor": lambda: loads.bare(field.bare, mongod, meter.database, "scan")}, note="every event that the runs before recorded")

    return {
        "usage": against_peers, "users": distributions, "one": one_connection, "batch": batches,
        "check": lambda: reads("check", "GET /v1/usage/{user_id}/check"), "status": lambda: reads("status", "GET /v1/subscriptions/{user_id}"),
        "healthz": health, "export": export}
