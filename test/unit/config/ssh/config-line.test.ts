import { describe, expect, it } from 'vitest';
import { readConfigLine } from '../../../../src/config/ssh/config-line.ts';

describe('a line of ssh_config', () => {
  it.each([
    ['Port=22', 'Port', ['22']],
    ['Port 22', 'Port', ['22']],
    ['Port\t=\t22 ', 'Port', ['22']],
    ['  Port = 22', 'Port', ['22']],
    ['User="root"', 'User', ['root']],
    ['User "a b"', 'User', ['a b']],
    ["User='a \"b'", 'User', ['a "b']],
    ['User="a"b', 'User', ['ab']],
    ['User=a\\ b', 'User', ['a b']],
    ['User="a\\"b"', 'User', ['a"b']],
    ['User=a\\nb', 'User', ['a\\nb']],
    ['SetEnv A=1 "B=2 3"', 'SetEnv', ['A=1', 'B=2 3']],
    ['SetEnv=A=1', 'SetEnv', ['A=1']],
    ['SendEnv LANG # and no more', 'SendEnv', ['LANG']],
    ['SendEnv A#B', 'SendEnv', ['A#B']],
    ['User=""', 'User', ['']],
    ['Port=', 'Port', []],
    ['Port', 'Port', []],
  ])('%j is %s with %j', (line, keyword, words) => {
    expect(readConfigLine(line)).toMatchObject({ keyword, words });
  });

  it.each(['', '  ', '# Port 22', '#Port=22'])('%j says nothing', (line) => {
    expect(readConfigLine(line)).toBeNull();
  });

  it.each(['User="root', "User='", 'User=a"b'])('%j has a quote that does not end', (line) => {
    expect(() => readConfigLine(line)).toThrow(/has an unterminated quote$/);
  });

  it('keeps a command as it stands', () => {
    expect(readConfigLine(`RemoteCommand echo "a  b" 'c'`)?.text).toBe(`echo "a  b" 'c'`);
  });
});
