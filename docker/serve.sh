#!/usr/bin/env bash
# Sets the machine up, builds in release, and runs the service on an embedded mongod.
#   docker/serve.sh [--demo] [OPTIONS OF shopmeter serve]
# --demo also makes a shop with plans, users and 20 days of usage, and prints its API key and what to try. Running it
# again changes nothing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

demo=false
data="${SHOPMETER_DATA_DIR:-./data}"
arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        --demo) demo=true ;;
        --data-dir) data="${2:?serve.sh: --data-dir needs a folder}"; shift ;;
        --data-dir=*) data="${1#*=}" ;;
        *) arguments+=("$1") ;;
    esac
    shift
done

# The lock is the service's own: it is held for as long as a shopmeter runs on the folder, however it ends.
lock="$data/mongodb/owner.lock"
if [ -e "$lock" ] && ! flock --nonblock "$lock" true; then
    echo "serve.sh: another shopmeter runs on the data directory $data; stop it first, or give another --data-dir" >&2
    exit 1
fi

"$root/docker/packages.sh" curl
SHOPMETER_MONGOD=$("$root/docker/mongod.sh")
export SHOPMETER_MONGOD SHOPMETER_DATA_DIR="$data"
echo "serve.sh: building; the first time takes some minutes" >&2
swift build --package-path "$root" -c release --product shopmeter --explicit-target-dependency-import-check error >&2
shopmeter="$root/.build/release/shopmeter"

# Runs beside the service, which takes this script's place: so Ctrl-C and every signal reach the service itself.
announce() {
    until [ -s "$data/address" ]; do
        kill -0 $$ 2>/dev/null || return 0
        sleep 0.1
    done
    address=$(sed -e 's/0\.0\.0\.0/127.0.0.1/' -e 's/\[::\]/[::1]/' "$data/address")
    echo "ShopMeter listens on $address"
    echo "The admin token is in $data/admin-token, unless SHOPMETER_ADMIN_TOKEN is set. Ctrl-C stops the service."
    if $demo; then "$root/docker/demo.sh" "$shopmeter" "$address" "$data"; fi
}

rm -f "$data/address"
announce >&2 &
exec "$shopmeter" serve "${arguments[@]}"
