import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/cli/line-shell/backend.ts';
import { measureText } from '../../../../src/cli/line-shell/editor/graphemes.ts';
import { makePrompt, makeSearchPrompt } from '../../../../src/cli/line-shell/prompt.ts';

const place: Place = { host: 'build1', folder: '/home/ann/src', home: '/home/ann', isRoot: false };

describe('the prompt', () => {
  it.each<[Partial<Place>, string | null, string]>([
    [{}, null, 'build1:~/src$ '],
    [{}, '2', '[2] build1:~/src$ '],
    [{}, 'SIGKILL', '[SIGKILL] build1:~/src$ '],
    [{}, 'timed out', '[timed out] build1:~/src$ '],
    [{ folder: '/home/ann' }, null, 'build1:~$ '],
    [{ folder: '/home/anna' }, null, 'build1:/home/anna$ '],
    [{ folder: '/', home: '/' }, null, 'build1:/$ '],
    [{ isRoot: true, folder: '/etc' }, null, 'build1:/etc# '],
    [{ folder: '/tmp/中文' }, null, 'build1:/tmp/中文$ '],
    [{ host: '127.0.0.1:9999', folder: null, home: null }, null, '127.0.0.1:9999> '],
    [{ folder: '/tmp/a\x1b]0;title\x07b\nc' }, null, 'build1:/tmp/a\\x1b]0;title\\x07b\\x0ac$ '],
    [{ host: 'evil\u202ehost' }, null, 'evil\\u202ehost:~/src$ '],
  ])('of %j after %j is %j', (changed, label, shown) => {
    expect(makePrompt({ ...place, ...changed }, label, 80, false)).toEqual({
      styled: shown,
      width: measureText(shown),
    });
  });

  it('cuts a long folder on its left, at a whole character', () => {
    const folder = `/srv/${'中文'.repeat(30)}/last`;
    const { styled, width } = makePrompt({ ...place, folder }, null, 40, false);
    expect(styled).toMatch(/^build1:…(?:中?文)?(?:中文)*\/last\$ $/);
    expect(width).toBeLessThanOrEqual(24);
  });

  it.each([10, 4, 1])('leaves its folder readable on a terminal of %i columns', (columns) => {
    expect(makePrompt(place, null, columns, false).styled).toBe('build1:~/src$ ');
  });

  it('has the same width with colours', () => {
    const colored = makePrompt(place, '1', 80, true);
    expect(colored.styled).toContain('\x1b[31m[1] \x1b[39m');
    expect(colored.width).toBe(makePrompt(place, '1', 80, false).width);
  });

  it('says what is searched for', () => {
    expect(makeSearchPrompt('git\x1b', true).styled).toBe("('git\\x1b'): ");
    expect(makeSearchPrompt('git', false).styled).toBe("(nothing with 'git'): ");
  });
});
