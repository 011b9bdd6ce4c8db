import { existsSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtureSecret } from '../../fixtures/auth/fixtures.ts';
import { frame } from '../../fixtures/raw-peer.ts';
import { startTlsDaemon } from '../../fixtures/tls-daemon.ts';
import { connectTls, helloWith, proveLogin } from '../../fixtures/tls-peer.ts';
import { type Answer, publicLine, readAnswer, runOverTls, runRequest } from '../../fixtures/tls-run.ts';

/** What a request comes to with a key that has these options. */
async function ask(options: string, command: readonly string[] | object, more: object = {}): Promise<Answer> {
  await using daemon = await startTlsDaemon({
    lines: [`${options} ${publicLine('ed25519')}`],
  });
  return await runOverTls(daemon.port, await fixtureSecret('ed25519'), runRequest(command, more));
}

describe('a forced command', () => {
  it.each<[string, readonly string[] | object, object]>([
    ['a command', ['echo', 'mine'], {}],
    ['a line', { line: 'echo mine' }, {}],
    ['a program that is not there', ['/no/such/program'], {}],
    ['a folder that is not there', ['true'], { cwd: '/no/such/folder' }],
    ['another encoding', ['echo', 'mine'], { encoding: { output: 'binary', input: 'gbk' } }],
  ])('runs in place of %s', async (_what, command, more) => {
    expect(await ask('command="echo forced"', command, more)).toMatchObject({
      stdout: 'forced\n',
      outcome: 'exited 0',
    });
  });

  it('finds the request that it stands in for, as a line and exactly', async () => {
    const forced = 'command="printf \'%s\\n%s\\n\' \\"$SSH_ORIGINAL_COMMAND\\" \\"$REXA_ORIGINAL_ARGV\\""';
    const argv = ['git-upload-pack', "it's", '', '你好'];
    const [line, json = ''] = (await ask(forced, argv)).stdout.split('\n');
    expect([line, JSON.parse(json)]).toEqual(["git-upload-pack 'it'\\''s' '' '你好'", argv]);
    expect((await ask(forced, { line: 'id; ls' })).stdout).toBe(
      `id; ls\n${JSON.stringify([userInfo().shell, '-c', 'id; ls'])}\n`,
    );
  });

  it('finds the same where the client writes in another encoding', async () => {
    const forced = 'command="printf %s \\"$SSH_ORIGINAL_COMMAND\\""';
    const more = { encoding: { output: 'utf8', input: 'gbk' } };
    expect((await ask(forced, { line: 'echo 你好' }, more)).stdout).toBe('echo 你好');
  });

  it("runs in the home folder, by the user's shell, wherever the client wants it", async () => {
    const { stdout } = await ask('command="pwd; echo $0"', ['true'], { cwd: '/usr' });
    expect(stdout).toBe(`${realpathSync(userInfo().homedir)}\n${userInfo().shell}\n`);
  });

  it('that is empty runs nothing, and not what was asked for', async () => {
    expect(await ask('command=""', ['echo', 'mine'])).toMatchObject({ stdout: '', outcome: 'exited 0' });
  });

  it('can be ended by its client, and not be sent other signals', async () => {
    const forced =
      "trap 'echo steered' USR1; trap 'echo ended; exit 3' INT; echo ready; while :; do sleep 0.05; done";
    await using daemon = await startTlsDaemon({ lines: [`command="${forced}" ${publicLine('ed25519')}`] });
    const peer = await connectTls(daemon.port);
    const login = await proveLogin(peer, await fixtureSecret('ed25519'));
    peer.send(helloWith(login), runRequest(['true']));
    for (let next = await peer.next(); next?.type !== 0x20; next = await peer.next())
      if (next === null) throw new Error('nothing was written');
    for (const name of ['SIGUSR1', 'SIGINT']) peer.send(frame(0x11, 1, { type: 'signal', name }));
    expect(await readAnswer(peer)).toMatchObject({ stdout: 'ended\n', outcome: 'exited 3' });
  });

  it('stands in the audit beside what was asked for', async () => {
    await using daemon = await startTlsDaemon({
      lines: [`command="true" ${publicLine('ed25519')}`],
    });
    await runOverTls(daemon.port, await fixtureSecret('ed25519'));
    await daemon.untilLogged('"forcedCommand":"true"');
  });
});

