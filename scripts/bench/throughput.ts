import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { REXA, startDaemon } from './daemon.ts';
import { race, toRows } from './figures.ts';
import { type Call, countOutput, feedInput, PATTERN_BYTES, writePattern } from './pattern.ts';

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
        once: () => countOutput(node([REXA, ...run, '-n', '--', 'cat', file])),
      },
      {
        name: 'up: rexa run HOST -- wc -c <FILE',
        once: () => feedInput(node([REXA, ...run, '--', 'wc', '-c']), file),
      },
      {
        name: 'up and down: rexa run HOST -- cat <FILE',
        once: () => countOutput(node([REXA, ...run, '--', 'cat']), file),
      },
      { name: 'a bare Node socket pair, 64 KiB writes', once: () => countBareSocket(folder) },
      { name: 'cat FILE into a pipe', once: () => countOutput({ file: 'cat', args: [file] }) },
    ];
    const times = await race(contestants, ROUNDS);
    return toRows(
      contestants.map(({ name }) => name),
      times.map((ms) => PATTERN_BYTES / 1e6 / ms),
      'GB/s',
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const node = (args: readonly string[]): Call => ({ file: process.execPath, args });

/** Another process writes as fast as a socket takes it; this one counts. */
async function countBareSocket(folder: string): Promise<void> {
  const socketPath = path.join(folder, 'bare');
  const server = net.createServer().listen(socketPath);
  await once(server, 'listening');
  const writer = spawn(process.execPath, ['-e', BARE_WRITER, socketPath, String(PATTERN_BYTES)], {
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
  if (bytes !== PATTERN_BYTES) throw new Error(`${bytes} bytes came instead of ${PATTERN_BYTES}`);
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
