import type { OpenHost, Sharing } from '../../client/host.ts';
import type { ShareAnswer, ShareRequest } from '../../client/share/messages.ts';
import { serveConnection } from '../../client/share/share-connection.ts';
import type { ForwardSpec } from '../../config/ssh/forward-spec.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { askByProgram, chooseAskpass } from '../ask/askpass.ts';
import { createForwards, type Forwards } from '../forward/open-forwards.ts';
import type { ShareOptions } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { listenControl } from './listen-control.ts';

/** What a host is shared by. */
export interface ShareContext {
  readonly options: ShareOptions;
  readonly path: string;
  readonly key: string;
  readonly messages: Messages;
}

/**
 * Shares the connection of a host on its control socket.
 * @throws RexaError SHARE_LISTEN_FAILED, and as `OpenHost.greeted`
 */
export async function shareHost(
  host: OpenHost,
  { options, path, key, messages }: ShareContext,
): Promise<Sharing> {
  const { connection } = host;
  const peer = await host.greeted(DEFAULT_CONNECT_TIMEOUT_MS);
  if (connection === undefined) throw new Error('a host over TLS has a connection');
  const use = createUse();
  const server = serveConnection({
    host: connection,
    peer,
    key,
    permit: () => permit(options, host.address),
    answer,
    handleClients: use.handleCount,
  });
  const quiet = { ...messages, warn: () => undefined };
  const forwards = createForwards(host, { gatewayPorts: false, exitOnFailure: true }, quiet);
  const control = await listenControl(path, options.path === null, server.accept);
  void connection.link.ended.then(control.close);

  async function answer(request: Exclude<ShareRequest, { ask: 'join' }>): Promise<ShareAnswer> {
    const { pid } = process;
    switch (request.ask) {
      case 'check':
        return { pid };
      case 'stop':
        control.close();
        return { pid };
      case 'exit':
        control.close();
        // Behind the answer
        setImmediate(() => void close());
        return { pid };
      case 'forward':
        await forwards.add(request.spec);
        return { pid, ...allocated(forwards, request.spec) };
      case 'cancel':
        if (!(await forwards.cancel(request.spec.letter, request.spec.from)))
          throw new RexaError('FORWARD_REFUSED', ['no such forwarding is open']);
        return { pid };
      default:
        return request satisfies never;
    }
  }

  async function close(): Promise<void> {
    control.close();
    await server.leave();
    await host.close();
  }

  return {
    whenIdle: () => use.whenUnusedFor(0),
    whenUnusedFor: use.whenUnusedFor,
    close,
  };
}

/** The port that was chosen where any was asked for. */
function allocated({ open }: Forwards, { letter, from }: ForwardSpec): Pick<ShareAnswer, 'allocatedPort'> {
  if ('path' in from || from.port !== 0) return {};
  const address = open.findLast(({ spec }) => spec.letter === letter)?.forward.address;
  return address === undefined || 'path' in address ? {} : { allocatedPort: address.port };
}

/** `ask` and `autoask`: a person confirms each use, by a program as ssh-askpass. */
async function permit({ mode }: ShareOptions, address: string): Promise<boolean> {
  if (mode !== 'ask' && mode !== 'autoask') return true;
  const program = chooseAskpass(false);
  if (program === null) return false;
  const answer = await askByProgram(program, `Allow shared connection to ${address}? `);
  return answer !== null && /^(?:|y(?:es)?)$/i.test(answer.trim());
}

/** Who waits for the end of what others do with a connection. */
function createUse() {
  let count = 0;
  const waiting = new Map<() => void, { readonly ms: number; timer: NodeJS.Timeout | null }>();

  function look(resolve: () => void, wait: { readonly ms: number; timer: NodeJS.Timeout | null }): void {
    if (wait.timer !== null) clearTimeout(wait.timer);
    wait.timer = count > 0 || wait.ms === Number.POSITIVE_INFINITY ? null : setTimeout(resolve, wait.ms);
  }

  return {
    handleCount(clients: number): void {
      count = clients;
      for (const [resolve, wait] of waiting) look(resolve, wait);
    },
    async whenUnusedFor(ms: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wait = { ms, timer: null };
      waiting.set(resolve, wait);
      look(resolve, wait);
      await promise;
      waiting.delete(resolve);
    },
  };
}
