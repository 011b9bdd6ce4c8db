import { describe, expect, it } from 'vitest';
import { createCommandPrompt } from '../../../../src/cli/terminal/command-prompt.ts';

describe('the prompt of ~C', () => {
  it.each<[string, readonly string[], object]>([
    ['takes a line in pieces', ['-L 1', ':a:2\r'], { echo: ':a:2\r\n', line: '-L 1:a:2' }],
    ['erases characters', ['ab\x7f\x7f\x7fc', '\r'], { echo: '\r\n', line: 'c' }],
    ['shows an erased character as erased', ['a\x7f'], { echo: 'a\b \b' }],
    ['is given up with Ctrl-C', ['-L\x03'], { echo: '-L\r\n', line: null }],
    ['shows no control characters', ['a\x07\x9bb'], { echo: 'ab' }],
  ])('%s', (_what, keys, last) => {
    const prompt = createCommandPrompt();
    const steps = keys.map((each) => prompt.take(Buffer.from(each, 'latin1')));
    expect(steps.at(-1)).toEqual(last);
  });
});
