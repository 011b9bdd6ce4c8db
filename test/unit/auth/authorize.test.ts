import { describe, expect, it } from 'vitest';
import { authorizeKey, type Decision, type LoginFacts } from '../../../src/auth/authorize.ts';
import { parseAuthorizedKeys } from '../../../src/auth/authorized-line.ts';
import { indexLines } from '../../../src/auth/line-index.ts';
import type { OfferedKey } from '../../../src/auth/offered-key.ts';
import { fingerprint, formatPublicKey } from '../../../src/auth/public-key.ts';
import { NOTHING_REVOKED, type Revocations } from '../../../src/auth/revocations.ts';
import { fixtureCertificate, fixtureKey, fixtureOffer, VALID_DAY } from '../../fixtures/auth/fixtures.ts';

const KEY = formatPublicKey(fixtureKey('ed25519'));
const AUTHORITY = formatPublicKey(fixtureKey('authority'));
const FACTS: LoginFacts = { account: 'alice', address: '192.0.2.7', nowSeconds: VALID_DAY };

function decide(
  file: string,
  offered: OfferedKey = fixtureOffer('ed25519'),
  facts: Partial<LoginFacts> = {},
  revoked: Revocations = NOTHING_REVOKED,
): Decision {
  return authorizeKey([indexLines(parseAuthorizedKeys(Buffer.from(file), 'keys'))], revoked, offered, {
    ...FACTS,
    ...facts,
  });
}

function refusals(decision: Decision): string {
  expect(decision.kind).toBe('refused');
  return decision.problems.map(({ message }) => message).join('\n');
}

describe('a plain key', () => {
  it('is let in by the line that holds it, and may do everything', () => {
    expect(decide(`# mine\n${KEY}\n`)).toEqual({
      kind: 'granted',
      problems: [],
      grant: {
        fingerprint: fingerprint(fixtureKey('ed25519')),
        comment: '',
        where: 'keys:2',
        certificate: null,
        command: null,
        environment: new Map(),
        restricted: false,
        permitPty: true,
        permitAgentForwarding: true,
        permitPortForwarding: true,
        permitOpen: null,
        permitListen: null,
        files: null,
        sessions: null,
        token: { touch: true, verification: false },
        expiresAtSeconds: null,
      },
    });
  });

  it.each([
    ['', /no line of authorized_keys has/],
    [formatPublicKey(fixtureKey('ecdsa256')), /no line of authorized_keys has/],
    [`cert-authority ${KEY}`, /authority for certificates there, and no key to log in with/],
    [`paint-it-black ${KEY}`, /unknown option paint-it-black/],
    [`verify-required ${KEY}`, /token verified its user/],
    [`principals="alice" ${KEY}`, /only a cert-authority/],
    [`from="203.0.113.0/24" ${KEY}`, /192\.0\.2\.7 is not among its from= addresses/],
    [`from="*,!192.0.2.7" ${KEY}`, /192\.0\.2\.7/],
    [`expiry-time="20251231Z" ${KEY}`, /expiry-time has passed/],
    [`environment="A" ${KEY}`, /environment is not valid/],
  ])('is refused by %j', (file, reason) => {
    expect(refusals(decide(file))).toMatch(reason);
  });

  it('is let in by the first line that does, whatever the lines before say', () => {
    const decision = decide(`from="203.0.113.1" ${KEY}\nfuture ${KEY}\nno-pty ${KEY}\n${KEY}\n`);
    expect(decision).toMatchObject({ kind: 'granted', grant: { where: 'keys:3', permitPty: false } });
    expect(decision.problems.map(({ code }) => code)).toEqual(['AUTH_LINE_REFUSES', 'AUTH_LINE_UNUSABLE']);
  });

  it('is let in up to and including the second of its expiry-time', () => {
    const line = `expiry-time="20260101000000Z" ${KEY}`;
    expect(decide(line, undefined, { nowSeconds: VALID_DAY + 0.9 }).kind).toBe('granted');
    expect(decide(line, undefined, { nowSeconds: VALID_DAY + 1 }).kind).toBe('refused');
    expect(decide(line)).toMatchObject({ grant: { expiresAtSeconds: VALID_DAY } });
  });

  it.each(['::ffff:192.0.2.7', '::ffff:c000:207', '192.0.2.7'])(
    'comes from the same place as %s',
    (address) => {
      expect(decide(`from="192.0.2.0/24" ${KEY}`, undefined, { address }).kind).toBe('granted');
      expect(decide(`from="*,!192.0.2.0/24" ${KEY}`, undefined, { address }).kind).toBe('refused');
    },
  );

  it.each([null, '', 'unix', 'localhost'])('that comes from %j is nowhere in from=', (address) => {
    expect(decide(`from="*" ${KEY}`, undefined, { address }).kind).toBe('refused');
    expect(decide(KEY, undefined, { address }).kind).toBe('granted');
  });

  it('gets what its options say', () => {
    const line = `restrict,pty,command="x",environment="A=1",permitopen="db:1" ${KEY}`;
    expect(decide(line)).toMatchObject({
      grant: {
        command: 'x',
        environment: new Map([['A', '1']]),
        restricted: true,
        permitPty: true,
        permitPortForwarding: false,
        permitOpen: [{ host: 'db', port: 1 }],
      },
    });
  });

  it('is not let in by the line of a key that differs by one bit', () => {
    const blob = Buffer.from(fixtureKey('ed25519').blob);
    blob[blob.length - 1] = (blob.at(-1) ?? 0) ^ 1;
    expect(refusals(decide(`ssh-ed25519 ${blob.toString('base64')}`))).toMatch(/no line/);
  });
});

