import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Principal } from '../../../../src/auth/principal.ts';
import type { RexaError } from '../../../../src/protocol/errors.ts';
import type { ForwardPolicy } from '../../../../src/services/forward/authorize.ts';
import type { ForwardEnd, ForwardPlace } from '../../../../src/services/forward/client-types.ts';
import { codeOfAsync } from '../../../fixtures/auth/fixtures.ts';
import { LOCAL_PRINCIPAL, principalWith } from '../../../fixtures/granted-login.ts';
import { openForwardingHost } from '../../../fixtures/services/open-forward.ts';
import { findClosedPort, readAll, startSocketServer } from '../../../fixtures/socket-server.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const echo = (socket: net.Socket): void => void socket.pipe(socket);

/** A megabyte that is nowhere the same. */
const BYTES = Buffer.from(Uint32Array.from({ length: 262_144 }, (_, index) => index * 2_654_435_761).buffer);

function dial(place: ForwardPlace): net.Socket {
  const socket = net.connect({ ...place, allowHalfOpen: true } as net.NetConnectOpts);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Resolves when a socket is closed, with the code of its error. */
async function closeOf(socket: net.Socket): Promise<string | null> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  const error: NodeJS.ErrnoException | null = socket.errored;
  return error?.code ?? null;
}

type Direction = (place: ForwardPlace) => { readonly from: ForwardEnd; readonly to: ForwardEnd };
const FROM_HERE: Direction = (place) => ({ from: { local: { port: 0 } }, to: { remote: place } });
const FROM_THERE: Direction = (place) => ({ from: { remote: { port: 0 } }, to: { local: place } });
const DIRECTIONS: readonly (readonly [string, Direction])[] = [
  ['to the host', FROM_HERE],
  ['from the host', FROM_THERE],
];

