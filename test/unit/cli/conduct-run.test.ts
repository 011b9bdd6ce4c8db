import { EventEmitter } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createStreamSink } from '../../../src/cli/output/byte-sink.ts';
import { createMessages } from '../../../src/cli/output/messages.ts';
import { conductRun } from '../../../src/cli/run/conduct-run.ts';
import type { ConductedRun, ProcessContext, RunPlan } from '../../../src/cli/run/run-plan.ts';
import type { OpenHost } from '../../../src/client/host.ts';
import type { RemoteRun, RunOptions, RunResult } from '../../../src/client/run-types.ts';
import { RexaError } from '../../../src/protocol/errors.ts';
import { makeRunResult } from '../../fixtures/run-result.ts';

const PLAN: RunPlan = {
  address: 'local',
  user: null,
  file: 'ls',
  args: [],
  options: {},
  sendsStdin: true,
  keepsOutput: false,
  connectTimeoutMs: undefined,
};

/** A host whose run does what a test says. Every call that reaches it is written down. */
function createStage() {
  const calls: string[] = [];
  const lines: string[] = [];
  const signals = new EventEmitter();
  const stdout = new PassThrough();
  const ownStdout = new PassThrough();
  const ownStderr = new PassThrough();
  const stderr = new PassThrough();
  const remoteStdin = new PassThrough();
  const pid = Promise.withResolvers<number | null>();
  const result = Promise.withResolvers<RunResult>();
  const opening = Promise.withResolvers<OpenHost>();
  const asked: { options: RunOptions | null } = { options: null };

  function end(fields: Partial<RunResult> = {}): void {
    pid.resolve(fields.outcome === 'not-started' || fields.outcome === 'denied' ? null : 1);
    stdout.end();
    stderr.end();
    result.resolve(makeRunResult(fields));
  }

  const host = {
    address: 'local',
    peer: { agent: 'stub', protocol: 1, encoding: 'utf8' },
    greeted: () => Promise.resolve({ agent: 'stub', protocol: 1, encoding: 'utf8', features: [] }),
    run(file: string, args: readonly string[], options: RunOptions) {
      calls.push(`run ${[file, ...args].join(' ')}`);
      asked.options = options;
      return Object.assign(result.promise, {
        id: 'an-id',
        pid: pid.promise,
        stdin: options.stdin === 'pipe' ? remoteStdin : null,
        stdout,
        stderr,
        kill: (signal: string) => calls.push(`kill ${signal}`),
        job: Promise.resolve(null),
        exited: Promise.resolve(null),
        onInputRefused() {},
        onDraining() {},
        cancel: () => calls.push('cancel'),
        abandon() {
          calls.push('abandon');
          end({ outcome: 'lost', exitCode: null, code: 'ABANDONED', reason: 'abandoned' });
        },
      }) as unknown as RemoteRun;
    },
    close: () => {
      calls.push('close');
      return Promise.resolve();
    },
  } as unknown as OpenHost;

  const stdin = new PassThrough();
  const around: ProcessContext = {
    open: () => opening.promise,
    reopen: () => Promise.reject(new Error('nothing is opened again')),
    openStdin(): Readable {
      calls.push('open stdin');
      return stdin;
    },
    stdout: createStreamSink(ownStdout),
    stderr: createStreamSink(ownStderr),
    signals,
    openTerminal: () => Promise.reject(new Error('no terminal is asked for here')),
    messages: createMessages({ q: false, v: 0, color: 'never' }, (line) => lines.push(line)),
  };
  return {
    calls,
    lines,
    signals,
    stdout,
    stderr,
    ownStdout,
    ownStderr,
    stdin,
    remoteStdin,
    pid,
    opening,
    asked,
    host,
    around,
    end,
  };
}

type Stage = ReturnType<typeof createStage>;

/** Starts the run of a plan on a stage whose host answers at once. */
async function start(
  stage: Stage,
  plan: Partial<RunPlan> = {},
): Promise<{ readonly ended: Promise<ConductedRun> }> {
  stage.opening.resolve(stage.host);
  const ended = conductRun({ ...PLAN, ...plan }, stage.around);
  await setImmediate();
  return { ended };
}

