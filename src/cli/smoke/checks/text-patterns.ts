import type { OutputCheck } from '../assertions/checked-output.ts';
import { readPattern } from '../assertions/make-check.ts';
import { type Field, filledText, mapped } from '../parse/fields.ts';

/** A pattern of goss: a text, or `/a regular expression/`; with `!` in front it must not be there. */
export interface TextPattern {
  readonly written: string;
  readonly isWanted: boolean;
  matches(text: string): boolean;
}

export const PATTERN_FIELD: Field<TextPattern> = mapped(
  filledText('A text, or /a regular expression/; ! in front: it must not be there'),
  (written, value) => {
    const isWanted = !written.startsWith('!');
    const plain = isWanted ? written.replace(/^\\!/, '!') : written.slice(1);
    const [, source] = /^\/(.*)\/$/s.exec(plain) ?? [];
    if (source === undefined) return { written, isWanted, matches: (text) => text.includes(plain) };
    const pattern = readPattern(source, value);
    return { written, isWanted, matches: (text) => pattern.test(text) };
  },
);

/** @param read the part of an output that the patterns are about */
export function expectPatterns(
  key: string,
  patterns: readonly TextPattern[],
  read: (output: string) => string,
): readonly OutputCheck[] {
  return patterns.map(({ written, isWanted, matches }) => ({
    key,
    words: `says that ${key} has ${written}`,
    check: ({ whole }) =>
      matches(read(whole)) === isWanted
        ? null
        : { message: isWanted ? `${key} does not have ${written}` : `${key} has ${written.slice(1)}` },
  }));
}
