import { createHash } from 'node:crypto';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import type { ForwardEnd, ForwardPlace } from '../../../src/services/forward/client-types.ts';
import { startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { startSocketServer } from '../../fixtures/socket-server.ts';

const MIB = 1024 * 1024;
const SEED = Number(process.env['REXA_SEED'] ?? 1);

const ENDS: readonly (readonly [string, (place: ForwardPlace) => { from: ForwardEnd; to: ForwardEnd }])[] = [
  ['to the host', (place) => ({ from: { local: { port: 0 } }, to: { remote: place } })],
  ['from the host', (place) => ({ from: { remote: { port: 0 } }, to: { local: place } })],
];

/** Sends a pattern of so many bytes, as far as the socket takes them. @returns its SHA-256 */
async function sendPattern(socket: net.Socket, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  const block = Buffer.alloc(65_536);
  for (let sent = 0; sent < bytes; sent += block.length) {
    const chunk = Buffer.from(block.fill(`${sent} `));
    hash.update(chunk);
    if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  socket.end();
  return hash.digest('hex');
}

async function hashAll(socket: net.Socket): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of socket) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

describe.each(ENDS)('a connection forwarded %s', (_name, ends) => {
  it('loses and doubles no byte in either direction while its connection is cut again and again', async () => {
    await using daemon = await startDaemon();
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', SEED);
    const received = Promise.withResolvers<string>();
    const sent = Promise.withResolvers<string>();
    const server = await startSocketServer((socket) => {
      void hashAll(socket).then(received.resolve, received.reject);
      void sendPattern(socket, 8 * MIB).then(sent.resolve, sent.reject);
    });
    const { path } = proxy.place as { path: string };
    await using host = await connect(`unix:${path}`);
    await using forward = await host.forward(ends(server.place));
    proxy.setRules({ cutAfterBytes: [1, MIB], cuts: 20 });
    proxy.cutAll();
    const client = net.connect({ ...forward.address, allowHalfOpen: true } as net.NetConnectOpts);
    onTestFinished(() => void client.destroy());
    const hashes = await Promise.all([
      hashAll(client),
      sent.promise,
      sendPattern(client, 8 * MIB),
      received.promise,
    ]);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).toBe(hashes[3]);
    expect(proxy.cut).toBeGreaterThan(5);
  });
});
