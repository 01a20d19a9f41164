#!/usr/bin/env bash
# Sends 2,000 random Unicode ids as users, events, charges and more through every route that has one, on two instances, exports and imports them.
# The exit code is 1 when one finds what is another's, or nothing.
#   docker/ids.sh [--binary PROGRAM] [--ids N]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3
measure python3 "$@"
