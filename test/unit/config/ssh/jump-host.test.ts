import { describe, expect, it } from 'vitest';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';
import {
  checkJumpHost,
  nameLastJump,
  printJumpHosts,
  readJumpHost,
} from '../../../../src/config/ssh/jump-host.ts';

const jumpsOf = (...words: readonly string[]) =>
  resolveWords(parseWords(SSH_COMMAND, [...words, 'h']).said).settings.proxyJump;

describe('a jump host', () => {
  it.each([
    ['gate', { user: null, host: 'gate', port: null }],
    ['ann@gate', { user: 'ann', host: 'gate', port: null }],
    ['gate:2222', { user: null, host: 'gate', port: 2222 }],
    ['a@b@gate:https', { user: 'a@b', host: 'gate', port: 443 }],
    ['[::1]:22', { user: null, host: '::1', port: 22 }],
    ['::1', { user: null, host: '::1', port: null }],
    ['unix:/run/a@b:1', { user: null, host: 'unix:/run/a@b:1', port: null }],
    ['ann@tls://gate:7', { user: 'ann', host: 'tls://gate:7', port: null }],
    ['ssh://ann@gate:7', { user: null, host: 'ssh://ann@gate:7', port: null }],
  ])('is read: %s', (text, read) => {
    expect(readJumpHost(text)).toEqual(read);
  });

  it.each(['', '@gate', 'gate:', 'gate:0', 'a:b:c', '-oX', 'ann@-gate', '[gate'])(
    'is refused: %j',
    (text) => {
      expect(() => readJumpHost(text)).toThrow(/^invalid jump host|is neither a number/);
    },
  );

  it.each(["host'x'", 'host`x', 'host$x', 'host;x', 'host(x)', "u'x'@h", 'u;x@h', 'u(x)@h', 'u`x@h'])(
    'has no character on the command line that a shell reads: %s',
    (text) => {
      expect(() => checkJumpHost(text)).toThrow(/invalid characters/);
      expect(() => jumpsOf('-J', text)).toThrow(/invalid characters/);
      expect(() => jumpsOf('-o', `ProxyJump=${text}`)).toThrow(/invalid characters/);
    },
  );

  it.each([
    ['jump1', 'jump1'],
    ['jump1,jump2', 'jump1,jump2'],
    ['u1@jump1:2221,u2@jump2:2222', 'u1@jump1:2221,u2@jump2:2222'],
    ['ssh://user@host:2223', 'user@host:2223'],
    ['ssh://user@host/', 'user@host'],
    ['10.0.0.7', '[10.0.0.7]'],
    ['a,ann@[::1]:2', 'a,ann@[::1]:2'],
    ['u;x@h;x', 'u;x@h;x'],
    ['unix:/run/x', 'unix:/run/x'],
  ])('is printed as ssh -G does: %s', (jumps, printed) => {
    expect(printJumpHosts(jumps.split(','))).toBe(printed);
  });

  it.each([
    [[], ''],
    [['a', 'ann@b:7'], 'b'],
    [['ssh://ann@b:7'], 'b'],
  ])('of %j is %j in tokens', (jumps, name) => {
    expect(nameLastJump(jumps)).toBe(name);
  });

  it('is the one that was given first, and ProxyCommand is none then', () => {
    expect(jumpsOf('-J', 'a', '-o', 'ProxyJump=b')).toEqual(['a']);
    expect(jumpsOf('-o', 'ProxyJump=none', '-J', 'b')).toEqual([]);
    expect(jumpsOf('-o', 'ProxyJump=a # near', '-o', 'ProxyCommand=x')).toEqual(['a']);
    expect(jumpsOf('-o', 'ProxyCommand=x', '-o', 'ProxyJump=a')).toBeUndefined();
  });
});
