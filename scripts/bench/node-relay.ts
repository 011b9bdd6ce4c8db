// The limit of this runtime for an echo: two processes of Node that only hand bytes on. `node-relay.ts SOCKET` listens and
// runs what it is told on a terminal; `node-relay.ts SOCKET LINE` joins its own terminal to that.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { ReadStream } from 'node:tty';
import { loadSystemCalls } from '../../src/process/system/load-system-calls.ts';

const READ_BYTES = 65_536;
const [path = '', line] = process.argv.slice(2);

async function serve(): Promise<void> {
  const { terminals } = await loadSystemCalls();
  if (terminals === null) throw new Error('there are no terminals here');
  const server = net.createServer((socket) => {
    socket.once('data', (asked) => {
      const { master, path: tty } = terminals.open({ columns: 80, rows: 24, isUtf8: true });
      const slave = fs.openSync(tty, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
      const child = spawn('sh', ['-c', String(asked)], { stdio: [slave, slave, slave] });
      const callback = (length: number, bytes: Uint8Array): boolean =>
        socket.write(Buffer.from(bytes.subarray(0, length)));
      const screen = new ReadStream(master, { onread: { buffer: Buffer.alloc(READ_BYTES), callback } });
      screen.on('error', () => undefined).resume();
      socket.on('data', (keys) => void fs.writeSync(master, keys));
      socket.on('close', () => child.kill('SIGKILL'));
    });
  });
  server.listen(path, () => process.stdout.write('listening\n'));
}

function join(asked: string): void {
  const callback = (length: number, bytes: Uint8Array): boolean =>
    process.stdout.write(bytes.subarray(0, length));
  const socket = net.connect({ path, onread: { buffer: Buffer.alloc(READ_BYTES), callback } });
  socket.write(asked);
  process.stdin.setRawMode(true);
  process.stdin.on('data', (keys: Buffer) => void socket.write(keys));
  socket.on('close', () => process.exit(0));
}

if (line === undefined) await serve();
else join(line);
