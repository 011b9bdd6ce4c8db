import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { endChild } from './end-child.ts';
import { raceTable, type Table } from './figures.ts';
import { startRivalHosts, type Way } from './rival-hosts.ts';
import { readStage } from './stage.ts';

const ROUNDS = 9;
const SHORT_ROUNDS = 300;
const BYTES = 256 * 2 ** 20;
const START_MS = 10_000;

/** What a client of the server sends first. */
const ASK = { all: 'a', echo: 'e' } as const;

/** The ports of one program that forwards. */
interface Forwarder {
  readonly way: Way;
  readonly ports: Readonly<Record<'local' | 'remote' | 'socks', number>>;
  readonly child: ChildProcess;
}

/** Bytes through connections that rexa and ssh forward, and how long a new one takes to its first byte. */
export async function measure(): Promise<Table[]> {
  const stage = readStage();
  await using undo = new AsyncDisposableStack();
  const { ways } = undo.use(await startRivalHosts(stage));
  const target = await listen(serve);
  undo.defer(() => void target.close());
  const { port } = target.address() as net.AddressInfo;
  const forwarders: Forwarder[] = [];
  for (const way of ways) {
    const forwarder = await startForwarder(way, port);
    undo.defer(() => endChild(forwarder.child));
    forwarders.push(forwarder);
  }
  const table = (
    title: string,
    options: Pick<Table, 'unit' | 'better'>,
    measureOne: (each: Forwarder) => Promise<void>,
  ) =>
    raceTable(
      forwarders.map((each) => ({ name: each.way.name, once: () => measureOne(each) })),
      options.unit === 'ms' ? SHORT_ROUNDS : ROUNDS,
      { title, ...options, ...(options.unit === 'ms' ? {} : { figure: (ms) => BYTES / 1e3 / ms }) },
    );
  const rate = { unit: 'MB/s', better: 'more' } as const;
  return [
    await table('256 MiB through -L', rate, ({ ports }) => take(net.connect(ports.local, '127.0.0.1'))),
    await table('256 MiB through -R', rate, ({ ports }) => take(net.connect(ports.remote, '127.0.0.1'))),
    await table('256 MiB through -D', rate, async ({ ports }) => take(await dialSocks(ports.socks, port))),
    await table(
      'A new connection through -L, and a byte and its echo',
      { unit: 'ms', better: 'less' },
      ({ ports }) => echo(net.connect(ports.local, '127.0.0.1')),
    ),
    await table(
      'A new connection through -R, and a byte and its echo',
      { unit: 'ms', better: 'less' },
      ({ ports }) => echo(net.connect(ports.remote, '127.0.0.1')),
    ),
  ];
}

async function startForwarder(way: Way, target: number): Promise<Forwarder> {
  const [local, remote, socks] = await Promise.all([findPort(), findPort(), findPort()]);
  const to = `127.0.0.1:${target}`;
  const words = [
    '-N',
    '-p',
    String(way.port),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'ExitOnForwardFailure=yes',
  ];
  const forwards = ['-L', `${local}:${to}`, '-R', `${remote}:${to}`, '-D', String(socks)];
  const child = spawn(way.program, [...words, ...forwards, '127.0.0.1'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ports = { local, remote, socks };
  const untilMs = performance.now() + START_MS;
  for (const port of Object.values(ports)) {
    while (!(await answers(port))) {
      if (child.exitCode !== null || performance.now() > untilMs)
        throw new Error(`${way.name} does not forward`);
      await pause(20);
    }
  }
  return { way, ports, child };
}

/** Sends so many bytes, or each byte back. */
function serve(socket: net.Socket): void {
  socket.on('error', () => undefined);
  socket.once('data', (asked: Buffer) => {
    if (String(asked.subarray(0, 1)) === ASK.echo) return void socket.end('x');
    const block = Buffer.alloc(2 ** 18, 'bytes of a forwarded connection ');
    let left = BYTES;
    const send = (): void => {
      while (left > 0) {
        left -= block.length;
        if (!socket.write(block)) return void socket.once('drain', send);
      }
      socket.end();
    };
    send();
  });
}

async function take(socket: net.Socket): Promise<void> {
  socket.write(ASK.all);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(socket, 'close');
  if (bytes !== BYTES) throw new Error(`${bytes} bytes came through`);
}

async function echo(socket: net.Socket): Promise<void> {
  socket.setNoDelay().write(ASK.echo);
  await once(socket, 'data');
  socket.destroy();
}

/** RFC 1928, without authentication. */
async function dialSocks(socks: number, port: number): Promise<net.Socket> {
  const socket = net.connect(socks, '127.0.0.1');
  socket.write(Buffer.from([5, 1, 0]));
  await once(socket, 'data');
  socket.write(Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff]));
  await once(socket, 'data');
  return socket;
}

async function listen(serveOne: (socket: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer(serveOne).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function findPort(): Promise<number> {
  const server = await listen(() => undefined);
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  const is = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return is;
}
