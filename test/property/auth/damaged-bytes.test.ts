import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readListReply, readSignReply } from '../../../src/auth/agent-messages.ts';
import { authorizeKey } from '../../../src/auth/authorize.ts';
import { parseAuthorizedKeys } from '../../../src/auth/authorized-line.ts';
import { decodeArmored, encodeArmored } from '../../../src/auth/base64.ts';
import { checkHost, parseKnownHosts } from '../../../src/auth/known-hosts.ts';
import { indexLines } from '../../../src/auth/line-index.ts';
import { type OfferedKey, readOfferedKey } from '../../../src/auth/offered-key.ts';
import { OPENSSH_LABEL } from '../../../src/auth/openssh-key.ts';
import type { PrivateKey } from '../../../src/auth/private-key.ts';
import { checkProof, makeProof } from '../../../src/auth/proof.ts';
import { formatPublicKey, isSameKey, readPublicKey } from '../../../src/auth/public-key.ts';
import { readPrivateKey } from '../../../src/auth/read-private-key.ts';
import { readRevocations } from '../../../src/auth/read-revocations.ts';
import { NOTHING_REVOKED } from '../../../src/auth/revocations.ts';
import { checkSignature, signMessage } from '../../../src/auth/signature.ts';
import { makeTlsIdentity, readHostCertificate } from '../../../src/auth/tls-identity.ts';
import { listReply, signReply } from '../../fixtures/auth/agents.ts';
import { attempt, attemptAsync, bitFlips, damages, truncations } from '../../fixtures/auth/damage.ts';
import {
  codeOf,
  fixtureBytes,
  fixtureCertificate,
  fixtureKey,
  fixtureOffer,
  fixtureSecret,
  fixtureText,
  PASSPHRASE,
  PLAIN_KEYS,
  VALID_DAY,
} from '../../fixtures/auth/fixtures.ts';

describe('a damaged public key', () => {
  it.each(PLAIN_KEYS)('is refused or another key: %s', (name) => {
    const { blob } = fixtureKey(name);
    for (const damaged of truncations(blob)) expect(attempt(() => readPublicKey(damaged, 'it'))).toBeNull();
    for (const damaged of bitFlips(blob)) {
      const key = attempt(() => readPublicKey(damaged, 'it'));
      // What was read is exactly what was there: no two encodings are one key.
      if (key !== null) expect(key.blob.equals(damaged)).toBe(true);
    }
  });
});

