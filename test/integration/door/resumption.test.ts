import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PrivateKey } from '../../../src/auth/private-key.ts';
import { fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { frame } from '../../fixtures/raw-peer.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { connectTls, proveLogin, type TlsPeer } from '../../fixtures/tls-peer.ts';
import { publicLine, readAnswer, runRequest } from '../../fixtures/tls-run.ts';

const ID = '0123456789abcdef'.repeat(2);

function secretOf({ socket }: TlsPeer): string {
  return socket.exportKeyingMaterial(32, 'EXPORTER-rexa-link-v1', Buffer.from(ID)).toString('hex');
}

async function helloFor(peer: TlsPeer, secret: PrivateKey, epoch: number): Promise<Buffer> {
  const login = await proveLogin(peer, secret);
  const link = { id: ID, epoch };
  return frame(0x01, 0, { protocol: [1, 1], agent: 'raw', features: ['resume'], login, link });
}

/** Begins a link with this key, and loses its connection. @returns the link's secret */
async function beginLink(port: number, secret: PrivateKey): Promise<string> {
  const peer = await connectTls(port);
  peer.send(await helloFor(peer, secret, 1));
  await peer.next();
  const linkSecret = secretOf(peer);
  peer.socket.destroy();
  return linkSecret;
}

/** Carries it on with this key; the request comes right behind the proof, before any answer. */
async function carryOn(port: number, secret: PrivateKey, linkSecret: string, request: Buffer) {
  const peer = await connectTls(port);
  const sourcePort = peer.socket.localPort;
  peer.send(await helloFor(peer, secret, 2));
  let verdict = 'none';
  for (let next = await peer.next(); next !== null; next = await peer.next()) {
    if (next.type === 0x02) {
      peer.socket.destroy();
      const { error } = JSON.parse(next.payload.toString()) as { readonly error?: { readonly code: string } };
      return { verdict, stdout: '', outcome: error?.code ?? 'bye', sourcePort };
    }
    if (next.type === 0x09) {
      ({ verdict } = JSON.parse(next.payload.toString()) as { verdict: string });
      break;
    }
    if (next.type !== 0x07) continue;
    const { nonce } = JSON.parse(next.payload.toString()) as { nonce: string };
    const text = ['rexa-attach-v1', secretOf(peer), nonce, ID, 2, 0, ''].join('\n');
    const proof = createHmac('sha256', Buffer.from(linkSecret, 'hex')).update(text).digest('hex');
    peer.send(Buffer.concat([frame(0x08, 0, { proof, epoch: 2, received: 0, ageMs: 60_000 }), request]));
  }
  const { stdout, outcome } = await readAnswer(peer);
  return { verdict, stdout, outcome, sourcePort };
}

describe('a link that is carried on over another connection', () => {
  it('is that of the connection that carries it on, from the first request on', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const secret = await fixtureSecret('ed25519');
    const linkSecret = await beginLink(daemon.port, secret);
    // Another line that lets the key do the same
    daemon.authorize('# moved', `expiry-time="20990101" ${publicLine('ed25519')}`);
    const request = runRequest({ line: 'echo "$SSH_CLIENT"' }, { sshVariables: true });
    const { verdict, stdout, sourcePort } = await carryOn(daemon.port, secret, linkSecret, request);
    expect([verdict, stdout]).toEqual(['attached', `127.0.0.1 ${sourcePort} ${daemon.port}\n`]);
  });

  it.each([
    ['is forced to a command by now', 'command="echo bound"'],
    ['is bound by now', 'restrict'],
    ['may have no terminal any more', 'no-pty'],
  ])('is none for a key that %s', async (_what, options) => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const secret = await fixtureSecret('ed25519');
    const linkSecret = await beginLink(daemon.port, secret);
    daemon.authorize(`${options} ${publicLine('ed25519')}`);
    const { verdict, stdout } = await carryOn(daemon.port, secret, linkSecret, runRequest(['echo', 'free']));
    expect([verdict, stdout]).toEqual(['forgotten', '']);
  });

  it('is none for a key that is not let in any more', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    const secret = await fixtureSecret('ed25519');
    const linkSecret = await beginLink(daemon.port, secret);
    daemon.authorize();
    expect(await carryOn(daemon.port, secret, linkSecret, runRequest(['true']))).toMatchObject({
      verdict: 'none',
      outcome: 'LOGIN_REFUSED',
    });
  });

  it("is not another key's, though it knows the secret", async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519'), publicLine('ecdsa256')] });
    const linkSecret = await beginLink(daemon.port, await fixtureSecret('ed25519'));
    const other = await fixtureSecret('ecdsa256');
    expect(await carryOn(daemon.port, other, linkSecret, runRequest(['true']))).toMatchObject({
      verdict: 'forgotten',
    });
  });
});
