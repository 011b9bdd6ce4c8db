import { makeHostKeyProof } from '../../auth/host-key-proof.ts';
import { fingerprint } from '../../auth/public-key.ts';
import type { ShownHostKeys } from '../../services/call.ts';
import type { HostIdentity } from './host-identity.ts';

/** Returns the keys of this host for the client of one connection. @param exporter of that, as of the proof of a login */
export function showHostKeys({ key, others }: HostIdentity, exporter: Uint8Array): ShownHostKeys {
  const all = [key, ...others].map((each) => ({ each, name: fingerprint(each.publicKey) }));
  const connection = { exporter, servedKey: key.publicKey.blob };
  return {
    fingerprints: all.map(({ name }) => name),
    show: (known) =>
      Promise.all(
        all.map(async ({ each, name }) => {
          const shown = { key: each.publicKey.blob.toString('base64') };
          if (each === key || known.includes(name)) return shown;
          return { ...shown, proof: (await makeHostKeyProof(connection, each)).toString('base64') };
        }),
      ),
  };
}
