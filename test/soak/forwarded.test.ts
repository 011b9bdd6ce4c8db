import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Host } from '../../src/client/index.ts';
import { fixtureText } from '../fixtures/auth/fixtures.ts';
import { type ChaosProxy, startChaosProxy } from '../fixtures/chaos-proxy.ts';
import { startDaemon } from '../fixtures/daemon.ts';
import { readAll, type SocketServer, startSocketServer } from '../fixtures/socket-server.ts';
import { startTlsDaemon } from '../fixtures/tls-daemon.ts';
import { publicLine } from '../fixtures/tls-run.ts';
import { shareOf } from './share.ts';

const MIB = 1024 * 1024;
const BYTES = shareOf(1024 * MIB);
const CUTS = shareOf(100);
const SEED = Number(process.env['REXA_SEED'] ?? 1);

/** So that the last cut comes before the last byte: both directions count. */
const RULES = { cutAfterBytes: [1, 16 * MIB], cuts: CUTS } as const;

/** Forwards to a server through a host. @returns what opens a connection */
type Route = (host: Host, server: SocketServer) => Promise<() => Promise<net.Socket>>;

async function dial(place: net.NetConnectOpts): Promise<net.Socket> {
  const socket = net.connect({ ...place, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

/** Asks a SOCKS 5 server for a port of 127.0.0.1 (RFC 1928). */
async function dialSocks(socks: net.NetConnectOpts, port: number): Promise<net.Socket> {
  const socket = await dial(socks);
  socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff]));
  const method = await readExactly(socket, 2);
  const answer = await readExactly(socket, 10);
  expect([...method, ...answer.subarray(0, 2)]).toEqual([5, 0, 5, 0]);
  return socket;
}

async function readExactly(socket: net.Socket, bytes: number): Promise<Buffer> {
  let chunk = Buffer.alloc(0);
  socket.resume();
  while (chunk.length < bytes) chunk = Buffer.concat([chunk, (await once(socket, 'data'))[0] as Buffer]);
  socket.pause();
  socket.unshift(chunk.subarray(bytes));
  return chunk.subarray(0, bytes);
}

const ROUTES: readonly (readonly [name: string, route: Route])[] = [
  [
    '-L',
    async (host, server) => {
      const forward = await host.forward({ from: { local: { port: 0 } }, to: { remote: server.place } });
      return () => dial(forward.address);
    },
  ],
  [
    '-R',
    async (host, server) => {
      const forward = await host.forward({ from: { remote: { port: 0 } }, to: { local: server.place } });
      return () => dial(forward.address);
    },
  ],
  [
    '-D',
    async (host, server) => {
      const forward = await host.forward({ from: { local: { port: 0 } }, to: 'socks' });
      return () => dialSocks(forward.address, server.port);
    },
  ],
];

/** Sends a pattern that never repeats, as fast as the socket takes it. @returns its SHA-256 */
async function sendPattern(socket: net.Socket, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const block = Buffer.alloc(65_536);
  for (let sent = 0; sent < bytes; sent += block.length) {
    const chunk = Buffer.from(block.fill(`${sent} `));
    hash.update(chunk);
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.end();
  return hash.digest('hex');
}

async function hashAll(socket: net.Socket): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of socket) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Sends both ways at once, while the proxies cut. @returns what was sent and received by each end */
async function exchange(host: Host, route: Route, proxies: readonly ChaosProxy[]) {
  const atServer = Promise.withResolvers<[received: string, sent: string]>();
  const server = await startSocketServer((socket) => {
    void Promise.all([hashAll(socket), sendPattern(socket, BYTES)]).then(atServer.resolve, atServer.reject);
  });
  const client = await (await route(host, server))();
  onTestFinished(() => void client.destroy());
  for (const proxy of proxies) {
    proxy.setRules(RULES);
    proxy.cutAll();
  }
  const [received, sent] = await Promise.all([hashAll(client), sendPattern(client, BYTES)]);
  return { client: { received, sent }, server: await atServer.promise };
}

describe(`a connection with ${BYTES} bytes each way through ${CUTS} cuts`, () => {
  it.each(ROUTES)('by %s loses and doubles no byte', async (_name, route) => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED);
    const { path } = proxy.place as { path: string };
    await using host = await connect(`unix:${path}`);
    const { client, server } = await exchange(host, route, [proxy]);
    expect([client.received, client.sent]).toEqual([server[1], server[0]]);
    expect(proxy.cut).toBeGreaterThanOrEqual(CUTS);
  });

  it('by a jump host whose both connections are cut loses and doubles no byte', async () => {
    await using target = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    await using middle = await startDaemon();
    await using near = await startChaosProxy({ path: middle.socketPath }, 'unix', SEED);
    await using far = await startChaosProxy({ host: '127.0.0.1', port: target.port }, 'tcp', SEED + 1);
    const through = far.place as { port: number };
    await using host = await connect(`tls://127.0.0.1:${through.port}#${target.fingerprint}`, {
      config: false,
      agent: null,
      knownHosts: null,
      acceptNew: true,
      identities: [{ name: 'ed25519', text: fixtureText('keys/ed25519') }],
      jump: `unix:${(near.place as { path: string }).path}`,
    });
    const route = (ROUTES[0] as (typeof ROUTES)[0])[1];
    const { client, server } = await exchange(host, route, [near, far]);
    expect([client.received, client.sent]).toEqual([server[1], server[0]]);
    expect([near.cut, far.cut].every((cuts) => cuts >= CUTS)).toBe(true);
  });
});

describe('500 forwarded connections at once', () => {
  it.each(ROUTES)('by %s carry what each of them says', async (_name, route) => {
    await using daemon = await startDaemon();
    await using host = await connect(daemon.address);
    let count = 0;
    const all = Promise.withResolvers<void>();
    const server = await startSocketServer((socket) => {
      count++;
      if (count === 500) all.resolve();
      // Nobody is answered before all are there
      void all.promise.then(() => socket.pipe(socket));
    });
    const open = await route(host, server);
    const words = Array.from({ length: 500 }, (_, index) => `connection ${index}`);
    const said = await Promise.all(
      words.map(async (word) => {
        const client = await open();
        client.end(word);
        return String(await readAll(client));
      }),
    );
    expect(said).toEqual(words);
  });
});
