#!/usr/bin/env bash
# Reads the OpenAPI document with other people's tools, and runs the clients that they make of it against a service of its own: openapi-spec-validator,
# datamodel-code-generator, openapi-python-client, openapi-generator (python, typescript-fetch, go, java) and schemathesis. Prints what came of each; the exit
# code is 1 when anything failed.
#   docker/openapi.sh [--binary PROGRAM] [--examples N] [TOOL]…
# Without --binary, it builds in release. TOOL is validator, datamodel, python-client, generator or schemathesis: those alone.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/docker/lab.sh"
"$root/docker/packages.sh" nodejs node-typescript golang-go default-jdk-headless
python=$(python_with openapi-spec-validator==0.9.0 datamodel-code-generator==0.89.0 openapi-python-client==0.29.1 \
    openapi-generator-cli==7.26.0 schemathesis==4.32.5 'pydantic[email]>=2' python-dateutil urllib3 typing-extensions)
measure "$python" "$@"
