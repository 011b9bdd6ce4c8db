import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { pumpDescriptor } from '../../../../src/process/conduct/pump-descriptor.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

/** Two ends of a Unix socket, as a descriptor of a command has them: ours and its own. */
async function openPair(): Promise<{ readonly ours: Socket; readonly theirs: Socket }> {
  const path = join(tmpdir(), `rexa-pair-${randomUUID()}`);
  const server = createServer({ allowHalfOpen: true }).listen(path);
  await once(server, 'listening');
  const ours = connectSocket({ path, allowHalfOpen: true });
  const [theirs] = (await once(server, 'connection')) as [Socket];
  server.close();
  // What is unread at a close is told to the other end
  theirs.on('error', () => undefined);
  return { ours, theirs };
}

describe('a descriptor above 2', () => {
  it('brings what the client writes after the command has shut down its writing side', async () => {
    const { ours, theirs } = await openPair();
    const input = new PassThrough();
    const output = new PassThrough();
    pumpDescriptor(ours, { input, output });
    theirs.end('last');
    expect(await text(output)).toBe('last');
    input.end('late');
    expect(await text(theirs)).toBe('late');
  });

  it('settles at once behind the end of what the command wrote, whoever may still write', async () => {
    const { ours, theirs } = await openPair();
    const output = new PassThrough();
    const pump = pumpDescriptor(ours, { input: new PassThrough(), output });
    theirs.end('last');
    expect(await text(output)).toBe('last');
    await pump.settle();
    expect(ours.destroyed).toBe(true);
    theirs.destroy();
  });

  it('is closed although its reader takes nothing', async () => {
    const { ours, theirs } = await openPair();
    const output = new Writable({ highWaterMark: 1, write: () => undefined });
    const pump = pumpDescriptor(ours, { input: new PassThrough(), output });
    theirs.write(Buffer.alloc(1 << 20));
    await waitUntil('the pump waits for it', () => ours.isPaused());
    pump.close();
    await pump.settle();
    expect(ours.destroyed).toBe(true);
    theirs.destroy();
  });
});
