import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lookUp, type Place, raceAddresses } from '../../../../src/client/tls/race-addresses.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

/** A server on a loopback address of its own that notes who came. */
async function listen(
  address: string,
  port = 0,
): Promise<{ readonly place: Place; readonly count: () => number }> {
  let count = 0;
  const server = net.createServer((socket) => {
    count++;
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  });
  server.listen(port, address);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { place: { address, port: (server.address() as AddressInfo).port }, count: () => count };
}

/** A port of that address that nobody listens at. */
async function findClosed(address: string): Promise<Place> {
  const server = net.createServer().listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { address, port };
}

const forever = (): AbortSignal => new AbortController().signal;

async function reach(places: readonly Place[], signal = forever()): Promise<Place> {
  const { socket, place } = await raceAddresses(places, 'tls://many:7522', signal);
  socket.destroy();
  return place;
}

describe('the addresses of a host', () => {
  it('are tried until one answers', async () => {
    const { place } = await listen('127.0.0.3');
    const closed = [await findClosed('127.0.0.1'), await findClosed('127.0.0.2')];
    expect(await reach([...closed, place])).toBe(place);
  });

  it('are left alone behind the first that answers', async () => {
    const [first, second] = [await listen('127.0.0.1'), await listen('127.0.0.2')];
    expect(await reach([first.place, second.place])).toBe(first.place);
    expect(second.count()).toBe(0);
  });

  it('are told, each with its reason, when none answers', async () => {
    const closed = [await findClosed('127.0.0.1'), await findClosed('127.0.0.2')];
    await expect(reach(closed)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message:
        'cannot reach tls://many:7522: 127.0.0.1: nothing listens there; 127.0.0.2: nothing listens there',
    });
  });

  it('are given up with the reason that the time is over', async () => {
    const limit = new AbortController();
    const late = new RexaError('CONNECT_TIMEOUT', ['tls://many:7522', 1]);
    limit.abort(late);
    await expect(reach([await findClosed('127.0.0.1')], limit.signal)).rejects.toBe(late);
  });

  it('are looked up by name, and an address stands for itself', async () => {
    const wanted = { port: 7, shown: 'tls://x' };
    expect(await lookUp('10.0.0.1', wanted.port, wanted.shown)).toEqual([{ address: '10.0.0.1', port: 7 }]);
    expect(await lookUp('::1', wanted.port, wanted.shown)).toEqual([{ address: '::1', port: 7 }]);
    expect(await lookUp('localhost', wanted.port, wanted.shown, 4)).toEqual([
      { address: '127.0.0.1', port: 7 },
    ]);
    await expect(lookUp('no-such-host.invalid', wanted.port, wanted.shown)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
    });
  });
});
