import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';
import { SHELL, startSessionHost } from '../../fixtures/sessions.ts';
import { startRexaInTmux } from '../../fixtures/shell/tmux.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const PROMPT = /ready\$$/;
const TITLE = '\\033]2;a title\\007';

describe('a session of the host', () => {
  it('goes on when its client detaches, and shows the next one the same screen', async () => {
    await using host = await startSessionHost();
    {
      await using first = await host.onTerminal(['new', 'HOST', 'work', '--', ...SHELL]);
      await first.until(PROMPT);
      await first.type('seq 60; printf "\\033[1mbold\\033[0m 中文\\n"');
      await first.press('Enter');
      await first.until('bold 中文');
      // What is typed before is typed
      await first.type('echo ke""pt\r~d');
      await first.until('detached from the session work');
      expect(await first.exited()).toBe(0);
    }
    await using second = await host.onTerminal(['attach', 'HOST', 'work']);
    await second.until(/59\n60\nbold 中文\nready\$ echo ke""pt\nkept\nready\$$/);
    await second.type('exit 7');
    await second.press('Enter');
    expect(await second.exited()).toBe(7);
  });

  it('is listed with its size, its title, its clients, and its end', async () => {
    await using host = await startSessionHost();
    expect(await host.call('new', 'HOST', 'work', '--', ...SHELL)).toMatchObject({ status: 0 });
    expect(await host.find('work')).toMatchObject({
      state: 'running',
      columns: 80,
      rows: 24,
      clients: [],
      outcome: null,
    });
    await using client = await host.onTerminal(['attach', 'HOST', 'work'], { columns: 60, rows: 10 });
    await client.until(PROMPT);
    await client.type(`printf '${TITLE}'`);
    await client.press('Enter');
    await waitUntil('the title is known', async () => (await host.find('work'))?.title === 'a title');
    expect(await host.find('work')).toMatchObject({
      columns: 60,
      rows: 10,
      clients: [{ mode: 'drive', columns: 60, rows: 10 }],
    });
    expect((await host.call('list', 'HOST')).stdout).toMatch(
      /^SESSION[^\n]*\nwork +running +60x10 [^\n]*\(a title\)\n$/,
    );
    expect(await host.call('end', 'HOST', 'work')).toMatchObject({ status: 0 });
    expect(await host.find('work')).toMatchObject({ state: 'ended', pid: null, clients: [] });
    expect(await client.exited()).not.toBe(0);
  });

  it('tells whoever attaches after its end what became of it', async () => {
    await using host = await startSessionHost();
    await host.call('new', 'HOST', 'short', '--', 'sh', '-c', 'exit 3');
    await waitUntil('it has ended', async () => (await host.find('short'))?.state === 'ended');
    expect(await host.call('attach', 'HOST', 'short')).toMatchObject({ status: 3 });
    // Its name is free
    expect(await host.call('new', 'HOST', 'short', '--', ...SHELL)).toMatchObject({ status: 0 });
  });

  it.each([
    {
      what: 'a name that is not there',
      words: ['attach', 'HOST', 'none'],
      says: 'no session none on this host',
    },
    {
      what: 'a name that is taken',
      words: ['new', 'HOST', 'work', '--', 'true'],
      says: 'the session work already runs',
    },
    {
      what: 'a program that is not there',
      words: ['new', 'HOST', 'bad', '--', '/nonexistent'],
      says: 'no program named',
    },
    {
      what: 'the end of what is not there',
      words: ['end', 'HOST', 'none'],
      says: 'no session none on this host',
    },
    { what: 'a wrong name', words: ['attach', 'HOST', '../x'], says: 'is not a session name' },
  ])('refuses $what', async ({ words, says }) => {
    await using host = await startSessionHost();
    await host.call('new', 'HOST', 'work', '--', ...SHELL);
    const { status, stderr } = await host.call(...words);
    expect({ status, says: stderr.includes(says) }).toEqual({ status: 125, says: true });
  });
});

describe('a session whose daemon is gone', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'is taken up by the client at the next one (%s)',
    async (signal) => {
      await using host = await startSessionHost();
      await using client = await host.onTerminal(['new', 'HOST', 'work', '--', ...SHELL]);
      await client.until(PROMPT);
      await client.type('echo be""fore');
      await client.press('Enter');
      await client.until('before');
      const pid = (await host.find('work'))?.pid;
      await host.daemon.stop(signal);
      await using next = await startDaemon({
        words: ['--listen', host.daemon.address],
        env: { LANG: 'C.UTF-8', ...host.home.env },
      });
      await waitUntil('it is attached again', async () => {
        const clients = (await host.find('work'))?.clients ?? [];
        return clients.length === 1;
      });
      await client.type('echo af""ter');
      await client.press('Enter');
      await client.until(/before\n(?:.*\n)*.*after\nready\$$/);
      expect((await host.find('work'))?.pid).toBe(pid);
      await client.type('exit 5');
      await client.press('Enter');
      expect(await client.exited()).toBe(5);
      expect(next.pid).not.toBe(host.daemon.pid);
    },
  );

  it('goes on when its client is killed', async () => {
    await using host = await startSessionHost();
    await using client = await host.onTerminal(['new', 'HOST', 'work', '--', ...SHELL]);
    await client.until(PROMPT);
    const rexa = [...(await client.processes())].find(([args]) => args.includes('rexa'));
    process.kill(rexa?.[1] ?? 0, 'SIGKILL');
    await waitUntil('its client is gone', async () => (await host.find('work'))?.clients.length === 0);
    await using again = await host.onTerminal(['attach', 'HOST', 'work']);
    await again.until(PROMPT);
    await again.type('exit');
    await again.press('Enter');
    expect(await again.exited()).toBe(0);
  });
});

