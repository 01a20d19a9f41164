#!/usr/bin/env bash
# Converts a CSV export of each collection with LibreOffice, and compares its cells with the lines of JSON: times are dates, numbers are numbers.
# The exit code is 1 when a column is wrong.
#   docker/spreadsheets.sh [--binary PROGRAM]
# Without --binary, it builds in release. It needs LibreOffice Calc (libreoffice-calc), which it installs.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" python3 libreoffice-calc
measure python3 "$@"
