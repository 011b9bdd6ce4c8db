import { once } from 'node:events';
import net from 'node:net';

/** A port of 127.0.0.1 behind which another port seems to be far away. */
export interface DelayProxy extends AsyncDisposable {
  readonly port: number;
}

/** Passes connections on to a port; each byte takes so long in each direction, and the rate is as high as it can be. */
export async function startDelayProxy(to: number, oneWayMs: number): Promise<DelayProxy> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = net.connect({ port: to, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => setTimeout(() => into.write(bytes), oneWayMs));
      from.on('end', () => setTimeout(() => into.end(), oneWayMs));
      from.on('error', () => into.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