describe('several clients of a session', () => {
  it('see the size of the smallest that drives it, a larger one with dots around', async () => {
    await using host = await startSessionHost();
    await using small = await host.onTerminal(['new', 'HOST', 'work', '--', ...SHELL], {
      columns: 40,
      rows: 8,
    });
    await small.until(PROMPT);
    await using large = await host.onTerminal(['attach', 'HOST', 'work'], { columns: 60, rows: 12 });
    await large.until(/ready\$ +·{20}\n/);
    await large.type('stty size; echo fr""om the large one');
    await large.press('Enter');
    await small.until(/8 40\nfrom the large one/);
    await large.until(/8 40 +·{20}\nfrom the large one +·{20}\n/);
    await small.press('Enter');
    await small.type('~d');
    await small.until('detached');
    await large.type('clear; stty size');
    await large.press('Enter');
    await large.until(/^12 60\n/);
  });

  it('type nothing where they only look, and do not change the size', async () => {
    await using host = await startSessionHost();
    await using driver = await host.onTerminal(['new', 'HOST', 'work', '--', ...SHELL], {
      columns: 60,
      rows: 10,
    });
    await driver.until(PROMPT);
    await using viewer = await host.onTerminal(['view', 'HOST', 'work'], { columns: 30, rows: 6 });
    await viewer.until(PROMPT);
    await viewer.type('echo from the viewer');
    await viewer.press('Enter');
    await driver.type('stty size');
    await driver.press('Enter');
    await viewer.until('10 60');
    expect(await driver.screen()).not.toContain('from the viewer');
    await viewer.type('~d');
    expect(await viewer.exited()).toBe(0);
  });
});

describe('--session of rexa HOST and of rexa shell', () => {
  it('opens the session, or joins it whatever runs there', async () => {
    await using host = await startSessionHost();
    const { address } = host.daemon;
    const line = "PS1='ready$ ' exec sh -i";
    await using first = await startRexaInTmux(['-t', address, '--session', 'work', line]);
    await first.until(PROMPT);
    await first.type('echo be""fore');
    await first.press('Enter');
    await first.until('before');
    await using second = await startRexaInTmux(['shell', address, '--session', 'work']);
    await second.until('before');
    await second.type('exit 4');
    await second.press('Enter');
    expect(await first.exited()).toBe(4);
    expect(await second.exited()).toBe(4);
  });

  it('is refused without a terminal', async () => {
    await using host = await startSessionHost();
    const result = await runRexa(['-T', host.daemon.address, '--session', 'work', 'true']);
    expect({
      status: result.status,
      says: result.stderr.includes('--session needs a terminal'),
    }).toEqual({ status: 255, says: true });
  });
});

describe('completion of a session', () => {
  it('asks the host for its names, and says nothing where it does not answer', async () => {
    await using host = await startSessionHost();
    await host.call('new', 'HOST', 'deploy', '--', ...SHELL);
    const { address } = host.daemon;
    const complete = (...words: readonly string[]) =>
      runRexa(['completion', 'candidates', '--', ...words], { env: host.home.env });
    for (const words of [
      ['session', 'attach', address, 'd'],
      ['session', 'end', address, ''],
      [address, '--session', 'dep'],
      ['shell', address, '--session', ''],
    ])
      expect((await complete(...words)).stdout.toString().split('\t')[0], words.join(' ')).toBe('deploy');
    for (const words of [
      ['session', 'new', address, 'd'],
      ['session', 'attach', address, 'x'],
      ['session', 'attach', 'unix:/nobody/there.sock', ''],
    ]) {
      const { status, stdout, stderr } = await complete(...words);
      expect([status, stdout.toString(), stderr]).toEqual([0, '', '']);
    }
  });
});

describe('rexa session HOST on a terminal', () => {
  it('shows what each session shows, and attaches to the chosen one', async () => {
    await using host = await startSessionHost();
    await host.call('new', 'HOST', 'first', '--', 'sh', '-c', 'echo of the first; exec cat');
    await host.call('new', 'HOST', 'second', '--', 'sh', '-c', 'echo of the second; exec cat');
    await using client = await host.onTerminal(['HOST']);
    await client.until('of the first');
    expect((await client.flags()).otherScreen).toBe('1');
    await client.press('Down');
    await client.until('of the second');
    await client.press('Enter');
    await waitUntil('it is attached', async () => (await host.find('second'))?.clients.length === 1);
    await client.type('typed 中文');
    await client.press('Enter');
    await client.until(/typed 中文\n(?:.*\n)*typed 中文/);
    await client.press('Enter');
    await client.type('~d');
    expect(await client.exited()).toBe(0);
    expect((await client.flags()).otherScreen).toBe('0');
  });

  it('says how to start one where there are none, and refuses a host alone without a terminal', async () => {
    await using host = await startSessionHost();
    await using client = await host.onTerminal(['HOST']);
    await client.until('no sessions on');
    expect(await client.exited()).toBe(0);
    expect(await host.call('HOST')).toMatchObject({ status: 125 });
  });
});
