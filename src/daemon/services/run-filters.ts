import type { RunFilters } from '../../process/conduct/filters.ts';
import type { InputErrors } from '../../protocol/input-errors.ts';
import { type EncodingChoice, inputEncoding } from '../transcode/choose-encoding.ts';
import { createStreamDecoder } from '../transcode/stream-decoder.ts';
import { createStreamEncoder } from '../transcode/stream-encoder.ts';

/** The decoders of one reader of a command's output, and the encoder of one writer of its stdin. */
export function createRunFilters(
  output: EncodingChoice,
  input: EncodingChoice,
  inputErrors: InputErrors,
): RunFilters {
  const clock = (): number => performance.now();
  const encoder = createStreamEncoder(input, inputErrors);
  return {
    decoders: { stdout: createStreamDecoder(output, clock), stderr: createStreamDecoder(output, clock) },
    encoder,
    refusalCancels: inputErrors === 'cancel',
    inputReceipt: () => ({
      name: inputEncoding(input).name,
      source: input.mode === 'option' ? 'option' : 'host',
      replaced: encoder.replaced(),
    }),
  };
}
