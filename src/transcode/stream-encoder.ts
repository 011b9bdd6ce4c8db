import type { EncodedInput, InputFilter } from '../process/conduct/filters.ts';
import type { InputErrors } from '../protocol/input-errors.ts';
import { NO_BYTES } from './byte-decoder.ts';
import { type EncodingChoice, inputEncoding } from './choose-encoding.ts';
import { createKeyEncoder } from './encode-keys.ts';
import { createStrictEncoder } from './encode-strictly.ts';
import { createSubstitutingEncoder } from './encode-substituting.ts';

/** UTF-8 on its way into a command's stdin, in the run's encoding. */
export interface StreamEncoder extends InputFilter {
  /** Characters that the encoding lacks, and bytes that are not UTF-8, that were written as `?` (or U+FFFD). */
  replaced(): number;
}

const pass = (bytes: Uint8Array): EncodedInput => ({ bytes, refused: null });

/**
 * Creates the encoder of one stream. UTF-8 and `binary` pass every byte. UTF-16 and UTF-32 without a byte order in their
 * name begin with a byte order mark.
 * @param errors what becomes of a character that the encoding lacks: a substitute is written only where it was asked for
 */
export function createStreamEncoder(choice: EncodingChoice, errors: InputErrors): StreamEncoder {
  const encoding = inputEncoding(choice);
  if (encoding.kind === 'binary' || encoding.kind === 'utf8') {
    return { write: pass, end: () => pass(NO_BYTES), replaced: () => 0 };
  }
  switch (errors) {
    case 'cancel':
      return { ...createStrictEncoder(encoding), replaced: () => 0 };
    case 'bell':
      return { ...createKeyEncoder(encoding), replaced: () => 0 };
    case 'replace':
      return createSubstitutingEncoder(encoding);
    default:
      return errors satisfies never;
  }
}
