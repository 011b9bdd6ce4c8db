import { describe, expect, it } from 'vitest';
import { decodeArmored, encodeArmored } from '../../src/auth/base64.ts';
import { OPENSSH_LABEL } from '../../src/auth/openssh-key.ts';
import { isSameKey } from '../../src/auth/public-key.ts';
import { readPrivateKey } from '../../src/auth/read-private-key.ts';
import { checkSignature, signMessage } from '../../src/auth/signature.ts';
import { attemptAsync, damages } from '../fixtures/auth/damage.ts';
import { codeOf, fixtureBytes, fixtureSecret, fixtureText, PASSPHRASE } from '../fixtures/auth/fixtures.ts';
import { SHARE } from './share.ts';

/** Each costs a passphrase, or an RSA key: with a share of the soak, only each so manieth is tried. */
const STRIDE = Math.max(1, Math.round(1 / SHARE));
const SEED = Number(process.env['REXA_SEED'] ?? 0);

function* share(all: Iterable<Buffer>): Generator<Buffer> {
  let index = SEED % STRIDE;
  for (const one of all) if (index++ % STRIDE === 0) yield one;
}

describe('a damaged private key that is dear to open', () => {
  // The sixth bit of a count of rounds makes 65 of one; a higher one would make minutes.
  it.each(['ed25519.locked', 'ed25519.locked.aes256-cbc', 'ed25519.locked.aes256-gcm'])(
    'is refused, or whole but for its comment: %s',
    async (name) => {
      const whole = await fixtureSecret(name);
      const bytes = decodeArmored(fixtureText(`keys/${name}`), OPENSSH_LABEL) ?? Buffer.alloc(0);
      for (const damaged of share(damages(bytes, [6]))) {
        const text = encodeArmored(damaged, OPENSSH_LABEL);
        const key = await attemptAsync(() => readPrivateKey(text, 'it', PASSPHRASE));
        if (key === null) continue;
        expect(name).not.toContain('gcm');
        expect(isSameKey(key.publicKey, whole.publicKey)).toBe(true);
        expect(key.comment).not.toBe(whole.comment);
      }
    },
  );

  it.each(['rsa.pem', 'rsa.locked.pem', 'rsa.locked.pkcs8'])('is refused, or works: %s', async (name) => {
    const message = Buffer.from('message');
    for (const damaged of share(damages(fixtureBytes(`keys/${name}`), [1]))) {
      const key = await attemptAsync(() => readPrivateKey(damaged.toString('latin1'), 'it', PASSPHRASE));
      if (key === null) continue;
      expect(codeOf(() => checkSignature(key.publicKey, message, signMessage(key, message)))).toBeNull();
    }
  });
});
