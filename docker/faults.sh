#!/usr/bin/env bash
# Runs the service under load while faults are made, and holds what clients were told against what is stored: lost, wrong, double, drift.
# Builds in release; needs pymongo (installed into an environment of its own below .build).
#   docker/faults.sh [FAULT …]      all of them without names; --list prints the names
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/docker/packages.sh" python3 python3-venv
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD
environment="$root/.build/faults-python"
[ -x "$environment/bin/python" ] || python3 -m venv "$environment"
"$environment/bin/python" -c 'import pymongo' 2>/dev/null || "$environment/bin/python" -m pip install --quiet pymongo
swift build --package-path "$root" -c release --product shopmeter --explicit-target-dependency-import-check error >&2
exec "$environment/bin/python" "$root/docker/faults.py" --shopmeter "$root/.build/release/shopmeter" --mongod "$SHOPMETER_MONGOD" "$@"
