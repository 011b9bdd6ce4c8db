import { RexaError } from '../protocol/errors.ts';
import { type AwakeTimer, startAwakeTimer } from '../runtime/awake-timer.ts';
import { FIRST_RETRY_MS, LAST_RETRY_MS } from './limits.ts';

/** What became of one try to get a connection. */
export type Try =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly error: RexaError }
  /** Another try would come to the same. */
  | { readonly kind: 'final'; readonly error: RexaError };

/** What happens to a link while it has no connection: for whoever waits for it. */
export type LinkStatus =
  | { readonly kind: 'waiting'; readonly retryInMs: number; readonly error: RexaError }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'given-up' };

/** How a client looks for another connection. */
export interface Reconnection {
  /** From the loss; then the link is given up. */
  readonly reconnectForMs: number;
  /** The same for a daemon that has fallen silent: it may be stopped, and go on. Default: as long as any. */
  readonly silentForMs?: number | undefined;
  /** How long a try that failed with this may be repeated, from the loss; 0: not at all. */
  patienceMs?(error: RexaError): number;
  handleStatus?: ((status: LinkStatus) => void) | undefined;
}

/** Tries again and again, each time after a longer while, until it is done, or given up. */
export interface Reconnect {
  /** @param cause why the connection was lost, if that is known */
  start(cause: RexaError | null): void;
  /** Does not wait for the next try. */
  hurry(): void;
  stop(): void;
}

/**
 * @param attempt one try; a RexaError that it throws counts as `again`
 * @param handleGivenUp called with why, at most once
 */
export function createReconnect(
  { reconnectForMs, silentForMs, patienceMs = () => Number.POSITIVE_INFINITY, handleStatus }: Reconnection,
  attempt: () => Promise<Try>,
  handleGivenUp: (error: RexaError) => void,
): Reconnect {
  let state: 'idle' | 'trying' | 'over' = 'idle';
  let lostAtMs = 0;
  let wasTold = false;
  /** The connection that a try has just brought was lost before that was noted. */
  let isLostAgain = false;
  let lastError = new RexaError('CLOSED', ['connection']);
  let timer: NodeJS.Timeout | undefined;
  /** The next try, while it is waited for. */
  let next: (() => void) | null = null;
  let deadline: AwakeTimer | null = null;

  function giveUp(error: RexaError): void {
    if (state !== 'trying') return;
    stop();
    if (wasTold) handleStatus?.({ kind: 'given-up' });
    handleGivenUp(error);
  }

  function stop(): void {
    state = 'over';
    clearTimeout(timer);
    deadline?.stop();
  }

  async function tryOnce(count: number): Promise<void> {
    next = null;
    const result = await attempt().catch(asTry);
    if (state !== 'trying') return;
    if (result.kind === 'done') return finish();
    if (result.kind === 'final') return giveUp(result.error);
    const patienceLeftMs = lostAtMs + patienceMs(result.error) - performance.now();
    const leftMs = Math.min(deadline?.leftMs ?? 0, patienceLeftMs);
    if (leftMs <= 0) return giveUp(result.error);
    const waitMs = Math.min(chooseWait(count), leftMs);
    lastError = result.error;
    wasTold = true;
    handleStatus?.({ kind: 'waiting', retryInMs: waitMs, error: result.error });
    next = () => void tryOnce(count + 1);
    timer = setTimeout(next, waitMs);
  }

  function finish(): void {
    state = 'idle';
    deadline?.stop();
    if (wasTold) handleStatus?.({ kind: 'resumed' });
    wasTold = false;
    if (isLostAgain) start(null);
  }

  function start(cause: RexaError | null): void {
    isLostAgain = state === 'trying';
    if (state !== 'idle') return;
    state = 'trying';
    lostAtMs = performance.now();
    if (cause) lastError = cause;
    const forMs = cause?.code === 'PEER_SILENT' ? (silentForMs ?? reconnectForMs) : reconnectForMs;
    deadline = startAwakeTimer(
      () => giveUp(new RexaError('RECONNECT_FAILED', [Math.round(forMs), lastError.message])),
      forMs,
    );
    void tryOnce(0);
  }

  function hurry(): void {
    if (state !== 'trying' || next === null) return;
    clearTimeout(timer);
    next();
  }

  return { start, hurry, stop };
}

/** Half of it is chance, so that a thousand clients of one host do not come back at the same moment. */
function chooseWait(count: number): number {
  const most = Math.min(FIRST_RETRY_MS * 2 ** count, LAST_RETRY_MS);
  return most / 2 + (Math.random() * most) / 2;
}

function asTry(error: unknown): Try {
  if (error instanceof RexaError) return { kind: 'again', error };
  return { kind: 'final', error: new RexaError('INTERNAL', [String(error)], { cause: error }) };
}
