import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REXA, REXA_LAUNCHER, startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';

const PATIENCE_MS = 60_000;

let daemon: TestDaemon;
beforeAll(async () => {
  daemon = await startDaemon();
});
afterAll(() => daemon[Symbol.asyncDispose]());

/** Runs a script of bash in which `$REXA` is rexa, `$LAUNCHER` is rexa by way of sh, `$U` the daemon's address, and `$DIR` a folder of its own. */
async function runScript(script: string) {
  const child = spawn('bash', ['-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      REXA: `${process.execPath} ${REXA}`,
      LAUNCHER: REXA_LAUNCHER,
      REXA_NODE: process.execPath,
      U: daemon.address,
      DIR: daemon.folder,
    },
  });
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      told[name] += chunk.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...told };
}

const O_NONBLOCK = 0o4000;
/** Writes the flags of the descriptor 9 of this shell, in octal, to a file. */
const LOOK = 'sed -n "s/^flags:[^0-9]*//p" /proc/$BASHPID/fdinfo/9 >$DIR/flags';

/** Makes a pair of sockets, as rsync does, runs a script on one, and tells its status and how much it wrote. */
const ON_SOCKET = `python3 -c '
import os, socket, subprocess, sys
ours, theirs = socket.socketpair()
child = subprocess.Popen(["bash", "-c", os.environ["SCRIPT"]], stdin=theirs, stdout=theirs)
theirs.close()
ours.sendall(b"in\\n")
count = 0
while True:
    more = ours.recv(65536)
    if not more: break
    count += len(more)
print(child.wait(), count)
'`;

describe.runIf(process.platform === 'linux')('a descriptor that rexa shares with others', () => {
  const whole = (start: string): string => `${start} & sleep 1.5; ${LOOK}; kill -9 $!; wait $! 2>/dev/null`;
  const killed = (start: string): string => `${start} & sleep 1.5; kill -9 $!; wait $! 2>/dev/null; ${LOOK}`;
  const run = '$REXA run -v -n $U -c "echo out; echo err >&2; sleep 600"';
  it.each([
    ['stdout, while it runs', `{ exec 9>&1; ${whole(run)}; } | cat >/dev/null`],
    ['stdout, behind one that was killed', `{ exec 9>&1; ${killed(run)}; } | cat >/dev/null`],
    ['stderr, while it runs', `{ exec 9>&2; ${whole(run)}; } 2>&1 >/dev/null | cat >/dev/null`],
    ['stdin, while it is read', `sleep 5 | { exec 9<&0; ${whole('$REXA run $U -- cat <&9')}; }`],
    ['stdin, behind one that was killed', `sleep 5 | { exec 9<&0; ${killed('$REXA run $U -- cat <&9')}; }`],
  ])('keeps its flags: %s', { timeout: PATIENCE_MS }, async (_name, script) => {
    const { stdout } = await runScript(`: >$DIR/flags; ${script}; cat $DIR/flags`);
    expect([/^\d+\n$/.test(stdout), Number.parseInt(stdout, 8) & O_NONBLOCK]).toEqual([true, 0]);
  });

  it('takes all that its neighbours write while it is full', { timeout: PATIENCE_MS }, async () => {
    const { stdout, stderr } = await runScript(
      '{ $REXA run -n $U -- sleep 2 & sleep .5; seq 1 200000; wait; } | (sleep 1.5; wc -l)',
    );
    expect([stdout.trim(), stderr]).toEqual(['200000', '']);
  });

  it('is a socket that keeps its flags and loses nothing', { timeout: PATIENCE_MS }, async () => {
    const line = 'head -c 3 >/dev/null; head -c 3000000 /dev/zero; sleep 2';
    const script = `exec 9>&1; $REXA run $U -c "${line}" <&0 & sleep 1.5; ${LOOK}; wait $!`;
    const { stdout } = await runScript(`export SCRIPT='${script}'; ${ON_SOCKET}; cat $DIR/flags`);
    const [counts, octal] = stdout.split('\n');
    expect([counts, Number.parseInt(octal ?? '', 8) & O_NONBLOCK]).toEqual(['0 3000000', 0]);
  });

  it('does not hold up the end with a read of a socket that never comes', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { stdout } = await runScript(`export SCRIPT='exec $REXA run $U -- echo done'; ${ON_SOCKET}`);
    expect(stdout).toBe('0 5\n');
  });
});

describe.runIf(process.platform === 'linux')('output that cannot be written', () => {
  it.each([
    ['stdout is a folder', '$REXA run -n $U -- echo lost 1</', 125],
    ['stderr is a folder', '$REXA run -n $U -c "echo lost >&2" 2</', 125],
    ['stderr is a full device', '$REXA run -n $U -c "echo lost >&2" 2>/dev/full', 125],
    ['stderr is a full device, in the drop-in', '$REXA ssh -n $U "echo lost >&2" 2>/dev/full', 255],
    ['stdout is a pipe that is open for reading', '$REXA run -n $U -- echo lost 1< <(sleep 5)', 125],
    ['stdout is closed', '$LAUNCHER run -n $U -- echo lost 1>&-', 125],
    ['stdout is closed, in the drop-in', '$LAUNCHER ssh -n $U echo lost 1>&-', 255],
    ['stderr is closed', '$LAUNCHER run -n $U -c "echo lost >&2" 2>&-', 125],
    ['JSON for a folder', '$REXA run --json -n $U -- true 1</', 125],
    ['help for a folder', '$REXA help run 1</', 125],
    ['jobs for a full device', '$REXA jobs --json $U >/dev/full', 125],
    ['stderr that nobody reads', '$REXA run -n $U -c "sleep 1; echo lost >&2" 2> >(true)', 141],
  ])('is never success: %s', { timeout: PATIENCE_MS }, async (_name, line, status) => {
    const { stdout } = await runScript(`${line}; echo $?`);
    expect(stdout).toBe(`${status}\n`);
  });

  it('is none where nothing is written', { timeout: PATIENCE_MS }, async () => {
    const { stdout } = await runScript('$LAUNCHER run -n $U -- true 0<&- 1>&- 2>&-; echo $?');
    expect(stdout).toBe('0\n');
  });

  it('is whole behind a slow reader: --json of 8 MB', { timeout: PATIENCE_MS }, async () => {
    const { stdout } = await runScript(
      '$REXA run --json -n $U -c "head -c 8000000 /dev/zero | tr \'\\\\0\' x" | (sleep 1; cat)',
    );
    const { outcome, stdout: output } = JSON.parse(stdout) as Record<string, string>;
    expect([outcome, output?.length]).toEqual(['exited', 8_000_000]);
  });
});
