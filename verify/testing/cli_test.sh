#!/bin/bash
# The command line of verify: exit codes, standard input, policy, environment.
set -u
verify=verify/verify
receipts=testdata/receipts
failures=0

# expect NAME EXIT_CODE TEXT_IN_OUTPUT COMMAND...
expect() {
  local name=$1 code=$2 text=$3
  shift 3
  local output
  output=$("$@" 2>&1)
  local got=$?
  if [[ $got != "$code" || $output != *"$text"* ]]; then
    echo "FAILED $name: exit $got, expected $code with \"$text\" in:"
    echo "$output"
    failures=$((failures + 1))
  fi
}

# Dated long ago, so that the test does not depend on this machine's date.
sed 's/"timestamp": "[^"]*"/"timestamp": "2020-01-01T00:00:00Z"/' $receipts/pass_honest.json > "$TEST_TMPDIR/old.json"
echo '{"not_before": "2019-01-01T00:00:00Z", "min_level": "L0"}' > "$TEST_TMPDIR/policy.json"
echo '{"not_before": "2019-01-01T00:00:00Z", "min_levels": "L0"}' > "$TEST_TMPDIR/misspelt.json"
sed 's/"backend": "cpu"/"notes": 1, "backend": "cpu"/' "$TEST_TMPDIR/old.json" > "$TEST_TMPDIR/notes.json"
with_policy=("$verify" --policy "$TEST_TMPDIR/policy.json")

expect accept 0 "ACCEPT at level L0" "${with_policy[@]}" "$TEST_TMPDIR/old.json"
expect meaning 0 "Not established" "${with_policy[@]}" "$TEST_TMPDIR/old.json"
expect stdin 0 ACCEPT "${with_policy[@]}" - < "$TEST_TMPDIR/old.json"
expect json 0 '"verdict":"ACCEPT"' "${with_policy[@]}" --json "$TEST_TMPDIR/old.json"
expect unknown 1 L0-UNKNOWN "${with_policy[@]}" "$TEST_TMPDIR/notes.json"
expect not_strict 0 '"strict":false' "${with_policy[@]}" --json "$TEST_TMPDIR/old.json"
expect strict 0 '"strict":true' "${with_policy[@]}" --strict --json "$TEST_TMPDIR/old.json"
expect strict_environment 0 '"strict":true' env BITNET_STRICT_MODE=1 "${with_policy[@]}" --json "$TEST_TMPDIR/old.json"
expect strict_environment_off 0 '"strict":false' env BITNET_STRICT_MODE=0 "${with_policy[@]}" --json "$TEST_TMPDIR/old.json"
expect strict_environment_bad 2 "expected 0 or 1" env BITNET_STRICT_MODE=yes "${with_policy[@]}" "$TEST_TMPDIR/old.json"
echo '{"not_before": "2019-01-01T00:00:00Z"}' > "$TEST_TMPDIR/policy_l1.json"
expect level_raised 0 "ACCEPT at level L1" "${with_policy[@]}" --level L1 "$TEST_TMPDIR/old.json"
expect level_lowered 2 "below L1" "$verify" --policy "$TEST_TMPDIR/policy_l1.json" --level L0 "$TEST_TMPDIR/old.json"
expect level_chosen 1 "at level L0" "$verify" --level L0 "$TEST_TMPDIR/old.json"
expect too_old 1 L0-TIME "$verify" "$TEST_TMPDIR/old.json"
expect reject 1 "REJECT at level L1" "$verify" $receipts/fail_L0-STATUS_failed.json
expect malformed 2 MALFORMED "$verify" $receipts/fail_L0-JSON_trailing_text.json
sed '/"wall_ns"/d' "$TEST_TMPDIR/old.json" > "$TEST_TMPDIR/no_wall.json"
expect unverifiable 3 UNVERIFIABLE "${with_policy[@]}" "$TEST_TMPDIR/no_wall.json"
expect no_file 2 "cannot open" "$verify" nothing.json
expect folder 2 "cannot read" "$verify" $receipts
expect no_argument 2 "receipt is required" "$verify"
expect bad_option 2 "" "$verify" --believe $receipts/pass_honest.json
expect bad_level 2 "known: L0, L1, L2, L3, L4" "$verify" --level L7 $receipts/pass_honest.json
expect bad_policy 2 min_levels "$verify" --policy "$TEST_TMPDIR/misspelt.json" "$TEST_TMPDIR/old.json"
expect endless 2 L0-LIMIT "$verify" /dev/zero
expect help 0 "Exit codes" "$verify" --help
expect strict_environment_empty 0 '"strict":false' env BITNET_STRICT_MODE= "${with_policy[@]}" --json "$TEST_TMPDIR/old.json"
expect strict_environment_and_flag 0 '"strict":true' env BITNET_STRICT_MODE=0 "${with_policy[@]}" --strict --json "$TEST_TMPDIR/old.json"
expect replay_needs_files 2 "--replay requires --" "$verify" --replay "$TEST_TMPDIR/old.json"
expect independent_needs_files 2 "--independent requires --" "$verify" --independent "$TEST_TMPDIR/old.json"
expect sample_needs_independent 2 "requires --independent" "$verify" --sample 2 "$TEST_TMPDIR/old.json"
expect no_threads 2 "--threads" "${with_policy[@]}" --threads 0 "$TEST_TMPDIR/old.json"
expect one_thread 0 ACCEPT "${with_policy[@]}" --threads 1 "$TEST_TMPDIR/old.json"
expect most_threads 0 ACCEPT "${with_policy[@]}" --threads 1024 "$TEST_TMPDIR/old.json"
expect many_threads 2 "--threads" "${with_policy[@]}" --threads 1025 "$TEST_TMPDIR/old.json"

