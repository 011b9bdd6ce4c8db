import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { REXA, startDaemon } from './daemon.ts';
import { race, toRows } from './figures.ts';

const MEGABYTES = 512;
const BYTES = MEGABYTES * 1024 * 1024;
const ROUNDS = 5;

/** Patterned data through `rexa run`, whole processes included, beside a bare Node socket pair and a plain pipe. */
export async function measure(): Promise<string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-'));
  try {
    await using daemon = await startDaemon();
    const file = writePattern(folder);
    const run = ['run', daemon.address];
    const contestants = [
      {
        name: 'down: rexa run HOST -- cat FILE',
        once: () => countNode([REXA, ...run, '-n', '--', 'cat', file]),
      },
      {
        name: 'up: rexa run HOST -- wc -c <FILE',
        once: () => feedNode([REXA, ...run, '--', 'wc', '-c'], file),
      },
      {
        name: 'up and down: rexa run HOST -- cat <FILE',
        once: () => countNode([REXA, ...run, '--', 'cat'], file),
      },
      { name: 'a bare Node socket pair, 64 KiB writes', once: () => countBareSocket(folder) },
      { name: 'cat FILE into a pipe', once: () => count('cat', [file]) },
    ];
    const times = await race(contestants, ROUNDS);
    return toRows(
      contestants.map(({ name }) => name),
      times.map((ms) => BYTES / 1e6 / ms),
      'GB/s',
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** All-zero data would hide bytes that went wrong and pages that were never touched. */
function writePattern(folder: string): string {
  const file = path.join(folder, 'pattern');
  const block = Buffer.from(
    Uint32Array.from({ length: 1 << 18 }, (_, index) => Math.imul(index, 2654435761)).buffer,
  );
  const descriptor = fs.openSync(file, 'w');
  for (let written = 0; written < BYTES; written += block.length) fs.writeSync(descriptor, block);
  fs.closeSync(descriptor);
  return file;
}

const countNode = (args: readonly string[], input?: string): Promise<void> =>
  count(process.execPath, args, input);

/** Counts what a program writes, and refuses a wrong count. */
async function count(file: string, args: readonly string[], input?: string): Promise<void> {
  const stdin = input === undefined ? 'ignore' : fs.openSync(input, 'r');
  const child = spawn(file, args, { stdio: [stdin, 'pipe', 'inherit'] });
  if (typeof stdin === 'number') fs.closeSync(stdin);
  let bytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(child, 'close');
  if (bytes !== BYTES) throw new Error(`${bytes} bytes came instead of ${BYTES}`);
}

async function feedNode(args: readonly string[], input: string): Promise<void> {
  const stdin = fs.openSync(input, 'r');
  const child = spawn(process.execPath, args, { stdio: [stdin, 'pipe', 'inherit'] });
  fs.closeSync(stdin);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, 'close');
  if (Number(text) !== BYTES) throw new Error(`the command got ${text.trim()} bytes instead of ${BYTES}`);
}

/** Another process writes as fast as a socket takes it; this one counts. */
async function countBareSocket(folder: string): Promise<void> {
  const socketPath = path.join(folder, 'bare');
  const server = net.createServer().listen(socketPath);
  await once(server, 'listening');
  const writer = spawn(process.execPath, ['-e', BARE_WRITER, socketPath, String(BYTES)], {
    stdio: 'inherit',
  });
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(socket, 'close');
  server.close();
  if (writer.exitCode === null) await once(writer, 'exit');
  if (bytes !== BYTES) throw new Error(`${bytes} bytes came instead of ${BYTES}`);
}

const BARE_WRITER = `
const [path, bytes] = process.argv.slice(1);
const socket = require('node:net').connect(path);
const block = Buffer.from(Uint32Array.from({length: 1 << 14}, (_, i) => Math.imul(i, 2654435761)).buffer);
let left = Number(bytes);
function go() {
  while (left > 0) { left -= block.length; if (!socket.write(block)) return socket.once('drain', go); }
  socket.end();
}
socket.once('connect', go);`;
