import type { OpenHost } from '../../client/host.ts';
import type { ShareAnswer, ShareRequest } from '../../client/share/messages.ts';
import { serveConnection } from '../../client/share/share-connection.ts';
import type { ForwardSpec } from '../../config/ssh/forward-spec.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { showText } from '../../protocol/show-text.ts';
import { createUseCount } from '../../runtime/use-count.ts';
import { askByProgram, chooseAskpass } from '../ask/askpass.ts';
import { nameSpec } from '../forward/describe-forward.ts';
import { forwardRulesOf } from '../forward/forward-rules.ts';
import { createForwards, type Forwards, type OpenForward } from '../forward/open-forwards.ts';
import type { ShareOptions } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { listenControl } from './listen-control.ts';
import { noteSharing, type Sharing } from './sharing.ts';

/** What a host is shared by. */
export interface ShareContext {
  readonly options: ShareOptions;
  readonly path: string;
  readonly key: string;
  readonly messages: Messages;
}

/** What is asked of the sharing process itself. */
type ControlRequest = Exclude<ShareRequest, { ask: 'join' }>;

/**
 * Shares the connection of a host on its control socket.
 * @throws RexaError SHARE_LISTEN_FAILED, and as `OpenHost.greeted`
 */
export async function shareHost(host: OpenHost, context: ShareContext): Promise<Sharing> {
  const { options, path, key, messages } = context;
  const { connection } = host;
  const peer = await host.greeted(DEFAULT_CONNECT_TIMEOUT_MS);
  if (connection === undefined) throw new Error('a host over TLS has a connection');
  const use = createUseCount();
  const forwards = createForwards(host, forwardRulesOf(options.forwarding ?? {}), messages, use);
  const permit = createPermit(options);
  const name = showText(host.address);
  const server = serveConnection({
    host: connection,
    peer,
    key,
    permit: () => permit(`Allow shared connection to ${name}?`),
    answer,
    handleUse: use.add,
  });
  const control = await listenControl(path, options.path === null, server.accept);
  void connection.link.ended.then(control.close);

  async function answer(request: ControlRequest): Promise<ShareAnswer> {
    const question = questionOf(request, name);
    if (question !== null && !(await permit(question)))
      throw new RexaError('SHARE_REFUSED', ['its user does not permit it']);
    switch (request.ask) {
      case 'check':
        break;
      case 'stop':
        control.close();
        // Behind the answer
        setImmediate(use.expire);
        break;
      case 'exit':
        control.close();
        setImmediate(() => void close());
        break;
      case 'forward':
        return {
          pid: process.pid,
          ...allocated(forwards.find(request.spec) ?? (await forwards.listen(request.spec))),
        };
      case 'cancel':
        await cancel(forwards, request.spec);
        break;
      default:
        request satisfies never;
    }
    return { pid: process.pid };
  }

  async function close(): Promise<void> {
    control.close();
    await server.leave();
    await host.close();
  }

  const sharing: Sharing = { forwards, whenUnusedFor: use.whenUnusedFor, close };
  noteSharing(connection, sharing);
  return sharing;
}

/** As in ssh, all words have to be those that it was opened with. @throws RexaError FORWARD_REFUSED */
async function cancel(forwards: Forwards, spec: ForwardSpec): Promise<void> {
  const found = forwards.find(spec);
  if (found === undefined) throw new RexaError('FORWARD_REFUSED', ['no such forwarding is open']);
  await found.forward.close();
}

/** The port that was chosen where any was asked for. */
function allocated({
  spec: { from },
  forward: { address },
}: OpenForward): Pick<ShareAnswer, 'allocatedPort'> {
  if ('path' in from || from.port !== 0 || 'path' in address) return {};
  return { allocatedPort: address.port };
}

/** What a person is asked before it is done, as in ssh; null: nothing. */
function questionOf(request: ControlRequest, name: string): string | null {
  switch (request.ask) {
    case 'exit':
      return `Terminate shared connection to ${name}?`;
    case 'stop':
      return `Disable further multiplexing on shared connection to ${name}?`;
    case 'forward':
      return `Open ${showText(nameSpec(request.spec))} on ${name}?`;
    case 'check':
    case 'cancel':
      return null;
    default:
      return request satisfies never;
  }
}

/** `ask` and `autoask`: a person confirms each use, by a program as ssh-askpass. */
function createPermit({ mode }: ShareOptions): (question: string) => Promise<boolean> {
  if (mode !== 'ask' && mode !== 'autoask') return async () => true;
  const program = chooseAskpass(false);
  return async (question) => {
    if (program === null) return false;
    const answer = await askByProgram(program, `${question} `);
    return answer !== null && /^(?:|y(?:es)?)$/i.test(answer.trim());
  };
}
