"""Calls of models, held against arithmetic of this script's own.

sum      every row of the traces as a call, 40 % of its prompt cached, on 20 projects by 32 clients, with kill -9 in the middle: each is there once,
         the projects have paid the sum that Python's decimal says, and the audit finds nothing
rate     calls and events a second, side by side
limit    64 clients hold and call on one wallet and one allowance: never one unit over either
events   the SDK of CloudEvents sends 10,000, twice: 10,000 are recorded
"""
import argparse
import asyncio
import collections
import concurrent.futures
import csv
import decimal
import http.client
import json
import random
import subprocess
import sys
import time
import urllib.request

from lab import Connection, Service, admin

PRICE = {"input_per_million": "2.5", "output_per_million": "10", "classes": {"cache_read": {"per_million": "0.25"}}}
PROJECTS = 20


def trace(paths):
    rows = []
    for path in paths:
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                rows.append((int(row["ContextTokens"]), int(row["GeneratedTokens"])))
    return rows


def cost(prompt, output):
    """By decimal arithmetic, rounded once, half up to 10 digits."""
    cached = prompt * 2 // 5
    exact = (decimal.Decimal(prompt - cached) * decimal.Decimal("2.5") + cached * decimal.Decimal("0.25") + output * decimal.Decimal(10)) / 1_000_000
    return exact.quantize(decimal.Decimal("1e-10"), decimal.ROUND_HALF_UP)


