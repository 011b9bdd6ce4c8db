import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeTalkName } from '../../../src/services/talk/messages.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa, type StartedRexa, startRexa } from '../../fixtures/run-rexa.ts';

/** The name of this user in a room. */
const ME = makeTalkName(userInfo().username);
const linesOf = (stdout: Buffer): readonly string[] => stdout.toString().split('\n').slice(0, -1);

/** A member that goes on, once it is in the room. */
async function startTalk(words: readonly string[]): Promise<StartedRexa> {
  const member = startRexa(['talk', ...words]);
  onTestFinished(() => void member.child.kill('SIGKILL'));
  await member.untilStdout('] entered the room');
  return member;
}

const numbers = Array.from({ length: 200 }, (_, index) => `line ${index}`);

describe('rexa talk', () => {
  it('prints what all say, its own lines included, and leaves at the end of input with everything taken', async () => {
    await using daemon = await startDaemon();
    const stays = await startTalk([daemon.address]);
    const said = await runRexa(['talk', daemon.address], {
      input: `${numbers.join('\n')}\nlast without end`,
    });
    expect([said.status, linesOf(said.stdout)]).toEqual([
      0,
      [`[${ME}-2] entered the room`, ...[...numbers, 'last without end'].map((text) => `<${ME}-2> ${text}`)],
    ]);
    await stays.untilStdout(`[${ME}-2] left`);
    stays.child.stdin?.end('bye\n');
    const stayed = await stays.exit;
    expect([stayed.status, linesOf(stayed.stdout)]).toEqual([
      0,
      [`[${ME}] entered the room`, ...linesOf(said.stdout), `[${ME}-2] left`, `<${ME}> bye`],
    ]);
  });

  it('has the commands /me, /who, /nick and /quit, and says what begins with another word behind a slash', async () => {
    await using daemon = await startDaemon();
    const input = '/me waves\n/who\n/nick 小明\n/etc/passwd is long\n//who\n/quit\nnot said\n';
    const { status, stdout } = await runRexa(['talk', daemon.address, 'ops'], { input });
    expect([status, linesOf(stdout)]).toEqual([
      0,
      [
        `[${ME}] entered the room`,
        `* ${ME} waves`,
        `[${ME}] user ${userInfo().username}`,
        `[${ME}] is now 小明`,
        '<小明> /etc/passwd is long',
        '<小明> /who',
      ],
    ]);
  });

  it('gives what was said to who comes later, and keeps transcripts at either end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const logs = join(folder, 'logs');
    await using daemon = await startDaemon({ words: ['--talk-log', logs] });
    const log = join(folder, 'mine.log');
    for (const input of ['one\n', 'two\n'])
      expect((await runRexa(['talk', daemon.address, '--log', log], { input })).status).toBe(0);
    const late = await runRexa(['talk', daemon.address, '-q'], { input: '' });
    expect([linesOf(late.stdout), late.stderr]).toEqual([
      [`<${ME}> one`, `<${ME}> two`, `[${ME}] entered the room`],
      '',
    ]);
    const plain = (file: string): string => readFileSync(file, 'utf8').replace(/^\d{4}-\S+Z /gm, '');
    const entered = `[${ME}] entered the room\n`;
    expect(plain(log)).toBe(`${entered}<${ME}> one\n${entered}<${ME}> two\n`);
    expect(plain(join(logs, 'lobby.log'))).toBe(
      `${entered}<${ME}> one\n[${ME}] left\n${entered}<${ME}> two\n[${ME}] left\n${entered}[${ME}] left\n`,
    );
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['is too long', `one\n${'x'.repeat(5000)}\nthree\n`, /line 2 of the input.*4096 bytes/],
    ['is not UTF-8', Buffer.from('one\n\xc4\xe3\nthree\n', 'latin1'), /line 2 of the input.*not UTF-8/],
  ])('sends nothing from a line on that %s, and says so', async (_what, input, message) => {
    await using daemon = await startDaemon();
    const { status, stdout, stderr } = await runRexa(['talk', daemon.address], { input });
    expect([status, linesOf(stdout)]).toEqual([125, [`[${ME}] entered the room`, `<${ME}> one`]]);
    expect(stderr).toMatch(message);
  });

  it('leaves in order when a signal ends it, and when the reader of its stdout is gone', async () => {
    await using daemon = await startDaemon();
    const stays = await startTalk([daemon.address]);
    const ended = await startTalk([daemon.address]);
    ended.child.kill('SIGTERM');
    expect((await ended.exit).status).toBe(143);
    await stays.untilStdout(`[${ME}-2] left\n`);
    const closed = await startTalk([daemon.address]);
    closed.child.stdout?.destroy();
    stays.child.stdin?.write('hello\n');
    expect((await closed.exit).status).toBe(141);
  });

  it('is told when the daemon shuts down, and exits with 125', async () => {
    await using daemon = await startDaemon();
    const member = await startTalk([daemon.address]);
    await daemon.stop();
    const { status, stderr } = await member.exit;
    expect([status, stderr]).toEqual([125, expect.stringContaining('the daemon is shutting down')]);
  });

  it('tells the others that a member was killed, and goes on', async () => {
    await using daemon = await startDaemon();
    const stays = await startTalk([daemon.address]);
    const killed = await startTalk([daemon.address]);
    killed.child.kill('SIGKILL');
    await stays.untilStdout(`[${ME}-2] left: connection lost\n`);
  });

  it.each([
    [['HOST', '../x'], 'a room has up to 64 characters'],
    [['HOST', '@'], 'a name has up to 32'],
    [['HOST', '@a b'], 'a name has up to 32'],
    [[], 'a HOST is missing'],
    [['HOST', '--log', '/no/such/folder/file'], 'there is no folder'],
  ])('refuses %j', async (words, message) => {
    await using daemon = await startDaemon();
    const { status, stderr } = await runRexa([
      'talk',
      ...words.map((word) => (word === 'HOST' ? daemon.address : word)),
    ]);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});

describe('rexa talk with one other', () => {
  it('waits for the other one, and after its own end of input prints what the other still says', async () => {
    await using daemon = await startDaemon();
    const one = startRexa(['talk', daemon.address, `@${ME}`]);
    one.child.stdin?.end('hello\n');
    await one.untilStderr(`waiting for ${ME}, who has to run: rexa talk HOST @${ME}`);
    const two = await startTalk([daemon.address, `@${ME}`]);
    await two.untilStdout(`[${ME}] has finished and still listens`);
    two.child.stdin?.end(`${numbers.join('\n')}\n`);
    const exits = await Promise.all([one.exit, two.exit]);
    expect(exits.map(({ status }) => status)).toEqual([0, 0]);
    expect(linesOf(exits[0].stdout).filter((line) => line.startsWith(`<${ME}-2>`))).toEqual(
      numbers.map((text) => `<${ME}-2> ${text}`),
    );
  });

  it('is ended by a signal while what was said waits for the other one', async () => {
    await using daemon = await startDaemon();
    const one = await startTalk([daemon.address, '@bob']);
    one.child.stdin?.on('error', () => undefined).write('a line\n'.repeat(2_000_000));
    one.child.kill('SIGINT');
    expect((await one.exit).status).toBe(130);
  });

  it('exits with 125 when the other one leaves before it has heard everything', async () => {
    await using daemon = await startDaemon();
    const one = await startTalk([daemon.address, `@${ME}`]);
    one.child.stdin?.on('error', () => undefined).write('a line\n'.repeat(2_000_000));
    const two = await startTalk([daemon.address, `@${ME}`]);
    two.child.stdin?.write('/quit\n');
    const { status, stderr } = await one.exit;
    expect([status, stderr]).toEqual([125, expect.stringContaining('lines were taken; send them again')]);
    expect((await two.exit).status).toBe(0);
  });

  it('exits with 125 when the connection of the other one is lost', async () => {
    await using daemon = await startDaemon();
    const one = await startTalk([daemon.address, `@${ME}`]);
    const two = await startTalk([daemon.address, `@${ME}`]);
    await one.untilStdout(`[${ME}-2] entered`);
    two.child.kill('SIGKILL');
    const { status, stderr } = await one.exit;
    expect([status, stderr]).toEqual([125, expect.stringContaining('connection lost')]);
  });
});