describe('conducting a run', () => {
  it('streams output to ours, and takes its outcome', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    stage.stdout.write('out');
    stage.stderr.write('err');
    stage.end({ exitCode: 3 });
    const { result, cause } = await ended;
    expect([result.exitCode, cause]).toEqual([3, null]);
    expect(String(stage.ownStdout.read())).toBe('out');
    expect(String(stage.ownStderr.read())).toBe('err');
    expect(stage.calls.at(-1)).toBe('close');
  });

  it('waits with its end until our stdout has taken the last byte', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    const chunk = Buffer.alloc(stage.ownStdout.writableHighWaterMark * 4, 'x');
    stage.stdout.write(chunk);
    stage.stdout.write('last');
    stage.end();
    const seen: Buffer[] = [];
    stage.ownStdout.on('data', (bytes: Buffer) => seen.push(bytes));
    await ended;
    expect(Buffer.concat(seen).length).toBe(chunk.length + 'last'.length);
  });

  it('leaves output to the result where that keeps it', async () => {
    const stage = createStage();
    const { ended } = await start(stage, { keepsOutput: true });
    stage.end();
    await ended;
    expect(stage.asked.options).toMatchObject({ buffer: true, reject: false });
    expect(stage.stdout.readableFlowing).toBeNull();
  });

  it('reads stdin when the command has started, and not before', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    stage.stdin.end('input');
    await setImmediate();
    expect(stage.calls).not.toContain('open stdin');
    stage.pid.resolve(7);
    await setImmediate();
    expect(stage.calls).toContain('open stdin');
    await setImmediate();
    expect(String(stage.remoteStdin.read())).toBe('input');
    stage.end();
    await ended;
  });

  it('never reads stdin for a command that did not start, or that gets none', async () => {
    const unstarted = createStage();
    const first = await start(unstarted);
    unstarted.end({ outcome: 'not-started', exitCode: null, code: 'FILE_NOT_FOUND', reason: 'x' });
    await first.ended;
    const closed = createStage();
    const second = await start(closed, { sendsStdin: false });
    closed.end();
    await second.ended;
    expect([...unstarted.calls, ...closed.calls]).not.toContain('open stdin');
  });

  it('ends with the command while stdin is still open', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    stage.pid.resolve(7);
    await setImmediate();
    stage.end();
    expect((await ended).result.outcome).toBe('exited');
  });

  it('warns of a stdin that cannot be read, and takes it for ended', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    stage.pid.resolve(7);
    await setImmediate();
    stage.stdin.destroy(new Error('it is a folder'));
    await setImmediate();
    expect(stage.remoteStdin.writableEnded).toBe(true);
    expect(stage.lines).toEqual(['rexa: cannot read stdin: it is a folder\n']);
    stage.end();
    await ended;
  });

  it('passes Ctrl-C on, then cancels, then leaves', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    for (let count = 0; count < 3; count++) stage.signals.emit('SIGINT');
    const { result, cause } = await ended;
    expect(stage.calls.slice(1, 4)).toEqual(['kill SIGINT', 'cancel', 'abandon']);
    expect([result.outcome, cause]).toEqual(['lost', 'SIGINT']);
    expect(stage.signals.eventNames()).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('cancels at once for %s', async (signal) => {
    const stage = createStage();
    const { ended } = await start(stage);
    stage.signals.emit(signal);
    stage.end({ outcome: 'canceled', exitCode: null, code: 'CANCELED', reason: 'x' });
    expect((await ended).cause).toBe(signal);
    expect(stage.calls[1]).toBe('cancel');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is canceled by %s before anything was sent',
    async (signal) => {
      const stage = createStage();
      const ended = conductRun(PLAN, stage.around);
      await setImmediate();
      stage.signals.emit(signal);
      const { result, cause } = await ended;
      expect([result.outcome, result.code, cause]).toEqual(['canceled', 'CANCELED', signal]);
      expect(stage.calls).toEqual([]);
    },
  );

  it.each([
    ['EPIPE', 'stdout-closed', []],
    ['ENOSPC', 'stdout-failed', ['rexa: cannot write to stdout: no more\n']],
  ] as const)(
    'cancels when our stdout fails with %s, and reads on to the outcome',
    async (code, cause, lines) => {
      const stage = createStage();
      const { ended } = await start(stage);
      stage.ownStdout.destroy(Object.assign(new Error('no more'), { code }));
      stage.stdout.write('a');
      await setImmediate();
      await setImmediate();
      expect(stage.calls).toContain('cancel');
      for (let count = 0; count < 50; count++) stage.stdout.write(Buffer.alloc(65_536));
      stage.end({ outcome: 'canceled', exitCode: null, code: 'CANCELED', reason: 'x' });
      expect((await ended).cause).toBe(cause);
      expect(stage.lines).toEqual(lines);
    },
  );

  it('goes on when nobody reads our stderr', async () => {
    const stage = createStage();
    const { ended } = await start(stage);
    stage.ownStderr.destroy(Object.assign(new Error('closed'), { code: 'EPIPE' }));
    stage.stderr.write('a');
    stage.stdout.write('b');
    stage.end();
    expect(await ended).toMatchObject({ cause: null, result: { outcome: 'exited' } });
    expect(String(stage.ownStdout.read())).toBe('b');
  });

  it('is unreachable, with the reason, where no connection comes about', async () => {
    const stage = createStage();
    stage.opening.reject(new RexaError('CONNECT_FAILED', ['local', 'nobody there']));
    const { result, cause } = await conductRun({ ...PLAN, options: { id: 'mine' } }, stage.around);
    expect(result).toMatchObject({
      outcome: 'unreachable',
      code: 'CONNECT_FAILED',
      host: 'local',
      id: 'mine',
    });
    expect([result.reason, cause]).toEqual(['cannot reach local: nobody there', null]);
  });

  it.each([
    ['denied', new RexaError('USER_REFUSED', ['alice', 'bob'])],
    ['denied', new RexaError('DENIED', ['build1', 'no', 'LOGIN_REFUSED'])],
    ['denied', new RexaError('LOGIN_NO_KEY', ['build1', 'none'])],
    ['not-started', new RexaError('CONFIG_INVALID', ['file', 1, 1, 'wrong'])],
    ['unreachable', new RexaError('AUTH_HOST_CHANGED', ['build1'])],
    ['unreachable', new RexaError('AUTH_HOST_UNKNOWN', ['build1'])],
    ['unreachable', new RexaError('CONNECT_TIMEOUT', ['build1', 1])],
  ])('is %s when the host is not opened because of %s', async (outcome, error) => {
    const stage = createStage();
    stage.opening.reject(error);
    const { result } = await conductRun(PLAN, stage.around);
    expect([result.outcome, result.code, stage.calls]).toEqual([outcome, error.code, []]);
    expect(result.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('asks again where the login that went with the request was refused, and has read no stdin until then', async () => {
    const [first, second] = [createStage(), createStage()];
    const host = Object.assign(first.host, { logInAgain: () => Promise.resolve(second.host) });
    first.opening.resolve(host);
    first.end({ outcome: 'denied', exitCode: null });
    first.pid.resolve(null);
    second.end({ outcome: 'exited', exitCode: 3 });
    const { result } = await conductRun(PLAN, first.around);
    expect([result.outcome, result.exitCode]).toEqual(['exited', 3]);
    expect(second.calls.filter((call) => call.startsWith('run'))).toEqual(['run ls']);
  });

  it('asks once where the login was let in, and what was asked for is refused', async () => {
    const stage = createStage();
    stage.opening.resolve(Object.assign(stage.host, { logInAgain: () => Promise.resolve(null) }));
    stage.end({ outcome: 'denied', exitCode: null });
    stage.pid.resolve(null);
    const { result } = await conductRun(PLAN, stage.around);
    expect(result.outcome).toBe('denied');
    expect(stage.calls.filter((call) => call.startsWith('run'))).toEqual(['run ls']);
  });

  it('lets a mistake of ours through as one', async () => {
    const stage = createStage();
    stage.opening.reject(new TypeError('a mistake'));
    await expect(conductRun(PLAN, stage.around)).rejects.toThrow('a mistake');
    expect(stage.signals.eventNames()).toEqual([]);
  });
});
