import { chmodSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { runRexa, startRexa } from '../../fixtures/run-rexa.ts';

/** What `rexa run` is given behind HOST; its exit status, what it says, and the same behind `--json`. */
interface Row {
  readonly title: string;
  readonly words: (daemon: TestDaemon) => readonly string[];
  readonly status: number;
  readonly outcome: string;
  /** All of stderr, without the prefix and the newline of its one line; null: it is empty. */
  readonly says: string | RegExp | null;
}

const line = (text: string) => () => ['-c', text];
const words =
  (...own: readonly string[]) =>
  () =>
    own;

/** A file in the daemon's folder. */
function placeFile(daemon: TestDaemon, name: string, text: string, mode: number): string {
  const path = join(daemon.folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const ROWS: readonly Row[] = [
  { title: 'a command that succeeds', words: words('true'), status: 0, outcome: 'exited', says: null },
  { title: 'a command that fails', words: words('false'), status: 1, outcome: 'exited', says: null },
  { title: 'an exit code', words: line('exit 42'), status: 42, outcome: 'exited', says: null },
  { title: 'the highest exit code', words: line('exit 255'), status: 255, outcome: 'exited', says: null },
  { title: "a command's own 124", words: line('exit 124'), status: 124, outcome: 'exited', says: null },
  { title: "a command's own 125", words: line('exit 125'), status: 125, outcome: 'exited', says: null },
  { title: "a command's own 126", words: line('exit 126'), status: 126, outcome: 'exited', says: null },
  {
    title: 'a name that the shell of a line does not find',
    words: line('exec 2>/dev/null; nobody-has-this-program'),
    status: 127,
    outcome: 'exited',
    says: null,
  },
  {
    title: 'a signal',
    words: line('kill -KILL $$'),
    status: 137,
    outcome: 'signaled',
    says: 'the command was ended by SIGKILL',
  },
  { title: 'SIGPIPE', words: line('kill -PIPE $$'), status: 141, outcome: 'signaled', says: null },
  {
    title: 'a timeout',
    words: words('--timeout', '100ms', 'sleep', '600'),
    status: 124,
    outcome: 'timed-out',
    says: 'timed out after 100 ms; the command was ended (by SIGTERM)',
  },
  {
    title: 'a timeout of a command that does not listen',
    words: () => [
      '--timeout',
      '100ms',
      '--kill-after',
      '100ms',
      '-c',
      "trap '' TERM; while :; do sleep 1; done",
    ],
    status: 124,
    outcome: 'timed-out',
    says: 'timed out after 100 ms; the command was ended (by SIGKILL)',
  },
  {
    title: 'no such program',
    words: words('nobody-has-this-program'),
    status: 127,
    outcome: 'not-started',
    says: /^no program named 'nobody-has-this-program' was found in the PATH of the host, /,
  },
  {
    title: 'a line where a program is expected',
    words: words('ls -l'),
    status: 127,
    outcome: 'not-started',
    says: /^for a shell line use -c; no program named 'ls -l' was found in the PATH .*\n$/,
  },
  {
    title: 'a file that may not be executed',
    words: (daemon) => [placeFile(daemon, 'data', 'x', 0o600)],
    status: 126,
    outcome: 'not-started',
    says: /^not started: .*data cannot be executed: /,
  },
  {
    title: 'a folder that is not there',
    words: words('--cwd', '/nowhere/at/all', 'true'),
    status: 125,
    outcome: 'not-started',
    says: /^not started: cannot use the working directory \/nowhere\/at\/all: /,
  },
  {
    title: 'an encoding that nobody knows',
    words: words('--encoding', 'klingon', 'true'),
    status: 125,
    outcome: 'not-started',
    says: /^not started: unknown encoding klingon/,
  },
  {
    title: 'a variable that changes how programs load',
    words: words('--env', 'LD_PRELOAD=/tmp/x.so', 'true'),
    status: 125,
    outcome: 'denied',
    says: /^denied: the environment variable LD_PRELOAD is refused: /,
  },
];

describe.each(ROWS)('$title', ({ words: own, status, outcome, says }) => {
  const expectation = says === null ? '' : typeof says === 'string' ? `rexa: ${says}\n` : says;

  it(`exits with ${status}`, async () => {
    await using daemon = await startDaemon();
    const exit = await runRexa(['run', daemon.address, ...own(daemon)]);
    expect([exit.status, exit.stdout.toString()]).toEqual([status, '']);
    if (expectation instanceof RegExp) {
      expect(exit.stderr).toMatch(/^rexa: .*\n$/);
      expect(exit.stderr.slice('rexa: '.length)).toMatch(expectation);
    } else {
      expect(exit.stderr).toBe(expectation);
    }
  });

  it(`is "${outcome}" in JSON, with the same exit status and a reason where it did not just end`, async () => {
    await using daemon = await startDaemon();
    const exit = await runRexa(['run', '--json', daemon.address, ...own(daemon)]);
    const told = JSON.parse(exit.stdout.toString()) as Record<string, unknown>;
    expect([exit.status, told['outcome']]).toEqual([status, outcome]);
    const isPlainEnd = outcome === 'exited' || outcome === 'signaled';
    expect(told['reason']).toEqual(isPlainEnd ? null : expect.stringMatching(/\w+ \w+/));
  });
});

describe('a host that is not reached', () => {
  it.each([
    ['unreachable', 'no socket', '/nobody.sock', /there is no such socket; is rexad running/],
    ['unreachable', 'a file that is no socket', '/file', /the file is no socket/],
    [
      'not-started',
      'a path that is too long',
      `/${'x'.repeat(200)}.sock`,
      /has \d+ bytes, more than the \d+ the system allows/,
    ],
  ])('is %s: %s', async (outcome, _, name, reason) => {
    await using daemon = await startDaemon();
    placeFile(daemon, 'file', '', 0o600);
    const address = `unix:${daemon.folder}${name}`;
    const plain = await runRexa(['run', address, 'true']);
    expect([plain.status, plain.stdout.toString()]).toEqual([125, '']);
    expect(plain.stderr).toMatch(
      outcome === 'unreachable' ? /^rexa: unreachable: .*\n$/ : /^rexa: not started: .*\n$/,
    );
    expect(plain.stderr).toMatch(reason);
    const json = await runRexa(['run', '--json', '--id', 'mine', address, 'true']);
    expect(JSON.parse(json.stdout.toString())).toMatchObject({
      outcome,
      host: address,
      id: 'mine',
      reason: expect.stringMatching(reason) as string,
    });
    expect([json.status, (await runRexa([address, 'true'])).status]).toEqual([125, 255]);
  });

  it('is unreachable when its socket is open to others', async () => {
    await using daemon = await startDaemon();
    chmodSync(daemon.socketPath, 0o666);
    const { status, stderr } = await runRexa(['run', daemon.address, 'true']);
    expect(status).toBe(125);
    expect(stderr).toMatch(/^rexa: unreachable: .*others may open it/);
  });

  it.each([['bob@'], ['root-of-another-host@']])('is denied to another user (%s)', async (prefix) => {
    await using daemon = await startDaemon();
    const { status, stderr } = await runRexa(['run', `${prefix}${daemon.address}`, 'true']);
    expect(status).toBe(125);
    expect(stderr).toMatch(/^rexa: denied: commands run as .* on this daemon; another user \(/);
    expect((await runRexa(['-l', 'bob', daemon.address, 'true'])).status).toBe(255);
  });
});

describe('a daemon that goes away', () => {
  it('leaves a run that had begun lost, and says that it may have run', async () => {
    await using daemon = await startDaemon();
    const rexa = startRexa(['run', '-n', daemon.address, '-c', 'echo $$ begun; exec sleep 600']);
    await rexa.untilStdout('begun');
    process.kill(daemon.pid, 'SIGKILL');
    const { status, stdout, stderr } = await rexa.exit;
    // Nobody else does
    process.kill(Number(/\d+/.exec(stdout.toString())), 'SIGKILL');
    expect(status).toBe(125);
    expect(stderr).toMatch(/^rexa: lost: .*; the command may or may not have run\n$/);
  });

  it('cancels the runs that outlast its drain', async () => {
    await using daemon = await startDaemon({ words: ['--drain', '0'] });
    const rexa = startRexa(['run', '--json', '-n', daemon.address, '-v', '-c', 'sleep 600']);
    await rexa.untilStderr('started as pid');
    await daemon.stop();
    const { status, stdout } = await rexa.exit;
    expect(status).toBe(125);
    expect(JSON.parse(stdout.toString())).toMatchObject({ outcome: 'canceled', signal: 'SIGTERM' });
  });
});

describe('the drop-in', () => {
  it.each([
    ['its own exit status', ['exit', '3'], 3, ''],
    ['127 of its shell', ['exec 2>/dev/null; nobody-has-this-program'], 127, ''],
    ['a signal', ['kill -TERM $$'], 143, 'rexa: the command was ended by SIGTERM\n'],
    ['its words joined by one space', ['echo', 'a  b', '', '"c', ' d"', '$((1+1))'], 0, ''],
  ])('gives %s', async (_, command, status, stderr) => {
    await using daemon = await startDaemon();
    const short = await runRexa([daemon.address, ...command]);
    const long = await runRexa(['ssh', daemon.address, ...command]);
    expect([short.status, short.stderr]).toEqual([status, stderr]);
    expect(long).toEqual(short);
    expect(short.stdout.toString()).toBe(command[0] === 'echo' ? 'a b c  d 2\n' : '');
  });

  it('passes all bytes as they are, in both directions', async () => {
    await using daemon = await startDaemon({ words: ['--encoding', 'gbk'] });
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7) % 256));
    const { stdout, stderr } = await runRexa([daemon.address, 'cat; printf "\\377\\200" >&2; exit'], {
      input: bytes,
    });
    expect(stdout.equals(bytes)).toBe(true);
    expect(stderr).toBe('\ufffd\ufffd');
  });

  it('runs the line by the shell of the user, which is no login shell', async () => {
    await using daemon = await startDaemon();
    const { stdout } = await runRexa([daemon.address, 'shopt -q login_shell && echo login; echo "$0"; pwd']);
    const [shell, folder] = stdout.toString().split('\n');
    const { shell: loginShell, homedir } = userInfo();
    expect([shell, folder]).toEqual([loginShell, homedir]);
  });
});
