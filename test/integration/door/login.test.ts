import { describe, expect, it } from 'vitest';
import { fixtureSecret, fixtureText, makeTestFolder, PLAIN_KEYS } from '../../fixtures/auth/fixtures.ts';
import { frame } from '../../fixtures/raw-peer.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { base64, connectTls, helloWith, proveLogin, type TlsPeer } from '../../fixtures/tls-peer.ts';

const OPEN = 0x10;

function publicLine(name: string): string {
  return fixtureText(`keys/${name}.pub`).trim();
}

function run(argv: readonly string[], more: object = {}): Buffer {
  const credit = Buffer.alloc(8);
  credit.writeBigUInt64BE(100_000n);
  return Buffer.concat([
    frame(OPEN, 1, { service: 'run', id: 'one', command: { argv }, ...more }),
    frame(0x40, 1, credit),
    frame(0x41, 1, credit),
  ]);
}

/** All that comes back on channel 1: its stdout, and its last word; or the goodbye's code. */
async function outcome(peer: TlsPeer): Promise<{ stdout: string; last: unknown }> {
  let stdout = '';
  for (let received = await peer.next(); received !== null; received = await peer.next()) {
    if (received.type === 0x20) stdout += received.payload.toString();
    if (received.type === 0x02 || received.type === 0x12) {
      peer.socket.destroy();
      return { stdout, last: JSON.parse(received.payload.toString()) };
    }
  }
  return { stdout, last: null };
}

describe('a login over TLS', () => {
  it.each(PLAIN_KEYS)(
    'with a key of type %s and a request in the same flight runs a command',
    async (name) => {
      await using daemon = await startTlsDaemon(makeTestFolder(), { lines: [publicLine(name)] });
      const peer = await connectTls(daemon.port);
      peer.send(helloWith(await proveLogin(peer, await fixtureSecret(name))), run(['echo', 'in']));
      expect(await outcome(peer)).toMatchObject({
        stdout: 'in\n',
        last: { outcome: { name: 'exited', exitCode: 0 } },
      });
    },
  );

  it('by offers proves the one that the daemon chose', async () => {
    await using daemon = await startTlsDaemon(makeTestFolder(), { lines: [publicLine('rsa')] });
    const peer = await connectTls(daemon.port);
    const offers = ['ed25519', 'ecdsa256', 'rsa', 'ecdsa384'];
    const secrets = await Promise.all(offers.map(fixtureSecret));
    peer.send(helloWith({ account: '', offers: secrets.map(({ publicKey }) => base64(publicKey.blob)) }));
    const choice = await peer.next();
    const { offer } = JSON.parse(choice?.payload.toString() ?? '{}') as { offer: number };
    expect([choice?.type, offer]).toEqual([0x05, 2]);
    const secret = secrets[offer];
    if (secret === undefined) throw new Error('no such offer');
    const { proof } = await proveLogin(peer, secret);
    peer.send(frame(0x06, 0, { proof }));
    expect((await peer.next())?.type).toBe(0x01);
    peer.send(run(['echo', 'chosen']));
    expect(await outcome(peer)).toMatchObject({ stdout: 'chosen\n' });
  });

  it('by a key that is not listed is refused, and only the log says why', async () => {
    await using daemon = await startTlsDaemon(makeTestFolder(), { lines: [publicLine('rsa')] });
    const peer = await connectTls(daemon.port);
    peer.send(helloWith(await proveLogin(peer, await fixtureSecret('ed25519'))), run(['touch', '/nowhere']));
    const { last } = await outcome(peer);
    const { error } = last as { error: { code: string; message: string } };
    const [reference = ''] = /[0-9a-f]{12}/.exec(error.message) ?? [];
    expect(error.code).toBe('LOGIN_REFUSED');
    const line =
      daemon
        .log()
        .split('\n')
        .find((each) => each.includes(reference)) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      reference,
      account: '',
      fingerprints: [expect.stringMatching(/^SHA256:/)],
      reason: [expect.stringContaining('no line of authorized_keys holds')],
    });
  });
});
