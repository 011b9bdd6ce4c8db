import { describe, expect, it } from 'vitest';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';
import { permitsRemoteOpen } from '../../../../src/config/ssh/permit-remote-open.ts';

const settingsOf = (...values: readonly string[]) =>
  resolveWords(
    parseWords(SSH_COMMAND, [...values.flatMap((value) => ['-o', `PermitRemoteOpen=${value}`]), 'h']).said,
  ).settings;

describe('PermitRemoteOpen', () => {
  it.each([
    ['any', 'a', 1, true],
    ['ANY', 'a', 1, true],
    ['none', 'a', 1, false],
    ['a:1', 'a', 1, true],
    ['a:1', 'a', 2, false],
    ['a:1', 'A', 1, false],
    ['a:1', 'b', 1, false],
    ['a:1 b:2', 'b', 2, true],
    ['a:*', 'a', 9, true],
    ['*:1', 'b', 1, true],
    ['*:1', 'b', 2, false],
    ['[::1]:80', '::1', 80, true],
    ['[::1]:80', '::1', 81, false],
    ['a:https', 'a', 443, true],
  ])('%s: %s, port %i: %s', (value, host, port, permitted) => {
    expect(permitsRemoteOpen(settingsOf(value), { host, port })).toBe(permitted);
  });

  it('permits everything where it is not given, and its first line counts', () => {
    expect(permitsRemoteOpen(settingsOf(), { host: 'a', port: 1 })).toBe(true);
    expect(permitsRemoteOpen(settingsOf('none', 'any'), { host: 'a', port: 1 })).toBe(false);
  });

  it('permits no Unix socket where it is limited', () => {
    expect(permitsRemoteOpen(settingsOf('*:*'), { path: '/s' })).toBe(false);
    expect(permitsRemoteOpen(settingsOf('any'), { path: '/s' })).toBe(true);
  });

  it.each([
    ['a', /'a' is not of the form HOST:PORT$/],
    ['a:0', /'0' is neither a number/],
    ['a:1 any', /'any' must appear alone$/],
    ['none a:1', /'none' must appear alone$/],
    ['', /a value is missing$/],
  ])('refuses %j', (value, message) => {
    expect(() => settingsOf(value)).toThrow(message);
  });
});
