import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { startLastingRun } from '../../../../src/cli/session/lasting-run.ts';
import type { OpenHost } from '../../../../src/client/host.ts';
import { makeRun } from '../../../../src/client/make-run.ts';
import type { RemoteRun, RunOptions, RunResult } from '../../../../src/client/run-types.ts';

type Result = RunResult<string | Uint8Array>;

const HOST = { address: 'unix:/nowhere', close: async () => undefined } as unknown as OpenHost;

/** A run that has come to this end. */
function endedRun(options: RunOptions, code: string | null): RemoteRun<string | Uint8Array> {
  return makeRun(Promise.resolve({ code, reason: '' } as Result), {
    id: options.id ?? 'one of its own',
    pid: Promise.resolve(null),
    job: Promise.resolve(null),
    exited: Promise.resolve(null),
    stdin: new PassThrough(),
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    stdio: [],
    kill: () => undefined,
    resize: () => undefined,
    onInputRefused: () => undefined,
    onDraining: () => undefined,
    cancel: () => undefined,
    hangUp: () => undefined,
    abandon: () => undefined,
  });
}

it('asks for a session under one id until it was told of it, so that it is started once', async () => {
  const asked: RunOptions[] = [];
  const { run } = startLastingRun(HOST, {
    options: {},
    session: { name: 'work', open: 'new' },
    start(_host, options) {
      asked.push(options);
      return endedRun(options, asked.length === 1 ? 'LINK_LOST' : null);
    },
    reopen: async () => HOST,
  });
  await run;
  expect(asked.map(({ session }) => session?.open)).toEqual(['new', 'new']);
  expect(asked[1]?.id).toBe(asked[0]?.id);
  expect(run.id).toBe(asked[0]?.id);
});

it('keeps nothing of the runs that were lost', async () => {
  let runs = 0;
  const { run } = startLastingRun(HOST, {
    options: {},
    session: { name: 'work', open: 'new' },
    start: (_host, options) => endedRun(options, runs++ < 20 ? 'LINK_LOST' : null),
    reopen: async () => HOST,
  });
  await run;
  expect(runs).toBe(21);
  for (const event of ['error', 'close', 'finish', 'drain'])
    expect(run.stdout.listenerCount(event)).toBeLessThan(5);
});