describe.each(DIRECTIONS)('a forwarding %s', (_name, direction) => {
  it.each(['tcp', 'unix'] as const)(
    'carries bytes both ways to a %s server, and each end by itself',
    async (kind) => {
      // The server answers only once it has everything
      const server = await startSocketServer(
        (socket) => void readAll(socket).then((all) => socket.end(all)),
        kind,
      );
      const { host } = openForwardingHost();
      await using forward = await host.forward(direction(server.place));
      const client = dial(forward.address);
      client.end(BYTES);
      expect((await readAll(client)).equals(BYTES)).toBe(true);
    },
  );

  it('passes on the end of the server while the client still sends', async () => {
    const got = Promise.withResolvers<Buffer>();
    const server = await startSocketServer((socket) => {
      socket.end('bye');
      void readAll(socket).then(got.resolve);
    });
    const { host } = openForwardingHost();
    await using forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    expect((await readAll(client)).toString()).toBe('bye');
    client.end(BYTES);
    expect((await got.promise).equals(BYTES)).toBe(true);
  });

  it('resets the connection of a client whose server resets', async () => {
    const server = await startSocketServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { host } = openForwardingHost();
    await using forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    client.write('x');
    expect(await closeOf(client)).toBe('ECONNRESET');
  });

  it('delivers what a server sent before it reset an upload', async () => {
    const server = await startSocketServer((socket) => {
      socket.end('too large');
      socket.once('data', () => socket.destroy());
    });
    const { host } = openForwardingHost();
    await using forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    let reply = '';
    client.on('data', (chunk: Buffer) => {
      reply += chunk.toString();
    });
    while (!client.destroyed) await new Promise((resolve) => client.write(BYTES, resolve));
    expect(reply).toBe('too large');
    expect(await closeOf(client)).toMatch(/^(?:ECONNRESET|EPIPE)$/);
  });

  it('resets a client whose server does not answer, and reports why', async () => {
    const { host } = openForwardingHost();
    const port = await findClosedPort();
    const failed = Promise.withResolvers<RexaError>();
    const place = { host: '127.0.0.1', port };
    await using forward = await host.forward({ ...direction(place), handleError: failed.resolve });
    const client = dial(forward.address);
    expect(await closeOf(client)).toBe('ECONNRESET');
    expect((await failed.promise).message).toBe(`cannot connect to 127.0.0.1:${port}: connection refused`);
  });

  it('does not read from a client whose server does not read', async () => {
    const server = await startSocketServer((socket) => socket.pause());
    const { host } = openForwardingHost();
    await using forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    const megabyte = Buffer.alloc(2 ** 20);
    let sentMegabytes = 0;
    while (sentMegabytes < 256 && (client.write(megabyte) || (await drainsSoon(client)))) sentMegabytes++;
    expect(sentMegabytes).toBeLessThan(64);
  });

  it('stops listening when it is closed, and keeps the open connections', async () => {
    const server = await startSocketServer(echo);
    const { host } = openForwardingHost();
    const forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    client.write('before');
    await once(client, 'data');
    expect(forward.connectionCount).toBe(1);
    await forward.close();
    expect(await forward.ended).toBe(null);
    const late = dial(forward.address);
    expect(await closeOf(late)).toBe('ECONNREFUSED');
    client.end('behind');
    expect((await readAll(client)).toString()).toBe('behind');
  });

  it('is refused where something listens already', async () => {
    const server = await startSocketServer(echo);
    const { host } = openForwardingHost();
    const taken = { host: '127.0.0.1', port: server.port };
    const { from, to } = direction({ port: 1 });
    const end = 'local' in from ? { local: taken } : { remote: taken };
    await expect(host.forward({ from: end, to })).rejects.toThrow(
      /^cannot listen on \S+: address already in use$/,
    );
  });

  it('resets its connections when the link is lost', async () => {
    const server = await startSocketServer(echo);
    const { host, cut } = openForwardingHost();
    const forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    client.write('x');
    await once(client, 'data');
    cut();
    expect(await closeOf(client)).toBe('ECONNRESET');
    if (direction === FROM_THERE) expect((await forward.ended)?.code).toBe('LINK_LOST');
  });

  it('keeps no connection to a server that does not read, once the link is lost', async () => {
    const server = await startSocketServer((socket) => void socket.pause());
    const { host, cut, work } = openForwardingHost();
    const forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    await once(client, 'connect');
    // More than the buffers on the way take
    client.end(Buffer.alloc(20_000_000));
    await waitUntil('the connection is carried', () => work.count === 1);
    cut();
    await work.whenIdle();
    expect(await closeOf(client)).toBe('ECONNRESET');
  });

  it('carries 200 connections at once', async () => {
    const server = await startSocketServer(echo);
    const { host } = openForwardingHost();
    await using forward = await host.forward(direction(server.place));
    const replies = Array.from({ length: 200 }, async (_, index) => {
      const client = dial(forward.address);
      client.end(`reply ${index}`);
      return (await readAll(client)).toString();
    });
    expect(await Promise.all(replies)).toEqual(replies.map((_, index) => `reply ${index}`));
  });

  it('lets a drain wait for its connections, and closes its listener', async () => {
    const server = await startSocketServer(echo);
    const { host, daemon, audited } = openForwardingHost();
    const forward = await host.forward(direction(server.place));
    const client = dial(forward.address);
    client.write('x');
    await once(client, 'data');
    const never = new Promise(() => undefined);
    const drained = daemon.drain({ ending: never, endingInMs: 1_000, killing: never });
    if (direction === FROM_THERE) expect((await forward.ended)?.code).toBe('FORWARD_LISTEN_FAILED');
    client.end('still there');
    expect((await readAll(client)).toString()).toBe('still there');
    await drained;
    expect(audited.map(([event]) => event)).toContain(
      direction === FROM_HERE ? 'direct-ended' : 'forwarded-ended',
    );
  });
});

/** Whether a socket takes more bytes: one whose reader stalls never does. */
async function drainsSoon(socket: net.Socket): Promise<boolean> {
  return Promise.race([
    once(socket, 'drain').then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500)),
  ]);
}

describe('host.connect', () => {
  it('is the socket of an http request', async () => {
    const server = http.createServer((request, response) => {
      let length = 0;
      request.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      request.on('end', () => response.end(`${request.url} ${length}`));
    });
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const { host } = openForwardingHost();
    const agent = new http.Agent({ keepAlive: true });
    agent.createConnection = () => host.connect({ host: '127.0.0.1', port });
    const replies: string[] = [];
    for (const path of ['/one', '/two']) {
      const request = http.request({ agent, path, method: 'POST', host: 'h' });
      request.end(BYTES);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      replies.push((await readAll(response)).toString());
    }
    agent.destroy();
    expect(replies).toEqual([`/one ${BYTES.length}`, `/two ${BYTES.length}`]);
  });

  it('fails with the reason of the daemon', async () => {
    const { host } = openForwardingHost();
    const port = await findClosedPort();
    const stream = host.connect({ host: '127.0.0.1', port });
    const [error] = (await once(stream, 'error')) as [RexaError];
    expect(error).toMatchObject({ code: 'FORWARD_FAILED' });
  });

  it('resets the server when it is destroyed', async () => {
    const ended = Promise.withResolvers<NodeJS.ErrnoException>();
    const server = await startSocketServer((socket) => socket.once('error', ended.resolve).resume());
    const { host } = openForwardingHost();
    const stream = host.connect(server.place);
    await once(stream, 'connect');
    stream.destroy();
    expect((await ended.promise).code).toBe('ECONNRESET');
  });

  it.each<[string, unknown]>([
    ['no port', { host: 'db' }],
    ['port 0', { host: 'db', port: 0 }],
    ['a port that is no number', { port: '80' }],
    ['an empty path', { path: '' }],
    ['nothing', undefined],
  ])('refuses %s', async (_what, place) => {
    const { host } = openForwardingHost();
    expect(await codeOfAsync(async () => host.connect(place as ForwardPlace))).toBe('USAGE');
  });
});

