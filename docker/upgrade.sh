#!/usr/bin/env bash
# An upgrade under load: two instances of an old program behind haproxy, 200 requests a second, each instance in turn drained, stopped and replaced by the
# new program. Exit code 1 when a request failed. Needs haproxy (installed if it is not there); builds the new program in release.
#   docker/upgrade.sh OLD [NEW]     programs; the new one is built where it is left out
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
old=${1:?the old program}
new=${2:-$(release_program)}
"$root/docker/packages.sh" haproxy
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD
exec python3 "$root/docker/upgrade.py" "$old" "$new"
