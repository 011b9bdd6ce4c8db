import { describe, expect, it } from 'vitest';
import { quoteWord } from '../../../../src/cli/line-shell/completion/quote.ts';
import { type Quoting, readShellWord } from '../../../../src/cli/line-shell/completion/shell-word.ts';

describe('the word in front of the cursor', () => {
  it.each([
    ['', 0, 'command', '', ''],
    ['gi', 0, 'command', '', 'gi'],
    ['git ', 4, 'argument', 'git', ''],
    ['git lo', 4, 'argument', 'git', 'lo'],
    ['ls | gr', 5, 'command', '', 'gr'],
    ['ls;gr', 3, 'command', '', 'gr'],
    ['ls && (gr', 7, 'command', '', 'gr'],
    ['ls\ngr', 3, 'command', '', 'gr'],
    ['if te', 3, 'command', '', 'te'],
    ['sudo ls /e', 8, 'argument', 'ls', '/e'],
    ['A=1 B=2 ma', 8, 'command', '', 'ma'],
    ['cat >lo', 5, 'target', 'cat', 'lo'],
    ['cat 2> lo', 7, 'target', 'cat', 'lo'],
    ['cat <in fi', 8, 'argument', 'cat', 'fi'],
    ['<in ca', 4, 'command', '', 'ca'],
    ['ls My\\ Do', 3, 'argument', 'ls', 'My Do'],
    ['ls a\\\nb', 3, 'argument', 'ls', 'ab'],
    ['# a comment\nls x', 15, 'argument', 'ls', 'x'],
    ['echo a#b', 5, 'argument', 'echo', 'a#b'],
    ['echo "$(ls /us', 11, 'argument', 'ls', '/us'],
  ] as const)('of %j begins at %i, as %s of %j: %j', (line, at, role, command, value) => {
    expect(readShellWord(line)).toMatchObject({ at, role, command, value, base: '', isDynamic: false });
  });

  it.each([
    ["ls 'My Do", 'single', 'My Do'],
    ['ls "My Do', 'double', 'My Do'],
    ['ls "a\\"b\\c', 'double', 'a"b\\c'],
    ["ls $'it\\'s", 'ansi', "it's"],
    ["ls 'My'\\ Do", 'none', 'My Do'],
    ['ls "a"\'b\'c', 'none', 'abc'],
  ] as const)('of %j is quoted: %s', (line, quoting, value) => {
    expect(readShellWord(line)).toMatchObject({ quoting, value });
  });

  it.each([
    ['cd ~/Do', '~', '/Do'],
    ['cd ~bob/x', '~bob', '/x'],
    ['cd ~bo', '~bo', ''],
    ['cd "~/Do', '', '~/Do'],
    ['cd \\~/Do', '', '~/Do'],
    ['cd a~/Do', '', 'a~/Do'],
    ['cd $HOME/Do', '$HOME', '/Do'],
    [`cd \${HOME}/Do`, '$HOME', '/Do'],
    ['cd "$HOME/My Do', '$HOME', '/My Do'],
    ["cd '$HOME/Do", '', '$HOME/Do'],
    ['cd \\$HOME/Do', '', '$HOME/Do'],
  ])('of %j has the base %j', (line, base, value) => {
    expect(readShellWord(line)).toMatchObject({ base, value, isDynamic: false });
  });

  it.each([
    'ls $(touch /tmp/x)',
    'ls `touch /tmp/x`',
    'ls a$HOME',
    'ls $HOME$PWD/x',
    `ls \${HOME%/*}/x`,
    'ls $((1+1))',
    'ls "$(date)/x',
    'ls $1/x',
    "ls $'\\x41",
  ])('of %j is made when it is run', (line) => {
    expect(readShellWord(line)?.isDynamic).toBe(true);
  });

  it('is none in a comment', () => {
    expect(readShellWord('ls # ab')).toBeNull();
  });
});

describe('a completed word', () => {
  it.each<[string, string, Quoting, boolean, string]>([
    ['', 'plain', 'none', true, 'plain'],
    ['', 'My Docs/', 'none', false, 'My\\ Docs/'],
    ['', 'a$b`c"d\'e\\f', 'none', true, 'a\\$b\\`c\\"d\\\'e\\\\f'],
    ['', '中文 x', 'none', true, '中文\\ x'],
    ['', 'My Docs/', 'double', false, '"My Docs/'],
    ['', 'a$b"c', 'double', true, '"a\\$b\\"c"'],
    ['', "it's", 'single', true, "'it'\\''s'"],
    ['~', '/My Docs/', 'none', false, '~/My\\ Docs/'],
    ['~', '/My Docs/x', 'double', true, '~/"My Docs/x"'],
    ['$HOME', '/My Docs/x', 'double', true, '"$HOME/My Docs/x"'],
    ['$HOME', '/My Docs/x', 'none', true, '$HOME/My\\ Docs/x'],
    ['$HOME', '/a b', 'single', true, "$HOME/'a b'"],
    ['', 'a\nb', 'none', true, "$'a\\x0ab'"],
  ])('of base %j and %j in %s quotes (over: %j) is %j', (base, value, quoting, isWhole, written) => {
    expect(quoteWord(base, value, quoting, isWhole)).toBe(written);
  });

  it.each<Quoting>(['none', 'double', 'single'])('is read back as it was, in %s quotes', (quoting) => {
    const value = ' !"#$%&\'()*+,-.:;<=>?@[\\]^_`{|}~ 中😀';
    expect(readShellWord(`x ${quoteWord('', value, quoting, false)}`)).toMatchObject({
      value,
      isDynamic: false,
    });
  });
});
