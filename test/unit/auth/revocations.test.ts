import { describe, expect, it } from 'vitest';
import { readOfferedKey } from '../../../src/auth/offered-key.ts';
import { readRevocations } from '../../../src/auth/read-revocations.ts';
import { findRevocation } from '../../../src/auth/revocations.ts';
import { signMessage } from '../../../src/auth/signature.ts';
import { wireMpint, wireString, wireU32 } from '../../../src/auth/wire-writer.ts';
import {
  codeOf,
  fixtureBytes,
  fixtureCertificate,
  fixtureKey,
  fixtureOffer,
  fixtureSecret,
  fixtureText,
} from '../../fixtures/auth/fixtures.ts';
import { makeCertificate, wireU64 } from '../../fixtures/auth/make-certificate.ts';

const HEADER = Buffer.concat([
  Buffer.from('SSHKRL\n\0'),
  wireU32(1),
  Buffer.alloc(24),
  wireString(''),
  wireString(''),
]);

function section(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(type), wireString(content)]);
}

function certificates(authority: Uint8Array, ...parts: readonly Buffer[]): Buffer {
  return section(1, Buffer.concat([wireString(authority), wireString(''), ...parts]));
}

const CERTIFICATES = [
  'forced',
  'by-rsa',
  ...[0, 1, 8, 15, 20, 500, 900, 1000].map((serial) => `serial-${serial}`),
];
const ALL_CERTIFICATES = CERTIFICATES.map((name) => `certificate ${name}`);

/** Which of many offers a list revokes. */
function revokedBy(bytes: Buffer): string[] {
  const revocations = readRevocations(bytes, 'list');
  const keys = ['ed25519', 'ecdsa256', 'ecdsa384', 'ecdsa521', 'rsa', 'authority'];
  return [
    ...keys.filter((name) => findRevocation(revocations, fixtureOffer(name)) !== null),
    ...CERTIFICATES.filter((name) => findRevocation(revocations, fixtureCertificate(name)) !== null).map(
      (name) => `certificate ${name}`,
    ),
  ];
}

const BY_AUTHORITY = ALL_CERTIFICATES.filter((name) => name !== 'certificate by-rsa');

describe('a key revocation list of ssh-keygen', () => {
  it.each([
    ['empty', []],
    ['key', ['ecdsa256']],
    ['sha1', ['ecdsa384']],
    ['sha256', ['ecdsa521']],
    ['authority', ['authority', ...BY_AUTHORITY]],
    [
      'serials',
      ['certificate serial-1', 'certificate serial-500', 'certificate serial-900', 'certificate serial-1000'],
    ],
    ['bitmap', ['certificate serial-8', 'certificate serial-15', 'certificate serial-20']],
    // Only the given authority's, so that of another one stays good under the same name.
    ['ids', ['certificate forced']],
    ['any-authority', ['certificate forced']],
    [
      'everything',
      ['ecdsa384', 'ecdsa521', 'rsa', 'certificate forced', 'certificate serial-1', 'certificate serial-15'],
    ],
  ])('revokes what it holds: %s', (name, expected) => {
    expect(revokedBy(fixtureBytes(`krl/${name}`))).toEqual(expected);
  });
});

