import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { type SessionHost, SHELL, startSessionHost } from '../../fixtures/sessions.ts';
import { startRexaInTmux, type TmuxSession } from '../../fixtures/shell/tmux.ts';
import { makeSshKeys } from '../../fixtures/ssh-keys.ts';
import { ALLOW_ROOT } from '../../fixtures/tls-daemon.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const PROMPT = /ready\$$/;

/** A host over TLS with the session `work`, and a key that nothing is allowed to. */
async function startSharingHost() {
  const host = await startSessionHost({ words: ['--listen', 'tls://127.0.0.1:0', ...ALLOW_ROOT] });
  const { url, fingerprint } = host.daemon.listening[1] ?? { url: '', fingerprint: '' };
  makeSshKeys(host.home.folder).make('guest');
  const key = join(host.home.folder, 'guest');
  await host.call('new', 'HOST', 'work', '--', ...SHELL);
  await host.call('new', 'HOST', 'other', '--', ...SHELL);
  return { host, key, words: ['-i', key, `${url}#${fingerprint}`] };
}

const asGuest = (
  { words }: { words: readonly string[] },
  action: string,
  name: string,
): Promise<TmuxSession> => startRexaInTmux(['session', action, ...words, name]);

const share = (host: SessionHost, key: string, ...more: readonly string[]) =>
  host.call('share', 'HOST', 'work', '--with', `${key}.pub`, ...more);

describe('a session that is shared with a key', () => {
  it('is looked at by it, until it is shared no more; everything else is refused', async () => {
    const shared = await startSharingHost();
    const { host, key, words } = shared;
    await using _ended = host;
    expect(await share(host, key)).toMatchObject({ status: 0 });
    expect(readFileSync(join(host.home.folder, '.config/rexa/authorized_keys'), 'utf8')).toMatch(
      /^restrict,rexa-sessions="view:work" ssh-ed25519 /,
    );
    await using viewer = await asGuest(shared, 'view', 'work');
    await viewer.until(PROMPT);
    for (const [call, says] of [
      [['session', 'attach', ...words, 'work'], 'not permitted to drive the session work'],
      [['session', 'view', ...words, 'other'], 'not permitted to view the session other'],
      [['session', 'new', ...words, 'mine'], 'not permitted a new session'],
      [['session', 'end', ...words, 'work'], 'not permitted session-end'],
      [['session', 'share', ...words, 'work', '--with', `${key}.pub`], 'not permitted session-share'],
      [['run', ...words, '--', 'true'], 'not permitted run'],
      [['jobs', ...words], 'not permitted jobs'],
    ] as const) {
      const { status, stderr } = await runRexa(call);
      expect({ call, status, says: stderr.includes(says), stderr }).toEqual({
        call,
        status: 125,
        says: true,
        stderr,
      });
    }
    const refused = host.daemon
      .log()
      .split('\n')
      .filter((line) => line.includes('session-refused'));
    expect(refused).toHaveLength(3);
    for (const line of refused) expect(line).toContain('fingerprint="SHA256:');
    const listed = await runRexa(['session', 'list', '--json', ...words]);
    expect(
      (JSON.parse(listed.stdout.toString()) as { sessions: { name: string }[] }).sessions.map(
        ({ name }) => name,
      ),
    ).toEqual(['work']);
    expect(await host.call('unshare', 'HOST', 'work')).toMatchObject({ status: 0 });
    await viewer.until('not shared with this key any more');
    expect((await runRexa(['session', 'list', ...words])).stderr).toContain('Permission denied');
    expect((await host.call('unshare', 'HOST', 'work')).stderr).toContain('shared with no key');
  });

  it('is driven by it where that is said, and left at the time that is said', async () => {
    const shared = await startSharingHost();
    const { host, key } = shared;
    await using _ended = host;
    expect(await share(host, key, '--drive', '--for', '6s')).toMatchObject({ status: 0 });
    await using driver = await asGuest(shared, 'attach', 'work');
    await driver.until(PROMPT);
    await driver.type('echo be""low');
    await driver.press('Enter');
    await driver.until('below');
    await driver.until('has expired');
    await waitUntil('it is not attached', async () => (await host.find('work'))?.clients.length === 0);
  });

  it('is taken from a key that is logged in, and given back', async () => {
    const { host, key, words } = await startSharingHost();
    await using _ended = host;
    await share(host, key);
    await using guest = await connect(words[2] ?? '', { config: false, agent: null, identities: [key] });
    const view = () =>
      guest.run('', {
        shell: 'login',
        terminal: { columns: 80, rows: 24, term: 'xterm' },
        session: { name: 'work', open: 'existing', mode: 'view' },
        reject: false,
      });
    const first = view();
    await once(first.stdout, 'data');
    await host.call('unshare', 'HOST', 'work');
    expect((await first).outcome).not.toBe('exited');
    expect(await view()).toMatchObject({ outcome: 'denied', code: 'NOT_PERMITTED' });
    await share(host, key);
    const again = view();
    await once(again.stdout, 'data');
    again.abandon();
  });

  it('is not shared with a key that may log in already', async () => {
    const { host, key } = await startSharingHost();
    await using _ended = host;
    await share(host, key);
    expect((await share(host, key, '--drive')).stderr).toContain('already');
  });
});
