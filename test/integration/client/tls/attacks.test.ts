import fs from 'node:fs';
import type net from 'node:net';
import type tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../../src/client/connect.ts';
import type { ConnectOptions } from '../../../../src/client/run-types.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';
import { type Behaviour, FAILURE, honestly, signReply, startAgent } from '../../../fixtures/auth/agents.ts';
import { fixtureSecret } from '../../../fixtures/auth/fixtures.ts';
import { frame } from '../../../fixtures/raw-peer.ts';
import { type HostileServer, startTcpServer, startTlsServer } from '../../../fixtures/tls/hostile-server.ts';
import { startToyDaemon } from '../../../fixtures/tls/toy-daemon.ts';
import { makeUserHome, noteWords, type UserHome } from '../../../fixtures/tls/user-home.ts';

const TYPE = { hello: 0x01, goaway: 0x02, choose: 0x05, proof: 0x06, open: 0x10, data: 0x20 } as const;
const HELLO = { protocol: 1, agent: 'rexad/evil', features: [], encoding: 'utf8' };

/** What would move a cursor, hide a line or turn it around. */
const STEERING = 'ok\u001b[2J\u001b]0;title\u0007\u009b1A\r\n\u202e';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

/** How an attempt to run something ended: the error's code and sentence. */
async function attempt(address: string, options: ConnectOptions): Promise<{ code: string; message: string }> {
  try {
    await using host = await connect(address, { timeout: 1000, ...options });
    await host.run('true');
    return { code: 'none', message: '' };
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    return { code: error.code, message: error.message };
  }
}

async function knownWith(
  server: HostileServer,
  names: readonly string[] = ['ecdsa256'],
): Promise<ConnectOptions> {
  const home: UserHome = makeUserHome();
  await home.know(server);
  return { identities: names.map((name) => home.addKey(name)) };
}

