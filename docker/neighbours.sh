#!/usr/bin/env bash
# Measures what one shop's flood does to another shop's recording: builds in release, starts the service on an embedded mongod of its own, and
# prints a table of the quiet shop's latency, idle and under each kind of flood.
#   docker/neighbours.sh [--seconds N] [--events N] [FLOOD …]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD
program=$(release_program)
exec python3 "$root/docker/neighbours.py" --shopmeter "$program" "$@"
