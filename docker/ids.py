"""2,000 random Unicode ids as users, events, and whatever else has an id of a client's own, through every route that has one, on two instances.

Each id's user has amounts of its own, so that an answer about another is known. At the end the exports have each id once, an import of the exported
events into another shop finds each its own, and the audit finds nothing.
"""
import argparse
import asyncio
import collections
import csv
import json
import os
import random
import re
import subprocess
import sys
import unicodedata
import urllib.parse
import urllib.request

from lab import Connection, Service, admin, another

SPECIAL = [
    "batch", "..", ".", "/", "//", "a/b", "a%2Fb", "%", "%25", "%00", "?", "#", "a?b=c", "a#b", "+", " ", "  ", "a b", "a+b", "&", "=", "=1+1", "'", "\"",
    "\\", "null", "true", "0", "-1", "1e5", "00123", "me", "query", "events", "auth0|5f7c", "ann+x@example.com", "Jürgen", "Ju\u0308rgen", "Å", "\u212b",
    "A\u030a", "ſ", "ß", "ẞ", "İ", "i̇", "\u00a0", "\u200b", "\u2028", "\u2029", "\ufeff", "\ufeffa", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0010ffff",
    "\ufffd", "\u202eabc", "{user_id}", "$ne", "a.b", "$where", "__proto__", "user,1", "user;1", "é" * 128, "x" * 256, "\U0001f600" * 64, "A", "a",
]


def made(count):
    rng, found = random.Random(7), list(SPECIAL)
    blocks = [(0x20, 0x7e), (0xa0, 0x24f), (0x300, 0x36f), (0x370, 0x5ff), (0x900, 0x97f), (0x1100, 0x11ff), (0x2000, 0x206f), (0x3040, 0x30ff),
              (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0xe000, 0xf8ff), (0xfb00, 0xffff), (0x1f300, 0x1faff), (0x10000, 0x10ffff)]
    seen = set(found)
    while len(found) < count:
        if found and rng.random() < 0.2:
            # The same to the eye, and another to the byte.
            text = unicodedata.normalize(rng.choice(["NFC", "NFD", "NFKC", "NFKD"]), rng.choice(found))
        else:
            low, high = rng.choice(blocks)
            text = "".join(chr(rng.randint(low, high) if rng.random() < 0.8 else rng.randint(0x20, 0x7e)) for _ in range(rng.randint(1, 40)))
        size = len(text.encode("utf-8", "surrogatepass"))
        if text in seen or not 1 <= size <= 256 or re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text):
            continue
        seen.add(text)
        found.append(text)
    return found


