import type { InputErrors } from '../protocol/input-errors.ts';
import type { Encoding } from './encoding.ts';
import { createStreamEncoder, type StreamEncoder } from './stream-encoder.ts';

/**
 * Creates the encoder of keys that are written in the encoding which the output was found to be in.
 * @param find that encoding, by what came so far
 */
export function createFollowingEncoder(find: () => Encoding, errors: InputErrors): StreamEncoder {
  const encoders = new Map<string, StreamEncoder>();

  function current(): StreamEncoder {
    const encoding = find();
    const known = encoders.get(encoding.name);
    if (known) return known;
    const made = createStreamEncoder({ mode: 'option', encoding, keepsMark: false }, errors);
    encoders.set(encoding.name, made);
    return made;
  }

  return {
    write: (bytes) => current().write(bytes),
    end: () => current().end(),
    replaced: () => [...encoders.values()].reduce((sum, encoder) => sum + encoder.replaced(), 0),
  };
}
