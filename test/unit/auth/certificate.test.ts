import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../../src/auth/certificate.ts';
import { type CertificateDemands, checkCertificate } from '../../../src/auth/check-certificate.ts';
import { fromKeyObject } from '../../../src/auth/key-object.ts';
import { isSameKey } from '../../../src/auth/public-key.ts';
import {
  codeOf,
  fixtureCertificate,
  fixtureKey,
  fixtureSecret,
  PLAIN_KEYS,
  VALID_DAY,
} from '../../fixtures/auth/fixtures.ts';
import { makeCertificate } from '../../fixtures/auth/make-certificate.ts';
import { makeToken } from '../../fixtures/auth/security-key.ts';

const ALICE: CertificateDemands = { nowSeconds: VALID_DAY, principals: ['alice'] };
const AUTHORITY = await fixtureSecret('authority');
const START = Date.UTC(2024, 0, 1) / 1000;
const END = Date.UTC(2034, 0, 1) / 1000;

function certificate(name: string) {
  const { certificate: found } = fixtureCertificate(name);
  return found;
}

function refusal(name: string, demands: CertificateDemands = ALICE): string {
  const { certificate: read } = fixtureCertificate(name);
  try {
    checkCertificate(read, demands);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return 'not refused';
}

describe('certificates of ssh-keygen', () => {
  it.each(PLAIN_KEYS)('are read and good: %s', (name) => {
    const read = certificate(name);
    expect(isSameKey(read.key, fixtureKey(name))).toBe(true);
    expect(isSameKey(read.authority, fixtureKey('authority'))).toBe(true);
    expect(read).toMatchObject({
      serial: 7n,
      kind: 'user',
      keyId: name,
      principals: ['alice', 'bob'],
      validAfter: BigInt(START),
      validBefore: BigInt(END),
    });
    expect(checkCertificate(read, ALICE)).toEqual({
      command: null,
      sources: null,
      needsTouch: true,
      needsVerification: false,
      permitPty: true,
      permitAgentForwarding: true,
      permitPortForwarding: true,
      restricted: false,
      expiresAtSeconds: END,
    });
  });

  it.each(['by-ecdsa', 'by-rsa', 'by-rsa-sha256'])(
    'are good whatever their authority signs with: %s',
    (name) => {
      expect(codeOf(() => checkCertificate(certificate(name), ALICE))).toBeNull();
    },
  );

  it('are refused when they were signed with SHA-1', () => {
    expect(refusal('by-rsa-sha1')).toMatch(/did not sign it: .* ssh-rsa/);
  });

  it.each([
    ['host', ALICE, /for a host/],
    ['nobody', ALICE, /names no principal/],
    ['verified', ALICE, /token verified its user/],
    ['unknown-critical', ALICE, /demands paint-it@example.com/],
    ['ed25519', { ...ALICE, principals: ['carol'] }, /principals \(alice, bob\)/],
    ['ed25519', { ...ALICE, principals: ['Alice'] }, /principals/],
    ['ed25519', { ...ALICE, principals: ['alic'] }, /principals/],
    ['ed25519', { ...ALICE, principals: [''] }, /principals/],
    ['ed25519', { ...ALICE, principals: [] }, /principals/],
    ['ed25519', { ...ALICE, nowSeconds: START - 1 }, /not valid yet/],
    ['ed25519', { ...ALICE, nowSeconds: END }, /expired/],
    ['ed25519', { ...ALICE, nowSeconds: END + 1e9 }, /expired/],
  ])('are refused: %s, %j', (name, demands, reason) => {
    expect(refusal(name, demands)).toMatch(reason);
    expect(codeOf(() => checkCertificate(certificate(name), demands))).toBe('AUTH_CERTIFICATE_REFUSED');
  });

  it.each([START, START + 0.5, END - 1, END - 0.5])(
    'are good from their first second to their last (%d)',
    (nowSeconds) => {
      expect(codeOf(() => checkCertificate(certificate('ed25519'), { ...ALICE, nowSeconds }))).toBeNull();
    },
  );

  it.each([
    ['forever', { expiresAtSeconds: null }],
    ['forced', { command: 'echo "certified"' }],
    [
      'clear',
      { permitPty: false, permitAgentForwarding: false, permitPortForwarding: false, restricted: true },
    ],
    ['no-pty', { permitPty: false, permitPortForwarding: true, restricted: false }],
    ['no-forwarding', { permitPty: true, permitPortForwarding: false, restricted: false }],
    ['unknown-extension', { permitPty: true }],
  ])('permit what they say: %s', (name, rules) => {
    expect(checkCertificate(certificate(name), ALICE)).toMatchObject(rules);
  });

  it('name the networks that they may come from', () => {
    expect(checkCertificate(certificate('sourced'), ALICE).sources).toMatchObject([
      { family: 4, prefixBits: 24 },
      { family: 6, prefixBits: 32 },
    ]);
  });
});

describe('certificates of anybody', () => {
  it('are good when they are made well', () => {
    const blob = makeCertificate(fixtureKey('ed25519'), AUTHORITY, {});
    expect(codeOf(() => checkCertificate(readCertificate(blob, 'it'), ALICE))).toBeNull();
  });

  it.each(['ed25519', 'ecdsa'] as const)('are good for keys in tokens: %s', (kind) => {
    const { key } = makeToken(kind);
    const read = readCertificate(makeCertificate(key, AUTHORITY, {}), 'it');
    expect(isSameKey(read.key, key)).toBe(true);
    expect(codeOf(() => checkCertificate(read, ALICE))).toBeNull();
  });

  it('are refused when another key signed them', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const stranger = { keyObject: privateKey, publicKey: fromKeyObject(privateKey, 'stranger'), comment: '' };
    const blob = makeCertificate(fixtureKey('ed25519'), AUTHORITY, { signer: stranger });
    expect(codeOf(() => checkCertificate(readCertificate(blob, 'it'), ALICE))).toBe(
      'AUTH_CERTIFICATE_REFUSED',
    );
  });

  it('are not taken from an authority that is itself a certificate', () => {
    const blob = makeCertificate(fixtureKey('ed25519'), AUTHORITY, {
      authorityBlob: fixtureCertificate('forever').blob,
    });
    expect(codeOf(() => readCertificate(blob, 'it'))).toBe('KEY_UNSUPPORTED');
  });

  it.each([
    ['of a third kind', { kind: 3 }],
    [
      'with more principals than anybody has',
      { principals: Array.from({ length: 257 }, (_, index) => `p${index}`) },
    ],
    [
      'with an option twice',
      {
        critical: [
          ['force-command', 'a'],
          ['force-command', 'b'],
        ],
      },
    ],
    [
      'with an extension twice',
      {
        extensions: [
          ['permit-pty', null],
          ['permit-pty', null],
        ],
      },
    ],
    ['with something behind its end', { after: Buffer.of(0) }],
    ['with a principal that holds a NUL', { principals: ['alice\0x'] }],
    ['of more bytes than are taken', { keyId: 'x'.repeat(40_000) }],
  ] as const)('are malformed %s', (_, changes) => {
    const blob = makeCertificate(fixtureKey('ed25519'), AUTHORITY, changes);
    expect(codeOf(() => readCertificate(blob, 'it'))).toBe('KEY_MALFORMED');
  });

  it.each([
    ['an extension that has a value', { extensions: [['permit-pty', 'yes']] }, /has a value/],
    [
      'a source-address that is no network',
      { critical: [['source-address', 'everywhere']] },
      /source-address is not valid/,
    ],
    ['an empty source-address', { critical: [['source-address', '']] }, /source-address is not valid/],
    ['an empty principal', { principals: [''] }, /principals/],
    ['an option whose value is not one', { critical: [['force-command', null]] }, /too early/],
    [
      'a value with something behind it',
      { critical: [['force-command', 'x']], afterValues: Buffer.of(0) },
      /follow its end/,
    ],
    ['an option that is new', { critical: [['touch-me', 'x']] }, /touch-me/],
  ] as const)('are refused with %s', (_, changes, reason) => {
    const read = readCertificate(makeCertificate(fixtureKey('ed25519'), AUTHORITY, changes), 'it');
    expect(() => checkCertificate(read, { ...ALICE, principals: ['alice', ''] })).toThrow(reason);
    expect(codeOf(() => checkCertificate(read, { ...ALICE, principals: ['alice', ''] }))).toBe(
      'AUTH_CERTIFICATE_REFUSED',
    );
  });

  it('force a command even if it is an empty one', () => {
    const read = readCertificate(
      makeCertificate(fixtureKey('ed25519'), AUTHORITY, { critical: [['force-command', '']] }),
      'it',
    );
    expect(checkCertificate(read, ALICE).command).toBe('');
  });

  it('say nothing by what is reserved', () => {
    const read = readCertificate(
      makeCertificate(fixtureKey('ed25519'), AUTHORITY, { reserved: 'future' }),
      'it',
    );
    expect(codeOf(() => checkCertificate(read, ALICE))).toBeNull();
  });
});
