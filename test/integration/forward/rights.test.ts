import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Host, type RexaError } from '../../../src/client/index.ts';
import type { SocketPlace } from '../../../src/protocol/socket-place.ts';
import { codeOfAsync, fixtureText } from '../../fixtures/auth/fixtures.ts';
import { startSocketServer } from '../../fixtures/socket-server.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

async function logIn(daemon: TlsDaemon): Promise<Host> {
  const host = await connect(`tls://127.0.0.1:${daemon.port}#${daemon.fingerprint}`, {
    config: false,
    agent: null,
    identities: [{ text: fixtureText('keys/ed25519'), name: 'ed25519' }],
  });
  onTestFinished(() => host.close());
  return host;
}

async function codeOfConnect(host: Host, to: SocketPlace): Promise<string | null> {
  const stream = host.connect(to);
  const error = await once(stream, 'connect').then(
    () => null,
    (reason: RexaError) => reason.code,
  );
  stream.destroy();
  return error;
}

function codeOfListen(
  host: Host,
  remote: SocketPlace | { readonly port: number } = { port: 0 },
): Promise<string | null> {
  const listened = host.forward({ from: { remote }, to: { local: { port: 1 } } });
  return codeOfAsync(() => listened.then((forward) => forward.close()));
}

/** Where the daemon would take whoever is connected for its own user. */
async function codesAsOwnUser(daemon: TlsDaemon, host: Host): Promise<readonly (string | null)[]> {
  const readyPort = Number(
    new URL(daemon.listening.find(({ url }) => url.startsWith('ready:'))?.url ?? '').port,
  );
  const path = join(daemon.folder, 'stands-in.sock');
  return [
    await codeOfConnect(host, { path: daemon.socketPath }),
    await codeOfConnect(host, { host: 'localhost', port: readyPort }),
    await codeOfListen(host, { path }),
  ];
}

const DENIED = 'NOT_PERMITTED';
const OFF = 'FORWARD_PROHIBITED';

describe('forwarding by a key over TLS', () => {
  it.each<[string, readonly string[], open: string | null, listen: string | null]>([
    ['', [], null, null],
    ['restrict', [], DENIED, DENIED],
    ['restrict,port-forwarding', [], null, null],
    ['no-port-forwarding', [], DENIED, DENIED],
    ['permitopen="127.0.0.1:*"', [], null, null],
    ['permitopen="127.0.0.1:1"', [], DENIED, null],
    ['permitlisten="localhost:1"', [], null, DENIED],
    ['command="true"', [], DENIED, DENIED],
    ['command="true",port-forwarding', [], null, null],
    ['command="true",permitopen="127.0.0.1:*"', [], null, DENIED],
    ['', ['--allow-tcp-forwarding', 'no'], OFF, OFF],
    ['', ['--allow-tcp-forwarding', 'local'], null, OFF],
    ['', ['--allow-tcp-forwarding=remote'], OFF, null],
    ['', ['--permit-open', '127.0.0.1:*'], null, null],
    ['', ['--permit-open', 'db:5432'], OFF, null],
    ['', ['--permit-listen', '*'], null, null],
    ['', ['--permit-listen', 'localhost:*', '--gateway-ports', 'yes'], null, null],
    ['', ['--permit-listen', '8080', '--permit-listen', '10.*:*'], null, OFF],
  ])(
    'with the options %o and rexad %j: %o to connect, %o to listen',
    async (options, words, open, listen) => {
      const server = await startSocketServer(() => undefined);
      const line = `${options} ${publicLine('ed25519')}`.trim();
      await using daemon = await startTlsDaemon({ lines: [line], words });
      const host = await logIn(daemon);
      expect([
        await codeOfConnect(host, { host: '127.0.0.1', port: server.port }),
        await codeOfListen(host),
      ]).toEqual([open, listen]);
    },
  );

  it.each<[string, string | null]>([
    ['', null],
    ['restrict,port-forwarding', DENIED],
    ['command="true",port-forwarding', DENIED],
  ])('with the options %o: %o where the daemon would take it for its own user', async (options, expected) => {
    const line = `${options} ${publicLine('ed25519')}`.trim();
    await using daemon = await startTlsDaemon({
      lines: [line],
      words: ['--allow-root', '--listen', 'ready://127.0.0.1:0'],
    });
    const host = await logIn(daemon);
    expect(await codesAsOwnUser(daemon, host)).toEqual([expected, expected, expected]);
  });
});