describe('what answers in the place of a host', () => {
  it.each<[string, (socket: net.Socket) => void, string, RegExp]>([
    [
      'a web server',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'CONNECT_FAILED',
      /does not speak TLS/,
    ],
    ['a mail server', (socket) => socket.write('220 mail\r\n'), 'CONNECT_FAILED', /does not speak TLS/],
    ['a Ready/Start peer', (socket) => socket.write('Ready|5'), 'CONNECT_FAILED', /does not speak TLS/],
    ['one that closes', (socket) => socket.end(), 'CONNECT_FAILED', /closed the connection/],
    ['one that resets', (socket) => socket.resetAndDestroy(), 'CONNECT_FAILED', /closed/],
    ['one that never answers', () => {}, 'CONNECT_TIMEOUT', /within 1000 ms/],
    ['one that answers byte by byte', dribble, 'CONNECT_TIMEOUT', /within 1000 ms/],
  ])('is refused: %s', async (_what, behave, code, message) => {
    const server = await startTcpServer(behave);
    expect(await attempt(server.address, await knownWith(server))).toEqual({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each<[string, tls.TlsOptions, RegExp]>([
    ['TLS 1.2', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, /does not speak TLS 1\.3/],
    ['no protocol over TLS', { ALPNProtocols: [] }, /not rexa\/1 over it/],
    ['another protocol over TLS', { ALPNProtocols: ['h2', 'http/1.1'] }, /not rexa\/1 over it/],
  ])('is refused with %s, and nothing was said to it', async (_what, options, message) => {
    const server = await startTlsServer(() => {}, options);
    expect(await attempt(server.address, await knownWith(server))).toEqual({
      code: 'CONNECT_FAILED',
      message: expect.stringMatching(message) as string,
    });
    expect(server.heard()).toHaveLength(0);
  });

  it('is refused where somebody in between has a certificate of his own, and nothing was said to him', async () => {
    const daemon = await startToyDaemon({ hostKey: 'ed25519' });
    const middle = await startTlsServer(() => {}, {}, 'ecdsa256');
    const home = makeUserHome();
    await home.know({ known: middle.known, hostKey: daemon.hostKey });
    const identities = [home.addKey('ecdsa256')];
    const { code } = await attempt(middle.address, { identities, acceptNew: true, askHost: () => true });
    expect(code).toBe('AUTH_HOST_CHANGED');
    expect(middle.heard()).toHaveLength(0);
    expect(daemon.seen).toEqual([]);
  });
});

/** A TLS record that is announced and comes byte by byte: each is life, and none is an answer. */
function dribble(socket: net.Socket): void {
  socket.write(Buffer.from([0x16, 0x03, 0x03, 0x20, 0x00]));
  const timer = setInterval(() => socket.write(Buffer.alloc(1)), 50);
  socket.on('close', () => clearInterval(timer));
}

describe('a host that is known, and hostile', () => {
  it.each<[string, readonly Uint8Array[], string]>([
    ['says nothing', [], 'CONNECT_TIMEOUT'],
    ['talks of other things first', [frame(TYPE.open, 2, { service: 'run' })], 'FRAME_MISPLACED'],
    ['sends data before its hello', [frame(TYPE.data, 1, 'abc')], 'FRAME_MISPLACED'],
    ['chooses from a login that offers nothing', [frame(TYPE.choose, 0, { offer: 0 })], 'FRAME_MISPLACED'],
    ['proves itself to be a client', [frame(TYPE.proof, 0, { proof: 'AAAA' })], 'FRAME_MISPLACED'],
    ['announces a frame of a gigabyte', [Buffer.from([0x40, 0, 0, 0, 1])], 'FRAME_TOO_LARGE'],
    ['speaks another version', [frame(TYPE.hello, 0, { ...HELLO, protocol: 99 })], 'PROTOCOL_MISMATCH'],
    ['sends no JSON', [frame(TYPE.hello, 0, '\u001b[2J')], 'CONTROL_NOT_JSON'],
  ])('is left when it %s', async (_what, frames, code) => {
    const server = await startTlsServer((socket) => {
      for (const each of frames) socket.write(each);
    });
    expect((await attempt(server.address, await knownWith(server))).code).toBe(code);
  });

  it.each([
    ['an offer that was not made', 7, 'FRAME_MISPLACED'],
    ['an offer before the first', -1, 'CONTROL_WRONG_SHAPE'],
    ['half an offer', 0.5, 'CONTROL_WRONG_SHAPE'],
  ])('is left when it chooses %s, and gets no proof', async (_what, offer, code) => {
    const server = await startTlsServer((socket) => socket.write(frame(TYPE.choose, 0, { offer })));
    const options = await knownWith(server, ['ecdsa256', 'rsa']);
    expect((await attempt(server.address, options)).code).toBe(code);
    expect(server.heard().includes('"proof"')).toBe(false);
  });

  it('gets one proof and no more, however often it chooses', async () => {
    const choose = frame(TYPE.choose, 0, { offer: 0 });
    const server = await startTlsServer((socket) => socket.write(Buffer.concat([choose, choose])));
    const options = await knownWith(server, ['ecdsa256', 'rsa']);
    expect((await attempt(server.address, options)).code).toBe('FRAME_MISPLACED');
    expect(server.heard().toString('latin1').split('"proof"').length).toBeLessThanOrEqual(2);
  });

  it.each<[string, Uint8Array]>([
    ['its goaway', frame(TYPE.goaway, 0, { error: { code: STEERING, message: STEERING } })],
    [
      'its refusal',
      frame(TYPE.goaway, 0, { error: { code: 'LOGIN_REFUSED', message: STEERING.repeat(100) } }),
    ],
    ['its name', frame(TYPE.hello, 0, { ...HELLO, protocol: 99, agent: STEERING })],
  ])('cannot steer a terminal by %s', async (_what, said) => {
    const server = await startTlsServer((socket) => socket.end(said));
    const { message } = await attempt(server.address, await knownWith(server));
    expect(message).toContain('ok\\x1b[2J');
    expect(message).not.toMatch(UNSAFE);
    expect(message.length).toBeLessThan(2000);
  });
});

describe('an ssh-agent', () => {
  const stall: Behaviour = () => null;
  const listOnly =
    (honest: Behaviour, sign: Behaviour): Behaviour =>
    (type, body, socket) =>
      type === 11 ? honest(type, body, socket) : sign(type, body, socket);
  const closing: Behaviour = (_type, _body, socket) => {
    socket.destroy();
    return null;
  };

  it.each<[string, (honest: Behaviour) => Behaviour, RegExp]>([
    ['does not answer', () => stall, /did not answer within/],
    ['closes', () => closing, /closed the connection/],
    ['talks nonsense', () => () => Buffer.from('\u0000\u0000\u0000\u0002\u001b['), /sent an invalid answer/],
    ['announces more than it may', () => () => Buffer.from([0x7f, 0xff, 0xff, 0xff]), /announced a reply/],
    ['lists nothing but refusals', () => () => FAILURE, /refused to list/],
    ['stalls when it is to sign', (honest) => listOnly(honest, stall), /did not answer within/],
    ['closes when it is to sign', (honest) => listOnly(honest, closing), /closed the connection/],
    ['refuses to sign', (honest) => listOnly(honest, () => FAILURE), /refused to sign/],
    [
      'signs something else',
      (honest) => listOnly(honest, () => signReply(Buffer.alloc(64))),
      /did not sign with the key/,
    ],
  ])('that %s is named, and a key of a file is used', async (_what, make, said) => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['rsa', 'ecdsa256'] });
    await home.know(daemon);
    home.addKey('ecdsa256', '.ssh/id_ecdsa');
    const agent = await startAgent(make(honestly([await fixtureSecret('rsa')])));
    const { options, warned } = noteWords({ agent, timeout: 1500 });
    expect((await attempt(daemon.address, options)).code).toBe('none');
    expect(warned.join('\n')).toMatch(said);
    expect(warned.join('\n')).toContain(agent);
    expect(daemon.seen.at(-2)).toBe('right proof');
  });

  it('that is not there is named, and no reason to give up', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    home.addKey('ecdsa256', '.ssh/id_ecdsa');
    const { options, warned } = noteWords({ agent: `${home.folder}/no-agent` });
    expect((await attempt(daemon.address, options)).code).toBe('none');
    expect(warned.join('\n')).toMatch(/cannot reach the ssh-agent/);
  });

  it('that is gone since it logged in is asked once, and named once', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon({ admits: ['rsa', 'ecdsa256'] });
    await home.know(daemon);
    const agent = await startAgent(honestly([await fixtureSecret('rsa')]));
    expect((await attempt(daemon.address, { agent })).code).toBe('none');
    home.addKey('ecdsa256', '.ssh/id_ecdsa');
    fs.rmSync(agent);
    const { options, warned } = noteWords({ agent });
    expect((await attempt(daemon.address, options)).code).toBe('none');
    expect(warned.filter((line) => line.includes(agent))).toHaveLength(1);
  });
});

describe('a private key that others may read', () => {
  it('is not used, and the command that mends it is said', async () => {
    const home = makeUserHome();
    const daemon = await startToyDaemon();
    await home.know(daemon);
    const file = home.addKey('ecdsa256');
    fs.chmodSync(file, 0o644);
    const { options, warned } = noteWords({ identities: [file] });
    expect((await attempt(daemon.address, options)).code).toBe('LOGIN_NO_KEY');
    expect(warned.join()).toContain(`chmod 600 ${file}`);
  });
});
