import { describe, expect, it } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import { type ChaosProxy, startChaosProxy } from '../../fixtures/chaos-proxy.ts';
import { startDaemon } from '../../fixtures/daemon.ts';

const CUTS = 15;
/** Writes until its reader is gone, and reads nothing. */
const FLOOD = ['-c', 'exec yes'] as const;

/** What a lost run says of itself, however it was asked for. */
interface Told {
  readonly outcome: unknown;
  readonly code: unknown;
}

async function failureOf(run: PromiseLike<unknown>): Promise<Told> {
  const error = (await Promise.resolve(run).then(
    () => ({}),
    (failure: unknown) => failure,
  )) as Partial<Told> & { readonly result?: Told };
  return { outcome: error.outcome ?? error.result?.outcome, code: error.result?.code ?? error.code };
}

/** Starts a run, cuts the link once output has come, and tells how the run failed. */
type Try = (host: Host, cut: () => void) => Promise<Told>;

const TRIES: Readonly<Record<string, Try>> = {
  async 'host.run'(host, cut) {
    const run = host.run('sh', FLOOD);
    run.stdout.once('data', cut);
    return failureOf(run);
  },
  async 'host.run whose output is streamed'(host, cut) {
    const run = host.run('sh', FLOOD, { buffer: false, stdin: 'pipe' });
    run.stdout.once('data', cut);
    run.stdin?.write('unread'.repeat(100_000));
    return failureOf(run);
  },
  async 'host.execa'(host, cut) {
    const run = host.execa('sh', FLOOD);
    run.stdout.once('data', cut);
    return failureOf(run);
  },
  async 'host.execa with input'(host, cut) {
    const run = host.execa('sh', FLOOD, { input: 'unread'.repeat(100_000) });
    run.stdout.once('data', cut);
    return failureOf(run);
  },
  async 'host.execa whose lines are read'(host, cut) {
    const run = host.execa('sh', FLOOD, { buffer: false });
    const reading = (async () => {
      for await (const _line of run) cut();
    })();
    const [told] = await Promise.all([failureOf(run), reading.catch(() => undefined)]);
    return told;
  },
  async 'host.execa with a transform'(host, cut) {
    const run = host.execa('sh', FLOOD, {
      stdout: function* (line: unknown) {
        cut();
        yield line;
      },
    });
    return failureOf(run);
  },
  async 'host.execa that is read as one stream'(host, cut) {
    const run = host.execa('sh', FLOOD, { all: true, buffer: false });
    run
      .readable({ from: 'all' })
      .once('data', cut)
      .resume()
      .on('error', () => undefined);
    return failureOf(run);
  },
  async 'host.execa that is written to'(host, cut) {
    const run = host.execa('cat', { buffer: false });
    const writable = run.writable().on('error', () => undefined);
    run.stdout.once('data', cut);
    const write = (): boolean => writable.writable && writable.write('x'.repeat(50_000), write);
    write();
    return failureOf(run);
  },
  async 'host.run whose command has ended, and whose output has not come'(host, cut) {
    const run = host.run('sh', ['-c', 'yes | head -c 1000000'], { buffer: false });
    void run.exited.then(cut);
    return failureOf(run);
  },
  async 'host.execa whose command has ended, and whose output has not come'(host, cut) {
    const run = host.execa('sh', ['-c', 'yes | head -c 1000000'], { buffer: false });
    // execa reads on by itself what nobody has paused, and then all of it may have come
    run.stdout.pause();
    const { nodeChildProcess } = run;
    nodeChildProcess.once('exit', cut);
    return failureOf(run);
  },
  async 'a pipe of host.execa'(host, cut) {
    const source = host.execa('sh', FLOOD);
    source.stdout.once('data', cut);
    const [told] = await Promise.all([failureOf(source), failureOf(source.pipe('cat', { buffer: false }))]);
    return told;
  },
};

const EXECA_TRIES: Readonly<Record<string, [line: string, event: 'readable' | 'exit', inherits?: true]>> = {
  'while its command writes': ['exec yes', 'readable'],
  'after its command has ended': ['yes | head -c 1000000', 'exit'],
  'after its command has failed': ['yes | head -c 1000000; exit 3', 'exit'],
  // To execa that is a success
  'after its command has ended, with its output inherited': ['sleep 5 & exit 0', 'exit', true],
};

async function cutOnce(attempt: Try, proxy: ChaosProxy, reconnectFor: number): Promise<Told> {
  proxy.accept();
  const address = 'path' in proxy.place ? `unix:${proxy.place.path}` : '';
  await using host = await connect(address, { config: false, reconnectFor });
  return await attempt(host, () => {
    proxy.refuse();
    proxy.cutAll();
  });
}

describe('a link that is lost in the middle of a run', () => {
  const cases = [0, 20].flatMap((reconnectFor) =>
    Object.entries(TRIES).map(([name, attempt]) => ({ name, attempt, reconnectFor })),
  );

  it.each(cases)('is what $name fails with, after $reconnectFor ms', async ({ attempt, reconnectFor }) => {
    await using daemon = await startDaemon({ words: ['--resume-for', '1s'] });
    await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', 1);
    for (let turn = 0; turn < CUTS; turn++) {
      expect(await cutOnce(attempt, proxy, reconnectFor)).toEqual({ outcome: 'lost', code: 'LINK_LOST' });
    }
  });
});

describe('a run of execa that is lost', () => {
  const cases = [true, false].flatMap((reject) =>
    Object.entries(EXECA_TRIES).map(([name, [line, event, inherits]]) => ({
      name,
      line,
      event,
      inherits,
      reject,
    })),
  );

  it.each(cases)(
    '$name is an ExecaError, with reject: $reject',
    async ({ line, event, inherits, reject }) => {
      await using daemon = await startDaemon({ words: ['--resume-for', '1s'] });
      await using proxy = await startChaosProxy({ path: daemon.socketPath }, 'unix', 1);
      let settled: readonly [kind: string, value: unknown] = ['', null];
      await cutOnce(
        async (host, cut) => {
          const output = inherits === true ? ('inherit' as const) : ('pipe' as const);
          const options = { buffer: false, reject, stdout: output, stderr: output } as const;
          const run = host.execa('sh', ['-c', line], options);
          // execa reads on by itself what nobody has paused, and then all of it may have come
          run.stdout?.pause();
          const { nodeChildProcess } = run;
          if (event === 'exit') nodeChildProcess.once('exit', cut);
          else run.stdout?.once('readable', cut);
          settled = await run.then(
            (value: unknown) => ['resolved', value] as const,
            (error: unknown) => ['rejected', error] as const,
          );
          return { outcome: null, code: null };
        },
        proxy,
        0,
      );
      const [kind, value] = settled;
      expect(kind).toBe(reject ? 'rejected' : 'resolved');
      expect(value).toBeInstanceOf(Error);
      expect(value).toMatchObject({
        name: 'ExecaError',
        failed: true,
        isCanceled: false,
        isTerminated: false,
        isMaxBuffer: false,
        command: `sh -c ${line}`,
        outcome: 'lost',
        code: 'LINK_LOST',
        host: expect.stringContaining('unix:') as string,
        pipedFrom: [],
      });
      const { shortMessage, durationMs } = value as { shortMessage: string; durationMs: number };
      expect(shortMessage).toContain('lost: ');
      expect(durationMs).toBeGreaterThan(0);
      expect(value).not.toHaveProperty('exitCode');
      expect(value).not.toHaveProperty('signal');
    },
  );
});
