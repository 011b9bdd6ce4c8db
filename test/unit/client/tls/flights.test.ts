import { describe, expect, it } from 'vitest';
import { openHost } from '../../../../src/client/open-host.ts';
import { startTlsServer } from '../../../fixtures/tls/hostile-server.ts';
import { startRelay } from '../../../fixtures/tls/relay.ts';
import { startToyDaemon, type ToyDaemon } from '../../../fixtures/tls/toy-daemon.ts';
import { makeUserHome, type UserHome } from '../../../fixtures/tls/user-home.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

/** A client's flights: ClientHello, then Finished with all that goes with it. */
const HELLO_FLIGHT = 2;

async function prepare(names: readonly string[]): Promise<{
  readonly home: UserHome;
  readonly daemon: ToyDaemon;
  readonly port: number;
  readonly relay: Awaited<ReturnType<typeof startRelay>>;
  readonly identities: readonly string[];
}> {
  const home = makeUserHome();
  const daemon = await startToyDaemon();
  const relay = await startRelay(daemon.port);
  await home.know({ ...daemon, known: `127.0.0.1:${relay.port}` });
  return { home, daemon, relay, port: relay.port, identities: names.map((name) => home.addKey(name)) };
}

describe('the flights of a login', () => {
  it('take hello, proof and request at once where there is one key, so that nothing of the daemon need come before', async () => {
    const { daemon, relay, port, identities } = await prepare(['ecdsa256']);
    relay.holdFrom(HELLO_FLIGHT);
    const host = await openHost(`tls://127.0.0.1:${port}`, { identities, isEarly: true });
    const run = host.run('true');
    await waitUntil('the request has come', () => daemon.seen.includes('run'));
    expect(relay.flights()).toBe(HELLO_FLIGHT);
    relay.release();
    expect((await run).exitCode).toBe(0);
    await host.close();
  });

  it('do so for the key that was let in before, among many', async () => {
    const { daemon, relay, port, identities } = await prepare(['rsa', 'ecdsa256', 'ed25519']);
    const first = await openHost(`tls://127.0.0.1:${port}`, { identities });
    await first.close();
    const relayed = relay.flights();
    relay.holdFrom(relayed + HELLO_FLIGHT);
    const host = await openHost(`tls://127.0.0.1:${port}`, { identities, isEarly: true });
    const run = host.run('true');
    await waitUntil('the request has come', () => daemon.seen.includes('run'));
    relay.release();
    expect((await run).exitCode).toBe(0);
    expect(daemon.seen.slice(-3)).toEqual(['connection', 'right proof', 'run']);
    await host.close();
  });

  it('have nothing in them for a host whose key is not trusted', async () => {
    const home = makeUserHome();
    const server = await startTlsServer(() => {});
    const identities = [home.addKey('ecdsa256')];
    await expect(openHost(server.address, { identities, isEarly: true })).rejects.toMatchObject({
      code: 'AUTH_HOST_UNKNOWN',
    });
    expect(server.heard()).toHaveLength(0);
  });

  it('are as many when the first request is too long for what may come before a login', async () => {
    const { daemon, relay, port, identities } = await prepare(['ecdsa256']);
    const host = await openHost(`tls://127.0.0.1:${port}`, { identities, isEarly: true });
    const { stdout } = await host.run('echo', ['a'.repeat(100_000)]);
    expect(stdout.length).toBeGreaterThan(100_000);
    expect(daemon.seen).toEqual(['connection', 'right proof', 'run']);
    expect(relay.flights()).toBeGreaterThan(HELLO_FLIGHT);
    await host.close();
  });
});