# A verdict that could not be written was not given.
expect accept_unwritten 2 "" bash -c "$verify --policy $TEST_TMPDIR/policy.json $TEST_TMPDIR/old.json > /dev/full"
expect challenge_unwritten 2 "cannot write" bash -c "$verify challenge new --issued-by ci > /dev/full"

# Colors are for terminals, and for who wants them. No output names an escape but the two that should.
colors() {
  local name=$1 expected=$2
  shift 2
  local got=no
  [[ $("$@" 2>&1) == *$'\x1b['* ]] && got=yes
  if [[ $got != "$expected" ]]; then
    echo "FAILED $name: colors $got, expected $expected"
    failures=$((failures + 1))
  fi
}
shown="$verify --policy $TEST_TMPDIR/policy.json $TEST_TMPDIR/old.json"
colors file no $shown
colors terminal yes env -u NO_COLOR script -qec "$shown" /dev/null
colors terminal_without_colors no env NO_COLOR=1 script -qec "$shown" /dev/null
colors terminal_empty_no_color yes env NO_COLOR= script -qec "$shown" /dev/null
colors file_empty_no_color no env NO_COLOR= $shown

# Challenges: a nonce of 32 bytes that nobody had before, and nothing that would lose one that is in use.
challenge=$TEST_TMPDIR/challenge.json
expect challenge 0 '"challenge_version": "1"' "$verify" challenge new --issued-by ci:nightly
expect challenge_out 0 "" "$verify" challenge new --issued-by ci:nightly --ttl 30m --out "$challenge"
expect challenge_plan 0 '"plan_digest": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"' \
  "$verify" challenge new --issued-by ci --plan-digest 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
expect challenge_not_replaced 2 "is not replaced" "$verify" challenge new --issued-by ci:nightly --out "$challenge"
expect challenge_no_issuer 2 "--issued-by is required" "$verify" challenge new
expect challenge_bad_issuer 2 "issued_by: expected" "$verify" challenge new --issued-by $'a\nb'
expect challenge_bad_ttl 2 "--ttl: expected a duration" "$verify" challenge new --issued-by ci --ttl soon
expect challenge_no_ttl 2 "expected a second to 366 days" "$verify" challenge new --issued-by ci --ttl 0s
expect challenge_bad_plan 2 "plan_digest: expected 64" "$verify" challenge new --issued-by ci --plan-digest abc
expect challenge_bad_folder 2 "cannot create" "$verify" challenge new --issued-by ci --out "$TEST_TMPDIR/no/c.json"
expect challenge_help 0 "Examples" "$verify" challenge new --help
expect challenge_alone 2 "subcommand" "$verify" challenge
nonces=$(for _ in 1 2 3 4 5; do "$verify" challenge new --issued-by ci; done | sed -n 's/.*"nonce": "\([0-9a-f]\{64\}\)".*/\1/p')
if [[ $(sort -u <<< "$nonces" | wc -l) != 5 ]]; then
  echo "FAILED nonces: expected five different ones of 64 digits, got"
  echo "$nonces"
  failures=$((failures + 1))
fi

[[ $failures == 0 ]] && echo "all as expected"
exit $failures
