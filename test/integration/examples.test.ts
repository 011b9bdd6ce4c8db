import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../fixtures/daemon.ts';
import { makeFilesFolder } from '../fixtures/files-folder.ts';
import { frame } from '../fixtures/raw-peer.ts';

const UPLOAD = fileURLToPath(new URL('../../examples/upload.py', import.meta.url));
const PEER = fileURLToPath(new URL('../../examples/peer.py', import.meta.url));

async function collect(child: ChildProcess): Promise<{ status: unknown; stdout: Buffer; stderr: string }> {
  const [stdout, stderr]: Buffer[][] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => stdout?.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr?.push(chunk));
  const [status] = (await once(child, 'close')) as [unknown];
  return { status, stdout: Buffer.concat(stdout ?? []), stderr: Buffer.concat(stderr ?? []).toString() };
}

function runPeer(socketPath: string, argv: readonly string[]) {
  return collect(spawn('python3', [PEER, socketPath, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

describe('the Python program that uploads a file', () => {
  it.each([0, 1, 65_536, 5_000_001])('gets an acknowledgement of %d bytes that are there', async (bytes) => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    const data = Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => i % 251));
    writeFileSync(join(folder, 'from'), data);
    const words = [UPLOAD, daemon.socketPath, join(folder, 'from'), join(folder, 'to')];
    const { status, stdout } = await collect(spawn('python3', words, { stdio: ['ignore', 'pipe', 'pipe'] }));
    expect([status, stdout.toString()]).toEqual([
      0,
      `${folder}/to: ${bytes} bytes, sha256 ${hash('sha256', data, 'hex')}\n`,
    ]);
    expect(readFileSync(join(folder, 'to')).equals(data)).toBe(true);
  });

  it.each([
    ['a folder that is not there', 'none/to', 'refused: cannot copy to'],
    ['a folder of the same name', 'there', "'code': 'EISDIR'"],
  ])('reports %s', async (_what, path, told) => {
    await using daemon = await startDaemon();
    const folder = makeFilesFolder();
    writeFileSync(join(folder, 'from'), 'data');
    mkdirSync(join(folder, 'there/from'), { recursive: true });
    const words = [UPLOAD, daemon.socketPath, join(folder, 'from'), join(folder, path)];
    const { status, stderr } = await collect(spawn('python3', words, { stdio: ['ignore', 'pipe', 'pipe'] }));
    expect([status, stderr]).toEqual([1, expect.stringContaining(told)]);
  });
});

describe('the Python peer of the page', () => {
  it('gets stdout, stderr and the exit code, and what is not ASCII', async () => {
    await using daemon = await startDaemon();
    const script = 'echo out 中文; echo err é >&2; exit 7';
    const { status, stdout, stderr } = await runPeer(daemon.socketPath, ['sh', '-c', script]);
    expect([status, stdout.toString(), stderr]).toEqual([7, 'out 中文\n', 'err é\n']);
  });

  it.each([0, 1, 262_144, 262_145, 1_048_576, 5_000_000])('gets %d bytes of output whole', async (bytes) => {
    await using daemon = await startDaemon();
    const script = `import sys; sys.stdout.buffer.write(bytes((i * 7 + i // 256) % 251 for i in range(${bytes})))`;
    const { status, stdout } = await runPeer(daemon.socketPath, ['python3', '-c', script]);
    const expected = Buffer.from(
      Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + Math.floor(i / 256)) % 251),
    );
    expect([status, stdout.length, stdout.equals(expected)]).toEqual([0, bytes, true]);
  });

  it('sends a request that is longer than a frame in pieces', async () => {
    await using daemon = await startDaemon();
    const args = Array.from({ length: 10 }, (_, index) => String(index).repeat(120_000));
    const { status, stdout } = await runPeer(daemon.socketPath, [
      'sh',
      '-c',
      'printf %s "$@" | wc -c',
      'sh',
      ...args,
    ]);
    expect([status, Number(stdout)]).toEqual([0, 1_200_000]);
  });

  it.each([
    ['a signal', ['sh', '-c', 'kill -9 $$'], "'signal': 'SIGKILL'"],
    ['a program that is not there', ['/no/such'], 'FILE_NOT_FOUND'],
  ])('tells %s apart from an exit', async (_what, argv, told) => {
    await using daemon = await startDaemon();
    const { status, stderr } = await runPeer(daemon.socketPath, argv);
    expect([status, stderr]).toEqual([1, expect.stringContaining(told)]);
  });
});

/** Says `parts` to whoever connects, each when the one before has left, and closes. */
async function answerWith(parts: readonly Uint8Array[]) {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-test-'));
  const socketPath = join(folder, 'fake.sock');
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined).resume();
    for (const part of parts) socket.write(part);
    socket.end();
  }).listen(socketPath);
  await once(server, 'listening');
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const HELLO = { protocol: 1, agent: 'fake', features: [], encoding: 'utf8' };

/** A control message in pieces of one byte. */
function inPieces(type: number, channel: number, message: object): Buffer[] {
  const bytes = Buffer.from(JSON.stringify(message));
  const last = bytes.length - 1;
  return [...bytes].map((_, at) => frame(at === last ? type : 0x13, channel, bytes.subarray(at, at + 1)));
}

describe('the Python peer of the page, before a daemon that does all that the page allows', () => {
  it('puts pieces of two channels together, and lets data stand between them', async () => {
    const outcome = { outcome: { name: 'exited', exitCode: 5 } };
    const [hello, close] = [inPieces(0x01, 0, HELLO), inPieces(0x12, 1, outcome)];
    const ping = frame(0x03, 0, Buffer.alloc(8));
    const mixed = [
      ...hello,
      ...close.slice(0, -1).flatMap((piece) => [piece, frame(0x20, 1, 'x'), ping]),
      close.at(-1),
    ];
    await using fake = await answerWith(mixed.filter((part) => part !== undefined));
    const { status, stdout } = await runPeer(fake.socketPath, ['true']);
    expect([status, stdout.toString()]).toEqual([5, 'x'.repeat(close.length - 1)]);
  });

  it.each([
    ['a goaway with an error', [...inPieces(0x02, 0, { error: { code: 'BUSY', message: 'no' } })], 'refused'],
    ['an end without an outcome', [frame(0x01, 0, HELLO)], 'lost'],
  ])('takes %s for no success', async (_what, parts, told) => {
    await using fake = await answerWith(parts);
    const { status, stderr } = await runPeer(fake.socketPath, ['true']);
    expect([status, stderr]).toEqual([1, expect.stringContaining(told)]);
  });
});
