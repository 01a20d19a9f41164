#!/usr/bin/env bash
# Installs ShopMeter on Debian 12 as a service of systemd: the program, the user, the settings and the unit. Run again with a newer program it is an
# upgrade: the service is stopped and started; data and settings stay.
#   docker/install.sh [PROGRAM]      a program that was built; without it one is built here, with the Swift runtime in it
# DESTDIR=DIR puts the files below DIR, and starts nothing.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
into=${DESTDIR:-}
settings=$into/etc/shopmeter.env

if [ -z "$into" ] && [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: run as root" >&2
    exit 1
fi

program=${1:-}
if [ -z "$program" ]; then
    "$root/docker/packages.sh"
    swift build --package-path "$root" -c release --product shopmeter --static-swift-stdlib >&2
    program=$(swift build --package-path "$root" -c release --static-swift-stdlib --show-bin-path)/shopmeter
fi
"$program" version >/dev/null || { echo "install.sh: $program does not run on this machine" >&2; exit 1; }

if [ -z "$into" ]; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libmongoc-1.0-0 libssl3 ca-certificates >&2
    getent passwd shopmeter >/dev/null || useradd --system --home-dir /var/lib/shopmeter --shell /usr/sbin/nologin shopmeter
fi

install -D -m 0755 "$program" "$into/usr/local/bin/shopmeter.new"
# Replaced in one step: a start at any moment finds the one or the other.
mv "$into/usr/local/bin/shopmeter.new" "$into/usr/local/bin/shopmeter"
install -D -m 0644 "$root/docker/shopmeter.service" "$into/etc/systemd/system/shopmeter.service"
if [ ! -e "$settings" ]; then
    install -D -m 0600 /dev/stdin "$settings" <<'SETTINGS'
# Lines of NAME=VALUE; the manual has the table of settings.
#SHOPMETER_MONGODB_URI=mongodb://shopmeter:PASSWORD@a.example,b.example,c.example/?replicaSet=rs0&authSource=admin&tls=true
#SHOPMETER_MONGOD=/usr/bin/mongod
SETTINGS
    echo "install.sh: $settings names no database yet: set SHOPMETER_MONGODB_URI, or SHOPMETER_MONGOD for an embedded one" >&2
fi

if [ -z "$into" ]; then
    systemctl daemon-reload
    systemctl enable shopmeter
    systemctl restart shopmeter
    for _ in $(seq 60); do
        if /usr/local/bin/shopmeter health; then exit 0; fi
        sleep 1
    done
    echo "install.sh: it is not ready after a minute: journalctl -u shopmeter, and shopmeter doctor" >&2
    exit 1
fi
