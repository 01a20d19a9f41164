#!/usr/bin/env python3
"""Plants faults in the sources, one at a time, and says what catches each: a suite, or a fault of docker/faults.py.

It works in this checkout, which must have no changes, builds into its .build, and puts each file back. Exit code 1 when a planted fault is not caught.

  docker/teeth.py [NUMBER | WORD …]    those of that number, or whose name has the word; all of them without
  docker/teeth.py --list               the names
"""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# (name, file, the text as it stands, the text with the fault, how it is caught: "suite" and a filter, or "fault" and a name).
PLANTED = [
    (
        "a write counts when one member has it (w: 1)", "Sources/Mongo/Connections/ClientPool.swift",
        "unsafe mongoc_write_concern_set_wmajority(write, writeTimeout.milliseconds)", "unsafe mongoc_write_concern_set_w(write, 1)",
        "fault", "rolled-back",
    ),
    (
        "the server makes an event's id, whatever the client's is", "Sources/API/Usage/UsageRoutes.swift",
        "var command = try UsageInput.command(call.fields, of: call.tenant) { try key ?? service.newEventID() }\n",
        "var fields = call.fields\n        fields[\"event_id\"] = nil\n"
        "        var command = try UsageInput.command(fields, of: call.tenant) { try key.map { _ in try service.newEventID() } ?? service.newEventID() }\n",
        "fault", "none",
    ),
    (
        "a commit with an unknown outcome is taken for a failure", "Sources/Mongo/Transactions/RetryLoop.swift",
        "error.isUnknownCommit || error.kind == .unavailable || error.kind == .interrupted", "error.kind == .interrupted",
        "suite", "TransactionTests|MongoTests.FaultTests|GroupFaultTests",
    ),
    (
        "a job's transactions are not fenced by its lease", "Sources/Store/Jobs/Leases.swift",
        "guard result.matched == 1 else { throw StoreError(.conflict, \"The lease of", "guard result.matched <= 1 else { throw StoreError(.conflict, \"The lease of",
        "suite", "JobLeaseTests|RolloverTests|LeasesTests",
    ),
    (
        "a shop is left out of one filter", "Sources/Store/Usage/Labels.swift",
        "let high: Value = [\"shop_id\": .id(tenant.shop),", "let high: Value = [\"shop_id\": \"~\",",
        "suite", "TenantSpyTests|TenantIsolationTests|LabelRouteTests",
    ),
    (
        "messages to endpoints are written outside of the transaction", "Sources/Mongo/Operations/Connection+Writes.swift",
        "        var natives = try encoded(documents)\n        let options = try options([\"ordered\": .bool(ordered), \"validate\": false])\n",
        "        var natives = try encoded(documents)\n        let words: Document = [\"ordered\": .bool(ordered), \"validate\": false]\n"
        "        let options = try collection == \"webhook_deliveries\" ? encoded(words) : options(words)\n",
        "suite", "TenantSpyTests|DeliveryTests",
    ),
    (
        "a cost is rounded to cents, each event for itself", "Sources/Metering/Prices/ModelCost.swift",
        "        return Money(units: Int128(clamping: rounded))", "        return Money(units: Int128(clamping: rounded) / 100_000_000 * 100_000_000)",
        "suite", "ModelCostTests|UsageObjectTests",
    ),
    (
        "a key's secret is not compared", "Sources/Service/Shops/Authenticate.swift",
        "constantTimeEqual(digest, found.hash), ", "!digest.isEmpty, ",
        "suite", "AuthenticationTests|KeyRouteTests",
    ),
    (
        "an address that a key is not confined to is let in", "Sources/Metering/Shops/APIKey.swift",
        "        return terms.addresses.contains { $0.contains(caller) }", "        return terms.addresses.contains { $0.contains(caller) || true }",
        "suite", "APIKeyTests|KeyRouteTests",
    ),
    (
        "a void's answer forgets what it gave back to the allowance", "Sources/Metering/Usage/Voiding.swift",
        "        used = max(0, used - returned.toSubscription)\n", "",
        "suite", "VoidLawTests",
    ),
    (
        "no fence: a number of an account's log may be taken twice", "Sources/Store/Usage/UsageEvents.swift",
        "\"sequence\": 1], isUnique: true,", "\"sequence\": 1], isUnique: false,",
        "suite", "LoggedAccountTests|AccountLogTests",
    ),
    (
        "a reader goes around the fold of the log", "Sources/Store/Usage/AccountLog.swift",
        "let tails = try UsageEvents.tails(of: checkpoints, reading)", "let tails: [AccountKey: [Document]] = [:]",
        "suite", "LoggedAccountTests|AccountLogTests",
    ),
    (
        "an account's document is stored before its events are", "Sources/Service/Groups/AccountCommitter.swift",
        "            calls = try store.blockingTransaction { transaction in\n"
        "                try Erasures.require(erasures, in: transaction)\n"
        "                let calls = try PaidCalls(present.map(\\.command), settlement.settled, clocks: settler.reader.clocks, transaction)\n"
        "                try UsageEvents.insert(settlement.events, keeping: settlement.kept, in: transaction)\n"
        "                try Purchases.insert(settlement.newPurchases, in: transaction)\n"
        "                try AuditTrail.insert(settlement.auditEntries, in: transaction)\n"
        "                try Reservations.save(settlement.reservationChanges, in: transaction)\n"
        "                try Accounts.save(changes, in: transaction)\n",
        "            try store.blockingTransaction { try Accounts.save(changes, in: $0) }\n"
        "            calls = try store.blockingTransaction { transaction in\n"
        "                try Erasures.require(erasures, in: transaction)\n"
        "                let calls = try PaidCalls(present.map(\\.command), settlement.settled, clocks: settler.reader.clocks, transaction)\n"
        "                try UsageEvents.insert(settlement.events, keeping: settlement.kept, in: transaction)\n"
        "                try Purchases.insert(settlement.newPurchases, in: transaction)\n"
        "                try AuditTrail.insert(settlement.auditEntries, in: transaction)\n"
        "                try Reservations.save(settlement.reservationChanges, in: transaction)\n",
        "suite", "LoggedAccountTests",
    ),
    (
        "an instant is told without the events after the last state", "Sources/Store/Usage/PastAccounts.swift",
        "followedBy: events.reversed())", "followedBy: [])",
        "suite", "PastAccountsTests",
    ),
    (
        "the times of an account's log go back with the clock", "Sources/Metering/Usage/Account.swift",
        "max(now, loggedAt ?? now)", "now",
        "suite", "PastAccountsTests|PeriodEndTests",
    ),
]