describe('a certificate', () => {
  it('is let in by the line of its authority', () => {
    const decision = decide(`cert-authority ${AUTHORITY}`, fixtureCertificate('ed25519'));
    expect(decision).toMatchObject({
      kind: 'granted',
      grant: {
        fingerprint: fingerprint(fixtureKey('ed25519')),
        certificate: {
          keyId: 'ed25519',
          serial: 7n,
          authorityFingerprint: fingerprint(fixtureKey('authority')),
        },
        expiresAtSeconds: Date.UTC(2034, 0, 1) / 1000,
      },
    });
  });

  it.each([
    ['its key alone', KEY, 'ed25519', {}, /no line/],
    ['an authority that is not marked as one', AUTHORITY, 'ed25519', {}, /not marked cert-authority/],
    [
      'another authority',
      `cert-authority ${formatPublicKey(fixtureKey('authority-rsa'))}`,
      'ed25519',
      {},
      /no line/,
    ],
    [
      'an authority, for another account',
      `cert-authority ${AUTHORITY}`,
      'ed25519',
      { account: 'carol' },
      /principals/,
    ],
    [
      'an authority whose principals it lacks',
      `cert-authority,principals="carol" ${AUTHORITY}`,
      'ed25519',
      {},
      /principals/,
    ],
    [
      'an authority without principals',
      `cert-authority,principals="" ${AUTHORITY}`,
      'ed25519',
      {},
      /principals/,
    ],
    [
      'an authority, without principals of its own',
      `cert-authority ${AUTHORITY}`,
      'nobody',
      {},
      /names no principal/,
    ],
    [
      'an authority with principals, without its own',
      `cert-authority,principals="alice" ${AUTHORITY}`,
      'nobody',
      {},
      /names no principal/,
    ],
    ['an authority, for a host', `cert-authority ${AUTHORITY}`, 'host', {}, /for a host/],
    [
      'an authority, from elsewhere',
      `cert-authority ${AUTHORITY}`,
      'sourced',
      { address: '203.0.113.9' },
      /source addresses/,
    ],
    [
      'an authority, from nowhere',
      `cert-authority ${AUTHORITY}`,
      'sourced',
      { address: null },
      /source addresses/,
    ],
    [
      'an authority that takes it from elsewhere',
      `cert-authority,from="203.0.113.9" ${AUTHORITY}`,
      'sourced',
      {},
      /from= addresses/,
    ],
    [
      'an authority too late',
      `cert-authority ${AUTHORITY}`,
      'ed25519',
      { nowSeconds: VALID_DAY * 2 },
      /expired/,
    ],
    [
      'an authority that forces another command',
      `cert-authority,command="x" ${AUTHORITY}`,
      'forced',
      {},
      /force different commands/,
    ],
    [
      'an authority that forces an empty command',
      `cert-authority,command="" ${AUTHORITY}`,
      'forced',
      {},
      /force different commands/,
    ],
  ])('is not let in by %s', (_, file, name, facts, reason) => {
    expect(refusals(decide(file, fixtureCertificate(name), facts))).toMatch(reason);
  });

  it('needs one of the principals that the line names, and then no other', () => {
    const file = `cert-authority,principals="x,bob" ${AUTHORITY}`;
    expect(decide(file, fixtureCertificate('ed25519'), { account: 'carol' }).kind).toBe('granted');
    expect(decide(file, fixtureCertificate('forced')).kind).toBe('refused');
  });

  it.each([
    ['cert-authority', 'forced', { command: 'echo "certified"' }],
    [String.raw`cert-authority,command="echo \"certified\""`, 'forced', { command: 'echo "certified"' }],
    ['cert-authority,command="x"', 'ed25519', { command: 'x' }],
    ['cert-authority,no-pty', 'ed25519', { permitPty: false, permitPortForwarding: true }],
    ['cert-authority', 'no-pty', { permitPty: false, permitPortForwarding: true }],
    [
      'cert-authority,restrict',
      'ed25519',
      { restricted: true, permitPty: false, permitPortForwarding: false },
    ],
    ['cert-authority,restrict,pty', 'no-pty', { restricted: true, permitPty: false }],
    ['cert-authority', 'clear', { restricted: true, permitPty: false, permitPortForwarding: false }],
    ['cert-authority,expiry-time="20270101Z"', 'ed25519', { expiresAtSeconds: Date.UTC(2027, 0, 1) / 1000 }],
    ['cert-authority,expiry-time="20270101Z"', 'forever', { expiresAtSeconds: Date.UTC(2027, 0, 1) / 1000 }],
    ['cert-authority,expiry-time="20500101Z"', 'ed25519', { expiresAtSeconds: Date.UTC(2034, 0, 1) / 1000 }],
    ['cert-authority,from="192.0.2.0/24"', 'sourced', { restricted: false }],
  ])('of %s gets no more than both say: %s', (options, name, grant) => {
    expect(decide(`${options} ${AUTHORITY}`, fixtureCertificate(name))).toMatchObject({
      kind: 'granted',
      grant,
    });
  });
});

describe('what is revoked', () => {
  const listed = (key: ReturnType<typeof fixtureKey>): Revocations => ({
    ...NOTHING_REVOKED,
    sha256: new Set([Buffer.from(fingerprint(key).slice('SHA256:'.length), 'base64').toString('hex')]),
  });

  it.each([
    ['a key', fixtureOffer('ed25519'), fixtureKey('ed25519')],
    ['the key of a certificate', fixtureCertificate('ed25519'), fixtureKey('ed25519')],
    ['the authority of a certificate', fixtureCertificate('ed25519'), fixtureKey('authority')],
  ])('is not let in: %s', (_, offered, key) => {
    const file = `${KEY}\ncert-authority ${AUTHORITY}\n`;
    expect(decide(file, offered).kind).toBe('granted');
    expect(refusals(decide(file, offered, {}, listed(key)))).toMatch(/revoked/);
  });
});
