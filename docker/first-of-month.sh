#!/usr/bin/env bash
# Measures the first of the month: 20,000 users whose periods end at one instant, while they and others record. Builds in release, starts the service
# on an embedded mongod of its own, and prints a table of latencies before, during and after. Fails when the p99 of the others' events passes 250 ms.
#   docker/first-of-month.sh [--users N] [--seconds N] [--binary PROGRAM]      (with --binary nothing is built)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/docker/packages.sh" python3 python3-venv
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD
environment="$root/.build/faults-python"
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -c 'import pymongo' 2>/dev/null || "$environment/bin/python" -m pip install --quiet pymongo
case " $* " in
*" --binary"*) ;;
*)
    swift build --package-path "$root" -c release --product shopmeter --explicit-target-dependency-import-check error >&2
    set -- --binary "$root/.build/release/shopmeter" "$@"
    ;;
esac
exec "$environment/bin/python" "$root/docker/first-of-month.py" "$@"