def run(*command, **more):
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def build(proof):
    """Of a suite its tests, of a fault the program. The error; none when it builds."""
    done = run("swift", "build", *(["--build-tests"] if proof == "suite" else ["--product", "shopmeter"]))
    return None if done.returncode == 0 else next((line for line in done.stdout.splitlines() if "error:" in line), done.stdout[-300:])


def caught(proof, what):
    """Whether it is, and the first words about it."""
    environment = dict(os.environ, SHOPMETER_MONGOD=run("docker/mongod.sh").stdout.splitlines()[-1])
    if proof == "suite":
        done = run("swift", "test", "--skip-build", "--filter", what, env=environment)
        failed = re.findall(r"✘ Test (?!run)\"?(.*?)\"? (?:failed after|with \d+ test cases? failed)", done.stdout)
        return done.returncode != 0 and bool(failed), ", ".join(dict.fromkeys(failed))[:160]
    python = ROOT / ".build/python/bin/python"
    done = run(python if python.exists() else sys.executable, "-B", "docker/faults.py", "--shopmeter", ".build/debug/shopmeter",
               "--mongod", environment["SHOPMETER_MONGOD"], what, env=environment)
    words = re.search(r"LOST.*?DRIFT \d+", done.stdout)
    return done.returncode != 0 and bool(words), words.group(0) if words else done.stdout[-200:]


def check(number):
    name, path, text, fault, proof, what = PLANTED[number - 1]
    file, start = ROOT / path, time.monotonic()
    before = file.read_text()
    if before.count(text) != 1:
        return "STALE", 0, f"{path} has its text {before.count(text)} times"
    file.write_text(before.replace(text, fault))
    try:
        if error := build(proof):
            return "NOT BUILT", time.monotonic() - start, error
        start = time.monotonic()
        is_caught, words = caught(proof, what)
        return "caught" if is_caught else "MISSED", time.monotonic() - start, words
    finally:
        file.write_text(before)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{number:3}  {planted[0]}" for number, planted in enumerate(PLANTED, 1)))
        return 0
    # Who ends it has the file put back, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if run("git", "status", "--porcelain", "--untracked-files=no").stdout:
        parser.error("this checkout has changes")
    missed = 0
    for number, planted in enumerate(PLANTED, 1):
        if options.names and not any(word == str(number) or not word.isdigit() and word in planted[0] for word in options.names):
            continue
        result, seconds, words = check(number)
        missed += result != "caught"
        print(f"{number:3} {result:9} {seconds:4.0f} s  {planted[0]}\n          {planted[4]} {planted[5]}: {words}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