const list = (host: string, port: number | '*') => [{ host, port }] as const;
const NO_PORTS = principalWith({ permitPortForwarding: false });
const RESTRICTED = principalWith({ restricted: true, permitPortForwarding: false });
const NAMED_BESIDE_RESTRICT = principalWith({ restricted: true });
const ONE_TARGET = principalWith({ permitOpen: list('127.0.0.1', 1) });
const ANY_PORT = principalWith({ permitOpen: list('127.0.0.1', '*') });
const ONE_LISTENER = principalWith({ permitListen: list('localhost', 1) });
const ANY_LISTENER = principalWith({ permitListen: list('*', '*') });

describe('rights', () => {
  it.each<[string, Partial<ForwardPolicy>, Principal, string | null]>([
    ['the own user', {}, LOCAL_PRINCIPAL, null],
    ['a key', {}, principalWith({}), null],
    ['no-port-forwarding', {}, NO_PORTS, 'NOT_PERMITTED'],
    ['restrict', {}, RESTRICTED, 'NOT_PERMITTED'],
    ['restrict,port-forwarding', {}, NAMED_BESIDE_RESTRICT, null],
    ['permitopen of another port', {}, ONE_TARGET, 'NOT_PERMITTED'],
    ['permitopen of any port', {}, ANY_PORT, null],
    ['permitlisten only', {}, ONE_LISTENER, null],
    ['--allow-tcp-forwarding no', { local: false, remote: false }, LOCAL_PRINCIPAL, 'FORWARD_PROHIBITED'],
    ['--allow-tcp-forwarding local', { remote: false }, LOCAL_PRINCIPAL, null],
    ['--allow-tcp-forwarding remote', { local: false }, LOCAL_PRINCIPAL, 'FORWARD_PROHIBITED'],
    ['--permit-open of another host', { permitOpen: list('db', '*') }, LOCAL_PRINCIPAL, 'FORWARD_PROHIBITED'],
    ['--permit-open of this host', { permitOpen: list('127.0.0.1', '*') }, LOCAL_PRINCIPAL, null],
  ])('of %s to connect: %4$s', async (_name, policy, principal, code) => {
    const server = await startSocketServer(echo);
    const { host, audited } = openForwardingHost(policy, principal);
    const stream = host.connect(server.place);
    const error = await once(stream, 'connect').then(
      () => null,
      (reason: RexaError) => reason,
    );
    expect(error?.code ?? null).toBe(code);
    expect(audited.map(([event]) => event)).toContain(code === null ? 'direct-started' : 'direct-refused');
    if (code === null) expect(audited.at(-1)?.[1]).toMatchObject({ to: `127.0.0.1:${server.port}` });
    stream.destroy();
  });

  it.each<[string, Partial<ForwardPolicy>, Principal, string | null]>([
    ['a key', {}, principalWith({}), null],
    ['no-port-forwarding', {}, NO_PORTS, 'NOT_PERMITTED'],
    ['restrict', {}, RESTRICTED, 'NOT_PERMITTED'],
    ['permitopen only', {}, ONE_TARGET, null],
    ['permitlisten of another port', {}, ONE_LISTENER, 'NOT_PERMITTED'],
    ['permitlisten of any port', {}, ANY_LISTENER, null],
    ['--allow-tcp-forwarding local', { remote: false }, LOCAL_PRINCIPAL, 'FORWARD_PROHIBITED'],
    ['--allow-tcp-forwarding remote', { local: false }, LOCAL_PRINCIPAL, null],
    [
      '--permit-listen of another port',
      { permitListen: list('*', 1) },
      LOCAL_PRINCIPAL,
      'FORWARD_PROHIBITED',
    ],
    [
      '--permit-listen of another host',
      { permitListen: list('10.*', '*') },
      LOCAL_PRINCIPAL,
      'FORWARD_PROHIBITED',
    ],
    ['--permit-listen of this host', { permitListen: list('local*', '*') }, LOCAL_PRINCIPAL, null],
    [
      '--permit-listen, and permitlisten of another port',
      { permitListen: list('*', '*') },
      ONE_LISTENER,
      'NOT_PERMITTED',
    ],
  ])('of %s to listen: %4$s', async (_name, policy, principal, code) => {
    const { host } = openForwardingHost(policy, principal);
    const listened = host.forward({ from: { remote: { port: 0 } }, to: { local: { port: 1 } } });
    expect(await codeOfAsync(() => listened.then((forward) => forward.close()))).toBe(code);
  });

  it.each<[ForwardPolicy['gatewayPorts'], string, string]>([
    ['no', '*', 'localhost'],
    ['no', '127.0.0.2', 'localhost'],
    ['no', '127.0.0.1', '127.0.0.1'],
    ['clientspecified', '127.0.0.2', '127.0.0.2'],
    ['yes', 'localhost', '::'],
    ['clientspecified', '', '::'],
  ])(
    'with --gateway-ports %s the host %o becomes %s, and takes connections',
    async (gatewayPorts, asked, given) => {
      const { host } = openForwardingHost({ gatewayPorts });
      const server = await startSocketServer(echo);
      const from = { remote: { host: asked, port: 0 } };
      await using forward = await host.forward({ from, to: { local: server.place } });
      const { host: at } = forward.address as { host: string };
      // A host without IPv6
      expect(at.replace('0.0.0.0', '::')).toBe(given);
      const client = dial(forward.address);
      client.end('through');
      expect(String(await readAll(client))).toBe('through');
    },
  );

  it.each([
    ['with permitopen', ANY_PORT],
    ['that is bound', NAMED_BESIDE_RESTRICT],
  ])('refuses a Unix socket to a key %s', async (_what, principal) => {
    const server = await startSocketServer(echo, 'unix');
    const refused = openForwardingHost({}, principal).host.connect(server.place);
    expect(((await once(refused, 'error')) as [RexaError])[0].code).toBe('NOT_PERMITTED');
  });

  it('is for as many connections as a bound key may have', async () => {
    const server = await startSocketServer(echo);
    const { host } = openForwardingHost({}, NAMED_BESIDE_RESTRICT);
    const streams = Array.from({ length: 63 }, () => host.connect(server.place));
    for (const stream of streams) await once(stream, 'connect').catch(() => undefined);
    const codes = streams.map(({ errored }) => (errored as RexaError | null)?.code ?? null);
    expect(new Set(codes)).toEqual(new Set([null]));
    for (const stream of streams) stream.destroy();
  });
});

