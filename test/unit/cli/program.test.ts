import { describe, expect, it } from 'vitest';
import { COMMANDS, RESERVED_WORDS, REXA } from '../../../src/cli/tables/program.ts';
import type { CommandSpec } from '../../../src/command-line/command-spec.ts';
import { takesValue } from '../../../src/command-line/option-table.ts';
import { parseWords } from '../../../src/command-line/parse-words.ts';
import { findFirstWord, joinTables } from '../../../src/command-line/program-words.ts';

const commands: readonly (readonly [string, CommandSpec])[] = Object.entries(COMMANDS);

/** The words that the contract reserves. */
const RESERVED =
  'run ssh shell smoke ping keys jobs logs attach wait kill cp forward session talk web fleet explain config completion ' +
  'help version';

describe('the tables of rexa', () => {
  it('have each reserved word once: as a command, or refused by name', () => {
    const words = [...Object.keys(COMMANDS), ...Object.keys(RESERVED_WORDS)];
    expect(words.toSorted()).toEqual(RESERVED.split(' ').toSorted());
  });

  it('agree on which options take a value, so that options may stand before the command', () => {
    const seen = new Map<string, boolean>();
    for (const [name, { options, behindName = [] }] of commands) {
      for (const [option, spec] of Object.entries(options)) {
        if (behindName.includes(option)) continue;
        const known = seen.get(option) ?? takesValue(spec);
        expect([name, option, takesValue(spec)]).toEqual([name, option, known]);
        seen.set(option, known);
      }
    }
  });

  it('leave the values of ssh to ssh before the command, and -p and -L of cp behind it', () => {
    const table = joinTables(REXA);
    expect(findFirstWord(table, ['-p', '22', 'build1'])).toEqual({ index: 2, isOperand: false });
    expect(findFirstWord(table, ['-L', '1:a:2', 'build1'])).toEqual({ index: 2, isOperand: false });
    expect(parseWords(COMMANDS.cp, ['-rpL', 'a', 'h:b']).values).toMatchObject({ r: true, p: true, L: true });
  });

  it('have no letter twice in one command', () => {
    for (const [name, { options }] of commands) {
      const second = Object.values(options).map((spec) => ('letter' in spec ? spec.letter : undefined));
      const letters = [...Object.keys(options), ...second].filter((letter) => letter?.length === 1);
      expect([name, letters.length]).toEqual([name, new Set(letters).size]);
    }
  });

  it('give examples that the parser takes', () => {
    for (const [name, command] of commands) {
      for (const { line } of command.examples) {
        const words = splitLine(line);
        const own = words[0] === name ? words.slice(1) : words;
        const most = command.repeatsLast ? Number.POSITIVE_INFINITY : command.operands.length;
        expect(parseWords(command, own).operands.length).toBeLessThanOrEqual(most);
      }
    }
    expect(REXA.examples.length).toBeGreaterThan(0);
  });
});

/** The words of `rexa …` in an example, as a shell takes them apart that knows single quotes only. */
function splitLine(line: string): readonly string[] {
  const own = /rexa (.*?)\)?(?: >.*| <.*| && .*|' -a .*)?$/.exec(line)?.[1] ?? '';
  return [...own.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
