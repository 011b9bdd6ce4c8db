import { once } from 'node:events';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectSecurely } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { startMiddle } from '../../fixtures/man-in-the-middle.ts';
import { HELLO } from '../../fixtures/raw-peer.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine, runOverTls } from '../../fixtures/tls-run.ts';

let daemon: TlsDaemon;
beforeAll(async () => {
  daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
});
afterAll(() => daemon[Symbol.asyncDispose]());

/** All that the daemon says to these bytes before it closes. */
async function sayPlainly(bytes: Uint8Array | string): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port: daemon.port, allowHalfOpen: true });
  socket.on('error', () => {});
  const said: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.write(bytes);
  socket.once('end', () => socket.destroy());
  await once(socket, 'close');
  return Buffer.concat(said);
}

/** `secured`, and then whether anything was said; or the alert. */
async function saySecurely(options: ConnectionOptions, text: string): Promise<string> {
  const socket = connectSecurely({
    host: '127.0.0.1',
    port: daemon.port,
    rejectUnauthorized: false,
    ...options,
  });
  let said = '';
  let ending = 'closed';
  socket.on('secureConnect', () => socket.write(text));
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => (ending = error.code ?? ''));
  await new Promise((resolve) => socket.once('close', resolve));
  return `${ending} ${said}`.trim();
}

/** How many session tickets the daemon sends to a client that is refused. */
async function countTickets(): Promise<number> {
  const socket = connectSecurely({
    host: '127.0.0.1',
    port: daemon.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['rexa/1'],
  });
  let tickets = 0;
  socket.on('session', () => tickets++);
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => socket.write('no frame at all\n'));
  socket.resume();
  await once(socket, 'close');
  return tickets;
}

describe('a port for TLS', () => {
  it('sends no session ticket', async () => {
    expect(await countTickets()).toBe(0);
  });

  it.each<[string, Uint8Array | string]>([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a POST whose body is a command', 'POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\ntouch /tmp/pwned\n'],
    ['the same wire without TLS', HELLO],
    ['a line of Ready/Start', 'id\n'],
    ['an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n'],
    [
      'SSL 2',
      Buffer.from(`802e0100020015000000100100800700c0030080060040020080040080${'00'.repeat(32)}`, 'hex'),
    ],
    ['zeros', Buffer.alloc(4096)],
  ])('closes on %s, and says nothing that its speaker could take for an answer', async (_what, bytes) => {
    const said = await sayPlainly(bytes);
    // At most an alert of TLS: type 21, seven bytes
    expect([said.length === 0 || (said[0] === 21 && said.length === 7), said.includes('HTTP')]).toEqual([
      true,
      false,
    ]);
    expect((await runOverTls(daemon.port, await fixtureSecret('ed25519'))).outcome).toBe('exited 0');
  });

  it.each<[string, ConnectionOptions, string]>([
    ['TLS 1.2', { maxVersion: 'TLSv1.2', ALPNProtocols: ['rexa/1'] }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['another ALPN', { ALPNProtocols: ['http/1.1', 'h2'] }, 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
    ['no ALPN', {}, 'closed'],
  ])('closes on %s', async (_what, options, ending) => {
    expect(await saySecurely(options, 'GET / HTTP/1.1\r\n\r\n')).toBe(ending);
  });

  it('leaves a line in the audit for each of them', async () => {
    await sayPlainly('GET / HTTP/1.1\r\n\r\n');
    await daemon.untilLogged('ERR_SSL_HTTP_REQUEST');
    const line =
      daemon
        .log()
        .split('\n')
        .find((each) => each.includes('ERR_SSL_HTTP_REQUEST')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      msg: 'connection refused',
      reason: 'no TLS 1.3 with ALPN rexa/1',
      source: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });

  it('takes a proof for its own connection alone: a man in the middle with his own certificate gains nothing', async () => {
    await using middle = await startMiddle(daemon.port);
    // A client that takes him for the host signs for him, and all of it reaches the host unchanged
    const answer = await runOverTls(middle.port, await fixtureSecret('ed25519'));
    expect(answer.outcome).toBe('LOGIN_REFUSED');
  });
});
