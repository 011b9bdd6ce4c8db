import { describe, expect, it } from 'vitest';
import type { CompletionQuestion } from '../../../../src/cli/line-shell/backend.ts';
import { completeLine, planCompletion } from '../../../../src/cli/line-shell/completion/complete-line.ts';
import { listChoices } from '../../../../src/cli/line-shell/completion/list-choices.ts';

describe('what the host is asked', () => {
  it.each<[string, CompletionQuestion | null]>([
    ['gi', { kind: 'command', base: '', word: 'gi' }],
    ['./scr', { kind: 'program', base: '', word: './scr' }],
    ['~/bin/x', { kind: 'program', base: '~', word: '/bin/x' }],
    ['ls x', { kind: 'path', base: '', word: 'x' }],
    ['ls ', { kind: 'path', base: '', word: '' }],
    ['cd x', { kind: 'folder', base: '', word: 'x' }],
    ['cat >x', { kind: 'path', base: '', word: 'x' }],
    ['make --file=/et', { kind: 'path', base: '', word: '/et' }],
    ['dd if=~/x', { kind: 'path', base: '~', word: '/x' }],
    ['dd if="a b', { kind: 'path', base: '', word: 'a b' }],
    ['', null],
    ['ls --al', null],
    ['ls -l', null],
    ['ls ~us', null],
    ['ls $HO', null],
    ['ls # x', null],
    ['ls $(rm x)', null],
    ['ls if=$(rm x)', null],
  ])('about %j', (line, question) => {
    expect(planCompletion(line)?.question ?? null).toEqual(question);
  });
});

describe('what an answer makes of a line', () => {
  it.each([
    ['ls My', ['My Docs/'], 'ls My\\ Docs/', []],
    ['ls "My', ['My Docs/'], 'ls "My Docs/', []],
    ['ls a', ['a.txt'], 'ls a.txt ', []],
    ['ls "a', ['a b.txt'], 'ls "a b.txt" ', []],
    ['ls a', ['abc1', 'abc2'], 'ls abc', []],
    ['ls abc', ['abc1', 'abc2'], 'ls abc', ['abc1', 'abc2']],
    ['ls 中', ['中文1', '中文2'], 'ls 中文', []],
    ['ls d/a', ['d/a1', 'd/a2/'], 'ls d/a', ['a1', 'a2/']],
    ['make --file=/e', ['/etc/'], 'make --file=/etc/', []],
    ['cd ~/D', ['/Docs/'], 'cd ~/Docs/', []],
    ['ls e', ['e\u0301x', 'e\u0301y'], 'ls e\u0301', []],
  ])('%j and %j: %j', (line, words, before, choices) => {
    const plan = planCompletion(line);
    expect(plan && completeLine(line, plan, { words, isCut: false })).toEqual({ before, choices });
  });

  it('is nothing when nothing fits', () => {
    const plan = planCompletion('ls x');
    expect(plan && completeLine('ls x', plan, { words: [], isCut: false })).toBeNull();
    expect(plan && completeLine('ls x', plan, { words: ['other'], isCut: false })).toBeNull();
  });
});

describe('a list of choices', () => {
  it('is read downwards, in columns that are right for wide characters', () => {
    expect(listChoices(['a', 'bb', '中文字', 'd', 'e'], { columns: 24, rows: 10 }, false)).toEqual([
      'a       中文字  e',
      'bb      d',
    ]);
  });

  it('counts what the terminal has no rows for', () => {
    const words = Array.from({ length: 30 }, (_, index) => `word${index}`);
    const lines = listChoices(words, { columns: 18, rows: 5 }, false);
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe('… and 24 more');
    expect(listChoices(words, { columns: 18, rows: 5 }, true).at(-1)).toBe('… and more than 24 more');
  });

  it('shows what could steer the terminal', () => {
    expect(listChoices(['a\x1b[2J'], { columns: 40, rows: 10 }, false)).toEqual(['a\\x1b[2J']);
  });
});
