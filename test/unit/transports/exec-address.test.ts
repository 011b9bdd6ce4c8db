import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/transports/address.ts';
import { type SshAddress, sshWords } from '../../../src/transports/exec-address.ts';
import { codeOf } from '../../fixtures/auth/fixtures.ts';

describe('an address of a program', () => {
  it.each<[string, readonly string[]]>([
    ['exec:rexad --stdio', ['rexad', '--stdio']],
    ['exec:  docker exec  -i web\trexad --stdio ', ['docker', 'exec', '-i', 'web', 'rexad', '--stdio']],
    ["exec:sh -c 'a b; exec c'", ['sh', '-c', 'a b; exec c']],
    ['exec:a "b c" d', ['a', 'b c', 'd']],
    ['exec:a "" \'\' b', ['a', '', '', 'b']],
    ['exec:a b\\ c \\" \\\\', ['a', 'b c', '"', '\\']],
    ['exec:a "b\\"c\\\\d\\e$f"', ['a', 'b"c\\d\\e$f']],
    ["exec:a 'b\\c'", ['a', 'b\\c']],
    ['exec:a b"c"\'d\'e', ['a', 'bcde']],
    ['exec:a $HOME `b` * ; | &', ['a', '$HOME', '`b`', '*', ';', '|', '&']],
    ['exec:漢字 ü', ['漢字', 'ü']],
  ])('%s is split into words as sh quotes, and no shell reads it', (text, words) => {
    expect(parseAddress(text)).toEqual({ kind: 'exec', words });
  });

  it.each([
    'exec:',
    'exec:   ',
    'exec:"" a',
    "exec:a 'b",
    'exec:a "b',
    'exec:a b\\',
    'exec:a "b\\"',
    'exec:a\0b',
  ])('%j is refused', (text) => {
    expect(codeOf(() => parseAddress(text))).toBe('ADDRESS_INVALID');
  });
});

describe('an address of ssh', () => {
  it.each<[string, Omit<SshAddress, 'kind'>]>([
    ['ssh://build1', { user: null, host: 'build1', port: null }],
    ['ssh://build1/', { user: null, host: 'build1', port: null }],
    ['ssh://alice@build1:2222', { user: 'alice', host: 'build1', port: 2222 }],
    ['ssh://a.b-c_d@[2001:db8::1]:22', { user: 'a.b-c_d', host: '2001:db8::1', port: 22 }],
    ['ssh://web_1.example.org', { user: null, host: 'web_1.example.org', port: null }],
  ])('%s names a user, a host and a port', (text, address) => {
    expect(parseAddress(text)).toEqual({ kind: 'ssh', ...address });
  });

  it.each([
    'ssh://',
    'ssh://@host',
    'ssh://-oProxyCommand=touch',
    'ssh://-l@host',
    'ssh://a b',
    'ssh://a;b',
    'ssh://$(a)@b',
    'ssh://a`b`@c',
    'ssh://host:0',
    'ssh://host:65536',
    'ssh://host:22:22',
    'ssh://::1',
    'ssh://[nothing]',
    'ssh://host/path',
    'ssh://a@b@c',
    'ssh://host\n',
  ])('%j is refused, as what ssh could take for something else', (text) => {
    expect(codeOf(() => parseAddress(text))).toBe('ADDRESS_INVALID');
  });

  it('calls ssh with user and port apart from the host, behind --', () => {
    const words = sshWords({ kind: 'ssh', user: 'alice', host: 'build1', port: 2222 }, true);
    expect(words.slice(words.indexOf('-l'))).toEqual([
      '-l',
      'alice',
      '-p',
      '2222',
      '--',
      'build1',
      'rexad --stdio',
    ]);
    expect(words).not.toContain('BatchMode=yes');
  });

  it('lets ssh ask nobody where nobody may be asked', () => {
    expect(sshWords({ kind: 'ssh', user: null, host: 'a', port: null }, false)).toContain('BatchMode=yes');
  });
});
