#!/usr/bin/env bash
# Runs the tests under a sanitizer: address (the default, which finds leaks too) or thread. End-to-end tests are left out, as they start the
# executable that was not built for it.
#   docker/sanitize.sh [address|thread] [OPTIONS OF swift test]
set -euo pipefail
cd "$(dirname "$0")/.."
kind="${1:-address}"
[ $# -gt 0 ] && shift
docker/packages.sh
SHOPMETER_MONGOD=$(docker/mongod.sh)
export SHOPMETER_MONGOD

# Suppressed: values that live as long as the process and that the sanitizer does not see, as a global enumeration holds them by a tagged pointer;
# and a buffer that Foundation loses when it reads an empty file.
suppressions=$(mktemp)
trap 'rm -f "$suppressions"' EXIT
printf 'leak:swift::threading_impl::once_slow\nleak:libXCTest.so\nleak:readBytesFromFile\n' >"$suppressions"
export LSAN_OPTIONS="suppressions=$suppressions:print_suppressions=0"

swift test --sanitize="$kind" --scratch-path ".build-$kind" --explicit-target-dependency-import-check error --skip EndToEndTests "$@"