describe('a SOCKS server on the host', () => {
  const REQUEST_FAILED = 2;

  /** Asks it for a place. @returns the result in its answer */
  async function ask(at: ForwardPlace, port: number): Promise<number | undefined> {
    const client = dial(at);
    const answers = readAll(client);
    client.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff]));
    client.end();
    return (await answers)[3];
  }

  it('connects only to the places that its client permits', async () => {
    const server = await startSocketServer((socket) => socket.end('x'));
    const { port } = server.place as { port: number };
    const { host } = openForwardingHost();
    const errors: RexaError[] = [];
    const asked: ForwardPlace[] = [];
    await using forward = await host.forward({
      from: { remote: { port: 0 } },
      to: 'socks',
      permit: (to) => asked.push(to) > 1,
      handleError: (error) => void errors.push(error),
    });
    expect(await ask(forward.address, port)).toBe(REQUEST_FAILED);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['FORWARD_DENIED', `the client does not permit a connection to 127.0.0.1:${port}`],
    ]);
    expect(await ask(forward.address, port)).toBe(0);
    expect(asked).toEqual([
      { host: '127.0.0.1', port },
      { host: '127.0.0.1', port },
    ]);
  });
});

describe('a Unix socket that is listened on here', () => {
  it('takes the place of another socket if that is asked for, and of nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-listen-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 's');
    const left = net.createServer().listen(path);
    await once(left, 'listening');
    onTestFinished(() => void left.close());
    const server = await startSocketServer((socket) => socket.end('x'));
    const { host } = openForwardingHost();
    const ends = { from: { local: { path } }, to: { remote: server.place } } as const;
    expect(await codeOfAsync(() => host.forward(ends))).toBe('FORWARD_LISTEN_FAILED');
    await using _forward = await host.forward({ ...ends, replaceSocket: true });
    expect((await readAll(dial({ path }))).toString()).toBe('x');
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    const onFile = { ...ends, from: { local: { path: file } }, replaceSocket: true };
    expect(await codeOfAsync(() => host.forward(onFile))).toBe('FORWARD_LISTEN_FAILED');
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});
