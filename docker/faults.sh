#!/usr/bin/env bash
# Runs the service under load while faults are made, and holds what clients were told against what is stored: lost, wrong, double, drift.
# Builds in release; needs pymongo (installed into an environment of its own below .build).
#   docker/faults.sh [FAULT …]      all of them without names; --list prints the names
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD
python=$(python_with pymongo)
program=$(release_program)
exec "$python" "$root/docker/faults.py" --shopmeter "$program" --mongod "$SHOPMETER_MONGOD" "$@"
