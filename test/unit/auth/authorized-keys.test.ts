import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { addAuthorizedKey, formatAuthorizedLine, type NewOption } from '../../../src/auth/authorize-line.ts';
import { type AuthorizedKeys, openAuthorizedKeys } from '../../../src/auth/authorized-keys.ts';
import { parseAuthorizedLine } from '../../../src/auth/authorized-line.ts';
import type { RexaError } from '../../../src/protocol/errors.ts';
import {
  codeOf,
  codeOfAsync,
  fixtureBytes,
  fixtureKey,
  fixtureOffer,
  fixtureText,
  makeTestFolder,
  VALID_DAY,
} from '../../fixtures/auth/fixtures.ts';

const FACTS = { account: 'alice', address: '192.0.2.7', nowSeconds: VALID_DAY };
const KEY_LINE = fixtureText('keys/ed25519.pub');

interface Scene {
  readonly keys: AuthorizedKeys;
  readonly files: readonly [string, string];
  readonly revoked: string;
  readonly reported: RexaError[];
}

function makeScene({ withRevoked = false } = {}): Scene {
  const home = makeTestFolder();
  const files = [path.join(home, 'rexa'), path.join(home, 'ssh')] as const;
  const revoked = path.join(home, 'revoked');
  const reported: RexaError[] = [];
  const keys = openAuthorizedKeys({
    files,
    revokedKeys: withRevoked ? revoked : null,
    home,
    report: (problem) => reported.push(problem),
  });
  return { keys, files, revoked, reported };
}

describe('the keys that may log in', () => {
  it('are none while there is no file', async () => {
    const { keys } = makeScene();
    expect((await keys.read())(fixtureOffer('ed25519'), FACTS)).toMatchObject({
      kind: 'refused',
      problems: [{ code: 'AUTH_KEY_UNKNOWN' }],
    });
  });

  it('are those in the files at each moment', async () => {
    const { keys, files } = makeScene();
    const ask = async () => (await keys.read())(fixtureOffer('ed25519'), FACTS).kind;
    fs.writeFileSync(files[1], KEY_LINE, { mode: 0o600 });
    expect(await ask()).toBe('granted');
    fs.writeFileSync(files[1], `no-pty,${KEY_LINE}`);
    expect(await ask()).toBe('refused');
    fs.writeFileSync(files[1], KEY_LINE);
    expect(await ask()).toBe('granted');
    fs.rmSync(files[1]);
    expect(await ask()).toBe('refused');
  });

  it('are asked in the order of the files', async () => {
    const { keys, files } = makeScene();
    fs.writeFileSync(files[0], `command="first" ${KEY_LINE}`, { mode: 0o600 });
    fs.writeFileSync(files[1], `command="second" ${KEY_LINE}`, { mode: 0o600 });
    expect((await keys.read())(fixtureOffer('ed25519'), FACTS)).toMatchObject({
      grant: { command: 'first', where: `${files[0]}:1` },
    });
  });

  it('are not those of a file that others may write; the log says so, and the other file still counts', async () => {
    const { keys, files, reported } = makeScene();
    fs.writeFileSync(files[0], KEY_LINE);
    fs.chmodSync(files[0], 0o666);
    const refused = (await keys.read())(fixtureOffer('ed25519'), FACTS);
    expect(refused.problems.map(({ code }) => code)).toEqual(['AUTH_FILE_UNSAFE', 'AUTH_KEY_UNKNOWN']);
    expect(reported[0]?.message).toContain(`chmod go-w ${files[0]}`);
    fs.writeFileSync(files[1], KEY_LINE, { mode: 0o600 });
    expect((await keys.read())(fixtureOffer('ed25519'), FACTS)).toMatchObject({ kind: 'granted' });
  });

  it('are none of a file with millions of lines', async () => {
    const { keys, files } = makeScene();
    fs.writeFileSync(files[0], `${KEY_LINE}${'x\n'.repeat(4_000_000)}`, { mode: 0o600 });
    const decision = (await keys.read())(fixtureOffer('ed25519'), FACTS);
    expect(decision.kind).toBe('refused');
    expect(decision.problems.map(({ code }) => code)).toEqual([
      'AUTH_FILE_TOO_MANY_LINES',
      'AUTH_KEY_UNKNOWN',
    ]);
  });

  it('have the lines that cannot be used reported', async () => {
    const { keys, files, reported } = makeScene();
    fs.writeFileSync(files[0], `paint-it-black ${KEY_LINE}broken\n`, { mode: 0o600 });
    (await keys.read())(fixtureOffer('rsa'), FACTS);
    expect(reported.map(({ message }) => message)).toEqual([
      expect.stringMatching(/:1 is not used: unknown option paint-it-black/),
      expect.stringMatching(/:2 is not used/),
    ]);
  });
});