describe('a bound key', () => {
  it.each(['restrict', 'command="printenv LANG FOO"'])(
    'with %s takes LANG of the client, and refuses FOO',
    async (options) => {
      const command = ['printenv', 'LANG'];
      expect(await ask(options, command, { env: { LANG: 'C' } })).toMatchObject({ stdout: 'C\n' });
      expect(await ask(options, command, { env: { FOO: 'x' } })).toMatchObject({
        outcome: 'ENVIRONMENT_REFUSED',
        message: expect.stringContaining('only LANG, LC_* and TERM'),
      });
    },
  );

  it.each(
    ['restrict', 'command="true"'].flatMap((options) =>
      ['jobs', 'attach', 'kill', 'prune'].map((service) => [options, service] as const),
    ),
  )('with %s opens no service %s', async (options, service) => {
    await using daemon = await startTlsDaemon({ lines: [`${options} ${publicLine('ed25519')}`] });
    const peer = await connectTls(daemon.port);
    peer.send(
      helloWith(await proveLogin(peer, await fixtureSecret('ed25519'))),
      frame(0x10, 1, { service, job: 'x' }),
    );
    expect((await readAnswer(peer)).outcome).toBe('NOT_PERMITTED');
  });

  it.each([
    ['restrict', { lifetime: 'detached' }],
    ['restrict', { record: true }],
    ['command="true"', { lifetime: { lingerMs: 1000 } }],
    ['command="true"', { record: true }],
  ])('with %s starts nothing that outlives its client: %j', async (options, more) => {
    expect((await ask(options, ['true'], more)).outcome).toBe('NOT_PERMITTED');
  });
});

describe('a terminal', () => {
  const terminal = { terminal: { columns: 80, rows: 24, term: 'xterm' } };

  it.each([
    ['', 'exited 0'],
    ['pty', 'exited 0'],
    ['no-pty', 'NOT_PERMITTED'],
    ['restrict', 'NOT_PERMITTED'],
    ['restrict,pty', 'exited 0'],
    ['pty,restrict', 'NOT_PERMITTED'],
    ['command="true",no-pty', 'NOT_PERMITTED'],
    ['command="true"', 'exited 0'],
  ])('with %j comes to: %s', async (options, outcome) => {
    expect((await ask(options, ['true'], terminal)).outcome).toBe(outcome);
  });

  it('of a forced command shows that, whatever shell was asked for', async () => {
    const { stdout, outcome } = await ask('command="echo forced"', { shell: 'login' }, terminal);
    expect([stdout, outcome]).toEqual(['forced\r\n', 'exited 0']);
  });
});

describe('other options of a key', () => {
  it.each([
    ['no-port-forwarding,no-agent-forwarding,no-X11-forwarding,no-user-rc', 'exited 0'],
    ['permitopen="localhost:80",permitlisten="8080",tunnel="0",no-touch-required', 'exited 0'],
    ['verify-required', 'LOGIN_REFUSED'],
    ['principals="me"', 'LOGIN_REFUSED'],
    ['expiry-time="20200101"', 'LOGIN_REFUSED'],
    ['frobnicate', 'LOGIN_REFUSED'],
    ['command="a",command="b"', 'LOGIN_REFUSED'],
  ])('%s: %s', async (options, outcome) => {
    expect((await ask(options, ['echo', 'in'])).outcome).toBe(outcome);
  });
});

describe('environment= of a key', () => {
  it('is set over what the client sets, but for names that no client may set', async () => {
    const options =
      'environment="ROLE=backup",environment="LD_PRELOAD=/evil.so",environment="SSH_CLIENT=forged"';
    await using daemon = await startTlsDaemon({
      lines: [`${options} ${publicLine('ed25519')}`],
    });
    const request = runRequest(
      { line: 'echo "$ROLE $LD_PRELOAD $SSH_CONNECTION"' },
      { env: { ROLE: 'mine' } },
    );
    const { stdout } = await runOverTls(daemon.port, await fixtureSecret('ed25519'), request);
    expect(stdout).toMatch(new RegExp(`^backup  127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${daemon.port}\\n$`));
    await daemon.untilLogged('"names":["LD_PRELOAD","SSH_CLIENT"]');
  });
});

describe('a key that expires', () => {
  it('while its client is connected opens nothing more, and what runs goes on', async () => {
    await using daemon = await startTlsDaemon();
    const mark = join(daemon.home, 'mark');
    const seconds = Math.ceil(Date.now() / 1000) + 2;
    const time = new Date(seconds * 1000).toISOString().replaceAll(/[-T:]|\..*/g, '');
    daemon.authorize(`expiry-time="${time}Z" ${publicLine('ed25519')}`);
    const peer = await connectTls(daemon.port);
    const line = `while [ "$(date +%s)" -le ${seconds} ]; do sleep 0.1; done; echo still; cat`;
    peer.send(
      helloWith(await proveLogin(peer, await fixtureSecret('ed25519'))),
      runRequest({ line }, { stdin: 'stream' }),
    );
    let stdout = '';
    const finalErrors: string[] = [];
    while (finalErrors.length < 2) {
      const received = await peer.next();
      if (received?.type === 0x12) finalErrors.push(received.payload.toString());
      if (received?.type === 0x20) {
        stdout += received.payload.toString();
        const late = { service: 'run', id: 'late', command: { argv: ['touch', mark] } };
        peer.send(frame(0x10, 3, late), frame(0x30, 1));
      }
      if (received === null) break;
    }
    peer.socket.destroy();
    expect([stdout, existsSync(mark)]).toEqual(['still\n', false]);
    expect(finalErrors.join(' ')).toContain('LOGIN_EXPIRED');
    expect(finalErrors.join(' ')).toContain('"name":"exited"');
  });
});
