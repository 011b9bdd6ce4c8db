import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { startProgram } from '../transports/program.ts';
import type { OpenHost } from './host.ts';
import type { Route } from './route.ts';

/** Opens a jump host by the route to it. */
type OpenJump = (address: string, route: Route | undefined) => Promise<OpenHost>;

/**
 * A route through jump hosts, one behind the other: each sees the bytes of TLS alone. A jump host is opened when it is
 * needed, and again when its connection has ended.
 */
export function routeThrough(jumps: readonly string[], open: OpenJump): Route | undefined {
  return jumps.reduce<Route | undefined>(
    (before, address) => routeBy(() => open(address, before)),
    undefined,
  );
}

function routeBy(open: () => Promise<OpenHost>): Route {
  let opened: Promise<OpenHost> | null = null;

  function forget(): void {
    opened = null;
  }
  async function find(): Promise<OpenHost> {
    opened ??= open().then((host) => {
      void host.ended?.then(forget);
      return host;
    });
    return opened.catch((error: unknown) => {
      forget();
      throw error;
    });
  }

  return {
    async open(place) {
      const host = await find();
      const stream = host.connect(place);
      await once(stream, 'connect');
      return stream;
    },
    async close() {
      const host = await opened?.catch(() => null);
      await host?.close();
    },
  };
}

/** A route through a program (ProxyCommand of ssh_config(5)): its stdin and stdout are the stream. */
export function routeByProgram(line: string, warn: (line: string) => void): Route {
  return {
    async open() {
      const { stdin, stdout, stop } = await startProgram(['/bin/sh', '-c', `exec ${line}`], warn);
      const stream = Duplex.from({ writable: stdin, readable: stdout });
      stream.once('close', stop);
      return stream;
    },
    close: () => Promise.resolve(),
  };
}

/** Returns a host whose route is released when it is closed. */
export function withRoute(host: OpenHost, route: Route): OpenHost {
  async function close(): Promise<void> {
    await host.close();
    await route.close();
  }
  const { logInAgain } = host;
  const again = (next: OpenHost | null): OpenHost | null => next && withRoute(next, route);
  return Object.create(host, {
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
    ...(logInAgain === undefined ? {} : { logInAgain: { value: async () => again(await logInAgain()) } }),
  }) as OpenHost;
}
