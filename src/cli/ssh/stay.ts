import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { type CancelCause, exitStatusOfDropIn } from '../exit-status.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import type { ProcessContext, RunPlan } from '../run/run-plan.ts';

/**
 * `-N`: logs in, runs nothing, and stays until a signal or the connection's end.
 * @returns the exit status
 */
export async function stay(
  { address, user, connectTimeoutMs }: Pick<RunPlan, 'address' | 'user' | 'connectTimeoutMs'>,
  { open, signals, messages }: Pick<ProcessContext, 'open' | 'signals' | 'messages'>,
): Promise<number> {
  const left = Promise.withResolvers<CancelCause>();
  const stopWatching = watchInterrupts(signals, (asked) =>
    left.resolve(asked.kind === 'cancel' ? asked.cause : 'SIGINT'),
  );
  try {
    return await Promise.race([
      wait(address, user, connectTimeoutMs, open, messages),
      left.promise.then((cause) => exitStatusOfDropIn({ result: CANCELED, cause })),
    ]);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(error.message);
    return exitStatusOfDropIn({ result: UNREACHABLE, cause: null });
  } finally {
    stopWatching();
  }
}

const CANCELED = { outcome: 'canceled', exitCode: null, signal: null, code: null } as const;
const UNREACHABLE = { outcome: 'unreachable', exitCode: null, signal: null, code: null } as const;

async function wait(
  address: string,
  user: string | null,
  timeoutMs: number | undefined,
  open: ProcessContext['open'],
  messages: ProcessContext['messages'],
): Promise<number> {
  const host = await open(address, {
    log: (line) => messages.debug(1, line),
    ...(user === null ? {} : { user }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  const { agent } = await host.greeted(timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  messages.debug(1, `hello from ${agent}; nothing is run`);
  const error = await host.ended;
  if (error) messages.fail(error.message);
  return exitStatusOfDropIn({ result: UNREACHABLE, cause: null });
}
