"""The past, as the service tells it (`?at=`), is that of a replay.

Users of a shop with a test clock use, buy, hold, commit, release, adjust and change their plans, some several times in a millisecond, while its clock moves
on by milliseconds or weeks, past the ends of many periods. A model in Python does the same by the rules of the manual, and keeps each user's state after
each step with the clock's time. Then random instants are asked for, of which many are just before, at and just after a step or a period's end.
"""
import argparse
import asyncio
import bisect
import copy
import datetime
import json
import random
import sys
import time
import urllib.parse

from lab import Connection, Service, admin

START = 1_800_000_000_000
DAY = 86_400_000
PERIOD = 7 * DAY
PLANS = {  # by name: the limits and the rollover caps of the meters
    "small": ({"tokens": 1_000, "calls": 40}, {"tokens": 300}),
    "large": ({"tokens": 5_000, "calls": None}, {"tokens": 2_000}),
    "bare": ({"tokens": 200, "calls": 0}, {}),
}


def text(milliseconds):
    moment = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{milliseconds % 1000:03}Z"


class Meter:
    def __init__(self):
        self.limit, self.cap, self.used, self.rollover, self.purchased, self.held, self.earned = 0, None, 0, 0, 0, 0, 0

    def left(self):
        return None if self.limit is None else max(0, self.limit - self.used)

    def available(self):
        return None if self.limit is None else self.left() + self.rollover + self.purchased - self.held

    def allows(self, amount):
        return self.limit is None or amount <= self.available()

    def take(self, amount):
        part = amount if self.limit is None else min(amount, self.left())
        self.used += part
        amount -= part
        part = min(amount, max(0, self.rollover))
        self.rollover -= part
        amount -= part
        part = min(amount, self.purchased)
        self.purchased -= part
        self.rollover -= amount - part

    def earn(self, milliseconds):
        """Of an allowance that is changed within the period at most what its time has earned is carried over."""
        self.earned += (self.limit or 0) * milliseconds // PERIOD

    def end(self):
        left = 0 if self.limit is None else max(0, min(self.limit, self.earned) - self.used)
        self.rollover = min(0 if self.cap is None else self.cap, self.rollover + left)
        self.used = self.earned = 0

    def shown(self):
        available = self.available()
        return {
            "limit": self.limit, "used": self.used, "rollover": self.rollover, "purchased": self.purchased, "reserved": self.held,
            "remaining": None if available is None else max(0, available)}


class User:
    """A user's account by the rules of the manual."""

    def __init__(self, name, plan, now):
        self.name, self.start, self.since, self.pending = name, now, now, None
        self.meters = {"tokens": Meter(), "calls": Meter()}
        self.holds = {}  # by id: meter, what is held, expiry
        self.adopt(plan)

    def change(self, plan, now):
        self.earn(now)
        self.adopt(plan)

    def earn(self, now):
        for meter in self.meters.values():
            meter.earn(now - self.since)
        self.since = now

    def adopt(self, plan):
        self.plan = plan
        limits, caps = PLANS[plan]
        for name, meter in self.meters.items():
            meter.limit, meter.cap = limits[name], caps.get(name)

    def to(self, now):
        """Ends what is over by then, in order."""
        while True:
            over = min((expiry for _, _, expiry in self.holds.values()), default=now + 1)
            end = self.start + PERIOD
            if min(over, end) > now:
                return self
            if over <= end:
                for hold in [hold for hold, (_, _, expiry) in self.holds.items() if expiry == over]:
                    self.free(hold)
            else:
                self.earn(end)
                for meter in self.meters.values():
                    meter.end()
                self.start = end
                if self.pending:
                    self.adopt(self.pending)
                    self.pending = None

    def free(self, hold):
        meter, amount, _ = self.holds.pop(hold)
        self.meters[meter].held -= amount

    def shown(self):
        return {
            "plan": self.plan, "start": text(self.start), "end": text(self.start + PERIOD),
            "balances": {name: meter.shown() for name, meter in self.meters.items()}}