describe('a damaged private key', () => {
  const message = Buffer.from('message');

  function readOpenssh(bytes: Buffer): Promise<PrivateKey | null> {
    return attemptAsync(() => readPrivateKey(encodeArmored(bytes, OPENSSH_LABEL), 'it', PASSPHRASE));
  }

  it.each([
    ['ed25519', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['ecdsa256', [0, 7]],
    ['ecdsa521', [3]],
    ['rsa', [5]],
  ] as const)('in the format of OpenSSH is refused, or whole but for its comment: %s', async (name, bits) => {
    const whole = await fixtureSecret(name);
    const bytes = decodeArmored(fixtureText(`keys/${name}`), OPENSSH_LABEL) ?? Buffer.alloc(0);
    for (const damaged of truncations(bytes)) expect(await readOpenssh(damaged)).toBeNull();
    for (const damaged of bitFlips(bytes, bits)) {
      const key = await readOpenssh(damaged);
      if (key === null) continue;
      expect(isSameKey(key.publicKey, whole.publicKey)).toBe(true);
      expect(key.comment).not.toBe(whole.comment);
    }
  });

  it.each(['ecdsa256.pkcs8', 'ecdsa.locked.pem', 'ecdsa.locked.pkcs8'])(
    'in PEM is refused, or a key that works: %s',
    async (name) => {
      for (const damaged of damages(fixtureBytes(`keys/${name}`), [1])) {
        const key = await attemptAsync(() => readPrivateKey(damaged.toString('latin1'), 'it', PASSPHRASE));
        if (key === null) continue;
        expect(codeOf(() => checkSignature(key.publicKey, message, signMessage(key, message)))).toBeNull();
      }
    },
  );
});

describe('a damaged certificate', () => {
  const authorities = ['authority', 'authority-ecdsa', 'authority-rsa'].map(
    (name) => `cert-authority,principals="alice,bob" ${formatPublicKey(fixtureKey(name))}\n`,
  );
  const files = [indexLines(parseAuthorizedKeys(Buffer.from(authorities.join('')), 'keys'))];
  const facts = { account: 'alice', address: '192.0.2.7', nowSeconds: VALID_DAY };
  const decide = (offered: OfferedKey) => authorizeKey(files, NOTHING_REVOKED, offered, facts).kind;

  it.each([
    ['ed25519', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['forced', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['sourced', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['ecdsa256', [0, 4]],
    ['rsa', [2]],
    ['by-ecdsa', [0, 7]],
    ['by-rsa', [1]],
  ] as const)('lets nobody in: %s', (name, bits) => {
    const offered = fixtureCertificate(name);
    expect(decide(offered)).toBe('granted');
    for (const damaged of truncations(offered.blob)) {
      expect(attempt(() => readOfferedKey(damaged, 'it'))).toBeNull();
    }
    for (const damaged of bitFlips(offered.blob, bits)) {
      const read = attempt(() => readOfferedKey(damaged, 'it'));
      if (read !== null) expect(decide(read)).toBe('refused');
    }
  });
});

describe('a damaged proof', () => {
  const connection = {
    exporter: Buffer.alloc(32, 9),
    role: 'client',
    alpn: 'rexa/1',
    account: 'alice',
    hostKey: fixtureKey('ed25519').blob,
  } as const;

  it.each([
    ['ed25519', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['ecdsa256', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['ecdsa521', [0, 5]],
    ['rsa', [0, 6]],
  ] as const)('proves nothing: %s', async (name, bits) => {
    const secret = await fixtureSecret(name);
    const offered = fixtureOffer(name);
    const proof = await makeProof({ ...connection, publicKey: offered.blob }, async (data) =>
      signMessage(secret, data),
    );
    expect(codeOf(() => checkProof(proof, offered, connection))).toBeNull();
    for (const damaged of damages(proof, bits)) {
      expect(codeOf(() => checkProof(damaged, offered, connection))).toMatch(/^AUTH_SIGNATURE_/);
    }
  });
});

describe('a damaged list of revoked keys', () => {
  it.each(['everything', 'serials', 'bitmap', 'any-authority'])(
    'is read or refused, and nothing else: %s',
    (name) => {
      const bytes = fixtureBytes(`krl/${name}`);
      let refused = 0;
      for (const damaged of damages(bytes)) {
        if (attempt(() => readRevocations(damaged, 'it')) === null) refused++;
      }
      expect(refused).toBeGreaterThan(bytes.length);
    },
  );

  it('that is cut within a section is refused', () => {
    const bytes = fixtureBytes('krl/key');
    const headerBytes = 44;
    for (const damaged of truncations(bytes)) {
      // Nothing in the format says how many sections there are: the header alone is an empty list, and so is nothing.
      const isWhole = damaged.length === headerBytes || damaged.length === 0;
      expect(attempt(() => readRevocations(damaged, 'it')) !== null).toBe(isWhole);
    }
  });
});

describe('a damaged answer of an agent', () => {
  it('is refused, or a list of other keys', () => {
    const reply = listReply([
      [fixtureKey('ed25519').blob, 'one'],
      [fixtureCertificate('forever').blob, 'two'],
    ]).subarray(4);
    for (const damaged of truncations(reply))
      expect(attempt(() => readListReply(damaged, 'agent'))).toBeNull();
    for (const damaged of bitFlips(reply)) attempt(() => readListReply(damaged, 'agent'));
  });

  it('is no signature', async () => {
    const message = Buffer.from('message');
    const secret = await fixtureSecret('ed25519');
    const reply = signReply(signMessage(secret, message)).subarray(4);
    for (const damaged of damages(reply)) {
      const isGood = attempt(() => {
        checkSignature(secret.publicKey, message, readSignReply(damaged, 'agent', 'key'));
        return true;
      });
      expect(isGood).toBeNull();
    }
  });
});

describe('a damaged line of authorized_keys', () => {
  const key = fixtureKey('ed25519');
  const stranger = formatPublicKey(fixtureKey('ecdsa256'));
  const line = Buffer.from(
    String.raw`restrict,pty,command="say \"hi\" 你好",from="192.0.2.0/24,!192.0.2.9",expiry-time="20300101Z",environment="A=1" ${formatPublicKey(key)} me`,
  );

  it('concerns nobody but the line itself', () => {
    for (const damaged of damages(line)) {
      if (damaged.includes(0x0a)) continue;
      const lines = parseAuthorizedKeys(Buffer.concat([damaged, Buffer.from(`\n${stranger}\n`)]), 'keys');
      expect(lines.length).toBeLessThanOrEqual(2);
      expect(lines.at(-1)).toMatchObject({ kind: 'key', key: fixtureKey('ecdsa256'), where: 'keys:2' });
    }
  });

  it('is never one that says less of the same key', () => {
    for (const damaged of damages(line)) {
      for (const parsed of parseAuthorizedKeys(damaged, 'keys')) {
        if (parsed.kind !== 'key' || !isSameKey(parsed.key, key)) continue;
        expect(parsed.options.restricted).toBe(true);
        expect(parsed.options.command).not.toBeNull();
        expect(parsed.options.from).not.toBeNull();
      }
    }
  });
});

describe('a damaged line of known_hosts', () => {
  it('makes no host trusted by another key', () => {
    const address = 'build1:7522';
    const line = Buffer.from(`${address} ${formatPublicKey(fixtureKey('ed25519'))}\n`);
    for (const damaged of damages(line)) {
      const { hosts } = parseKnownHosts(damaged, 'file');
      expect(checkHost(hosts, address, fixtureKey('authority'), null).kind).not.toBe('trusted');
    }
  });
});

describe("a damaged certificate of a host's", () => {
  it('is refused or read, and nothing else', async () => {
    const { cert } = makeTlsIdentity(await fixtureSecret('ed25519'));
    const { raw } = new X509Certificate(cert);
    for (const damaged of truncations(raw)) expect(attempt(() => readHostCertificate(damaged))).toBeNull();
    for (const damaged of bitFlips(raw)) attempt(() => readHostCertificate(damaged));
  });
});
