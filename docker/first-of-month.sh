#!/usr/bin/env bash
# Measures the first of the month: 20,000 users whose periods end at one instant, while they and others record. Builds in release, starts the service
# on an embedded mongod of its own, and prints a table of latencies before, during and after. Fails when the p99 of the others' events passes 250 ms.
#   docker/first-of-month.sh [--users N] [--seconds N] [--binary PROGRAM]      (with --binary nothing is built)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
python=$(python_with pymongo)
measure "$python" "$@"
