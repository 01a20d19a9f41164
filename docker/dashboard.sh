#!/usr/bin/env bash
# Goes through the pages for people with Debian's Chromium, as a person would who answers five questions in the dashboard alone: refused yesterday, charged
# twice, the old plan back from next month, a webhook that did not arrive, the accountant's month. Counts controls without a name in the accessibility tree,
# runs axe on every page, and takes pictures.
#   docker/dashboard.sh [--binary PROGRAM] [--pictures DIR]
# Without --binary, it builds in release.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" chromium chromium-driver
python=$(python_with selenium==4.51.0 axe-selenium-python==2.1.6)
measure "$python" "$@"
