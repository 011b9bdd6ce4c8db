import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureText, makeTestFolder, PASSPHRASE } from '../../fixtures/auth/fixtures.ts';
import { startRexaInTmux, type TmuxSession } from '../../fixtures/shell/tmux.ts';
import { startTlsDaemon, type TlsDaemon } from '../../fixtures/tls-daemon.ts';
import { publicLine } from '../../fixtures/tls-run.ts';

/** rexa on a terminal, with a key in a home folder of its own. */
async function startOnTerminal(
  daemon: TlsDaemon,
  words: readonly string[],
  { key = 'ed25519', home = makeTestFolder(), redirection = '' } = {},
): Promise<TmuxSession & { readonly home: string }> {
  const file = path.join(home, key);
  fs.writeFileSync(file, fixtureText(`keys/${key}`), { mode: 0o600 });
  const host = `127.0.0.1:${daemon.port}`;
  const all = ['run', '-i', file, ...words.map((word) => (word === 'HOST' ? host : word))];
  const session = await startRexaInTmux(all, { env: { HOME: home }, redirection, columns: 120 });
  return { ...session, home };
}

const knownHosts = (home: string): string => {
  const file = path.join(home, '.config/rexa/known_hosts');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
};

describe('the question about a host that is not known', () => {
  it('shows the key, holds no connection, and goes on after yes', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    await using session = await startOnTerminal(daemon, ['HOST', 'echo', 'it ran']);
    await session.until('(yes, no, or the fingerprint)');
    expect(await session.screen()).toContain(daemon.fingerprint);
    await session.type('maybe');
    await session.press('Enter');
    await session.until('please type yes, no, or the fingerprint');
    await session.type('yes');
    await session.press('Enter');
    await session.until('it ran');
    expect(await session.exited()).toBe(0);
    expect(knownHosts(session.home)).toContain(`127.0.0.1:${daemon.port} ssh-ed25519 `);
  });

  it('accepts nothing but the right fingerprint once a wrong one was typed', async () => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    await using session = await startOnTerminal(daemon, ['HOST', 'echo', 'it ran']);
    await session.until('(yes, no, or the fingerprint)');
    await session.type(`SHA256:${'A'.repeat(43)}`);
    await session.press('Enter');
    await session.until('that is not the key of this host');
    await session.type('yes');
    await session.press('Enter');
    await session.until(/not the key of this host.*not the key of this host/s);
    expect(knownHosts(session.home)).toBe('');
    await session.type(daemon.fingerprint);
    await session.press('Enter');
    await session.until('it ran');
  });

  it.each([
    ['no', ['n', 'o', 'Enter'], 125],
    ['Ctrl-D', ['C-d'], 125],
    ['Ctrl-C', ['C-c'], 130],
  ])('ends with %s, and then nothing is known', async (_what, keys, status) => {
    await using daemon = await startTlsDaemon({ lines: [publicLine('ed25519')] });
    await using session = await startOnTerminal(daemon, ['HOST', 'echo', 'it ran']);
    await session.until('(yes, no, or the fingerprint)');
    await session.press(...keys);
    expect(await session.exited()).toBe(status);
    expect(knownHosts(session.home)).toBe('');
    expect(await session.screen()).not.toContain('it ran');
    // The terminal breaks lines anywhere
    if (status === 125) expect((await session.screen()).replaceAll(/\s/g, '')).toContain('itwasnotconfirmed');
  });
});

describe('the question for a passphrase', () => {
  const lines = [publicLine('ed25519.locked')];
  const words = ['--accept-new', 'HOST', 'cat'];

  it('is asked at the terminal although stdin is a file, three times at most, and shows nothing', async () => {
    await using daemon = await startTlsDaemon({ lines });
    const input = path.join(makeTestFolder(), 'input');
    fs.writeFileSync(input, 'from stdin\n');
    const options = { key: 'ed25519.locked', redirection: `<${input}` };
    await using session = await startOnTerminal(daemon, words, options);
    await session.until(/passphrase for .*ed25519\.locked:/);
    await session.type('misspelled');
    await session.press('Enter');
    await session.until('wrong passphrase for the key');
    await session.until(/locked:\s*$/);
    await session.type(`x${PASSPHRASE}`);
    await session.press('C-u');
    await session.type(PASSPHRASE);
    await session.press('Enter');
    await session.until('from stdin');
    expect(await session.exited()).toBe(0);
    expect(await session.screen()).not.toContain(PASSPHRASE);
    expect(await session.screen()).not.toContain('misspelled');
  });

  it.each([
    ['Ctrl-C', 'C-c', 130],
    ['Ctrl-D', 'C-d', 125],
  ])('is given up with %s, and leaves the terminal as it was', async (_what, key, status) => {
    await using daemon = await startTlsDaemon({ lines });
    await using session = await startOnTerminal(daemon, words, { key: 'ed25519.locked' });
    await session.until(/passphrase for/);
    await session.press(key);
    expect(await session.exited()).toBe(status);
    expect(await session.modes()).toMatch(/ icanon .* echo /s);
  });
});
