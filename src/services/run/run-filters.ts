import type { RunFilters } from '../../process/conduct/filters.ts';
import type { InputErrors } from '../../protocol/input-errors.ts';
import { type EncodingChoice, inputEncoding } from '../../transcode/choose-encoding.ts';
import { createFollowingEncoder } from '../../transcode/following-encoder.ts';
import { createStreamDecoder } from '../../transcode/stream-decoder.ts';
import { createStreamEncoder } from '../../transcode/stream-encoder.ts';

/** The decoders of one reader of a command's output, and the encoder of one writer of its stdin. */
export function createRunFilters(
  output: EncodingChoice,
  input: EncodingChoice,
  inputErrors: InputErrors,
): RunFilters {
  const clock = (): number => performance.now();
  const stdout = createStreamDecoder(output, clock);
  // Who types reads what comes, and expects to type in the same; a stream stays in one encoding
  const follows = input.mode === 'auto' && inputErrors === 'bell';
  const encoder = follows
    ? createFollowingEncoder(stdout.encoding, inputErrors)
    : createStreamEncoder(input, inputErrors);
  return {
    decoders: { stdout, stderr: createStreamDecoder(output, clock) },
    encoder,
    refusalCancels: inputErrors === 'cancel',
    inputReceipt: () => ({
      name: follows ? stdout.encoding().name : inputEncoding(input).name,
      source: input.mode === 'option' ? 'option' : 'host',
      replaced: encoder.replaced(),
    }),
  };
}
