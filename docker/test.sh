#!/usr/bin/env bash
# Sets the machine up and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."
docker/packages.sh curl # which the README's tour uses
SHOPMETER_MONGOD=$(docker/mongod.sh)
export SHOPMETER_MONGOD
swift format lint --strict --recursive Package.swift Sources Tests
swift test --explicit-target-dependency-import-check error "$@"
