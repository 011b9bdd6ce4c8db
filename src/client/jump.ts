import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { type StderrUse, startProgram } from '../transports/program.ts';
import type { OpenHost } from './host.ts';
import type { Route } from './route.ts';

/** Opens a jump host by the route to it. */
type OpenJump<Jump> = (jump: Jump, route: Route | undefined) => Promise<OpenHost>;

/**
 * A route through jump hosts, one behind the other: each sees the bytes of TLS alone. A jump host is opened when it is
 * needed, and again when its connection has ended.
 */
export function routeThrough<Jump>(jumps: readonly Jump[], open: OpenJump<Jump>): Route | undefined {
  return jumps.reduce<Route | undefined>(
    (before, jump) => routeBy(() => open(jump, before), before),
    undefined,
  );
}

/** @param before the route that the jump host is reached by */
function routeBy(open: () => Promise<OpenHost>, before: Route | undefined): Route {
  let opened: Promise<OpenHost> | null = null;

  function find(): Promise<OpenHost> {
    if (opened !== null) return opened;
    // Connections through it keep the process alive, and it does not by itself
    const opening = open().then((host) => {
      host.unref();
      return host;
    });
    opened = opening;
    // Another one may have been opened since
    const forget = (): void => {
      if (opened === opening) opened = null;
    };
    opening.then((host) => host.ended?.then(forget), forget);
    return opening;
  }

  return {
    async prepare() {
      await find();
    },
    async open(place) {
      const host = await find();
      const stream = host.connect(place);
      await once(stream, 'connect');
      return stream;
    },
    async close() {
      const leaving = opened;
      opened = null;
      try {
        // One that is still being opened is closed as soon as it is open
        const host = await leaving?.catch(() => null);
        await host?.close();
      } finally {
        // Also where the jump host has ended by itself
        await before?.close();
      }
    },
  };
}

/**
 * A route through a program (ProxyCommand of ssh_config(5)): its stdin and stdout are the stream.
 * @param use who gets its stderr
 */
export function routeByProgram(line: string, use: StderrUse): Route {
  return {
    prepare: () => Promise.resolve(),
    async open() {
      const { stdin, stdout, stop, setRef } = await startProgram(['/bin/sh', '-c', `exec ${line}`], use);
      const stream = Duplex.from({ writable: stdin, readable: stdout });
      stream.once('close', stop);
      return Object.assign(stream, { ref: () => setRef(true), unref: () => setRef(false) });
    },
    close: () => Promise.resolve(),
  };
}

/** Returns a host whose route is released when it is closed. */
export function withRoute(host: OpenHost, route: Route): OpenHost {
  async function close(): Promise<void> {
    try {
      await host.close();
    } finally {
      await route.close();
    }
  }
  const { logInAgain } = host;
  const again = (next: OpenHost | null): OpenHost | null => next && withRoute(next, route);
  return Object.create(host, {
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
    ...(logInAgain === undefined ? {} : { logInAgain: { value: async () => again(await logInAgain()) } }),
  }) as OpenHost;
}
