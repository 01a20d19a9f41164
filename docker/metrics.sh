#!/usr/bin/env bash
# Holds /metrics, the alert rules and the Grafana dashboard against a real Prometheus: promtool checks the text and the rules, and a Prometheus that scrapes
# a service answers each query of both.
#   docker/metrics.sh [--binary PROGRAM]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3 prometheus
measure python3 "$@"
