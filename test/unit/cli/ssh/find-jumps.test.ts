import { describe, expect, it } from 'vitest';
import { findJumps } from '../../../../src/cli/ssh/find-jumps.ts';

/** Jump hosts by what ProxyJump says of them. */
const list = async (jumps: readonly string[], own: Readonly<Record<string, readonly string[]>> = {}) => {
  const found = await findJumps(jumps, (named) =>
    Promise.resolve({ named, called: named, given: { jump: own[named] } }),
  );
  return found.map(({ named }) => named);
};

describe('the jump hosts on the way to a host', () => {
  it.each([
    [[], {}, []],
    [['a', 'b'], {}, ['a', 'b']],
    [['b'], { b: ['a'] }, ['a', 'b']],
    [['c'], { c: ['b'], b: ['a'], a: [] }, ['a', 'b', 'c']],
    // b is reached through a, as it was given
    [['a', 'b'], { b: ['x'] }, ['a', 'b']],
  ])('%j, of which %j say something else, are %j', async (jumps, own, way) => {
    expect(await list(jumps, own)).toEqual(way);
  });

  it.each([
    [['a'], { a: ['a'] }],
    [['a'], { a: ['b'], b: ['a'] }],
    [['a', 'b'], { a: ['b'] }],
    [['a', 'a'], {}],
  ])('%j, of which %j say something else, are reached through themselves', async (jumps, own) => {
    await expect(list(jumps, own)).rejects.toThrow(/^jumphost loop via /);
  });
});
