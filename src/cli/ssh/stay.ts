import type { OpenHost } from '../../client/host.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import {
  type CancelCause,
  EXIT_DROP_IN_FAILED,
  EXIT_STDOUT_CLOSED,
  exitStatusOfDropIn,
} from '../exit-status.ts';
import { describeOpenFailure } from '../forward/describe-forward.ts';
import { forwardStdio } from '../forward/stdio-forward.ts';
import { isClosed } from '../host/report-failure.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import type { ProcessContext } from '../run/run-plan.ts';
import { closeInherited } from '../share/close-inherited.ts';
import { findSharing } from '../share/sharing.ts';
import type { StayPlan } from './plan-session.ts';

/** What is done on a host once logged in. @returns the exit status */
type Act = (host: OpenHost, around: StayContext) => Promise<number>;

type StayContext = Pick<ProcessContext, 'open' | 'openStdin' | 'stdout' | 'signals' | 'messages'>;

/**
 * `-N` and `-W`: logs in, runs nothing, and stays until a signal or the connection's end, or what is done instead ends.
 * @returns the exit status
 */
export async function stay(plan: StayPlan, around: StayContext, act: Act = awaitEnd): Promise<number> {
  const { signals, messages } = around;
  const left = Promise.withResolvers<CancelCause>();
  const stopWatching = watchInterrupts(signals, (asked) =>
    left.resolve(asked.kind === 'cancel' ? asked.cause : 'SIGINT'),
  );
  let opened: OpenHost | null = null;
  try {
    return await Promise.race([
      logIn(plan, around).then((host) => {
        opened = host;
        return act(host, around);
      }),
      left.promise.then((cause) => exitStatusOfDropIn({ result: CANCELED, cause })),
    ]);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(error.message);
    return exitStatusOfDropIn({ result: UNREACHABLE, cause: null });
  } finally {
    stopWatching();
    // The host would keep the listeners of a lost connection for its return
    await (opened as OpenHost | null)?.close();
  }
}

const CANCELED = { outcome: 'canceled', exitCode: null, signal: null, code: null } as const;
const UNREACHABLE = { outcome: 'unreachable', exitCode: null, signal: null, code: null } as const;

async function logIn(
  { address, user, connectTimeoutMs: timeoutMs }: StayPlan,
  { open, messages }: StayContext,
): Promise<OpenHost> {
  const host = await open(address, {
    log: (line) => messages.debug(1, line),
    ...(user === null ? {} : { user }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  const { agent } = await host.greeted(timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  messages.debug(1, `hello from ${agent}; nothing is run`);
  return host;
}

/** In the background: ends when nobody has used the connection that this process shares for so long. */
export function stayUnusedFor(persistMs: number): Act {
  return (host, around) => {
    closeInherited();
    return awaitEnd(host, around, persistMs);
  };
}

/** As in ssh, one that takes no further calls ends with the last that uses it. */
async function awaitEnd(
  host: OpenHost,
  around: StayContext,
  persistMs = Number.POSITIVE_INFINITY,
): Promise<number> {
  const sharing = findSharing(host);
  const unused = sharing?.whenUnusedFor(persistMs).then(async () => {
    await sharing.close();
    return 0;
  });
  return Promise.race([awaitLoss(host, around), ...(unused === undefined ? [] : [unused])]);
}

async function awaitLoss(host: OpenHost, { messages }: StayContext): Promise<number> {
  const error = await host.ended;
  if (error) messages.fail(error.message);
  return exitStatusOfDropIn({ result: UNREACHABLE, cause: null });
}

/** Joins stdin and stdout with a place, as seen from the host. */
export function joinStdio(to: SocketPlace): Act {
  return async (host, around) => {
    try {
      await forwardStdio(host, to, around);
      return 0;
    } catch (error) {
      if (isClosed(error as Error)) return EXIT_STDOUT_CLOSED;
      if (!(error instanceof RexaError)) throw error;
      around.messages.fail(describeOpenFailure(0, error));
      around.messages.fail('stdio forwarding failed');
      return EXIT_DROP_IN_FAILED;
    }
  };
}
