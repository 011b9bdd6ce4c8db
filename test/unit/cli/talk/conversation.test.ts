import { describe, expect, it } from 'vitest';
import { mentions } from '../../../../src/cli/talk/conversation.ts';

describe('a mention', () => {
  it.each([
    ['bob: hello', 'bob', true],
    ['hello BOB!', 'bob', true],
    ['bobby', 'bob', false],
    ['root-2, look', 'root-2', true],
    ['a@b.c', 'a@b.c', true],
    ['a@bxc', 'a@b.c', false],
    ['你好，小明！', '小明', true],
    ['', 'bob', false],
  ])('in %j of %j: %j', (text, name, expected) => {
    expect(mentions(text, name)).toBe(expected);
  });
});