class Trial:
    def __init__(self, ports, key, ids):
        self.ports, self.key, self.ids = ports, key, ids
        self.wrong, self.routes = [], collections.Counter()

    async def client(self, numbers):
        connections = [Connection(port) for port in self.ports]
        turn = 0
        while numbers:
            number = numbers.pop()

            async def send(method, route, body=None, expected=(200, 201), **names):
                nonlocal turn
                turn += 1
                path = route
                for name, value in names.items():
                    path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
                self.routes[f"{method} {route.split('?')[0]}"] += 1
                while True:
                    try:
                        status, content = await connections[turn % 2].call(method, path, self.key, body, timeout=60)
                    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                        connections[turn % 2].close()
                        continue
                    if status not in (503, 429):
                        break
                    await asyncio.sleep(0.2)
                if status not in expected:
                    self.wrong.append(f"{number} {self.ids[number][:40]!r}: {method} {route}: {status} {content[-400:]}")
                    return {}
                return json.loads(content)

            try:
                await self.user(number, self.ids[number], send)
            except (KeyError, TypeError, IndexError, ValueError) as error:
                self.wrong.append(f"{number} {self.ids[number]!r}: {error!r}")
        for connection in connections:
            connection.close()

    def expect(self, number, what, found, expected):
        if found != expected:
            self.wrong.append(f"{number} {self.ids[number]!r}: {what} is {found!r}, not {expected!r}")

    async def user(self, number, id, send):
        """`number + 1` is the user's own amount."""
        own = number + 1
        user = {"user_id": id}

        def expect(what, found, expected):
            self.expect(number, what, found, expected)

        await send("PUT", "/v1/users/{user_id}", {"name": f"n{number}"}, **user)
        expect("the name", (await send("GET", "/v1/users/{user_id}", **user))["name"], f"n{number}")
        found = (await send("GET", f"/v1/users?query=n{number}&limit=100"))["data"]
        expect("the search", id in [each["user_id"] for each in found], True)
        subscribed = await send("POST", "/v1/subscriptions", {**user, "action": "create", "plan_name": "basic"})
        expect("the subscription", subscribed["user_id"], id)
        for step in ("suspend", "resume"):
            await send("POST", "/v1/subscriptions/{user_id}/" + step, {"reason": "r"} if step == "suspend" else {}, **user)
        expect("the subscription", (await send("GET", "/v1/subscriptions/{user_id}", **user))["user_id"], id)
        event = {"event_id": id, **user, "amount": own, "reference_id": id, "dimensions": {"who": id} if len(id) <= 256 else {}}
        expect("the event", (await send("POST", "/v1/usage", event))["duplicate"], False)
        expect("the event again", (await send("POST", "/v1/usage", event))["duplicate"], True)
        batch = await send("POST", "/v1/usage/batch", {"events": [{"event_id": "b" + id[:200], **user, "amount": own}] if len(id.encode()) < 200 else [event]})
        expect("the batch", len(batch["results"]), 1)
        twice = 2 if len(id.encode()) < 200 else 1
        usage = await send("GET", "/v1/usage/{user_id}", **user)
        expect("the use", [each["used"] for each in usage["balances"].values()][0], twice * own)
        await send("GET", "/v1/usage/{user_id}/check?amount=1", **user)
        events = (await send("GET", "/v1/usage/{user_id}/events", **user))["data"]
        expect("the events", id in [each["event_id"] for each in events], True)
        query = urllib.parse.quote(id, safe="")
        for name in ("event_id", "reference_id"):
            events = (await send("GET", f"/v1/events?{name}={query}"))["data"]
            expect(f"the events by {name}", [(each["user_id"], each["event_id"]) for each in events], [(id, id)])
        groups = (await send("GET", "/v1/usage/{user_id}/breakdown?group_by=who", **user))
        expect("the breakdown", id in json.dumps(groups, ensure_ascii=False) or json.dumps(id)[1:-1] in json.dumps(groups), True)
        await send("GET", "/v1/usage/{user_id}/engagement", **user)
        void = await send("POST", "/v1/usage/{user_id}/events/{event_id}/void", {"void_id": id, "amount": 1, "reason": "r"}, event_id=id, **user)
        expect("the void", (void["event_id"], void["voided"]), (id, 1))
        expect("the voids", [each["void_id"] for each in (await send("GET", "/v1/usage/{user_id}/voids", **user))["data"]], [id])
        for kind, body in (("purchase", {"amount": own}), ("adjustment", {"amount": own, "reason": "r"})):
            route = "/v1/usage/{user_id}/" + kind + "s"
            await send("POST", route, {f"{kind}_id": id, **body}, **user)
            expect(kind, [(each[f"{kind}_id"], each["amount"]) for each in (await send("GET", route, **user))["data"]], [(id, own)])
        for hold, step, body in ((id, "commit", {"event_id": f"commit {number}", "amount": 1}), (id[::-1], "release", {})):
            if step == "release" and hold in self.ids:
                continue
            await send("POST", "/v1/reservations", {"reservation_id": hold, **user, "amount": 2})
            route = "/v1/reservations/{reservation_id}"
            expect("the hold", (await send("GET", route, reservation_id=hold))["user_id"], id)
            await send("POST", route + "/" + step, body, reservation_id=hold)
        await send("POST", "/v1/subscriptions/{user_id}/reset", {}, **user)
        await send("POST", "/v1/subscriptions/{user_id}/cancel", {}, **user)
        await self.money(number, id, send, user, expect)
        label = {"dimension": "who", "value": id}
        await send("PUT", "/v1/labels/{dimension}/{value}", {"label": f"l{number}"}, **label)

    async def money(self, number, id, send, user, expect):
        await send("POST", "/v1/users/{user_id}/wallet", **user)
        await send("POST", "/v1/users/{user_id}/wallet/credits", {"credit_id": id, "amount": f"{number + 1}.00", "reason": "r"}, **user)
        balance = (await send("GET", "/v1/users/{user_id}/wallet", **user))["balance"]
        expect("the wallet", balance, f"{number + 1 + 10}.0000")
        await send("PUT", "/v1/users/{user_id}/wallet/quota", {"is_pro": True, "monthly_quota": "1.00"}, **user)
        await send("PUT", "/v1/users/{user_id}/wallet/watch", {"low_below": "0.01", "topup": None}, **user)
        entries = (await send("GET", "/v1/users/{user_id}/wallet/entries", **user))["data"]
        expect("the wallet's entries", len(entries), 2)
        await send("POST", "/v1/projects", {"project_id": id, "creator_id": id})
        expect("the project", (await send("GET", "/v1/projects/{project_id}/wallet", project_id=id)).get("balance"), "20.0000")
        await send("POST", "/v1/projects/{project_id}/wallet/credits", {"credit_id": "p" + id[1:] + id[:1], "amount": "1.00", "reason": "r"}
                   if len(id.encode()) < 256 else {"credit_id": f"p{number}", "amount": "1.00", "reason": "r"}, project_id=id)
        await send("PUT", "/v1/projects/{project_id}/wallet/watch", {"low_below": "0.01", "topup": None}, project_id=id)
        await send("GET", "/v1/projects/{project_id}/wallet/entries", project_id=id)
        charge = await send("POST", "/v1/charges", {"charge_id": id, "project_id": id, **user, "model": "m", "input_tokens": 1000 * (number + 1), "output_tokens": 0})
        expect("the charge", (charge["charge_id"], charge["user_id"], charge["deducted_from"]), (id, id, "project"))
        await send("POST", "/v1/charges/{charge_id}/refund", {"refund_id": id, "amount": "0.0001", "reason": "r"}, charge_id=id)
        await send("POST", "/v1/charges", {"charge_id": "!" + id, **user, "model": "m", "input_tokens": 9_000_000_000_000, "output_tokens": 0}, (402, 422))
        if len(id.encode()) < 256:
            await send("POST", "/v1/billing-errors/{billing_error_id}/resolve", {"note": "n"}, billing_error_id="!" + id)
        call = "k" + id[1:] + id[:1]
        if len(call.encode()) <= 256 and call not in self.ids:
            await send("POST", "/v1/calls", {"call_id": call, **user, "model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 1}})
            expect("the call", (await send("GET", "/v1/calls/{call_id}", call_id=call))["call_id"], call)
        await send("POST", "/v1/consumption", {**user, "endpoint": "/a", "api_calls": number + 1})


def second(program, service):
    """Another instance on the same database."""
    with open(service.data + "/mongodb-uri") as file:
        uri = file.read().strip()
    return *another(program, uri), uri


def export(program, uri, shop, collection, form):
    path = f"{os.environ['IDS_FOLDER']}/{shop}-{collection}.{form}"
    if os.path.exists(path):
        os.remove(path)
    subprocess.run([program, "export", "--shop", shop, "--collection", collection, "--format", form, "--out", path, "--mongodb-uri", uri],
                   check=True, stderr=subprocess.DEVNULL)
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--ids", type=int, default=2000)
    options = parser.parse_args()
    ids = made(options.ids)
    with Service(options.binary) as service:
        os.environ["IDS_FOLDER"] = service.directory
        other, port, uri = second(options.binary, service)
        try:
            failed = trial(options.binary, service, port, uri, ids)
        finally:
            other.terminate()
            other.wait(30)
    sys.exit(1 if failed else 0)


def trial(program, service, port, uri, ids):
    keys = {}
    for name in ("acme", "twin"):
        keys[name] = admin(service.port, "POST", "/v1/admin/shops", {"shop_id": name, "name": name, "currency": "EUR", "clock": "live"})["api_key"]
        admin(service.port, "PUT", "/v1/plans/basic", {"display_name": "Basic", "monthly_fee": "0.00", "allowances": {"tokens": 10_000_000}}, keys[name])
    admin(service.port, "PUT", "/v1/models/m/price", {"input_per_million": "0.10", "output_per_million": "1"}, keys["acme"])
    run = Trial([service.port, port], keys["acme"], ids)
    numbers = list(range(len(ids)))

    async def clients():
        await asyncio.gather(*(run.client(numbers) for _ in range(8)))
    asyncio.run(clients())
    print(f"{len(ids)} ids, {sum(run.routes.values()):,} requests on two instances, {len(run.routes)} routes")
    for collection, field in (("users", "user_id"), ("subscriptions", "user_id"), ("token_usage", "user_id"), ("purchases", "purchase_id"),
                              ("adjustments", "adjustment_id"), ("event_voids", "void_id"), ("charges", "charge_id")):
        with open(export(program, uri, "acme", collection, "ndjson")) as file:
            found = collections.Counter(json.loads(line)[field] for line in file)
        with open(export(program, uri, "acme", collection, "csv"), newline="") as file:
            table = {row[field][1:] if row[field].startswith("'") else row[field] for row in csv.DictReader(file)}
        if collection == "charges":
            # Those of calls, too.
            found, table = collections.Counter({each: count for each, count in found.items() if each in ids}), table & set(ids)
        if found != collections.Counter(ids) or table != set(ids):
            run.wrong.append(f"the export of {collection}: {len(found)} ids in lines, {len(table)} in the table, missing {list(set(ids) - set(found))[:3]!r}")
    run.wrong += imported(program, uri, ids)
    asyncio.run(erase(run, ids[::20]))
    audit = subprocess.run([program, "audit", "--mongodb-uri", uri], capture_output=True)
    print("audit:", "\n".join(audit.stdout.decode().strip().splitlines()[-10:]))
    described = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json").read())["paths"]
    clients = re.compile(r"\{(user|event|charge|call|reservation|project|billing_error)_id\}")
    missing = [f"{method.upper()} {path}" for path, methods in described.items() for method in methods
               if clients.search(path) and f"{method.upper()} {path}" not in run.routes]
    print("routes with such an id that were not asked:", ", ".join(missing) or "none")
    for sentence in run.wrong[:40]:
        print("WRONG", sentence)
    print(f"{len(run.wrong)} wrong")
    return len(run.wrong) + audit.returncode


async def erase(run, some):
    """Erases some, after which each of the others is still there."""
    connection = Connection(run.ports[0])
    for id in some:
        status, _ = await connection.call("DELETE", "/v1/users/" + urllib.parse.quote(id, safe=""), run.key, timeout=60)
        run.routes["DELETE /v1/users/{user_id}"] += 1
        if status != 200:
            run.wrong.append(f"{id!r} is not erased: {status}")
    for number, id in enumerate(run.ids):
        status, content = await connection.call("GET", "/v1/users/" + urllib.parse.quote(id, safe=""), run.key)
        name = json.loads(content).get("name")
        if status != 200 or name != (None if id in some else f"n{number}"):
            run.wrong.append(f"{id!r} after the erasure of {'it' if id in some else 'others'}: {status}, {name}")
    connection.close()


def imported(program, uri, ids):
    """Each user's sum of events in a shop that imported the export, from either form."""
    wrong = []
    sums = {}
    with open(export(program, uri, "acme", "usage_events", "ndjson")) as file:
        for event in map(json.loads, file):
            sums[event["user_id"]] = sums.get(event["user_id"], 0) + event["amount"]
    for form, expected in (("ndjson", "recorded"), ("csv", "duplicates")):
        path = export(program, uri, "acme", "usage_events", form) if form == "ndjson" else nested(program, uri)
        done = subprocess.run([program, "import", "usage", "--shop", "twin", "--csv", path, "--from-export", "--mongodb-uri", uri], capture_output=True)
        text = done.stdout.decode()
        print(f"import of the {form}: {', '.join(text.splitlines()[:5])}")
        if done.returncode or f"{expected}: {text.split('rows: ')[1].split()[0]}" not in text:
            wrong.append(f"the import of {form}: {text[:2000]} {done.stderr.decode()[-500:]}")
    found = {}
    with open(export(program, uri, "twin", "usage_events", "ndjson")) as file:
        for event in map(json.loads, file):
            found[event["user_id"]] = found.get(event["user_id"], 0) + event["amount"]
    if found != sums or set(sums) != set(ids):
        wrong.append(f"{len([id for id in sums if found.get(id) != sums[id]])} users have other sums after the import")
    return wrong


def nested(program, uri):
    path = os.environ["IDS_FOLDER"] + "/nested.csv"
    subprocess.run([program, "export", "--shop", "acme", "--collection", "usage_events", "--format", "csv", "--nested", "json", "--time-format", "rfc3339",
                    "--out", path, "--mongodb-uri", uri], check=True, stderr=subprocess.DEVNULL)
    return path


main()