describe('a key revocation list of anybody', () => {
  const authority = fixtureKey('authority').blob;

  it.each([
    [
      'a list of serials',
      certificates(authority, section(0x20, Buffer.concat([500n, 1n, 8n].map(wireU64)))),
      [1, 8, 500],
    ],
    [
      'a range',
      certificates(authority, section(0x21, Buffer.concat([wireU64(2n), wireU64(500n)]))),
      [8, 15, 20, 500],
    ],
    [
      'a range of everything',
      certificates(Buffer.alloc(0), section(0x21, Buffer.concat([wireU64(0n), wireU64(2n ** 64n - 1n)]))),
      [1, 8, 15, 20, 500, 900, 1000],
    ],
    [
      'a bitmap',
      certificates(authority, section(0x22, Buffer.concat([wireU64(1n), wireMpint(Buffer.of(0x40, 0x81))]))),
      [1, 8, 15],
    ],
    [
      'an empty bitmap',
      certificates(authority, section(0x22, Buffer.concat([wireU64(1n), wireMpint(Buffer.alloc(0))]))),
      [],
    ],
    [
      'two of them',
      Buffer.concat([
        certificates(authority, section(0x20, wireU64(1n))),
        certificates(authority, section(0x20, wireU64(8n))),
      ]),
      [1, 8],
    ],
    [
      'extensions that need not be understood',
      Buffer.concat([
        section(255, Buffer.concat([wireString('x'), Buffer.of(0), wireString('y')])),
        certificates(
          authority,
          section(0x39, Buffer.concat([wireString('x'), Buffer.of(0), wireString('')])),
          section(0x20, wireU64(1n)),
        ),
      ]),
      [1],
    ],
    [
      'an authority of a type that nobody has',
      certificates(wireString('ssh-dss'), section(0x20, wireU64(1n))),
      [],
    ],
  ])('revokes by %s', (_, body, serials) => {
    expect(revokedBy(Buffer.concat([HEADER, body]))).toEqual(
      serials.map((serial) => `certificate serial-${serial}`),
    );
  });

  it.each([
    ['of another format', Buffer.concat([Buffer.from('SSHKRL\n\0'), wireU32(2), HEADER.subarray(12)])],
    ['with a section that nobody knows', Buffer.concat([HEADER, section(6, Buffer.alloc(0))])],
    [
      'with a section of certificates that nobody knows',
      Buffer.concat([HEADER, certificates(authority, section(0x24, Buffer.alloc(0)))]),
    ],
    [
      'with an extension that must be understood',
      Buffer.concat([HEADER, section(255, Buffer.concat([wireString('x'), Buffer.of(1), wireString('')]))]),
    ],
    [
      'with such an extension for certificates',
      Buffer.concat([
        HEADER,
        certificates(
          authority,
          section(0x39, Buffer.concat([wireString('x'), Buffer.of(1), wireString('')])),
        ),
      ]),
    ],
    ['with a hash that is too short', Buffer.concat([HEADER, section(5, wireString(Buffer.alloc(31)))])],
    ['with half a serial', Buffer.concat([HEADER, certificates(authority, section(0x20, Buffer.alloc(12)))])],
    [
      'with a range from behind',
      Buffer.concat([
        HEADER,
        certificates(authority, section(0x21, Buffer.concat([wireU64(2n), wireU64(1n)]))),
      ]),
    ],
    [
      'with a range and more',
      Buffer.concat([HEADER, certificates(authority, section(0x21, Buffer.alloc(24)))]),
    ],
    [
      'with an authority that is damaged',
      Buffer.concat([HEADER, certificates(Buffer.concat([authority, Buffer.of(0)]))]),
    ],
    [
      'with a key that is damaged',
      Buffer.concat([HEADER, section(2, wireString(authority.subarray(0, -1)))]),
    ],
    [
      'with more sections than anybody keeps',
      Buffer.concat([HEADER, ...Array.from({ length: 10_001 }, () => section(2, Buffer.alloc(0)))]),
    ],
    [
      'that ends within a section',
      Buffer.concat([HEADER, section(2, wireString(authority)).subarray(0, -1)]),
    ],
    ['that ends within its header', HEADER.subarray(0, -1)],
  ])('is refused whole: one %s', (_, bytes) => {
    expect(codeOf(() => readRevocations(bytes, 'list'))).toBe('AUTH_REVOCATIONS_MALFORMED');
  });

  it('may be signed, and then the signature is good and its end', async () => {
    const signer = await fixtureSecret('rsa');
    const body = Buffer.concat([HEADER, section(2, wireString(fixtureKey('ecdsa256').blob))]);
    const signed = Buffer.concat([body, Buffer.of(4), wireString(signer.publicKey.blob)]);
    const whole = Buffer.concat([signed, wireString(signMessage(signer, signed))]);
    expect(revokedBy(whole)).toEqual(['ecdsa256']);
    const more = Buffer.concat([whole, section(2, wireString(fixtureKey('rsa').blob))]);
    expect(codeOf(() => readRevocations(more, 'list'))).toBe('AUTH_REVOCATIONS_MALFORMED');
    const changed = Buffer.from(whole);
    changed[HEADER.length + 30] = (changed[HEADER.length + 30] ?? 0) ^ 1;
    expect(codeOf(() => readRevocations(changed, 'list'))).toBe('AUTH_REVOCATIONS_MALFORMED');
  });
});

describe('a list of revoked keys in text', () => {
  it.each([
    ['', []],
    ['# nothing\n\n', []],
    [`${fixtureText('keys/ecdsa256.pub')}# and\n  ${fixtureText('keys/rsa.pub')}`, ['ecdsa256', 'rsa']],
    [fixtureText('keys/rsa.pub').replace('\n', '\r\n'), ['rsa']],
    // As in sshd, a certificate revokes its key, and so all certificates of that.
    [fixtureText('certificates/serial-8'), ['ed25519', ...ALL_CERTIFICATES]],
    [fixtureText('keys/authority.pub'), ['authority', ...BY_AUTHORITY]],
    // Keys that nobody is let in with need not be revoked.
    [
      `${fixtureText('keys/dsa.pub')}${fixtureText('keys/rsa1024.pub')}${fixtureText('keys/rsa.pub')}`,
      ['rsa'],
    ],
  ])('revokes what it holds: %#', (text, expected) => {
    expect(revokedBy(Buffer.from(text, 'latin1'))).toEqual(expected);
  });

  it('revokes the key of a certificate whose signature is written otherwise', async () => {
    const [{ publicKey }, authority] = [await fixtureSecret('ecdsa256'), await fixtureSecret('ecdsa384')];
    // Each ECDSA signature is another one
    const [listed, offered] = [1, 2].map(() => makeCertificate(publicKey, authority, {})) as [Buffer, Buffer];
    expect(listed.equals(offered)).toBe(false);
    const type = 'ecdsa-sha2-nistp256-cert-v01@openssh.com';
    const revocations = readRevocations(Buffer.from(`${type} ${listed.toString('base64')}\n`), 'list');
    expect(findRevocation(revocations, readOfferedKey(offered, 'offered'))).toBe('the key is revoked');
  });

  it.each([
    'hello',
    'ssh-ed25519',
    fixtureText('keys/rsa.pub').slice(0, 200),
    fixtureText('keys/rsa.pub').replace('ssh-rsa', 'ssh-dss'),
    `${fixtureText('keys/rsa.pub')}broken\n`,
    `no-pty ${fixtureText('keys/rsa.pub')}`,
    'SSHKRL\n',
    '\0',
  ])('is refused whole when a line is not understood: %#', (text) => {
    expect(codeOf(() => readRevocations(Buffer.from(text, 'latin1'), 'list'))).toBe(
      'AUTH_REVOCATIONS_MALFORMED',
    );
  });
});
