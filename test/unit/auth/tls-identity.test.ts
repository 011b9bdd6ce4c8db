import { X509Certificate } from 'node:crypto';
import type net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadHostKey } from '../../../src/auth/host-key.ts';
import type { PrivateKey } from '../../../src/auth/private-key.ts';
import {
  checkProof,
  makeProof,
  PROOF_EXPORTER_BYTES,
  PROOF_EXPORTER_LABEL,
} from '../../../src/auth/proof.ts';
import { fingerprint } from '../../../src/auth/public-key.ts';
import { signMessage } from '../../../src/auth/signature.ts';
import { makeTlsIdentity, readHostCertificate } from '../../../src/auth/tls-identity.ts';
import {
  codeOf,
  fixtureOffer,
  fixtureSecret,
  fixtureText,
  makeTestFolder,
  PLAIN_KEYS,
} from '../../fixtures/auth/fixtures.ts';

/** Both ends of a TLS 1.3 connection to a host with this key. */
async function connect(host: PrivateKey): Promise<{ client: tls.TLSSocket; server: tls.TLSSocket }> {
  const options = { ...makeTlsIdentity(host), minVersion: 'TLSv1.3', ALPNProtocols: ['rexa/1'] } as const;
  const listener = tls.createServer(options);
  listener.listen(0, '127.0.0.1');
  const accepted = new Promise<tls.TLSSocket>((resolve, reject) => {
    listener.once('secureConnection', resolve);
    listener.once('tlsClientError', reject);
  });
  await new Promise((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as net.AddressInfo;
  const client = tls.connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['rexa/1'],
  });
  onTestFinished(() => {
    client.destroy();
    listener.close();
  });
  await new Promise((resolve, reject) => client.once('secureConnect', resolve).once('error', reject));
  return { client, server: await accepted };
}

function exporterOf(socket: tls.TLSSocket): Buffer {
  return socket.exportKeyingMaterial(PROOF_EXPORTER_BYTES, PROOF_EXPORTER_LABEL, Buffer.alloc(0));
}

function hostKeyOf(client: tls.TLSSocket): Buffer {
  return readHostCertificate(client.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)).blob;
}

describe.each([...PLAIN_KEYS, 'made by rexad'])('a host with a key of kind %s', (name) => {
  const load = () =>
    name === 'made by rexad'
      ? loadHostKey(`${makeTestFolder()}/rexad/host_key`, 'private').then(({ key }) => key)
      : fixtureSecret(name);

  it('has a certificate that OpenSSL finds in order', async () => {
    const key = await load();
    const { cert } = makeTlsIdentity(key);
    const parsed = new X509Certificate(cert);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkPrivateKey(key.keyObject)).toBe(true);
    expect(parsed.ca).toBe(false);
    expect([parsed.validFromDate.toISOString(), parsed.validToDate.toISOString()]).toEqual([
      '1970-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.000Z',
    ]);
    expect(parsed.subject).toBe(`CN=rexad ${fingerprint(key.publicKey).replaceAll('+', '\\+')}`);
    expect(parsed.issuer).toBe(parsed.subject);
    // Of version 3, since it has an extension; its serial number is positive and has 16 bytes.
    expect(parsed.raw.includes(Buffer.from('a003020102', 'hex'))).toBe(true);
    expect(parsed.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('is reached over TLS 1.3, and known by its SSH key', async () => {
    const key = await load();
    const { client } = await connect(key);
    expect(client.getProtocol()).toBe('TLSv1.3');
    expect(hostKeyOf(client)).toEqual(key.publicKey.blob);
  });
});

describe('a proof over TLS', () => {
  it('holds on the connection that it was made on, and on no other', async () => {
    const host = await fixtureSecret('ecdsa384');
    const secret = await fixtureSecret('ed25519');
    const offered = fixtureOffer('ed25519');
    const [first, second] = [await connect(host), await connect(host)];
    const proof = await makeProof(
      {
        exporter: exporterOf(first.client),
        role: 'client',
        alpn: String(first.client.alpnProtocol),
        account: '',
        hostKey: hostKeyOf(first.client),
        publicKey: offered.blob,
      },
      async (data) => signMessage(secret, data),
    );
    const seenBy = ({ server }: { server: tls.TLSSocket }) => ({
      exporter: exporterOf(server),
      role: 'client' as const,
      alpn: String(server.alpnProtocol),
      account: '',
      hostKey: host.publicKey.blob,
    });
    expect(codeOf(() => checkProof(proof, offered, seenBy(first)))).toBeNull();
    expect(codeOf(() => checkProof(proof, offered, seenBy(second)))).toBe('AUTH_SIGNATURE_WRONG');
    await setImmediate();
  });

  it('is not passed on by a man in the middle with a key of his own', async () => {
    const [host, middle] = await Promise.all(['ed25519', 'ecdsa256'].map(fixtureSecret));
    const offered = fixtureOffer('rsa');
    const secret = await fixtureSecret('rsa');
    if (host === undefined || middle === undefined) throw new Error('no keys');
    const toMiddle = await connect(middle);
    const toHost = await connect(host);
    // The user takes the wrong key for the host's: even then the proof names the middle's key and connection.
    const proof = await makeProof(
      {
        exporter: exporterOf(toMiddle.client),
        role: 'client',
        alpn: 'rexa/1',
        account: '',
        hostKey: hostKeyOf(toMiddle.client),
        publicKey: offered.blob,
      },
      async (data) => signMessage(secret, data),
    );
    const seenByHost = {
      exporter: exporterOf(toHost.server),
      role: 'client',
      alpn: 'rexa/1',
      account: '',
      hostKey: host.publicKey.blob,
    } as const;
    expect(codeOf(() => checkProof(proof, offered, seenByHost))).toBe('AUTH_SIGNATURE_WRONG');
  });
});

describe('the certificate of a host', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.alloc(100, 0x30)],
  ])('is not %s', (_, raw) => {
    expect(codeOf(() => readHostCertificate(raw))).toBe('KEY_MALFORMED');
  });

  it.each(['ed448', 'rsa1024', 'secp256k1'])('is not one with a key of kind %s', (name) => {
    const { raw } = new X509Certificate(fixtureText(`tls/${name}.pem`));
    expect(codeOf(() => readHostCertificate(raw))).toBe('KEY_UNSUPPORTED');
  });

  it('is the same each time with Ed25519', async () => {
    const key = await fixtureSecret('ed25519');
    expect(makeTlsIdentity(key)).toEqual(makeTlsIdentity(key));
  });
});
