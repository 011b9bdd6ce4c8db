import { describe, expect, it } from 'vitest';
import { parseAuthorizedKeys, parseAuthorizedLine } from '../../../src/auth/authorized-line.ts';
import { NO_OPTIONS } from '../../../src/auth/key-options.ts';
import { formatPublicKey } from '../../../src/auth/public-key.ts';
import { wireString } from '../../../src/auth/wire-writer.ts';
import { codeOf, fixtureKey, fixtureText } from '../../fixtures/auth/fixtures.ts';

const KEY = fixtureKey('ed25519');
const TEXT = formatPublicKey(KEY);

function parse(line: string | Buffer) {
  return parseAuthorizedLine(Buffer.from(line), 'keys:1');
}

describe('a line of authorized_keys', () => {
  it.each(['', ' ', '\t', '\r', '#', '# comment', '  # comment', '#ssh-ed25519 AAAA'])(
    'is passed over: %j',
    (line) => {
      expect(parse(line)).toBeNull();
    },
  );

  it.each([
    [TEXT, NO_OPTIONS, ''],
    [`  \t${TEXT}`, NO_OPTIONS, ''],
    [`${TEXT}\r`, NO_OPTIONS, ''],
    [`${TEXT} a comment # with "quotes`, NO_OPTIONS, 'a comment # with "quotes'],
    [`${TEXT} 中文`, NO_OPTIONS, '中文'],
    [TEXT.replace(' ', ' \t '), NO_OPTIONS, ''],
    [`no-pty ${TEXT}`, { ...NO_OPTIONS, permitPty: false }, ''],
    [`no-pty\t${TEXT}`, { ...NO_OPTIONS, permitPty: false }, ''],
    [`no-pty, ${TEXT} x`, { ...NO_OPTIONS, permitPty: false }, 'x'],
    [
      String.raw`command="say \"a b\"",no-pty ${TEXT}`,
      { ...NO_OPTIONS, command: 'say "a b"', permitPty: false },
      '',
    ],
    [`command="${TEXT}" ${TEXT}`, { ...NO_OPTIONS, command: TEXT }, ''],
  ])('is read: %j', (line, options, comment) => {
    expect(parse(line)).toMatchObject({ kind: 'key', where: 'keys:1', key: KEY, options, comment });
  });

  it('has a key even if its comment is not UTF-8', () => {
    expect(parse(Buffer.concat([Buffer.from(`${TEXT} `), Buffer.of(0xe4, 0xff)]))).toMatchObject({
      kind: 'key',
    });
  });

  it.each([
    ['an option that nobody knows', `paint-it-black ${TEXT}`, /unknown option paint-it-black/],
    ['an unknown option after a known one', `restrict,future-option ${TEXT}`, /unknown option future-option/],
    ['an empty from=', `from="" ${TEXT}`, /from is not valid/],
    ['two commands', `command="a",command="b" ${TEXT}`, /given twice/],
    [
      'options that are not UTF-8',
      Buffer.concat([Buffer.from('command="'), Buffer.of(0xe4), Buffer.from(`" ${TEXT}`)]),
      /not UTF-8/,
    ],
  ])('lets nobody in with %s, and says whom it does not', (_, line, reason) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: 'unusable', key: KEY });
    expect(parsed?.kind === 'unusable' && parsed.problem.code).toBe('AUTH_LINE_UNUSABLE');
    expect(parsed?.kind === 'unusable' && parsed.problem.message).toMatch(reason);
    expect(parsed?.kind === 'unusable' && parsed.problem.message).toMatch(/^keys:1 /);
  });

  it.each([
    ['a quote that never closes', `command="a ${TEXT}`, /never closed/],
    ['nothing but options', 'restrict', /expected/],
    ['blanks in its options', `no-pty, no-x11-forwarding ${TEXT}`, /not/],
    ['a NUL', `${TEXT}\0`, /NUL/],
    ['a NUL before the key', `no-pty\0 ${TEXT}`, /NUL/],
    ['damaged base64', TEXT.slice(0, -3), /base64/],
    [
      'a declared type unlike the encoded one',
      TEXT.replace('ssh-ed25519', 'ssh-rsa'),
      /declared as ssh-rsa but encoded as ssh-ed25519/,
    ],
    [
      'a declared type unlike the encoded one, after options',
      `restrict ${TEXT.replace('ssh-ed25519', 'ecdsa-sha2-nistp256')}`,
      /declared/,
    ],
    ['a key that is cut', `ssh-ed25519 ${KEY.blob.subarray(0, 30).toString('base64')}`, /too early/],
    [
      'a key of a type that nobody knows',
      `ssh-new ${wireString('ssh-new').toString('base64')}`,
      /ssh-new are not known/,
    ],
    ['a DSA key', fixtureText('keys/dsa.pub').trim(), /ssh-dss are not known/],
    ['an RSA key that is too short', fixtureText('keys/rsa1024.pub').trim(), /1024 bits/],
    ['a certificate', fixtureText('certificates/ed25519').trim(), /certificate/],
    ['a byte order mark', `\ufeff${TEXT}`, /not known|not/],
    ['an SSH1 key', '1024 35 1234567890 alice@example.com', /not/],
  ])('lets nobody in with %s', (_, line, reason) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: 'unusable', key: null });
    expect(parsed?.kind === 'unusable' && parsed.problem.message).toMatch(reason);
  });

  it('shows what is in it without letting it act on a terminal', () => {
    const parsed = parse(`\u001b[2J\u001b]0;x\u0007 ${TEXT}`);
    expect(parsed?.kind === 'unusable' && parsed.problem.message).not.toMatch(/\p{Cc}/u);
  });
});

