import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RexaError } from '../protocol/errors.ts';
import type { TransferEnd } from './transfer-end.ts';

/** The streams from and to the other end of a transfer. */
export interface EndStreams {
  readonly input: Readable;
  readonly output: Writable;
  /** Sees what comes and goes, and is waited for. What it throws ends the transfer. */
  readonly observe?: {
    received: Observe;
    produced: Observe;
  };
  /** The streams break: nobody is waited for any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Sees bytes as they pass; a promise is waited for. */
export type Observe = (bytes: Uint8Array) => unknown;

/**
 * Drives one end of a transfer over streams until it is done; then the output is complete, and not ended. Closes the end:
 * nothing of it is open any more when the promise settles.
 * @throws RexaError FILES_PROTOCOL, CLOSED for streams that ended before the transfer did
 */
export async function driveEnd(
  end: TransferEnd,
  { input, output, observe, signal }: EndStreams,
): Promise<void> {
  let wake = Promise.withResolvers<void>();
  let failure: Error | null = null;
  let isBroken = input.destroyed || input.readableEnded || output.destroyed;
  let receiving = Promise.resolve();
  let stage: Stage = 'free';
  const notify = (): void => wake.resolve();
  const handleBreak = (): void => {
    isBroken = true;
    notify();
  };
  /** Bytes are taken one after the other, and not read while the end works on them. */
  const handleData = (bytes: Uint8Array): void => {
    if (failure !== null) return;
    try {
      const work = receive(bytes);
      if (work === undefined) {
        stage = 'free';
        return notify();
      }
      input.pause();
      receiving = work.catch(fail).finally(() => {
        stage = 'free';
        notify();
        input.resume();
      });
    } catch (error) {
      fail(error);
      notify();
    }
  };
  const fail = (error: unknown): void => {
    failure ??= error as Error;
  };
  function receive(bytes: Uint8Array): Promise<void> | undefined {
    const seen = observe?.received(bytes);
    return seen instanceof Promise ? receiveSeen(seen, bytes) : receiveNow(bytes);
  }
  function receiveNow(bytes: Uint8Array): Promise<void> | undefined {
    stage = 'receiving';
    return end.receive(bytes);
  }
  async function receiveSeen(seen: Promise<unknown>, bytes: Uint8Array): Promise<void> {
    stage = 'observing';
    await untilAborted(seen, signal);
    notify();
    if (signal?.aborted !== true) await receiveNow(bytes);
  }

  end.onWake?.(notify);
  input.on('data', handleData).once('end', handleBreak).once('close', handleBreak);
  output.once('close', handleBreak);
  try {
    for (;;) {
      wake = Promise.withResolvers();
      const broken = failure as Error | null;
      if (broken !== null) throw broken;
      const pieces = end.produce();
      for (const piece of pieces) {
        await untilAborted(observe?.produced(piece), signal);
        await writePiece(output, piece);
      }
      if (failure === null && end.state === 'done') {
        // What was added while these were written goes out, too
        if (pieces.length === 0) return;
        continue;
      }
      if (isBroken) checkHeld(stage, input);
      if (end.state === 'busy' && !isBroken) await nextTurn();
      else if (failure === null) {
        await wake.promise;
        // What several pieces come to goes out together
        await nextTurn();
      }
    }
  } finally {
    input.off('data', handleData).off('end', handleBreak).off('close', handleBreak);
    output.off('close', handleBreak);
    await end.close();
    await receiving;
  }
}

/** Where the bytes are that came last. */
type Stage = 'free' | 'observing' | 'receiving';

/**
 * Checks that something is still to be taken after the streams broke: what the observer holds, or what came behind that.
 * @throws RexaError CLOSED
 */
function checkHeld(stage: Stage, input: Readable): void {
  const hasMore = stage === 'free' && !input.destroyed && input.readableLength > 0;
  if (stage !== 'observing' && !hasMore) throw new RexaError('CLOSED', ['channel']);
}

/** Resolves when some work does, if it is any, or is not waited for any more. @throws what the work throws */
export async function untilAborted(work: unknown, signal: AbortSignal | undefined): Promise<void> {
  if (!(work instanceof Promise)) return;
  const aborted = Promise.withResolvers<void>();
  const end = (): void => aborted.resolve();
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** Resolves when a stream takes more, or is closed. */
export async function writePiece(output: Writable, piece: Uint8Array): Promise<void> {
  if (output.write(piece) || output.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      output.off('drain', go).off('close', go);
      resolve();
    };
    output.on('drain', go).on('close', go);
  });
}
