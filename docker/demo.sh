#!/usr/bin/env bash
# Fills a running service with the demonstration shop, and prints what to try. Used by serve.sh --demo. Running it again
# changes nothing.
#   demo.sh SHOPMETER ADDRESS DATA_DIR
set -euo pipefail
shopmeter=$1 address=$2 data=$3
fixtures=$(cd "$(dirname "$0")/../fixtures" && pwd)
umask 077
trap 'echo "demo.sh: the demonstration is not complete; $data/demo.log may say why. Run it again to go on." >&2' ERR

key_of() { sed -n 's/.*"api_key":"\([^"]*\)".*/\1/p'; }

key=$("$shopmeter" shops create --shop demo --name "Demonstration" --currency USD | key_of)
if [ -z "$key" ] && [ -s "$data/demo-key" ]; then key=$(cat "$data/demo-key"); fi
if [ -z "$key" ]; then key=$("$shopmeter" keys create --shop demo --name demo | key_of); fi
echo "$key" > "$data/demo-key"

put_plan() { # put_plan NAME DISPLAY_NAME TOKENS MONTHLY_FEE
    curl --silent --show-error --fail --output /dev/null --request PUT "$address/v1/plans/$1" \
        --header "Authorization: Bearer $key" --header "Content-Type: application/json" \
        --data "{\"display_name\":\"$2\",\"monthly_fee\":\"$4\",\"allowances\":{\"tokens\":$3}}"
}
put_plan free Free 20000 0
put_plan basic Basic 100000 9.00
put_plan pro Pro 400000 29.00
put_plan enterprise Enterprise 2000000 99.00

"$shopmeter" import subscriptions --shop demo --csv "$fixtures/demo_users.csv" --user-column user_id --plan-column plan \
    --start "$(date --utc --date '20 days ago' +%Y-%m-%dT00:00:00Z)" > "$data/demo.log"
"$shopmeter" import usage --shop demo --csv "$fixtures/demo_usage.csv" --time-column time --user-column user_id \
    --amount-columns input_tokens,output_tokens --shift-to now >> "$data/demo.log"

cat <<TEXT

The shop "demo" has the plans free, basic, pro and enterprise, and 60 users with 20 days of usage. Its API key: $key

The status of a user who is near the limit:
  curl -s -H 'Authorization: Bearer $key' $address/v1/subscriptions/demo-user-32
Record usage:
  curl -s -H 'Authorization: Bearer $key' -H 'Content-Type: application/json' -d '{"user_id":"demo-user-49","amount":1200}' $address/v1/usage
The subscriptions on a plan:
  curl -s -H 'Authorization: Bearer $key' '$address/v1/subscriptions?plan_name=enterprise'
TEXT
