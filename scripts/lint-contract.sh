#!/usr/bin/env bash
# Lints the contract by openapi/ruleset.yaml. `scripts/install.sh test` brings the linter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

contract=openapi/kordon.json
if [[ ! -s $contract ]]; then
    echo "kordon: $contract is missing: run 'make openapi'" >&2
    exit 1
fi
exec node_modules/.bin/spectral lint --ruleset openapi/ruleset.yaml --fail-severity warn "$contract"