describe('an authorized_keys file', () => {
  const other = fixtureKey('ecdsa256');
  const good = formatPublicKey(other);

  it('numbers its lines', () => {
    const lines = parseAuthorizedKeys(Buffer.from(`# one\n\n${TEXT}\nbroken\n${good}`), '/keys');
    expect(lines.map(({ where, kind }) => [where, kind])).toEqual([
      ['/keys:3', 'key'],
      ['/keys:4', 'unusable'],
      ['/keys:5', 'key'],
    ]);
  });

  it.each([
    ['a line of 1 MB', `ssh-ed25519 ${'A'.repeat(1_000_000)}`],
    ['a line of 1 MB that holds a key in its middle', `x${' '.repeat(500_000)}${TEXT}${' '.repeat(500_000)}`],
    ['a line of 1 MB of quotes', '"'.repeat(1_000_001)],
    ['a line of 1 MB of backslashes', '\\'.repeat(1_000_000)],
    ['an open quote', 'command="never closed'],
    ['an open quote and a key', `command="never closed ${TEXT}`],
    ['a NUL', '\0'],
    ['a carriage return in its middle', `x\r${TEXT}`],
    ['a line separator of Unicode', `x\u2028${TEXT}`],
    ['a vertical tab', `x\u000b${TEXT}`],
    ['a byte that is no character', '\xff'],
  ])('is not disturbed by %s, which stays one line and lets nobody in', (_, line) => {
    const lines = parseAuthorizedKeys(Buffer.from(`${line}\n${good}\n`), '/keys');
    expect(lines.map(({ kind }) => kind)).toEqual(['unusable', 'key']);
    expect(lines[1]).toMatchObject({ where: '/keys:2', key: other });
  });

  it('says that a line is too long', () => {
    const [line] = parseAuthorizedKeys(Buffer.from(`command="${'x'.repeat(70_000)}" ${TEXT}`), '/keys');
    expect(line?.kind === 'unusable' && line.problem.message).toMatch(/longer than 65536 bytes/);
  });

  it('takes a line that is just short enough', () => {
    const filler = 'x'.repeat(65_536 - TEXT.length - 'command="" '.length);
    const [line] = parseAuthorizedKeys(Buffer.from(`command="${filler}" ${TEXT}`), '/keys');
    expect(line).toMatchObject({ kind: 'key', options: { command: filler } });
  });

  it('is refused whole when it has more lines than anybody keeps', () => {
    expect(codeOf(() => parseAuthorizedKeys(Buffer.from('#\n'.repeat(20_000)), '/keys'))).toBeNull();
    expect(codeOf(() => parseAuthorizedKeys(Buffer.from('#\n'.repeat(20_001)), '/keys'))).toBe(
      'AUTH_FILE_TOO_MANY_LINES',
    );
  });

  it('is empty when there is nothing in it', () => {
    expect(parseAuthorizedKeys(Buffer.alloc(0), '/keys')).toEqual([]);
  });
});
