import { RexaError } from '../protocol/errors.ts';

/** How much of a word is shown in a sentence about it. */
const MAX_SHOWN_CHARACTERS = 80;

/** A command line that cannot be understood: what is wrong and what to write instead. */
export function usageError(sentence: string, options?: ErrorOptions): RexaError {
  return new RexaError('USAGE', [sentence], options);
}

/** A word of the command line in single quotes, cut when it is long. */
export function quoteWord(word: string): string {
  return `'${word.length > MAX_SHOWN_CHARACTERS ? `${word.slice(0, MAX_SHOWN_CHARACTERS)}…` : word}'`;
}
