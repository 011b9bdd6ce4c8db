import type { RexaError } from '../../protocol/errors.ts';
import type { EncodingReceipt } from '../../protocol/outcome.ts';

/** What one output of a command goes through on its way to its reader: a decoder, or nothing. */
export interface OutputFilter {
  /** What can be said of the bytes so far; the bytes given themselves where nothing has to change. */
  write(bytes: Uint8Array): Uint8Array;
  /** What was held back; an incomplete character is U+FFFD, and counted. */
  end(): Uint8Array;
  /** How many milliseconds what is held may still wait; null when nothing is. Then comes `flush()`. */
  readonly holdMs: number | null;
  /** What was held, its time being over. */
  flush(): Uint8Array;
  receipt(): EncodingReceipt;
}

/** A piece of stdin as the command gets it. */
export interface EncodedInput {
  readonly bytes: Uint8Array;
  /** Why some of the piece is not among them: it can't be written in the command's encoding. Null: all of it is. */
  readonly refused: RexaError | null;
}

/** The same for stdin, the other way. */
export interface InputFilter {
  write(bytes: Uint8Array): EncodedInput;
  end(): EncodedInput;
}

/** What the three streams of a run go through. */
export interface RunFilters {
  readonly decoders: { readonly stdout: OutputFilter; readonly stderr: OutputFilter };
  readonly encoder: InputFilter;
  /** Whether input that was refused cancels the run; else its client is told, and it goes on. */
  readonly refusalCancels: boolean;
  /** What became of the characters of stdin, so far. */
  inputReceipt(): EncodingReceipt;
}
