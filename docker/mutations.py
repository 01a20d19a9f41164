#!/usr/bin/env python3
"""Breaks the rules in Sources/Metering, one at a time, and says which law catches it.

Each mutation is applied in a throw-away copy of the rules and their laws, built there and run against the law tests. Exit code 1 when one is not caught.

  docker/mutations.py [NUMBER | WORD …]    those of that number, or whose name has the word; all of them without
  docker/mutations.py --list               the names
  docker/mutations.py --keep DIR           keeps the copy, so that the next run builds less
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAWS = "LawTests|VoidLawTests|TaxTests|CreditNoteTests"

PACKAGE = """// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault")]
let package = Package(
    name: "Laws",
    targets: [
        .target(name: "Bytes", exclude: ["README.md"], swiftSettings: settings),
        .target(name: "JSON", dependencies: ["Bytes"], exclude: ["README.md"], swiftSettings: settings),
        .target(name: "Metering", dependencies: ["Bytes", "JSON"], exclude: ["README.md"], swiftSettings: settings),
        .target(name: "Support", dependencies: ["Metering"], path: "Tests/Support", swiftSettings: settings),
        .testTarget(name: "MeteringTests", dependencies: ["Metering", "Support"], swiftSettings: settings),
    ])
"""

# (name, file, the rule as it stands, the rule broken). The text must be there exactly once.
MUTATIONS = [
    (
        "a period that is cut short is billed by its time alone", "Invoices/Subscription+Price.swift",
        "basis == .time ? time : max(time, priceOfUse(meters))", "time",
    ),
    (
        "what is cut short carries its whole allowance over", "Usage/Waterfall.swift",
        "earned.map { max(0, $0 - used) } ?? .largest", "earned.map { _ in .largest } ?? .largest",
    ),
    (
        "a suspension costs its time", "Invoices/BillingTerms.swift",
        "fee: isPaidFor ? plan.fee(for: cycle) : .zero", "fee: plan.fee(for: cycle)",
    ),
    (
        "the debt of before is billed as overage too", "Invoices/Subscription+Billing.swift",
        "-balance.rollover - (tally.debt[balance.meter] ?? 0)", "-balance.rollover",
    ),
    (
        "overage escapes by a change of plan", "Subscriptions/BillingState.swift",
        "if isOther { forgive(before.overage(of: meters, at: now), before, at: now) }", "",
    ),
    (
        "overage escapes by a suspension", "Subscriptions/BillingState.swift",
        "        forgive(before.overage(of: meters, at: now), before, at: now)\n        var changed = changed", "        var changed = changed",
    ),
    (
        "what a change has billed is billed again at the period's end", "Invoices/Subscription+Billing.swift",
        "        tally.billed += rise\n", "",
    ),
    (
        "what was billed for time that was not used stays billed", "Subscriptions/BillingState+Money.swift",
        "if live.tally.billed > price {", "if live.tally.billed > price, live.isLive == false {",
    ),
    (
        "what was given back is given back again", "Subscriptions/BillingState+Money.swift",
        "        live.tally.billed = live.tally.billed - rest\n", "",
    ),
    (
        "credit pays a bill and stays", "Invoices/Subscription+Billing.swift",
        "        creditBalance = creditBalance - used\n", "",
    ),
    (
        "credit pays an open invoice and stays", "Subscriptions/BillingState+Money.swift",
        "            live.credit[currency] = left == .zero ? nil : left\n", "            _ = left\n",
    ),
    (
        "the free month's use is forgotten by whoever comes back to it", "Subscriptions/BillingState.swift",
        "(ending.restored, ending.earned) = (before.use, [:])", "ending.earned = [:]",
    ),
    (
        "the other allowance's use is forgotten", "Subscriptions/BillingState.swift",
        "if let parked = subscription?.parked, parked.until > now { ending.restored = parked.used }", "",
    ),
    (
        "the end of a period leaves the terms of the one before", "Subscriptions/Subscription+Steps.swift",
        "        period = cycle.period(from: end, anchor: anchor)\n        periodTerms = PeriodTerms(terms)\n",
        "        period = cycle.period(from: end, anchor: anchor)\n",
    ),
    (
        "a void leaves the use in the allowance", "Usage/Voiding.swift",
        "        used = max(0, used - returned.toSubscription)\n", "",
    ),
    (
        "a void leaves the debt of those who came after it", "Usage/Drawn.swift",
        "if let drawn = drawn(since: event) {", "if let drawn = drawn(since: event), drawn.since < 0 {",
    ),
    (
        "an included tax is taken as if it came on top", "Invoices/Tax.swift",
        "part($0, of: amount, TaxRate.whole + included)", "part($0, of: amount, TaxRate.whole)",
    ),
    (
        "a credit note of a refund leaves the tax out", "Invoices/CreditNote.swift",
        "(were.isEmpty ? .zero : were[index]) - (are.isEmpty ? .zero : are[index])", "were.count == are.count ? Money.zero : Money.zero",
    ),
]


def copy(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in ["Sources/Bytes", "Sources/JSON", "Sources/Metering", "Tests/MeteringTests"]:
        shutil.copytree(ROOT / part, folder / part, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*FuzzTests.swift"))
    (folder / "Tests/Support").mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "Tests/Support/FixedInputs.swift", folder / "Tests/Support")
    shutil.copytree(ROOT / "fixtures", folder / "fixtures", dirs_exist_ok=True)
    package = folder / "Package.swift"
    if not package.exists() or package.read_text() != PACKAGE:
        package.write_text(PACKAGE)


def run(folder: pathlib.Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(["swift", *command], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def build(folder: pathlib.Path) -> str | None:
    code, output = run(folder, "build", "--build-tests")
    return None if code == 0 else "\n".join(line for line in output.splitlines() if "error:" in line) or output[-2000:]


def caught(folder: pathlib.Path) -> tuple[bool, str]:
    """Whether a law is broken, and the first words about it."""
    code, output = run(folder, "test", "--skip-build", "--filter", LAWS)
    lines = output.splitlines()
    failed = [re.sub(r" with \d+ test cases.*| failed after.*", "", line[2:]) for line in lines if re.match(r"✘ Test \S.* failed after", line) and "Test run" not in line]
    words = next((re.sub(r"^.*?(\(\w\)|at the end|once all|free month|invoice of)", r"\1", line).strip("↳ ") for line in lines
                  if re.search(r"\((a|b|c|d)\)|once all|tokens left|an invoice of|free month", line) and not line.startswith("◇")), "")
    tests = ", ".join(dict.fromkeys(re.sub(r'^Test "?|"?$', "", name)[:58] for name in failed))
    return code != 0 and bool(failed), f"{tests}{': ' + words[:70] if words else ''}"


def wanted(names: list[str]) -> list[int]:
    numbers = range(1, len(MUTATIONS) + 1)
    if not names:
        return list(numbers)
    return [n for n in numbers if any(name == str(n) or not name.isdigit() and name in MUTATIONS[n - 1][0] for name in names)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{number:3}  {mutation[0]}" for number, mutation in enumerate(MUTATIONS, 1)))
        return 0
    chosen = wanted(options.names)
    if not chosen:
        parser.error("no mutation of that name: --list has them")
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="mutations-"))
    try:
        return check(folder, chosen)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def check(folder: pathlib.Path, chosen: list[int]) -> int:
    copy(folder)
    if error := build(folder):
        print(f"The rules as they are do not build:\n{error}", file=sys.stderr)
        return 2
    broken, words = caught(folder)
    if broken:
        print(f"The rules as they are break a law: {words}", file=sys.stderr)
        return 2
    print("    as they are: every law holds", flush=True)
    missed = 0
    for number in chosen:
        name, path, rule, mutant = MUTATIONS[number - 1]
        file = folder / "Sources/Metering" / path
        text = file.read_text()
        start = time.monotonic()
        if text.count(rule) != 1:
            result, words = "STALE", f"{path} has its text {text.count(rule)} times"
        else:
            file.write_text(text.replace(rule, mutant))
            try:
                error = build(folder)
                result, words = ("NOT BUILT", error.splitlines()[0]) if error else ("caught", "")
                if not error:
                    broken, words = caught(folder)
                    result = "caught" if broken else "MISSED"
            finally:
                file.write_text(text)
        missed += result != "caught"
        print(f"{number:3} {result:9} {time.monotonic() - start:4.0f} s  {name}\n          {words}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
