#!/usr/bin/env bash
# Attacks a service that may have 1,024, and then 256, files open, in ten ways, while a client records on an open connection. Prints a table;
# the exit code is 1 when the service died or the recording failed.
#   docker/strangers.sh [--binary PROGRAM] [--seconds N] [--sockets N] [--files N]… [ATTACK …]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3
measure python3 "$@"
