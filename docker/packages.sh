#!/usr/bin/env bash
# Installs what the build needs beside the Swift toolchain, on Debian 12. Does nothing where it is there already.
# Used by serve.sh, test.sh and the Dockerfile, so that a container and a bare machine are set up the same way.
set -euo pipefail

# libmongoc below this has known holes (CVE-2024-6381, CVE-2025-0755, CVE-2025-12119).
readonly MINIMUM_LIBMONGOC="1.23.1-1+deb12u3"

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q "install ok installed"; }

missing=()
for package in libmongoc-dev libbson-dev libssl-dev pkg-config "$@"; do
    installed "$package" || missing+=("$package")
done

if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "packages.sh: run as root, or first: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    echo "packages.sh: installing ${missing[*]}" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

version=$(dpkg-query -W -f='${Version}' libmongoc-1.0-0)
if dpkg --compare-versions "$version" lt "$MINIMUM_LIBMONGOC"; then
    echo "packages.sh: libmongoc $version has known security holes; upgrade to $MINIMUM_LIBMONGOC or newer" >&2
    exit 1
fi
