#!/usr/bin/env bash
# Gives the readers of untrusted bytes (requests, JSON, BSON, tokens, events of Stripe's, usage objects, CSV) changed samples: each for so many seconds,
# from a seed. An input that ends the process is in .build/fuzz; the seed is printed, and repeats the run.
#   docker/fuzz.sh [SECONDS] [SEED]      600 seconds, a random seed
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export SHOPMETER_FUZZ_SECONDS=${1:-600} SHOPMETER_FUZZ_SEED=${2:-$RANDOM} SHOPMETER_FUZZ_DIR="$root/.build/fuzz"
mkdir -p "$SHOPMETER_FUZZ_DIR"
echo "seed $SHOPMETER_FUZZ_SEED, $SHOPMETER_FUZZ_SECONDS s each"
swift build --package-path "$root" --build-tests >&2
swift test --package-path "$root" --skip-build --filter FuzzTests
