#!/usr/bin/env bash
# Deletes ./data, the folder of `make run`, with all that is recorded in it. Refuses while a hub runs in it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ! -e data ]]; then
    echo 'kordon: there is no ./data'
    exit 0
fi
# The first line of postmaster.pid is the process of the database that uses the folder.
while IFS= read -r file; do
    if [[ $(cat "/proc/$(head --lines=1 "$file")/comm" 2>/dev/null) == postgres ]]; then
        echo "kordon: a hub uses ./data ($file): stop it first" >&2
        exit 1
    fi
done < <(find data -name postmaster.pid)
rm --recursive --force data
echo 'kordon: deleted ./data'
