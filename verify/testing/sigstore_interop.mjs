// Whether @sigstore/verify accepts a bundle under one public key, offline: no certificate, no log, no timestamp.
//
//   node sigstore_interop.mjs NODE_MODULES PUBLIC_KEY_PEM BUNDLE...
//
// Prints "accepted NAME" or "rejected NAME: why" for each bundle.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';

const [modules, keyFile, ...bundles] = process.argv.slice(2);
const require = createRequire(resolve(modules, 'here.js'));
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');
const { bundleFromJSON } = require('@sigstore/bundle');

const publicKey = createPublicKey(readFileSync(keyFile));
const nothing = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
// The hint in the bundle does not choose the key: there is one.
const trust = toTrustMaterial(nothing, () => ({ publicKey, validFor: () => true }));
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });

for (const file of bundles) {
  try {
    const bundle = bundleFromJSON(JSON.parse(readFileSync(file, 'utf8')));
    verifier.verify(toSignedEntity(bundle));
    console.log(`accepted ${basename(file)}`);
  } catch (error) {
    console.log(`rejected ${basename(file)}: ${error.message}`);
  }
}
