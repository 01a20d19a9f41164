#!/usr/bin/env bash
# Moves a year of a shop's past in, of 200 users with subscriptions of different starts, and holds each closed period against Python's arithmetic: on a
# test clock first, then live; once more; and with 1,000 rows more. The exit code is 1 when one differs.
#   docker/history.sh [--binary PROGRAM] [--users N] [--csv LOG]
# Without --binary, it builds in release. LOG has the columns TIMESTAMP, ContextTokens and GeneratedTokens; without it, rows are made up.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3
measure python3 "$@"
