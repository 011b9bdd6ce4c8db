import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { readAnswer } from '../../client/ask.ts';
import type { AskedHost } from '../../client/asked-host.ts';
import { describeEnd } from '../../client/describe-end.ts';
import { driveEnd, type Observe, untilAborted, writePiece } from '../../files/drive-end.ts';
import type { TransferEnd } from '../../files/transfer-end.ts';
import type { TransferWatch } from '../../files/watch.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { RexaError } from '../../protocol/errors.ts';

/** One side of a transfer: a daemon that is asked, or an end in this process. */
export type TransferSide =
  | { readonly kind: 'host'; readonly host: AskedHost; readonly request: JsonObject }
  | { readonly kind: 'here'; readonly end: TransferEnd };

/** The channel of one side. */
interface Side {
  readonly input: Readable;
  readonly output: Writable;
  /** Resolves with why it ended; null: as it should. */
  readonly ended: Promise<RexaError | null>;
  close(): void;
  abort(): void;
}

function openSide({ host: { address, link }, request }: Extract<TransferSide, { kind: 'host' }>): Side {
  const channel = link.open(request, [0]);
  const ended = channel.ended.then((end) => {
    if (end.kind === 'link-ended') return describeEnd(end.end, address);
    try {
      readAnswer(v.object({}), end.last);
      return null;
    } catch (error) {
      return error as RexaError;
    }
  });
  return {
    input: channel.input(0),
    output: channel.output(0),
    ended,
    close: () => channel.close({}),
    abort: () => channel.abort({}),
  };
}

/**
 * Copies between two sides, of which one may be here; between two hosts, all passes through this process.
 * @param signal ends the transfer before it is complete
 * @throws RexaError what a daemon refused with, LINK_LOST, FILES_PROTOCOL, CLOSED
 */
export async function runTransfer(
  from: TransferSide,
  to: TransferSide,
  watch: TransferWatch,
  signal?: AbortSignal,
): Promise<void> {
  if (from.kind === 'host' && to.kind === 'host')
    return joinHosts(openSide(from), openSide(to), watch, signal);
  if (from.kind === 'host' && to.kind === 'here')
    return joinEnd(openSide(from), to.end, { received: watch.sent, produced: watch.answered }, signal);
  if (from.kind === 'here' && to.kind === 'host')
    return joinEnd(openSide(to), from.end, { received: watch.answered, produced: watch.sent }, signal);
  throw new RexaError('USAGE', ['neither side of the copy is a host']);
}

async function joinEnd(
  side: Side,
  end: TransferEnd,
  observe: { readonly received: Observe; readonly produced: Observe },
  signal: AbortSignal | undefined,
): Promise<void> {
  const stop = (): void => side.abort();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await driveEnd(end, { input: side.input, output: side.output, observe, signal });
    side.output.end();
  } catch (error) {
    side.abort();
    // Why the daemon, or the link, has ended it says more than that it has
    const isClosed = error instanceof RexaError && error.code === 'CLOSED';
    throw (isClosed && signal?.aborted !== true ? await side.ended : null) ?? error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  const error = await side.ended;
  if (error !== null) throw error;
}

async function joinHosts(
  from: Side,
  to: Side,
  watch: TransferWatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  let failure: Error | null = null;
  const stop = (): void => {
    from.abort();
    to.abort();
  };
  async function pass(input: Readable, output: Writable, take: Observe): Promise<void> {
    try {
      for await (const bytes of input as AsyncIterable<Buffer>) {
        try {
          await untilAborted(take(bytes), signal);
        } catch (error) {
          failure ??= error as Error;
          throw error;
        }
        await writePiece(output, bytes);
      }
      output.end();
    } catch {
      // Why a channel has ended is told by its end
      stop();
    }
  }
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  const answering = pass(to.input, from.output, watch.answered);
  const passing = [pass(from.input, to.output, watch.sent), answering];
  const answered = async (): Promise<RexaError | null> => {
    const error = await to.ended;
    // Its last answers may still be held, until their report is taken
    if (error === null) await answering;
    return error;
  };
  const first = await Promise.race([from.ended, answered()]);
  // The other one has no more to say when its last records have arrived
  if (first !== null || !watch.counts.isFinished) stop();
  const errors = await Promise.all([from.ended, to.ended]);
  await Promise.all(passing);
  signal?.removeEventListener('abort', stop);
  const error = (failure as Error | null) ?? errors.find((each) => each !== null) ?? null;
  if (error !== null) throw error;
  if (!watch.counts.isFinished) throw new RexaError('CLOSED', ['channel']);
}
