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
}

/** Sees bytes as they pass; a promise is waited for. */
export type Observe = (bytes: Uint8Array) => unknown;

/**
 * Drives one end of a transfer over streams until it is done; then the output is complete, and not ended. Closes the end:
 * nothing of it is open any more when the promise settles.
 * @throws RexaError FILES_PROTOCOL, CLOSED for streams that ended before the transfer did
 */
export async function driveEnd(end: TransferEnd, { input, output, observe }: EndStreams): Promise<void> {
  let wake = Promise.withResolvers<void>();
  let failure: Error | null = null;
  let isBroken = input.destroyed || input.readableEnded || output.destroyed;
  let receiving = Promise.resolve();
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
      if (work === undefined) return notify();
      input.pause();
      receiving = work.catch(fail).finally(() => {
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
    return seen instanceof Promise ? seen.then(() => end.receive(bytes)) : end.receive(bytes);
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
        await observe?.produced(piece);
        await writePiece(output, piece);
      }
      if (failure === null && end.state === 'done') {
        // What was added while these were written goes out, too
        if (pieces.length === 0) return;
        continue;
      }
      if (isBroken) throw new RexaError('CLOSED', ['channel']);
      if (end.state === 'busy') await nextTurn();
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
