"""A backup, restored into another database, is the same to the byte, and a bad one is refused whole.

The demonstration shop and 100,000 events more of it are backed up beside the running service, restored into an empty database under another name, and
moved into a third one. Each has audits without a difference, and each export is the same byte for byte. Then the backup is cut, changed and robbed of
files, in every place that a file has: each is refused, and the database that it was for stays empty.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time

from lab import Service, another, fill


def run(program, *arguments, ok=(0,), **options):
    done = subprocess.run([program, *arguments], capture_output=True, **options)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stderr.decode()[-2000:]}")
    return done


def event(number, left, index):
    """Of 400 users, half of whose ids are no ASCII."""
    return {
        "event_id": f"é/{number}-{left}-{index}", "user_id": f"user {index % 400}" if index % 2 else f"Ünïcode|{index % 400}", "amount": index,
        "dimensions": {"model": f"m{index % 7}"}, "description": "=1+1"}


def collections(program):
    asked = run(program, "export", "--shop", "demo", "--collection", "?", "--format", "csv", ok=(2,))
    return asked.stderr.decode().split("expected one of ")[1].strip().rstrip(".").split(", ")


def exports(program, where):
    """The SHA-256 and the size of each export."""
    found = {}
    for collection in collections(program):
        for form in ("csv", "ndjson"):
            content = run(program, "export", "--shop", "demo", "--collection", collection, "--format", form, "--out", "-", *where).stdout
            found[collection, form] = hashlib.sha256(content).hexdigest(), content.count(b"\n")
    return found


def prepare(program, uri, name):
    """Makes a database: a service is started on it and stopped."""
    process, _ = another(program, uri, "--database", name)
    process.terminate()
    process.wait(30)


def documents(program, where, folder):
    """How many documents a database has, but for those that a start makes."""
    shutil.rmtree(folder, ignore_errors=True)
    run(program, "backup", folder, *where)
    with open(folder + "/manifest.json") as file:
        return sum(each["documents"] for each in json.load(file)["files"])


def spoil(backup, folder):
    """Bad backups, one after the other, each with what was done to it."""
    names = sorted(os.listdir(backup))
    rng = random.Random(1)
    for name in names:
        for what in ("cut", "changed", "longer", "missing"):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(backup, folder)
            path = f"{folder}/{name}"
            with open(path, "rb") as file:
                content = file.read()
            if what in ("cut", "changed") and not content:
                continue
            place = rng.randrange(len(content)) if content else 0
            if what == "missing":
                os.remove(path)
            else:
                bad = {"cut": content[:place], "changed": content[:place] + bytes([content[place] ^ 1]) + content[place + 1:] if content else b"",
                       "longer": content + (content.splitlines(True)[-1] if content else b'{"_id":"x"}\n')}[what]
                with open(path, "wb") as file:
                    file.write(bad)
            yield f"{name} {what}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    program, here = options.binary, os.path.dirname(os.path.abspath(__file__))
    with Service(program) as service:
        environment = dict(os.environ, SHOPMETER_DATA_DIR=service.data)
        run(here + "/demo.sh", program, f"http://127.0.0.1:{service.port}", service.data, env=environment)
        with open(service.data + "/demo-key") as file:
            fill(service.port, file.read().strip(), options.events, event)
        with open(service.data + "/mongodb-uri") as file:
            uri = file.read().strip()
        first = ["--mongodb-uri", uri]
        began = time.monotonic()
        backup = service.directory + "/backup"
        print(run(program, "backup", backup, "--shop", "demo", *first).stdout.decode().strip(), f"in {time.monotonic() - began:.1f} s")
        before = exports(program, first)
        print(f"{len(before)} exports, {sum(lines for _, lines in before.values()):,} lines")
        failed = 0
        for name in ("second", "third"):
            prepare(program, uri, name)
        second = [*first, "--database", "second"]
        empty = documents(program, second, service.directory + "/empty")
        refused = 0
        for what in spoil(backup, service.directory + "/bad"):
            code = run(program, "restore", service.directory + "/bad", *second, ok=(0, 1)).returncode
            refused += code == 1
            if code != 1:
                failed += 1
                print(f"WRONG {what}: it was restored")
                break
        left = documents(program, second, service.directory + "/empty")
        failed += left != empty
        print(f"{refused} bad backups are refused; the database has {left} documents, as before")
        began = time.monotonic()
        restored = run(program, "restore", backup, *second, ok=(0, 1))
        print(restored.stdout.decode().strip().replace("\n", ", "), f"in {time.monotonic() - began:.1f} s, exit code {restored.returncode}")
        moved = run(
            program, "move", "--shop", "demo", "--from", service.data, "--to", uri, "--to-database", "third", ok=(0, 1))
        failed += restored.returncode + moved.returncode
        again = run(program, "restore", backup, *second, ok=(0, 1)).returncode
        print(f"a second time: exit code {again}")
        failed += again != 1
        for name in ("second", "third"):
            where = [*first, "--database", name]
            code = run(program, "audit", *where, ok=(0, 1)).returncode
            after = exports(program, where)
            wrong = [f"{collection}.{form}" for (collection, form), digest in after.items() if before[collection, form] != digest]
            failed += len(wrong) + code
            print(f"{name}: audit's exit code {code}; exports that are not the same: {', '.join(wrong) or 'none'}")
    sys.exit(1 if failed else 0)


main()
