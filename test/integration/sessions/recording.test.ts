import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHELL, startSessionHost } from '../../fixtures/sessions.ts';
import { startRexaInTmux } from '../../fixtures/shell/tmux.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

type Line = readonly [number, string, string];

/** The events of a recording, of one kind. */
function read(file: string, code: string): string[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line[1] === code)
    .map((line) => line[2]);
}

/** Has room for the name of a file in the status line. */
const WIDE = { columns: 160, rows: 10 };
const PROMPT = /ready\$$/;

describe('a session that is recorded', () => {
  it('has all of its output, its sizes and its exit status in the file, and is played', async () => {
    await using host = await startSessionHost();
    const file = join(host.home.folder, 'work.cast');
    await using client = await host.onTerminal(
      ['new', '--record', 'work.cast', 'HOST', 'work', '--', ...SHELL],
      { columns: 60, rows: 10 },
    );
    await client.until(PROMPT);
    expect((await host.find('work'))?.recording).toBe(file);
    await client.resize(50, 10);
    await client.type('seq 1000; exit 3');
    await client.press('Enter');
    expect(await client.exited()).toBe(3);
    expect(read(file, 'o').join('')).toContain('\r\n999\r\n1000\r\n');
    expect(read(file, 'r')).toEqual(['50x10']);
    expect(read(file, 'x')).toEqual(['3']);
    expect(read(file, 'i')).toEqual([]);
    const played = await host.call('play', '--speed', '1000', file);
    expect(played.stdout).toContain('\r\n999\r\n1000\r\n');
    expect(played.status).toBe(0);
  });

  it('has its keys, but for those of a line that is not shown', async () => {
    await using host = await startSessionHost();
    const line = 'read -r one; stty -echo; echo now; read -r two; stty echo; echo "$one $two"';
    await using client = await host.onTerminal([
      'new',
      '--record',
      'auto',
      '--record-input',
      'HOST',
      'work',
      '--',
      'sh',
      '-c',
      line,
    ]);
    await waitUntil('it runs', async () => (await host.find('work'))?.clients.length === 1);
    const file = (await host.find('work'))?.recording ?? '';
    await client.type('seen');
    await client.press('Enter');
    await client.until('now');
    await client.type('hidden');
    await client.press('Enter');
    await client.until('seen hidden');
    await waitUntil('it has ended', async () => (await host.find('work'))?.state === 'ended');
    expect(file).toContain(join(host.home.folder, '.local/state/rexa/recordings/work-'));
    expect(read(file, 'i').join('')).toBe('seen\r');
  });
});

describe('--record with --session', () => {
  it('records a new session, and says of an older one that it is not recorded', async () => {
    await using host = await startSessionHost();
    const { address } = host.daemon;
    await using client = await startRexaInTmux([address, '--session', 'new', '--record', 'new.cast'], WIDE);
    await client.until(`recorded in ${join(host.home.folder, 'new.cast')}`);
    await host.call('new', 'HOST', 'old', '--', ...SHELL);
    await using other = await startRexaInTmux(
      ['shell', address, '--session', 'old', '--record', 'auto'],
      WIDE,
    );
    await other.until('it was there before and is not recorded');
    expect((await host.find('old'))?.recording).toBeNull();
  });

  it('is refused without --session', async () => {
    await using host = await startSessionHost();
    await using client = await startRexaInTmux(['shell', host.daemon.address, '--record', 'auto']);
    await client.until('--record needs --session');
  });
});

describe('rexad --record-terminals', () => {
  it('never: refuses a session that asks for it', async () => {
    await using host = await startSessionHost({ words: ['--record-terminals', 'never'] });
    const refused = await host.call('new', '--record', 'auto', 'HOST', 'work', '--', ...SHELL);
    expect(refused.stderr).toContain('--record-terminals never');
    expect(refused.status).toBe(125);
    expect(await host.call('new', 'HOST', 'work', '--', ...SHELL)).toMatchObject({ status: 0 });
  });

  it('always: records sessions and plain terminals, which nobody asks for', async () => {
    await using host = await startSessionHost({ words: ['--record-terminals', 'always'] });
    const folder = join(host.home.folder, '.local/state/rexa/recordings');
    await host.call('new', 'HOST', 'work', '--', 'sh', '-c', 'echo in the session');
    await using terminal = await startRexaInTmux([
      'run',
      '-t',
      host.daemon.address,
      '--',
      'sh',
      '-c',
      'echo on the terminal; exit 4',
    ]);
    expect(await terminal.exited()).toBe(4);
    await waitUntil('the session has ended', async () => (await host.find('work'))?.state === 'ended');
    const files = readdirSync(folder).toSorted();
    expect(files.map((name) => name.split('-')[0])).toEqual(['terminal', 'work']);
    const [plain = '', session = ''] = files.map((name) => join(folder, name));
    expect(read(plain, 'o').join('')).toBe('on the terminal\r\n');
    expect(read(plain, 'x')).toEqual(['4']);
    expect(read(session, 'o').join('')).toBe('in the session\r\n');
  });
});