describe('the keys that are revoked', () => {
  it('are not let in', async () => {
    const { keys, files, revoked } = makeScene({ withRevoked: true });
    fs.writeFileSync(files[0], KEY_LINE, { mode: 0o600 });
    const ask = async () => (await keys.read())(fixtureOffer('ed25519'), FACTS).kind;
    fs.writeFileSync(revoked, fixtureBytes('krl/key'), { mode: 0o644 });
    expect(await ask()).toBe('granted');
    fs.writeFileSync(revoked, KEY_LINE);
    expect(await ask()).toBe('refused');
    fs.writeFileSync(revoked, '');
    expect(await ask()).toBe('granted');
  });

  it.each([
    ['is missing', () => {}, 'AUTH_FILE_UNREADABLE'],
    [
      'is damaged',
      (file: string) => fs.writeFileSync(file, fixtureBytes('krl/key').subarray(0, -1), { mode: 0o600 }),
      'AUTH_REVOCATIONS_MALFORMED',
    ],
    [
      'is no list',
      (file: string) => fs.writeFileSync(file, 'hello\n', { mode: 0o600 }),
      'AUTH_REVOCATIONS_MALFORMED',
    ],
    [
      'may be written by others',
      (file: string) => {
        fs.writeFileSync(file, '');
        fs.chmodSync(file, 0o666);
      },
      'AUTH_FILE_UNSAFE',
    ],
    ['is a folder', (file: string) => fs.mkdirSync(file), 'AUTH_FILE_UNREADABLE'],
  ])('let nobody in when their list %s', async (_, make, code) => {
    const { keys, files, revoked, reported } = makeScene({ withRevoked: true });
    fs.writeFileSync(files[0], KEY_LINE, { mode: 0o600 });
    make(revoked);
    expect((await keys.read())(fixtureOffer('ed25519'), FACTS)).toMatchObject({
      kind: 'refused',
      problems: [{ code }],
    });
    expect(reported.map((problem) => problem.code)).toEqual([code]);
  });
});

describe('a line that is written', () => {
  const key = fixtureKey('ed25519');

  it.each<[readonly NewOption[], string]>([
    [[], ''],
    [['restrict', 'pty'], 'restrict,pty '],
    [[{ name: 'command', value: 'echo "a b", c' }], String.raw`command="echo \"a b\", c" `],
    [
      [{ name: 'from', value: '192.0.2.0/24,!192.0.2.7' }, 'no-pty'],
      'from="192.0.2.0/24,!192.0.2.7",no-pty ',
    ],
    [[{ name: 'command', value: String.raw`a\\b\"c` }], String.raw`command="a\\b\\"c" `],
  ])('has its options before the key: %j', (options, start) => {
    const line = formatAuthorizedLine(key, options, 'alice@home');
    expect(line).toBe(`${start}ssh-ed25519 ${key.blob.toString('base64')} alice@home`);
    expect(parseAuthorizedLine(Buffer.from(line), 'x')).toMatchObject({ kind: 'key', comment: 'alice@home' });
  });

  it('has a comment that stays on its line', () => {
    const line = formatAuthorizedLine(key, [], 'a\nssh-rsa AAAA\u2028\u0007b');
    expect(line).toMatch(/ a ssh-rsa AAAA b$/);
  });

  it.each<[NewOption, string]>([
    [{ name: 'command', value: 'a\nb' }, 'KEY_OPTION_INVALID'],
    [{ name: 'command', value: 'a\rb' }, 'KEY_OPTION_INVALID'],
    [{ name: 'command', value: 'a\0b' }, 'KEY_OPTION_INVALID'],
    [{ name: 'command', value: 'a\\' }, 'KEY_OPTION_INVALID'],
    [{ name: 'command', value: '\ud800' }, 'KEY_OPTION_INVALID'],
    [{ name: 'from', value: '192.0.2.1/8' }, 'KEY_OPTION_INVALID'],
    [{ name: 'sing', value: 'loud' }, 'KEY_OPTION_UNKNOWN'],
    ['sing', 'KEY_OPTION_UNKNOWN'],
  ])('is not written with %j', (option, code) => {
    expect(codeOf(() => formatAuthorizedLine(key, [option], ''))).toBe(code);
  });

  it('is added to a file that is made if need be, and only once', async () => {
    const home = makeTestFolder();
    const file = path.join(home, '.config', 'rexa', 'authorized_keys');
    expect(await addAuthorizedKey(file, home, key, ['restrict'], 'one')).toBe(true);
    expect(await addAuthorizedKey(file, home, key, [], 'again')).toBe(false);
    expect(await addAuthorizedKey(file, home, fixtureKey('rsa'), [], 'two')).toBe(true);
    expect(fs.readFileSync(file, 'utf8')).toBe(
      `restrict ssh-ed25519 ${key.blob.toString('base64')} one\nssh-rsa ${fixtureKey('rsa').blob.toString('base64')} two\n`,
    );
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(fs.readdirSync(path.dirname(file))).toEqual(['authorized_keys']);
  });

  it('does not join a last line that has no end', async () => {
    const home = makeTestFolder();
    const file = path.join(home, 'authorized_keys');
    fs.writeFileSync(file, '# half a li', { mode: 0o640 });
    await addAuthorizedKey(file, home, key, [], '');
    expect(fs.readFileSync(file, 'utf8').split('\n')[0]).toBe('# half a li');
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
  });

  it('is not added to a file that others may write', async () => {
    const home = makeTestFolder();
    const file = path.join(home, 'authorized_keys');
    fs.writeFileSync(file, '', { mode: 0o600 });
    fs.chmodSync(file, 0o666);
    expect(await codeOfAsync(() => addAuthorizedKey(file, home, key, [], ''))).toBe('AUTH_FILE_UNSAFE');
    expect(fs.readdirSync(home)).toEqual(['authorized_keys']);
  });
});
