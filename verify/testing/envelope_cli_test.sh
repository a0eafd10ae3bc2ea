#!/bin/bash
# A receipt from its challenge to the verdict on its envelope, by the two programs: signed, checked, taken once.
set -u
xtask=xtask/xtask
verify=verify/verify
dir=$TEST_TMPDIR
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

# answer CHALLENGE RECEIPT: a run that answers it. What is tested is built outside a commit, so one is put in.
answer() {
  expect "answer ${1##*/}" 0 ACCEPT "$xtask" infer -m "$dir/m.gguf" -p hello --greedy -n 4 --challenge "$1" --receipt "$2.raw"
  sed -e 's/"git_commit": "[^"]*"/"git_commit": "89abcdef0123456789abcdef0123456789abcdef"/' "$2.raw" > "$2"
}

expect model 0 "" "$xtask" gen-model --preset nano --out "$dir/m.gguf"

expect keygen 0 "key id" "$xtask" keygen --out "$dir/a"
expect keygen_b 0 "key id" "$xtask" keygen --out "$dir/b"
expect challenge 0 "" "$verify" challenge new --issued-by ci --ttl 1h --out "$dir/c1.json"
expect challenge_2 0 "" "$verify" challenge new --issued-by ci --ttl 1h --out "$dir/c2.json"
expect challenge_3 0 "" "$verify" challenge new --issued-by ci --out "$dir/c3.json"
answer "$dir/c1.json" "$dir/run.json"
expect sign 0 "signed" "$xtask" sign "$dir/run.json" --key "$dir/a.key" --out "$dir/run.bundle.json"
touch "$dir/ledger"
full=("$verify" "$dir/run.bundle.json" --model "$dir/m.gguf" --key "$dir/a.pub" --challenge "$dir/c1.json" --ledger "$dir/ledger")

expect no_ledger 2 "touch" "$verify" "$dir/run.bundle.json" --key "$dir/a.pub" --ledger "$dir/none"
expect other_challenge 1 L3-FRESH "$verify" "$dir/run.bundle.json" --key "$dir/a.pub" --challenge "$dir/c2.json" --ledger "$dir/ledger"
expect other_key 1 L3-SIG "$verify" "$dir/run.bundle.json" --key "$dir/b.pub" --challenge "$dir/c1.json" --ledger "$dir/ledger"
expect no_key 3 "UNVERIFIABLE at level L3" "$verify" "$dir/run.bundle.json" --challenge "$dir/c1.json" --ledger "$dir/ledger"
expect no_model 3 L2-MODEL "$verify" "$dir/run.bundle.json" --key "$dir/a.pub" --challenge "$dir/c1.json" --ledger "$dir/ledger"
expect bundle_alone 3 "UNVERIFIABLE at level L3" "$verify" "$dir/run.bundle.json"
expect receipt_for_l3 3 L3-DSSE "$verify" "$dir/run.json" --key "$dir/a.pub" --challenge "$dir/c1.json" --ledger "$dir/ledger"
expect receipt_inside 0 "ACCEPT at level L1" "$verify" --level L1 "$dir/run.bundle.json"
expect low_level 2 "or ask for L3" "$verify" --level L1 --key "$dir/a.pub" "$dir/run.bundle.json"
expect ledger_untouched 0 "" test ! -s "$dir/ledger"

expect accept 0 "ACCEPT at level L3" "${full[@]}"
expect ledger_line 0 "1 " wc -l "$dir/ledger"
expect replay 1 "was taken at" "${full[@]}"
expect replay_json 1 '"verdict":"REJECT"' "${full[@]}" --json
expect replay_by_xtask 1 "was taken at" "$xtask" verify-receipt "${full[@]:1}"

# The same in a policy file, by another receipt; a model that the policy knows by its digest need not be given.
answer "$dir/c2.json" "$dir/run2.json"
expect sign_2 0 "signed" "$xtask" sign "$dir/run2.json" --key "$dir/b.key" --out "$dir/run2.bundle.json"
hex=$(openssl pkey -pubin -in "$dir/b.pub" -outform DER 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
[[ -n $hex ]] || hex=$(sed '/-----/d' "$dir/b.pub" | base64 -d | od -An -v -tx1 | tr -d ' \n')
commit=$(sed -n 's/.*"git_commit": "\([0-9a-f]*\)".*/\1/p' "$dir/run2.json")
model=$(sed -n 's/.*"file_sha256": "\([0-9a-f]*\)".*/\1/p' "$dir/run2.json")
echo "{\"min_level\": \"L3\", \"keys\": [\"$hex\"], \"allowed_commits\": [\"$commit\"], \"allowed_models\": [\"$model\"]}" > "$dir/policy.json"
echo "{\"min_level\": \"L3\", \"keys\": [\"$hex\"], \"allowed_commits\": [\"${commit//[0-9a-f]/0}\"]}" > "$dir/other_commit.json"
two=("$dir/run2.bundle.json" --challenge "$dir/c2.json" --ledger "$dir/ledger")
expect key_not_in_policy 2 "does not trust this key" "$verify" --policy "$dir/policy.json" "${two[@]}" --key "$dir/a.pub"
expect other_commit 1 L3-TARGET "$verify" --policy "$dir/other_commit.json" "${two[@]}"
expect by_policy 0 "ACCEPT at level L3" "$verify" --policy "$dir/policy.json" "${two[@]}"
expect two_lines 0 "2 " wc -l "$dir/ledger"

# A ledger that was cut off in a line, and one that was changed.
head -c 300 "$dir/ledger" > "$dir/torn"
expect torn 2 "truncate -s 216" "$verify" "$dir/run.bundle.json" --key "$dir/a.pub" --ledger "$dir/torn"
sed '1s/^./x/' "$dir/ledger" > "$dir/changed"
expect changed 2 "line 1" "$verify" "$dir/run.bundle.json" --key "$dir/a.pub" --ledger "$dir/changed"

# A challenge of long ago.
sed -e 's/"issued_at": "[^"]*"/"issued_at": "2020-01-01T00:00:00Z"/' \
  -e 's/"expires_at": "[^"]*"/"expires_at": "2020-01-01T01:00:00Z"/' "$dir/c3.json" > "$dir/old.json"
answer "$dir/c3.json" "$dir/late.json"
expect sign_late 0 "" "$xtask" sign "$dir/late.json" --key "$dir/a.key" --out "$dir/late.bundle.json"
expect expired 1 "the challenge expired" "$verify" "$dir/late.bundle.json" --model "$dir/m.gguf" --key "$dir/a.pub" --challenge "$dir/old.json" --ledger "$dir/ledger"

[[ $failures == 0 ]] && echo "all as expected"
exit $failures
