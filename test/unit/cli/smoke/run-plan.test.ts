import { describe, expect, it } from 'vitest';
import { makePlan, type Selection } from '../../../../src/cli/smoke/plan/make-plan.ts';
import { exitStatusOf } from '../../../../src/cli/smoke/report/run-report.ts';
import type { CaseResult } from '../../../../src/cli/smoke/run/case-result.ts';
import { createMask } from '../../../../src/cli/smoke/run/mask.ts';
import { type RunContext, runPlan } from '../../../../src/cli/smoke/run/run-plan.ts';
import type { OpenHost } from '../../../../src/client/host.ts';
import type { RunOptions, RunResult } from '../../../../src/client/run-types.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';
import { makeRunResult } from '../../../fixtures/run-result.ts';
import { readText } from '../../../fixtures/smoke-suite.ts';

type Answer = Partial<RunResult> | undefined;

/** A host that answers by the command; what it was asked stands in `asked`, in its order. */
interface FakeHost {
  readonly asked: string[];
  readonly ids: (string | undefined)[];
  opened: number;
  readonly open: RunContext['open'];
}

function fakeHost(
  answer: (line: string, count: number) => Answer | Promise<Answer>,
  open: (count: number) => void = () => {},
): FakeHost {
  const counts = new Map<string, number>();
  const fake: FakeHost = {
    asked: [],
    ids: [],
    opened: 0,
    async open() {
      open(++fake.opened);
      const answerRun = async (_file: string, args: readonly string[], options: RunOptions) => {
        const line = args.at(-1) ?? '';
        counts.set(line, (counts.get(line) ?? 0) + 1);
        fake.asked.push(line);
        fake.ids.push(options.id);
        if (options.cancelSignal?.aborted) return makeRunResult({ outcome: 'canceled', reason: 'canceled' });
        return makeRunResult((await answer(line, counts.get(line) ?? 0)) ?? {});
      };
      return { run: answerRun, close: async () => {} } as unknown as OpenHost;
    },
  };
  return fake;
}

const SELECTION: Selection = {
  hosts: [],
  filters: [],
  tags: [],
  skipTags: [],
  failed: null,
  shard: null,
  repeat: 1,
};

async function run(
  text: string,
  host: Pick<FakeHost, 'open'>,
  around: Partial<RunContext> = {},
  selection: Partial<Selection> = {},
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const plan = makePlan([await readText(text)], { ...SELECTION, ...selection }, null);
  await runPlan(plan, {
    open: host.open,
    filesOf: () => ({ read: async () => null, readSnapshot: async () => null, mask: (each) => each }),
    mask: (each) => each,
    begin: () => () => undefined,
    handleResult: (result) => results.push(result),
    extraTries: 0,
    parallel: null,
    failFast: false,
    cancel: new AbortController().signal,
    giveUp: new AbortController().signal,
    ...around,
  });
  return results;
}

const told = (results: readonly CaseResult[]): readonly string[] =>
  results.map(({ title, status }) => `${title}: ${status}`);

const FAILED: Answer = { exitCode: 1 };
const LOST: Answer = { outcome: 'lost', exitCode: null, code: 'LINK_LOST', reason: 'gone' };

