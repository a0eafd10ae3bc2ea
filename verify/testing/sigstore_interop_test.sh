#!/bin/bash
# @sigstore/verify 3.1.1 of npm accepts the bundles that xtask sign writes, and rejects corruptions of them. (It takes
# media types that do not exist; fail_L3-DSSE_older_bundle.json is for ours alone.) It skips where node or the package is
# absent. With both:
#
#   npm install --prefix /tmp/sigstore @sigstore/verify@3.1.1
#   ./bazelw test --test_env=BITNET_SIGSTORE=/tmp/sigstore --test_output=all //verify/testing:sigstore_interop_test
set -u
modules=${BITNET_SIGSTORE:-}/node_modules
if [[ -z ${BITNET_SIGSTORE:-} || ! -d $modules/@sigstore/verify ]]; then
  echo "SKIPPED sigstore_interop_test: \$BITNET_SIGSTORE names no folder with @sigstore/verify; the head of this test says how"
  exit 0
fi
if ! command -v node > /dev/null; then
  echo "SKIPPED sigstore_interop_test: there is no node on this machine"
  exit 0
fi
dir=$TEST_TMPDIR
xtask=$PWD/xtask/xtask
"$xtask" keygen --out "$dir/a" > /dev/null && "$xtask" keygen --out "$dir/b" > /dev/null || exit 1
count=0
for receipt in testdata/receipts/pass_*.json; do
  name=$(basename "$receipt" .json)
  [[ $name == pass_signed* ]] && continue
  "$xtask" sign "$receipt" --key "$dir/a.key" --out "$dir/honest_$name.json" > /dev/null || exit 1
  count=$((count + 1))
done
honest=$dir/honest_pass_honest.json
"$xtask" sign testdata/receipts/pass_honest.json --key "$dir/b.key" --out "$dir/bad_other_key.json" > /dev/null || exit 1

member() { sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" "$honest"; }
# replace NAME OLD NEW: the honest bundle with one text exchanged.
replace() {
  local text
  text=$(< "$honest")
  if [[ $text != *"$2"* ]]; then
    echo "FAILED $1: there is no $2 in the bundle"
    exit 1
  fi
  printf '%s\n' "${text/"$2"/"$3"}" > "$dir/bad_$1.json"
}
payload=$(member payload)
sig=$(member sig)
other_payload=$(base64 -d <<< "$payload" | sed 's/real/Real/' | base64 -w 0)
raw_sig=$(base64 -d <<< "$payload" > "$dir/payload"; openssl pkeyutl -sign -inkey "$dir/a.key" -rawin -in "$dir/payload" | base64 -w 0)
replace edited_payload "$payload" "$other_payload"
replace payload_cut "$payload" "${payload:0:400}"
replace payload_type application/vnd.in-toto+json application/vnd.in-toto+xml
replace signature_bit "$sig" "$( [[ ${sig:0:1} == A ]] && echo B || echo A )${sig:1}"
replace signature_cut "$sig" "${sig:0:40}"
replace signature_of_another "$sig" "$(sed -n 's/.*"sig": "\([^"]*\)".*/\1/p' "$dir/honest_pass_eos.json")"
replace signature_of_raw_payload "$sig" "$raw_sig"
replace no_signature "\"sig\": \"$sig\"" '"sig": ""'
replace two_signatures '"signatures": [' "\"signatures\": [{\"sig\": \"$sig\", \"keyid\": \"\"},"
replace no_envelope dsseEnvelope dsse_envelope

bad=("$dir"/bad_*.json)
node verify/testing/sigstore_interop.mjs "$modules" "$dir/a.pub" "$dir"/honest_*.json "${bad[@]}" | tee "$dir/out"
accepted=$(grep -c '^accepted honest_' "$dir/out")
rejected=$(grep -c '^rejected bad_' "$dir/out")
echo "$(node -p "'@sigstore/verify ' + require('$modules/@sigstore/verify/package.json').version + ' on node ' + process.version"): accepted $accepted of $count honest bundles, rejected $rejected of ${#bad[@]} corruptions"
[[ $accepted == "$count" && $rejected == "${#bad[@]}" && $count -gt 0 && ${#bad[@]} -ge 6 ]]
