import { once } from 'node:events';
import net from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { secretOf } from '../../../src/link/link-secrets.ts';
import { tlsTransport } from '../../../src/transports/tls.ts';

describe('the secret of a link', () => {
  it('is refused, and nothing worse, where its connection broke a moment ago', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const socket = new TLSSocket(net.connect(port, '127.0.0.1'));
    socket.on('error', () => {});
    socket.destroy();
    expect(() => secretOf(tlsTransport(socket), { id: 'ab', epoch: 1 })).toThrow(
      expect.objectContaining({ code: 'LINK_UNKNOWN' }) as Error,
    );
  });
});