def call(number, prompt, output):
    return {
        "call_id": f"c{number}", "user_id": f"u{number % 200}", "project_id": f"p{number % PROJECTS}", "model": "m",
        "usage": {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
                  "prompt_tokens_details": {"cached_tokens": prompt * 2 // 5}}}


def restart(service):
    service.kill()
    service.start()


def new_shop(port, name, allowance=None):
    key = admin(port, "POST", "/v1/admin/shops", {"shop_id": name, "name": name, "currency": "EUR", "clock": "live"})["api_key"]
    admin(port, "PUT", "/v1/plans/free", {"allowances": {"tokens": allowance}}, key)
    admin(port, "PUT", "/v1/models/m/price", PRICE, key)
    return key


def read(port, key, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


async def sending(port, key, bodies, path, clients, during=None):
    """Sends each body until it is answered. Returns the seconds and what was answered otherwise."""
    bodies, wrong, done = list(reversed(bodies)), [], [0]
    whole = len(bodies)

    async def one():
        connection = Connection(port)
        while bodies:
            body = bodies.pop()
            while True:
                try:
                    status, content = await connection.call("POST", path, key, body, timeout=20)
                except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
                    connection.close()
                    await asyncio.sleep(0.05)
                    continue
                if status not in (503, 429):
                    break
                await asyncio.sleep(0.05)
            if status not in (200, 201):
                wrong.append((status, content[:300]))
            done[0] += 1
        connection.close()

    async def disturb():
        while done[0] < whole // 2:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(during)
    began = time.monotonic()
    await asyncio.gather(*(one() for _ in range(clients)), *([disturb()] if during else []))
    return time.monotonic() - began, wrong


def check_sum(program, service, rows):
    key = new_shop(service.port, "sum")
    for project in range(PROJECTS):
        admin(service.port, "POST", "/v1/projects", {"project_id": f"p{project}", "creator_id": "owner"}, key)
        admin(service.port, "POST", f"/v1/projects/p{project}/wallet/credits", {"credit_id": f"c{project}", "amount": "10000", "reason": "r"}, key)
    before = {project: decimal.Decimal(read(service.port, key, f"/v1/projects/p{project}/wallet")["balance"]) for project in range(PROJECTS)}
    expected, tokens = [decimal.Decimal(0)] * PROJECTS, 0
    bodies = []
    for number, (prompt, output) in enumerate(rows):
        expected[number % PROJECTS] += cost(prompt, output)
        tokens += prompt + output
        bodies.append(call(number, prompt, output))
    seconds, wrong = asyncio.run(sending(service.port, key, bodies, "/v1/calls", 32, during=lambda: restart(service)))
    paid = [before[project] - decimal.Decimal(read(service.port, key, f"/v1/projects/p{project}/wallet")["balance"]) for project in range(PROJECTS)]
    counted = subprocess.run(
        [program, "export", "--shop", "sum", "--collection", "calls", "--format", "ndjson", "--data-dir", service.data], capture_output=True).stdout
    ids = [json.loads(line)["call_id"] for line in counted.splitlines()]
    events = subprocess.run(
        [program, "export", "--shop", "sum", "--collection", "usage_events", "--format", "ndjson", "--data-dir", service.data], capture_output=True).stdout
    recorded = sum(json.loads(line)["amount"] for line in events.splitlines())
    audit = subprocess.run([program, "audit", "--data-dir", service.data], capture_output=True)
    print(f"sum: {len(rows):,} calls in {seconds:.0f} s with kill -9 in the middle; {len(ids):,} are there, {len(set(ids)):,} different")
    print(f"  paid {sum(paid)}, Python {sum(expected)}; {recorded:,} tokens, Python {tokens:,}; audit: {audit.stdout.decode().split()[-2:]}")
    for status, content in wrong[:5]:
        print(f"  WRONG {status} {content}")
    return [len(wrong), paid != expected, recorded != tokens, len(ids) != len(rows), len(set(ids)) != len(rows), audit.returncode]


def check_rate(service, count):
    key = new_shop(service.port, "rate")
    for project in range(PROJECTS):
        admin(service.port, "POST", "/v1/projects", {"project_id": f"p{project}", "creator_id": "owner"}, key)
        admin(service.port, "POST", f"/v1/projects/p{project}/wallet/credits", {"credit_id": f"c{project}", "amount": "10000", "reason": "r"}, key)
    calls = [call(number, 1000, 100) for number in range(count)]
    events = [{"event_id": f"e{number}", "user_id": f"u{number % 200}", "amount": 1100, "dimensions": {"model": "m"}} for number in range(count)]
    charges = [{"charge_id": f"d{number}", "user_id": f"u{number % 200}", "project_id": f"p{number % PROJECTS}", "model": "m", "input_tokens": 1000,
                "output_tokens": 100} for number in range(count)]
    rates, failed = [], 0
    for path, bodies in (("/v1/usage", events), ("/v1/charges", charges), ("/v1/calls", calls)):
        seconds, wrong = asyncio.run(sending(service.port, key, bodies, path, 32))
        rates.append(f"{path} {count / seconds:,.0f}/s")
        failed += len(wrong)
    print("rate: " + ", ".join(rates))
    return [failed]


def check_limit(program, service):
    """Each client holds, calls with less than it held, or lets go. Half of the calls enforce the allowance without a hold."""
    allowance, wallet = 200_000, decimal.Decimal("1.00")
    key = new_shop(service.port, "limit", allowance)
    admin(service.port, "POST", "/v1/projects", {"project_id": "first", "creator_id": "one"}, key)
    admin(service.port, "POST", "/v1/projects", {"project_id": "p", "creator_id": "one"}, key)
    admin(service.port, "POST", "/v1/projects/p/wallet/credits", {"credit_id": "c", "amount": str(wallet), "reason": "r"}, key)
    spent, used, outcomes, wrong = [decimal.Decimal(0)], [0], {}, []

    async def client(number):
        connection, rng = Connection(service.port), random.Random(number)

        async def send(path, body):
            while True:
                status, content = await connection.call("POST", path, key, body, timeout=30)
                if status not in (503, 429):
                    break
                await asyncio.sleep(0.05)
            name = f"{path.split('/')[-1]} {status}"
            outcomes[name] = outcomes.get(name, 0) + 1
            return status, json.loads(content)
        for turn in range(30):
            id, prompt, most = f"{number}-{turn}", rng.randint(1, 300), rng.randint(1, 300)
            body = {"call_id": id, "user_id": "one", "project_id": "p", "model": "m"}
            holds = rng.random() < 0.6
            if holds:
                status, _ = await send("/v1/calls/hold", {**body, "input_tokens": prompt, "max_tokens": most})
                if status not in (200, 201):
                    continue
            output = rng.randint(0, most)
            use = {**body, "usage": {"prompt_tokens": prompt, "completion_tokens": output}, "enforce": True}
            status, answer = await send("/v1/calls", {**use, "hold": id} if holds else use)
            if status == 201:
                used[0] += prompt + output
                spent[0] += (decimal.Decimal(prompt) * decimal.Decimal("2.5") + output * 10) / 1_000_000
            elif status != 402:
                wrong.append((status, answer))
            elif holds and answer["code"] != "insufficient_balance":
                wrong.append(("a hold was not enough", answer))
            elif holds:
                await send(f"/v1/reservations/{id}/release", {})
        connection.close()

    async def clients():
        await asyncio.gather(*(client(number) for number in range(64)))
    asyncio.run(clients())
    balance = read(service.port, key, "/v1/usage/one")["balances"]["tokens"]
    left = decimal.Decimal(read(service.port, key, "/v1/projects/p/wallet")["balance"])
    audit = subprocess.run([program, "audit", "--shop", "limit", "--data-dir", service.data], capture_output=True)
    print(f"limit: {', '.join(f'{count} × {name}' for name, count in sorted(outcomes.items()))}")
    print(f"  used {balance['used']:,} of {allowance:,}, answered {used[0]:,}, held {balance['reserved']}, rollover {balance['rollover']}; "
          f"wallet {left} left of {wallet}, answered {wallet - spent[0]}; audit {audit.returncode}")
    for each in wrong[:5]:
        print("  WRONG", each)
    return [len(wrong), balance["used"] != used[0] or balance["used"] > allowance, balance["reserved"], balance["rollover"] < 0, left < 0,
            left != wallet - spent[0], audit.returncode]


def check_events(service, count):
    """The first time as structured events, the second as binary ones, each on eight connections."""
    from cloudevents.conversion import to_binary, to_structured
    from cloudevents.http import CloudEvent
    key = new_shop(service.port, "events")
    events = [CloudEvent({"id": f"e{number}", "source": "/gateway", "type": "tokens", "subject": f"u{number % 50}"}, {"amount": number % 97})
              for number in range(count)]
    statuses = collections.Counter()

    def send(convert, some):
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        for event in some:
            headers, body = convert(event)
            connection.request("POST", "/v1/usage", body, {**headers, "Authorization": f"Bearer {key}"})
            answer = connection.getresponse()
            content = answer.read()
            duplicate = " duplicate" if b'"duplicate":true' in content else ""
            statuses[f"{answer.status}{duplicate}" if answer.status < 300 else f"{answer.status} {content[:200]}"] += 1
    for convert in (to_structured, to_binary):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(send, [convert] * 8, [events[first::8] for first in range(8)]))
    totals = sum(read(service.port, key, f"/v1/usage/u{user}")["balances"]["tokens"]["used"] for user in range(50))
    expected = sum(number % 97 for number in range(count))
    print(f"events: {dict(statuses)}; {totals:,} tokens, sent {expected:,}")
    return [totals != expected, statuses != collections.Counter({"201": count, "200 duplicate": count})]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--trace", action="append", help="a CSV with ContextTokens and GeneratedTokens")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("checks", nargs="*", default=[])
    options = parser.parse_args()
    checks = options.checks or ["sum", "rate", "limit", "events"]
    rng = random.Random(3)
    rows = trace(options.trace) if options.trace else [(rng.randint(1, 8000), rng.randint(1, 1000)) for _ in range(options.count)]
    failed = []
    with Service(options.binary) as service:
        if "sum" in checks:
            failed += check_sum(options.binary, service, rows)
        if "rate" in checks:
            failed += check_rate(service, options.count)
        if "limit" in checks:
            failed += check_limit(options.binary, service)
        if "events" in checks:
            failed += check_events(service, options.count)
    sys.exit(1 if any(failed) else 0)


main()
