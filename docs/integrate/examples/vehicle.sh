#!/usr/bin/env bash
# Brings a vehicle as far as the gate, so that there is something to record: books it, lets it arrive at a waiting zone an hour
# ago, and calls it. Prints the id of its crossing.
#
#   docs/integrate/examples/vehicle.sh UA209030 'AA 1234 BB'
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

checkpoint=$1
plate=$2
send() { # TOKEN ADDRESS BODY
    curl -sS --fail-with-body "$HUB/api/v1/checkpoints/$checkpoint/$2" \
        -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$3"
}

booking=$(send "$QUEUE_OPERATOR" bookings "{
    \"reference\": \"example-$(date +%s%N)\", \"plate\": \"$plate\", \"queue\": \"live\", \"channel\": \"web\",
    \"driver\": {\"name\": \"Іван Коваль\"}, \"booked_at\": \"$(at '2 hours ago')\"}")
crossing=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["id"])' "$booking")
send "$ZONE_OPERATOR" events "{
    \"id\": \"example-$(date +%s%N)\", \"kind\": \"zone-arrived\", \"plate\": \"$plate\", \"zone\": \"ZONE-1\",
    \"occurred_at\": \"$(at '1 hour ago')\"}" >/dev/null
send "$QUEUE_OPERATOR" calls "{\"booking\": \"$crossing\", \"reason\": \"an example\"}" >/dev/null
echo "$crossing"
