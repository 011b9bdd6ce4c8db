import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { isAlive } from '../../fixtures/is-alive.ts';
import { type SessionHost, SHELL, startSessionHost } from '../../fixtures/sessions.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

type Line = Readonly<Record<string, unknown>>;

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-audit-'));
  file = join(folder, 'audit');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The lines about sessions, without those of clients. */
function lines(): readonly Line[] {
  const all = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return all
    .map((line) => JSON.parse(line) as Line)
    .filter(({ event }) => /^session-(?:started|end)/.test(String(event)));
}

const shown = (): readonly string[] =>
  lines().map(({ event, session, outcome = '', exitCode = '' }) =>
    [event, session, outcome, exitCode].join(' ').trim(),
  );

const startAudited = (): Promise<SessionHost> => startSessionHost({ words: ['--audit', file] });

function untilEnded(): Promise<void> {
  return waitUntil('the end is audited', () => lines().some(({ event }) => event === 'session-ended'));
}

describe('the end of a session in the audit', () => {
  it('is that of its program', async () => {
    await using host = await startAudited();
    await host.call('new', 'HOST', 'work', '--', 'sh', '-c', 'exit 3');
    await untilEnded();
    expect(shown()).toEqual(['session-started work', 'session-ended work exited 3']);
    expect(lines()[1]?.['id']).toBe(lines()[0]?.['id']);
  });

  it('has a line for whoever asked for it', async () => {
    await using host = await startAudited();
    await host.call('new', 'HOST', 'work', '--', ...SHELL);
    await host.call('end', 'HOST', 'work');
    await untilEnded();
    expect(shown()).toEqual([
      'session-started work',
      'session-end-requested work',
      expect.stringMatching(/^session-ended work canceled/),
    ]);
  });

  it('is written once, by the next daemon, if none was there', async () => {
    await using host = await startAudited();
    const gate = join(folder, 'gate');
    const line = `while ! test -e ${gate}; do sleep 0.1; done; exit 4`;
    await host.call('new', 'HOST', 'work', '--', 'sh', '-c', line);
    await host.daemon.stop('SIGKILL');
    writeFileSync(gate, '');
    await using _next = await startDaemon({
      words: ['--listen', host.daemon.address, '--audit', file],
      env: { LANG: 'C.UTF-8', ...host.home.env },
    });
    await untilEnded();
    expect(shown()).toEqual(['session-started work', 'session-ended work exited 4']);
  });

  it('is unknown where the supervisor was killed', async () => {
    await using host = await startAudited();
    const deaf = join(folder, 'pid');
    await host.call('new', 'HOST', 'work', '--', 'sh', '-c', `trap '' HUP; echo $$ > ${deaf}; sleep 1000`);
    await waitUntil('it runs', () => existsSync(deaf) && readFileSync(deaf, 'utf8').endsWith('\n'));
    for (const pid of host.home.supervisors()) process.kill(pid, 'SIGKILL');
    await untilEnded();
    expect(shown()).toEqual(['session-started work', 'session-ended work unknown']);
    // What no hang-up ends is not left behind
    expect(isAlive(Number(readFileSync(deaf, 'utf8')))).toBe(false);
  });
});

describe('a session whose program cannot be started', () => {
  it('leaves no recording, and the ended session of that name', async () => {
    await using host = await startSessionHost();
    await host.call('new', 'HOST', 'work', '--', 'sh', '-c', 'exit 5');
    await waitUntil('it has ended', async () => (await host.find('work'))?.state === 'ended');
    const { status } = await host.call('new', '--record', 'work.cast', 'HOST', 'work', '--', '/no/program');
    expect(status).toBe(125);
    expect((await host.find('work'))?.outcome).toMatchObject({ exitCode: 5 });
    expect(existsSync(join(host.home.folder, 'work.cast'))).toBe(false);
  });
});
