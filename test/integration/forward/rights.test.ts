import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Host, type RexaError } from '../../../src/client/index.ts';
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

async function codeOfConnect(host: Host, port: number): Promise<string | null> {
  const stream = host.connect({ host: '127.0.0.1', port });
  const error = await once(stream, 'connect').then(
    () => null,
    (reason: RexaError) => reason.code,
  );
  stream.destroy();
  return error;
}

function codeOfListen(host: Host): Promise<string | null> {
  const listened = host.forward({ from: { remote: { port: 0 } }, to: { local: { port: 1 } } });
  return codeOfAsync(() => listened.then((forward) => forward.close()));
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
  ])(
    'with the options %o and rexad %j: %o to connect, %o to listen',
    async (options, words, open, listen) => {
      const server = await startSocketServer(() => undefined);
      const line = `${options} ${publicLine('ed25519')}`.trim();
      await using daemon = await startTlsDaemon({ lines: [line], words });
      const host = await logIn(daemon);
      expect([await codeOfConnect(host, server.port), await codeOfListen(host)]).toEqual([open, listen]);
    },
  );
});
