import { RexaError } from '../../protocol/errors.ts';
import { showText } from '../../protocol/show-text.ts';
import type { Spool } from './spool.ts';

/** What peers of this wire expect for a reply without a byte: `Ready|0` leaves some of them waiting. */
const EMPTY_REPLY = Buffer.from('cmd error');

/**
 * Runs one command line and gives its whole reply, in UTF-8, piece by piece.
 *
 * The reply ends when the iteration does. Thrown errors become the reply. When the iteration is returned early, or
 * `signal` aborts (then the pieces go nowhere), the whole process tree of the command is ended.
 */
export type RunCommand = (line: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** Keeps the whole reply of a command, at least one byte; an error is a reply too. Never rejects. */
export async function collectReply(run: () => AsyncIterable<Uint8Array>, spool: Spool): Promise<void> {
  try {
    for await (const bytes of run()) await spool.append(bytes);
    if (spool.sizeBytes === 0) await spool.append(EMPTY_REPLY);
  } catch (error) {
    await replaceReply(error, spool);
  }
}

/** The reply becomes the sentence of an error. Never rejects. */
export async function replaceReply(failure: unknown, spool: Spool): Promise<void> {
  await spool.clear().catch(() => {});
  const sentence = failure instanceof RexaError ? failure.message : showText(String(failure));
  await spool.append(Buffer.from(`rexad: ${sentence}\n`)).catch(() => {});
}
