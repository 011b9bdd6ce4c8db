import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateHostKey } from '../../../src/auth/host-key.ts';
import { fromKeyObject } from '../../../src/auth/key-object.ts';
import { answerProbe, makeProbe, readProbe, readProbeAnswer } from '../../../src/auth/probe.ts';
import { codeOf, codeOfAsync, fixtureSecret, fixtureText, PLAIN_KEYS } from '../../fixtures/auth/fixtures.ts';

const NONCE = randomBytes(32);

/** Each way to be another datagram that differs from this one in little. */
function* damage(datagram: Buffer): Generator<Buffer> {
  for (let at = 0; at < datagram.length; at++) {
    const damaged = Buffer.from(datagram);
    damaged.writeUInt8((damaged.readUInt8(at) ^ 0x01) & 0xff, at);
    yield damaged;
  }
  yield datagram.subarray(0, -1);
  yield Buffer.concat([datagram, Buffer.of(0)]);
  yield Buffer.alloc(0);
}

describe('a probe', () => {
  it('is read back, and nothing else is one', () => {
    const probe = makeProbe(NONCE);
    expect(readProbe(probe)?.equals(NONCE)).toBe(true);
    const others = [...damage(probe)].filter((datagram) => !readProbe(datagram)?.equals(NONCE));
    expect(others).toHaveLength(probe.length + 3);
    const foreign = others.filter((datagram) => readProbe(datagram) !== null);
    // The nonce may be any
    expect(foreign).toHaveLength(32);
  });
});

describe('the answer to a probe', () => {
  it.each(PLAIN_KEYS)(
    'by a key %s is no longer than the probe, and names the key that has signed it',
    async (name) => {
      const key = await fixtureSecret(name);
      const answer = await answerProbe(NONCE, key);
      expect(answer.length).toBeLessThanOrEqual(makeProbe(NONCE).length);
      const read = readProbeAnswer(answer);
      expect([read.nonce.equals(NONCE), read.key.blob.equals(key.publicKey.blob)]).toEqual([true, true]);
    },
  );

  it('is refused wherever a bit of it is another one', async () => {
    const key = generateHostKey();
    const answer = await answerProbe(NONCE, key);
    for (const damaged of damage(answer)) expect(codeOf(() => readProbeAnswer(damaged))).not.toBeNull();
  });

  it('is not given by a key for which it would be longer than the probe', async () => {
    const keyObject = createPrivateKey(fixtureText('keys/rsa5000.pkcs8'));
    const key = { publicKey: fromKeyObject(createPublicKey(keyObject), 'large'), keyObject, comment: '' };
    expect(await codeOfAsync(() => answerProbe(NONCE, key))).toBe('KEY_UNSUPPORTED');
  });
});
