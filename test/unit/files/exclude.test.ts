import { describe, expect, it } from 'vitest';
import { compileExcludes, matchesGlob, parseGlob } from '../../../src/files/exclude.ts';

describe('a pattern of --exclude', () => {
  it.each<[pattern: string, path: string, isFolder: boolean, isLeftOut: boolean]>([
    ['*.o', 'main.o', false, true],
    ['*.o', 'src/main.o', false, true],
    ['*.o', 'main.c', false, false],
    ['src/*.o', 'src/main.o', false, true],
    ['src/*.o', 'src/deep/main.o', false, false],
    ['src/**.o', 'src/deep/main.o', false, true],
    ['/main.o', 'main.o', false, true],
    ['/main.o', 'src/main.o', false, false],
    ['build/', 'build', true, true],
    ['build/', 'build', false, false],
    ['build/', 'src/build', true, true],
    ['a?c', 'abc', false, true],
    ['a?c', 'ac', false, false],
    ['[a-c]x', 'bx', false, true],
    ['[!a-c]x', 'bx', false, false],
    ['[!a-c]x', 'dx', false, true],
    ['[]]', ']', false, true],
    ['[', '[', false, true],
    ['\\*', '*', false, true],
    ['\\*', 'x', false, false],
    ['.*', '.hidden', false, true],
    ['*\n*', 'a\nb', false, true],
    ['a****b', 'axxb', false, true],
    ['x/*****/b', 'x/y/z/b', false, true],
    ['x/*/b', 'x/y/z/b', false, false],
    ['*?*', 'a', false, true],
    ['*', '', false, true],
  ])('%j on %j (folder: %j): left out %j', (pattern, path, isFolder, isLeftOut) => {
    expect(compileExcludes([pattern])(path, isFolder)).toBe(isLeftOut);
  });

  it('takes no exponential time', () => {
    const glob = parseGlob('*a'.repeat(60));
    expect(matchesGlob(glob, `${'a'.repeat(4000)}b`)).toBe(false);
  });
});
