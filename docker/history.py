"""A year of a shop's past, moved in, is what it was: period by period, in debt with nobody, and billed to nobody.

A log is stretched to eleven months and shared among the users, each of whom has a subscription from a time of their own. Python works each month out
from the rows; the service's closed periods must say the same. The first shop has a test clock, the second is live. A second run must change nothing, and
a file that has grown must count its new rows alone.
"""
import argparse
import calendar
import csv
import datetime
import os
import random
import subprocess
import sys
import urllib.parse
from collections import defaultdict

from lab import ADMIN, Service, admin

UTC = datetime.timezone.utc
ALLOWANCE, CAP = 10_000, 5_000
GROWTH = 1_000


def iso(time):
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log(path, count=19_366):
    """The amounts and the distances from the first row, as a share of the whole."""
    if not path:
        rng = random.Random(3)
        return sorted((rng.random(), rng.randrange(3_000)) for _ in range(count))
    with open(path, newline="") as file:
        rows = [
            (datetime.datetime.fromisoformat(row["TIMESTAMP"][:26]), int(row["ContextTokens"]) + int(row["GeneratedTokens"]))
            for row in csv.DictReader(file)]
    first, last = min(rows)[0], max(rows)[0]
    return [((time - first) / (last - first), amount) for time, amount in rows]


def month_after(anchor, number):
    """The instant that is `number` months after the anchor; its day is the month's last where the month is shorter."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + number, 12)
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, calendar.monthrange(year, month + 1)[1]))


class Past:
    """Users, their starts and their rows, and what each of their months must come to."""

    def __init__(self, users, rows, now):
        rng = random.Random(7)
        self.now, begin = now, (now - datetime.timedelta(days=365)).replace(microsecond=0)
        length = datetime.timedelta(days=325)
        self.start = {
            f"user {n}" if n % 3 else f"auth0|{n:05}é": begin + datetime.timedelta(seconds=rng.randrange(90 * 86_400))
            for n in range(users)}
        names = list(self.start)
        self.rows = []
        for share, amount in rows:
            user, time = rng.choice(names), begin + share * length
            time = time.replace(microsecond=time.microsecond // 1000 * 1000)
            self.rows.append((max(time, self.start[user]), user, amount))

    def grow(self):
        """More rows, of times that are over."""
        rng, names = random.Random(11), list(self.start)
        for number in range(GROWTH):
            user = rng.choice(names)
            time = self.start[user] + datetime.timedelta(seconds=number * 3_600)
            self.rows.append((time, user, 1 + rng.randrange(2_000)))

    def write(self, folder):
        with open(folder + "/users.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["user", "plan", "start"])
            writer.writerows([user, "pro", iso(start)] for user, start in self.start.items())
        with open(folder + "/usage.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["time", "user", "amount"])
            writer.writerows([iso(time), user, amount] for time, user, amount in self.rows)

    def months(self):
        """By user: start, end, tokens and what is carried over of each month that is over."""
        used = defaultdict(list)
        for time, user, amount in self.rows:
            used[user].append((time, amount))
        found = {}
        for user, anchor in self.start.items():
            carried, found[user], number = 0, [], 0
            while month_after(anchor, number + 1) <= self.now:
                start, end = month_after(anchor, number), month_after(anchor, number + 1)
                tokens = sum(amount for time, amount in used[user] if start <= time < end)
                over = max(0, tokens - ALLOWANCE)
                carried = min(CAP, carried - min(carried, over) + max(0, ALLOWANCE - tokens))
                found[user].append((iso(start), iso(end), tokens, carried))
                number += 1
        return found


def trimmed(time):
    return iso(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")))


class Shop:
    def __init__(self, service, program, name, clock, now):
        made = admin(service.port, "POST", "/v1/admin/shops", {"shop_id": name, "name": name, "currency": "EUR", "clock": clock})
        self.name, self.key, self.port, self.program, self.data = name, made["api_key"], service.port, program, service.data
        plan = {
            "monthly_fee": "9.00", "allowances": {"tokens": ALLOWANCE}, "rollover_caps": {"tokens": CAP},
            "overage_prices": {"tokens": "0.01"}}
        admin(self.port, "PUT", "/v1/plans/pro", plan, self.key)
        if clock == "test":
            admin(self.port, "POST", f"/v1/admin/shops/{name}/clock", {"now": iso(now)})

    def command(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments, "--shop", self.name, "--data-dir", self.data], capture_output=True, text=True,
            env=dict(os.environ, SHOPMETER_ADMIN_TOKEN=ADMIN))
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def bring(self, folder):
        """Imports the users and their usage. Returns how many events were recorded."""
        self.command("import", "subscriptions", "--csv", folder + "/users.csv", "--user-column", "user", "--plan-column", "plan",
                     "--start-column", "start")
        done = self.command(
            "import", "usage", "--csv", folder + "/usage.csv", "--time-column", "time", "--user-column", "user", "--amount-columns", "amount")
        return int(done.split("recorded: ")[1].split()[0])

    def get(self, path):
        return admin(self.port, "GET", path, key=self.key)

    def differences(self, past):
        """In words. Also how many periods there are."""
        wrong, periods = [], 0
        for user, months in past.months().items():
            usage = self.get("/v1/usage/" + urllib.parse.quote(user, safe=""))
            found = [
                (trimmed(each["start"]), trimmed(each["end"]), each["tokens"], each["meters"]["tokens"]["carried_over"])
                for each in usage["monthly_summary"]]
            periods += len(months)
            if found != months:
                wrong.append(f"{user}: {next((a, b) for a, b in zip(found + [None], months + [None]) if a != b)}")
            balance = usage["balances"]["tokens"]
            if balance["rollover"] != (months[-1][3] if months else 0) or balance["used"] != 0:
                wrong.append(f"{user}: {balance}")
        if self.get("/v1/invoices")["data"]:
            wrong.append("there are invoices")
        return wrong, periods


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--csv")
    options = parser.parse_args()
    now = datetime.datetime.now(UTC).replace(microsecond=0)
    failed = False
    with Service(options.binary) as service:
        folder = service.directory
        # The test clock is ahead, as it goes forward only.
        for clock, time in (("test", now + datetime.timedelta(days=200)), ("live", now)):
            past = Past(options.users, log(options.csv), time)
            past.write(folder)
            shop = Shop(service, options.binary, f"past-{clock}", clock, time)
            steps = [("first", len(past.rows)), ("again", 0), (f"with {GROWTH} rows more", GROWTH)]
            for step, expected in steps:
                if step not in ("first", "again"):
                    past.grow()
                    past.write(folder)
                recorded = shop.bring(folder)
                wrong, periods = shop.differences(past)
                print(f"{clock}, {step}: {recorded} recorded (expected {expected}), {periods} periods, {len(wrong)} wrong")
                print("".join(f"  {line}\n" for line in wrong[:5]), end="", flush=True)
                failed = failed or recorded != expected or bool(wrong)
            print(f"{clock}, audit: {' '.join(shop.command('audit').split())}")
    sys.exit(1 if failed else 0)


main()
