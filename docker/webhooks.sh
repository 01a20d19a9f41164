#!/usr/bin/env bash
# Sends some 10,000 webhooks to a receiver that checks each by PyPI's standardwebhooks, kills the service and the receiver meanwhile with SIGKILL, and
# holds what came against what happened: lost, out of order, another id for the same message. Then by TLS: a certificate that fits, and those that do not.
#   docker/webhooks.sh [--binary PROGRAM] [--users N]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3 openssl
python=$(python_with standardwebhooks==1.0.0)
measure "$python" "$@"
