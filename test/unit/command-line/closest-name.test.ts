import { describe, expect, it } from 'vitest';
import { findClosestName } from '../../../src/command-line/closest-name.ts';

const NAMES = ['run', 'ssh', 'shell', 'ping', 'timeout', 'kill-after', 'stdin-encoding', 'encoding', 'cwd'];

describe('the name that was probably meant', () => {
  it.each([
    ['rnu', 'run'],
    ['runn', 'run'],
    ['tiemout', 'timeout'],
    ['timeuot', 'timeout'],
    ['time-out', 'timeout'],
    ['TIMEOUT', 'timeout'],
    ['killafter', 'kill-after'],
    ['kill_after', 'kill-after'],
    ['encodign', 'encoding'],
    ['stdin-encodng', 'stdin-encoding'],
    ['shel', 'shell'],
    ['cdw', 'cwd'],
  ])('takes %s for %s', (written, name) => {
    expect(findClosestName(written, NAMES)).toBe(name);
  });

  it.each(['', 'x', 'rx', 'build1', 'unix:/run/rexad.sock', 'zzzzzzz', 'time'])(
    'guesses nothing for %j',
    (written) => {
      expect(findClosestName(written, NAMES)).toBeNull();
    },
  );
});