describe('a run of tests', () => {
  it('uses one connection for all tests of a host, one after the other', async () => {
    const host = fakeHost(() => undefined);
    expect(told(await run('tests:\n  b:\n  a:\n', host))).toEqual(['a: passed', 'b: passed']);
    expect([host.opened, host.asked]).toEqual([1, ['a', 'b']]);
  });

  it('tries a test as often as it says, and calls one flaky that passes later', async () => {
    const host = fakeHost((line, count) => (line === 'b' || count < 3 ? FAILED : undefined));
    const results = await run('config: {retries: 3}\ntests:\n  a:\n  b:\n', host);
    expect(results.map(({ status, tries }) => [status, tries])).toEqual([
      ['flaky', 3],
      ['failed', 3],
    ]);
    expect(results[0]?.problems).toMatchObject([{ property: 'exit-code' }]);
    expect(exitStatusOf(results.slice(0, 1), false)).toBe(0);
    expect(exitStatusOf(results.slice(0, 1), true)).toBe(1);
  });

  it('never runs a test again that was lost, unless it has an id, and then under that id', async () => {
    const host = fakeHost((_line, count) => (count === 1 ? LOST : undefined));
    const results = await run('config: {retries: 5}\ntests:\n  a:\n  b: {id: once}\n', host);
    expect(told(results)).toEqual(['a: failed', 'b: passed']);
    expect([host.asked, host.ids]).toEqual([
      ['a', 'b', 'b'],
      [undefined, 'once', 'once'],
    ]);
    expect(exitStatusOf(results, false)).toBe(3);
  });

  it('gives each try of a test with an id, and each repetition, an id of its own', async () => {
    const host = fakeHost((_line, count) => (count === 1 ? FAILED : undefined));
    await run('tests:\n  a: {id: x, config: {retries: 2}}\n', host, {}, { repeat: 2 });
    expect(host.ids).toEqual(['x', 'x.2', 'x.r2']);
  });

  it('says of each test of a host that is not reached what became of it, and looks for it once', async () => {
    const host = fakeHost(
      () => undefined,
      () => {
        throw new RexaError('CONNECT_FAILED', ['x', 'refused']);
      },
    );
    const results = await run('setup: s\ntests:\n  a:\n  b:\n', host);
    expect(results.map(({ title, outcome }) => [title, outcome])).toEqual([
      ['a', 'unreachable'],
      ['b', 'unreachable'],
    ]);
    expect([host.opened, exitStatusOf(results, false)]).toEqual([1, 3]);
  });

  it.each([
    ['CONFIG_INVALID', ['rexa.yaml:1:1: a mistake']],
    ['ADDRESS_INVALID', ['tls://']],
    ['AUTH_FILE_UNREADABLE', ['/home/a/key', 'ENOENT']],
  ] as const)(
    'says that nothing was started where the host is given wrongly: %s, exit 3',
    async (code, words) => {
      const host = fakeHost(
        () => undefined,
        () => {
          throw new RexaError(code, [...words]);
        },
      );
      const tests = 'tests:\n  a: {config: {retries: 3}}\n  b: {outcome: not-started}\n';
      for (const text of [tests, `setup: s\n${tests}`]) {
        const results = await run(text, host);
        expect(results.map((each) => [each.title, each.status, each.outcome, each.code])).toEqual([
          ['a', 'failed', 'not-started', code],
          ['b', 'failed', 'not-started', code],
        ]);
        expect(results[0]?.tries).toBeLessThanOrEqual(1);
        expect(exitStatusOf(results, false)).toBe(3);
      }
    },
  );

  it('connects anew behind a test that was lost, and looks for a host again where a test is retried', async () => {
    const host = fakeHost(
      (line) => (line === 'a' ? LOST : undefined),
      (count) => {
        if (count === 2) throw new RexaError('CONNECT_FAILED', ['x', 'refused']);
      },
    );
    const results = await run('config: {retries: 2}\ntests:\n  a:\n  b:\n  c:\n', host);
    expect(told(results)).toEqual(['a: failed', 'b: flaky', 'c: passed']);
    expect(host.opened).toBe(3);
  });

  it('does not run what needs a test that failed or was skipped', async () => {
    const host = fakeHost((line) => (line === 'a' ? FAILED : undefined));
    const results = await run('tests:\n  a:\n  b: {needs: a}\n  c: {needs: b}\n  d:\n', host);
    expect(told(results)).toEqual(['a: failed', 'b: skipped', 'c: skipped', 'd: passed']);
    expect(results[1]?.skipReason).toBe("it needs 'a', which failed");
  });

  it('begins no more tests when one has failed, if it is told so', async () => {
    const host = fakeHost((line) => (line === 'a' ? FAILED : undefined));
    const results = await run('teardown: z\ntests:\n  a:\n  b:\n', host, { failFast: true });
    expect(told(results)).toEqual(['a: failed', 'b: skipped']);
    expect(host.asked).toEqual(['a', 'z']);
  });

  it('runs setup before the tests and teardown behind them, whatever happened', async () => {
    const host = fakeHost((line) => (line === 's2' ? FAILED : undefined));
    const results = await run('setup: [s1, s2, s3]\nteardown: [z]\ntests:\n  a:\n', host);
    expect(told(results)).toEqual(['setup: s2: failed', 'a: skipped']);
    expect(host.asked).toEqual(['s1', 's2', 'z']);
  });

  it('tries a command of setup as often as it says, and calls no test flaky for that', async () => {
    const host = fakeHost((line, count) => (line === 's' && count < 3 ? FAILED : undefined));
    const results = await run('setup: {command: s, config: {retries: 3}}\ntests:\n  a:\n', host);
    expect([told(results), host.asked]).toEqual([['a: passed'], ['s', 's', 's', 'a']]);
  });

  it('runs setup and teardown of a test around each of its tries', async () => {
    const host = fakeHost((line, count) => (line === 'a' && count === 1 ? FAILED : undefined));
    await run('tests:\n  a: {setup: s, teardown: z, config: {retries: 2}}\n', host);
    expect(host.asked).toEqual(['s', 'a', 'z', 's', 'a', 'z']);
  });

  it('tells a teardown that failed', async () => {
    const host = fakeHost((line) => (line === 'z' ? FAILED : undefined));
    const results = await run('teardown: z\ntests:\n  a: {teardown: z}\n  b:\n', host);
    expect(told(results)).toEqual(['a: failed', 'b: passed', 'teardown: z: failed']);
    expect(results[0]?.problems).toMatchObject([{ property: 'teardown.exit-code' }]);
  });

  it('leaves what was not begun out when it is interrupted, and still tears down', async () => {
    const cancel = new AbortController();
    const host = fakeHost((line) => {
      if (line === 'a') cancel.abort();
      return line === 'a' ? { outcome: 'canceled', exitCode: null, reason: 'canceled' } : undefined;
    });
    const results = await run('teardown: z\ntests:\n  a:\n  b:\n', host, { cancel: cancel.signal });
    expect(told(results)).toEqual(['a: failed', 'b: skipped']);
    expect(host.asked).toEqual(['a', 'z']);
  });

  it('runs as many tests at once as it is told, and no more', async () => {
    let running = 0;
    let most = 0;
    const host = fakeHost(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return undefined;
    });
    await run('config: {parallel: 3}\ntests:\n  a:\n  b:\n  c:\n  d:\n  e:\n', host);
    expect(most).toBe(3);
    most = 0;
    await run('config: {parallel: 3}\ntests:\n  a:\n  b:\n  c:\n', host, { parallel: 1 });
    expect(most).toBe(1);
  });

  it('masks secrets in whatever is told', async () => {
    const host = fakeHost(() => ({ exitCode: 1, stdout: 'it is hunter2\nline two', stderr: 'hunter2' }));
    const mask = createMask(['hunter2', 'line one\nline two']);
    const results = await run('tests:\n  echo hunter2: {stdout: {exactly: hunter2}}\n', host, { mask });
    expect(JSON.stringify(results)).not.toMatch(/hunter2|line two/);
  });
});
