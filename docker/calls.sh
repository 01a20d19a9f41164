#!/usr/bin/env bash
# Records calls of models with a service of its own, and holds sums, limits and repeats against arithmetic of the script's own. The exit code is 1
# when anything differs.
#   docker/calls.sh [--binary PROGRAM] [--trace CSV]… [--count N] [sum] [rate] [limit] [events]
# Without --binary, it builds in release. "events" sends with the SDK of CloudEvents, which it fetches.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
python=$(python_with 'cloudevents<2')
measure "$python" "$@"
