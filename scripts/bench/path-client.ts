import { once } from 'node:events';
import net from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { connect, type Host } from '../../src/client/index.ts';

/** What the near end of a path is told. */
export interface PathTask {
  readonly address: string;
  /** Where the bare connection goes. */
  readonly far: string;
  readonly folder: string;
  readonly key: string;
  readonly megabytes: number;
}

/** Milliseconds of everything that was measured there. */
export interface PathFigures {
  readonly downMs: readonly number[];
  readonly upMs: readonly number[];
  readonly bareMs: readonly number[];
  readonly rttMs: readonly number[];
  readonly echoMs: readonly number[];
  readonly stalledMs: readonly number[];
  readonly readMs: readonly number[];
}

const ROUNDS = 3;
const PINGS = 11;
const KEYS = 31;
const CHANNELS = 200;
const CHANNEL_BYTES = 256 * 1024;
const PIECE = Buffer.alloc(256 * 1024, 'pattern ');
/** Sends so many bytes to whoever connects; says its port first. */
const BARE_SERVER = `
  const [bytes, address] = process.argv.slice(1);
  const piece = Buffer.alloc(256 * 1024, 'pattern ');
  const server = require('net').createServer((socket) => {
    let left = Number(bytes);
    const send = () => {
      while (left > 0) {
        const part = piece.subarray(0, left);
        left -= part.length;
        if (!socket.write(part)) return void socket.once('drain', send);
      }
      socket.end();
    };
    send();
  });
  server.listen(0, address, () => console.log(server.address().port));
`;

process.once('message', (task: PathTask) => void measure(task).then((figures) => process.send?.(figures)));

async function measure({ address, far, key, megabytes }: PathTask): Promise<PathFigures> {
  await using host = await connect(address, {
    agent: null,
    identities: [key],
    acceptNew: true,
    config: false,
  });
  const bytes = megabytes * 1e6;
  const rttMs = await repeat(PINGS, () => host.ping());
  await using server = await startBareServer(host, bytes, far);
  const [downMs, upMs, bareMs]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    downMs.push(await time(() => readDown(host, bytes)));
    upMs.push(await time(() => writeUp(host, bytes)));
    bareMs.push(await time(() => readBare(server.port, far, bytes)));
  }
  const echoMs = await echoMeanwhile(host, bytes);
  const readMs = await repeat(ROUNDS, () => time(() => readChannels(host)));
  const stalledMs = await repeat(ROUNDS, () => besideStalled(host));
  return { downMs, upMs, bareMs, rttMs, echoMs, stalledMs, readMs };
}

async function repeat<Value>(times: number, once_: () => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for (let count = 0; count < times; count++) values.push(await once_());
  return values;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function startZeros(host: Host, bytes: number) {
  return host.run('head', ['-c', String(bytes), '/dev/zero'], { encoding: 'binary', buffer: false });
}

async function readDown(host: Host, bytes: number): Promise<void> {
  const run = startZeros(host, bytes);
  await Promise.all([countBytes(run.stdout, bytes), run]);
}

async function writeUp(host: Host, bytes: number): Promise<void> {
  const run = host.run('wc', ['-c'], { stdin: 'pipe', inputEncoding: 'binary' });
  await writeBytes(run.stdin as Writable, bytes);
  const { stdout } = await run;
  if (Number(stdout) !== bytes) throw new Error(`the host got ${stdout.trim()} bytes instead of ${bytes}`);
}

async function writeBytes(into: Writable, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= PIECE.length)
    if (!into.write(PIECE.subarray(0, left))) await once(into, 'drain');
  into.end();
}

async function readBare(port: number, far: string, bytes: number): Promise<void> {
  await countBytes(net.connect(port, far), bytes);
}

async function countBytes(from: Readable, expected: number): Promise<void> {
  let bytes = 0;
  from.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(from, 'end');
  if (bytes !== expected) throw new Error(`${bytes} bytes came instead of ${expected}`);
}

async function startBareServer(host: Host, bytes: number, far: string) {
  const words = ['-e', BARE_SERVER, String(bytes), far];
  const run = host.run(process.execPath, words, { buffer: false, reject: false });
  const [port] = (await once(run.stdout, 'data')) as [Buffer];
  return {
    port: Number(port.toString()),
    async [Symbol.asyncDispose]() {
      run.cancel();
      await run;
    },
  };
}

/** Keys on a terminal while the same connection is busy. */
async function echoMeanwhile(host: Host, bytes: number): Promise<number[]> {
  const line = 'stty raw -echo; echo ready; exec cat';
  const terminal = { columns: 80, rows: 24 };
  const run = host.run('sh', ['-c', line], { terminal, stdin: 'pipe', buffer: false, reject: false });
  const stdin = run.stdin as Writable;
  await once(run.stdout, 'data');
  const busy = startZeros(host, bytes);
  const read = countBytes(busy.stdout, bytes);
  const echoMs = await repeat(KEYS, () =>
    time(async () => {
      const seen = once(run.stdout, 'data');
      stdin.write('x');
      await seen;
    }),
  );
  await Promise.all([read, busy]);
  run.cancel();
  await run;
  return echoMs;
}

async function readChannels(host: Host): Promise<void> {
  await Promise.all(Array.from({ length: CHANNELS - 1 }, () => readDown(host, CHANNEL_BYTES)));
}

/** What the others take while one channel is not read, which has more than its window to say. */
async function besideStalled(host: Host): Promise<number> {
  const stalled = host.run('cat', ['/dev/zero'], { encoding: 'binary', buffer: false, reject: false });
  await stalled.pid;
  const othersMs = await time(() => readChannels(host));
  stalled.cancel();
  stalled.stdout.destroy();
  await stalled;
  return othersMs;
}
