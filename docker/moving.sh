#!/usr/bin/env bash
# Backs the demonstration shop and 100,000 events more up, restores and moves it into other databases, compares every export byte by byte, and
# spoils the backup in every way. The exit code is 1 when anything differs.
#   docker/moving.sh [--binary PROGRAM] [--events N]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3 curl
measure python3 "$@"
