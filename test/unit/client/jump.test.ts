import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OpenHost } from '../../../src/client/host.ts';
import { routeThrough, withRoute } from '../../../src/client/jump.ts';
import { openHost } from '../../../src/client/open-host.ts';
import type { Route } from '../../../src/client/route.ts';
import { RexaError } from '../../../src/protocol/errors.ts';

const PLACE = { host: 'target', port: 1 };
const LOST = new RexaError('LINK_LOST', ['gone']);

/** Jump hosts that write down what becomes of them. */
function createJumps() {
  const events: string[] = [];
  const ends = new Map<string, () => void>();
  const open = (address: string, before?: Route): OpenHost => {
    events.push(`open ${address}`);
    const { promise: ended, resolve } = Promise.withResolvers<null>();
    ends.set(address, () => resolve(null));
    const host = {
      address,
      ended,
      connect() {
        const stream = new PassThrough();
        setImmediate(() => stream.emit('connect'));
        return stream;
      },
      close: () => Promise.resolve(void events.push(`close ${address}`)),
      unref: () => undefined,
    } as unknown as OpenHost;
    return before === undefined ? host : withRoute(host, before);
  };
  return { events, open, end: (address: string) => ends.get(address)?.() };
}

const routeBy = (...words: Parameters<typeof routeThrough<string>>): Route => {
  const route = routeThrough(...words);
  if (route === undefined) throw new Error('there is no jump host');
  return route;
};

describe('a route through jump hosts', () => {
  it('closes a jump host that is still being opened', async () => {
    const { events, open } = createJumps();
    const opening = Promise.withResolvers<OpenHost>();
    const route = routeBy(['gate'], () => opening.promise);
    const stream = route.open(PLACE).catch(() => null);
    const closed = route.close();
    opening.resolve(open('gate'));
    await closed;
    await stream;
    expect(events).toEqual(['open gate', 'close gate']);
  });

  it('closes the jump hosts before one that has ended', async () => {
    const { events, open, end } = createJumps();
    const route = routeBy(['near', 'far'], async (address, before) => {
      await before?.open(PLACE);
      return open(address, before);
    });
    await route.open(PLACE);
    end('far');
    await new Promise(setImmediate);
    await route.close();
    expect(events).toEqual(['open near', 'open far', 'close near']);
  });

  it('keeps a jump host that was opened again when the end of the former one is noticed', async () => {
    const { events, open, end } = createJumps();
    let count = 0;
    const route = routeBy(['gate'], async (address) => open(`${address}${++count}`));
    await route.open(PLACE);
    await route.close();
    await route.open(PLACE);
    end('gate1');
    await new Promise(setImmediate);
    await route.close();
    expect(events).toEqual(['open gate1', 'close gate1', 'open gate2', 'close gate2']);
  });

  it('opens its hosts before the time of the host behind it begins, and passes their errors', async () => {
    const events: string[] = [];
    const route = (prepare: () => Promise<void>): Route => ({
      prepare,
      open: () => Promise.reject(LOST),
      close: () => Promise.resolve(void events.push('close')),
    });
    const options = { identities: [], agent: null, knownHosts: null, timeout: 50 };
    const reach = (prepare: () => Promise<void>) =>
      openHost('tls://127.0.0.1:1', { ...options, route: route(prepare) });
    const slow = reach(() => setTimeout(200));
    await expect(slow).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    const failed = new RexaError('LINK_LOST', ['of the jump host']);
    await expect(reach(() => Promise.reject(failed))).rejects.toBe(failed);
    expect(events).toEqual(['close', 'close']);
  });

  it('is closed when the host behind it cannot be opened, or be closed', async () => {
    const closed: string[] = [];
    const route = (name: string): Route => ({
      prepare: () => Promise.resolve(),
      open: () => Promise.reject(LOST),
      close: () => Promise.resolve(void closed.push(name)),
    });
    const options = { identities: [], agent: null, knownHosts: null };
    const opening = openHost('tls://127.0.0.1:1', { ...options, route: route('unreachable') });
    await expect(opening).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    const host = { close: () => Promise.reject(LOST) } as unknown as OpenHost;
    await expect(withRoute(host, route('lost')).close()).rejects.toBe(LOST);
    expect(closed).toEqual(['unreachable', 'lost']);
  });
});
