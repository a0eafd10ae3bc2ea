#!/bin/bash
# The system's openssl, which shares no code with our reading of envelopes, accepts our keys and our signature over the
# pre-authentication encoding that is put together here, and refuses it over anything else.
set -u
if ! command -v openssl > /dev/null; then
  echo "SKIPPED openssl_interop_test: there is no openssl program on this machine (apt-get install openssl)"
  exit 0
fi
dir=$TEST_TMPDIR
xtask=xtask/xtask
failures=0
check() {
  local name=$1 expected=$2
  shift 2
  "$@" > "$dir/out" 2>&1
  local got=$?
  [[ $got != 0 ]] && got=1
  if [[ $got != "$expected" ]]; then
    echo "FAILED $name: exit $got, expected $expected:"
    cat "$dir/out"
    failures=$((failures + 1))
  fi
}
pae() { # FILE TYPE: the pre-authentication encoding of a payload
  printf 'DSSEv1 %d %s %d ' "${#2}" "$2" "$(wc -c < "$1")"
  cat "$1"
}

check keygen 0 "$xtask" keygen --out "$dir/a"
check private_key 0 openssl pkey -in "$dir/a.key" -noout
openssl pkey -in "$dir/a.key" -pubout > "$dir/derived.pub"
check public_key 0 cmp "$dir/derived.pub" "$dir/a.pub"
key_id=$(openssl pkey -pubin -in "$dir/a.pub" -outform DER | openssl dgst -sha256 -r | cut -c 1-64)

check sign 0 "$xtask" sign testdata/receipts/pass_honest.json --key "$dir/a.key" --out "$dir/bundle.json"
sed -n 's/.*"payload": "\(.*\)",.*/\1/p' "$dir/bundle.json" | base64 -d > "$dir/payload"
sed -n 's/.*"sig": "\(.*\)",.*/\1/p' "$dir/bundle.json" | base64 -d > "$dir/sig"
type=$(sed -n 's/.*"payloadType": "\(.*\)",.*/\1/p' "$dir/bundle.json")
check key_id 0 grep -q "\"hint\": \"$key_id\"" "$dir/bundle.json"
pae "$dir/payload" "$type" > "$dir/pae"
verify() { openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$3"; }
check honest 0 verify "$dir/a.pub" "$dir/pae" "$dir/sig"
check raw_payload 1 verify "$dir/a.pub" "$dir/payload" "$dir/sig"
pae "$dir/payload" application/json > "$dir/other"
check other_type 1 verify "$dir/a.pub" "$dir/other" "$dir/sig"
sed 's/nightly/Nightly/; s/real/Real/' "$dir/payload" > "$dir/edited"
pae "$dir/edited" "$type" > "$dir/other"
check edited 1 verify "$dir/a.pub" "$dir/other" "$dir/sig"

# A key and a signature of openssl's making are ours too: signed there, the same bytes come out.
openssl genpkey -algorithm ed25519 -out "$dir/o.key" 2> /dev/null
openssl pkey -in "$dir/o.key" -pubout > "$dir/o.pub"
check sign_with_theirs 0 "$xtask" sign testdata/receipts/pass_honest.json --key "$dir/o.key" --out "$dir/theirs.json"
openssl pkeyutl -sign -inkey "$dir/o.key" -rawin -in "$dir/pae" -out "$dir/o.sig"
sed -n 's/.*"sig": "\(.*\)",.*/\1/p' "$dir/theirs.json" | base64 -d > "$dir/our.sig"
check same_signature 0 cmp "$dir/o.sig" "$dir/our.sig"
check other_key 1 verify "$dir/o.pub" "$dir/pae" "$dir/sig"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$dir/rsa.key" 2> /dev/null
check rsa 1 "$xtask" sign testdata/receipts/pass_honest.json --key "$dir/rsa.key" --out "$dir/rsa.json"

[[ $failures == 0 ]] && echo "all as expected, $(openssl version)"
exit $failures
