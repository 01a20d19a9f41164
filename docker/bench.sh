#!/usr/bin/env bash
# Measures ShopMeter beside its peers in one run, and writes a report: a service as a shop would write it by hand (FastAPI and pymongo, on the
# same mongod), the relational pattern (a PostgreSQL function, with no HTTP), bare libmongoc, and nginx. Takes about 20 minutes.
#   docker/bench.sh [--rounds N] [--seconds N] [--before PROGRAM] [--out FOLDER] [CONTEST …]      (--help says more)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/docker/packages.sh" wrk nginx-light postgresql python3 python3-venv gcc libc6-dev
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD

home="${XDG_CACHE_HOME:-$HOME/.cache}/shopmeter/bench"
if [ ! -x "$home/bin/uvicorn" ]; then
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check fastapi uvicorn uvloop httptools pymongo >&2
fi
read -ra flags < <(pkg-config --cflags --libs libmongoc-1.0)
gcc -O2 -Wall -Wextra -o "$home/bare" "$root/docker/bench/bare.c" "${flags[@]}"
swift build --package-path "$root" -c release --product shopmeter --explicit-target-dependency-import-check error >&2
exec "$home/bin/python" "$root/docker/bench/bench.py" --shopmeter "$root/.build/release/shopmeter" --mongod "$SHOPMETER_MONGOD" \
    --bare "$home/bare" "$@"
