import { MistakeError } from '../parse/mistake.ts';
import type { YamlValue } from '../parse/yaml-value.ts';
import type { Finding, OutputCheck } from './checked-output.ts';

/** An assertion; its key is put in by the table. */
export type Check = Omit<OutputCheck, 'key'>;

export function check(words: string, run: OutputCheck['check']): Check {
  return { words, check: run };
}

export function compareTexts(wanted: string, got: string, message: string): Finding {
  return got === wanted ? null : { message, expected: wanted, actual: got };
}

export function checkPattern(pattern: RegExp): Check {
  return check(`matches ${String(pattern)}`, ({ text }) =>
    pattern.test(text) ? null : { message: `does not match ${String(pattern)}` },
  );
}

/** A regular expression; ^ and $ stand at lines. @throws MistakeError */
export function readPattern(pattern: string, value: YamlValue): RegExp {
  try {
    return new RegExp(pattern, 'mu');
  } catch (error) {
    throw new MistakeError(value.place, (error as Error).message);
  }
}

/** How much of a text stands in a sentence. */
const MAX_QUOTED_CHARACTERS = 60;

/** A text for a sentence: its first line, not too long. */
export function quote(wanted: string): string {
  const [line = ''] = wanted.split('\n');
  const isCut = line.length < wanted.length || line.length > MAX_QUOTED_CHARACTERS;
  return `${JSON.stringify(line.slice(0, MAX_QUOTED_CHARACTERS))}${isCut ? '…' : ''}`;
}
