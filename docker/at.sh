#!/usr/bin/env bash
# Drives usage, purchases, holds, plan changes and period ends over a shop with a test clock, and compares `?at=` at 1,000 random instants with a replay in
# Python. The exit code is 1 when anything differs.
#   docker/at.sh [--binary PROGRAM] [--instants N] [--steps N] [--seed N]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3
measure python3 "$@"