def as_shown(summary):
    return {
        "plan": summary["plan"]["plan_name"], "start": summary["period"]["start"], "end": summary["period"]["end"],
        "balances": {
            name: {field: value for field, value in balance.items() if field != "usage_percentage"}
            for name, balance in summary["balances"].items() if name in PLANS["small"][0]}}


class Story:
    def __init__(self, port, key, rng):
        self.port, self.key, self.rng, self.now, self.number = port, key, rng, START, 0
        self.users, self.times, self.states = {}, {}, {}
        self.connection = Connection(port)

    async def call(self, method, path, body=None, ok=(200, 201, 402)):
        status, content = await self.connection.call(method, path, self.key, body, timeout=60)
        if status not in ok:
            sys.exit(f"{method} {path} {body}: {status} {content[:300]}")
        return status, json.loads(content)

    def keep(self, user):
        times, states = self.times.setdefault(user.name, []), self.states.setdefault(user.name, [])
        if times and times[-1] == self.now:
            times.pop(), states.pop()
        times.append(self.now)
        states.append(copy.deepcopy(user))

    async def begin(self, name):
        plan = self.rng.choice(list(PLANS))
        await self.call(
            "POST", "/v1/subscriptions", {"user_id": name, "action": "create", "plan_name": plan, "billing_cycle": "days:7"})
        self.users[name] = User(name, plan, self.now)
        self.keep(self.users[name])

    def move(self):
        kind = self.rng.random()
        step = 0 if kind < 0.3 else 1 if kind < 0.4 else self.rng.randrange(2, 5_000_000) if kind < 0.9 else self.rng.randrange(1, 12) * DAY
        if step:
            self.now += step
            admin(self.port, "POST", "/v1/admin/shops/past/clock", {"now": text(self.now)})

    async def step(self):
        user = self.users[self.rng.choice(list(self.users))].to(self.now)
        self.number += 1
        name, meter = f"s{self.number}", self.rng.choice(["tokens", "tokens", "calls"])
        balance, kind = user.meters[meter], self.rng.randrange(12)
        amount = self.rng.randrange(1, 30 if meter == "calls" else 600)
        if kind < 4:
            enforce = self.rng.random() < 0.5
            status, _ = await self.call(
                "POST", "/v1/usage", {"event_id": name, "user_id": user.name, "meter": meter, "amount": amount, "enforce": enforce})
            self.same(status == 201, not enforce or balance.allows(amount), name)
            if status == 201:
                balance.take(amount)
        elif kind < 6:
            amounts = [self.rng.randrange(0, 9) for _ in range(self.rng.randrange(1, 60))]
            events = [
                {"event_id": f"{name}-{index}", "user_id": user.name, "meter": meter, "amount": each} for index, each in enumerate(amounts)]
            await self.call("POST", "/v1/usage/batch", {"events": events})
            for each in amounts:
                balance.take(each)
        elif kind < 7:
            await self.call(
                "POST", f"/v1/usage/{user.name}/purchases", {"purchase_id": name, "meter": meter, "amount": amount})
            balance.purchased += amount
        elif kind < 9:
            seconds = self.rng.choice([60, 3_600, 900_000])
            status, _ = await self.call(
                "POST", "/v1/reservations",
                {"reservation_id": name, "user_id": user.name, "meter": meter, "amount": amount, "ttl_seconds": seconds})
            self.same(status == 201, balance.allows(amount), name)
            if status == 201:
                balance.held += amount
                user.holds[name] = (meter, amount, self.now + seconds * 1000)
        elif kind < 10 and user.holds:
            hold = self.rng.choice(list(user.holds))
            meter, held, expiry = user.holds[hold]
            if self.rng.random() < 0.3:
                await self.call("POST", f"/v1/reservations/{hold}/release", {})
                user.free(hold)
            else:
                amount, final = self.rng.randrange(0, held + 20), self.rng.random() < 0.5
                await self.call(
                    "POST", f"/v1/reservations/{hold}/commit", {"amount": amount, "final": final, "event_id": name})
                freed = held if final else min(amount, held)
                user.meters[meter].held -= freed
                user.holds[hold] = (meter, held - freed, expiry)
                if final:
                    del user.holds[hold]
                user.meters[meter].take(amount)
        elif kind < 11:
            plan, later = self.rng.choice(list(PLANS)), self.rng.random() < 0.4
            if plan != user.plan and not (later and user.pending):
                await self.call(
                    "POST", "/v1/subscriptions",
                    {"user_id": user.name, "action": "change", "plan_name": plan, "effective": "period_end" if later else "now"})
                if later:
                    user.pending = plan
                else:
                    user.pending = None
                    user.change(plan, self.now)
        else:
            sign = self.rng.choice([1, -1])
            await self.call(
                "POST", f"/v1/usage/{user.name}/adjustments",
                {"adjustment_id": name, "meter": meter, "amount": sign * amount, "reason": "a test"})
            if sign > 0:
                paid = min(amount, max(0, -balance.rollover))
                balance.rollover += paid
                balance.purchased += amount - paid
            else:
                balance.take(amount)
        self.keep(user)

    def same(self, told, replayed, name):
        if told != replayed:
            sys.exit(f"WRONG {name}: the service {'did' if told else 'refused'} what the replay {'did' if replayed else 'refused'}")

    def instant(self, name):
        """Mostly near a step or a period's end."""
        times = self.times[name]
        kind = self.rng.random()
        if kind < 0.05:
            return self.rng.randrange(START - 30 * DAY, times[0] + DAY)
        if kind < 0.4:
            return self.rng.randrange(START, self.now + 1)
        place = self.rng.choice(times) if kind < 0.8 else times[0] + PERIOD * self.rng.randrange(0, max(1, (self.now - times[0]) // PERIOD))
        return min(self.now, place + self.rng.choice([-1, 0, 0, 1]))

    def replayed(self, name, at):
        place = bisect.bisect_right(self.times[name], at)
        return copy.deepcopy(self.states[name][place - 1]).to(at).shown() if place else None

    async def compare(self, count):
        wrong = before = 0
        slowest, began = 0.0, time.monotonic()
        for _ in range(count):
            name = self.rng.choice(list(self.users))
            at = self.instant(name)
            asked = time.monotonic()
            _, summary = await self.call("GET", f"/v1/usage/{name}?" + urllib.parse.urlencode({"at": text(at)}))
            slowest = max(slowest, time.monotonic() - asked)
            told, expected = as_shown(summary), self.replayed(name, at)
            if expected is None:
                before += 1
                used = sum(each["used"] + each["purchased"] + each["reserved"] for each in told["balances"].values())
                same = told["plan"] == "free" and used == 0
            else:
                same = told == expected
            if not same:
                wrong += 1
                print(f"WRONG {name} at {text(at)}:\n  told     {told}\n  replayed {expected}")
        mean = (time.monotonic() - began) / count
        return wrong, before, mean, slowest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--instants", type=int, default=1_000)
    parser.add_argument("--steps", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with Service(options.binary) as service:
        made = admin(service.port, "POST", "/v1/admin/shops", {"shop_id": "past", "name": "past", "currency": "EUR", "clock": "test"})
        key = made["api_key"]
        admin(service.port, "POST", "/v1/admin/shops/past/clock", {"now": text(START)})
        for name, (limits, caps) in PLANS.items():
            admin(service.port, "PUT", f"/v1/plans/{name}", {"allowances": limits, "rollover_caps": caps}, key)
        story = Story(service.port, key, random.Random(options.seed))

        async def run():
            for number in range(5):
                await story.begin(f"user {number}".replace(" ", "-"))
                story.move()
            for _ in range(options.steps):
                await story.step()
                story.move()
            return await story.compare(options.instants)
        wrong, before, mean, slowest = asyncio.run(run())
        days = (story.now - START) // DAY
        print(
            f"seed {options.seed}: {options.steps} steps of {len(story.users)} users in {days} days of the shop's clock; {options.instants} instants, "
            f"{before} of them before a user's first step: WRONG {wrong}; {mean * 1000:.1f} ms each, {slowest * 1000:.0f} ms at most")
    sys.exit(1 if wrong else 0)


main()
