import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import net, { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../../src/framing/decode.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { startRexa } from '../../fixtures/run-rexa.ts';

const SUSPENDED = 0x0b;

/** Passes one connection on, and tells of the frames that its client sends. */
async function listenBetween(target: string, handleFrame: (type: number) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'rexa-between-'));
  const path = join(folder, 's');
  const sockets: Socket[] = [];
  const server = net.createServer((near) => {
    const far = connect(target);
    const decoder = createFrameDecoder(1 << 20);
    sockets.push(near, far);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (bytes: Buffer) => {
      decoder.push(new Uint8Array(bytes));
      for (let next = decoder.next(); next.kind === 'frame'; next = decoder.next())
        handleFrame(next.frame.type);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  chmodSync(path, 0o600);
  return {
    address: `unix:${path}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true });
    },
  };
}

describe('a client that is stopped', () => {
  it('by Ctrl-Z says so first, and goes on when it is continued', async () => {
    await using daemon = await startDaemon();
    const { promise: suspended, resolve } = Promise.withResolvers<void>();
    await using between = await listenBetween(daemon.socketPath, (type) => {
      if (type === SUSPENDED) resolve();
    });
    const rexa = startRexa(['run', between.address, 'cat']);
    rexa.child.stdin?.write('before\n');
    await rexa.untilStdout('before');
    rexa.child.kill('SIGTSTP');
    await suspended;
    rexa.child.stdin?.end('behind\n');
    // It may be stopped only after this: a second one then does no harm
    const again = setInterval(() => rexa.child.kill('SIGCONT'), 20);
    const { status, stdout } = await rexa.exit;
    clearInterval(again);
    expect([status, stdout.toString()]).toEqual([0, 'before\nbehind\n']);
  });
});
