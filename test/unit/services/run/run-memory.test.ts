import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../../src/protocol/outcome.ts';
import {
  MAX_REMEMBERED_RUNS,
  MAX_REMEMBERED_RUNS_IN_ALL,
  RUN_ID_MEMORY_MS,
} from '../../../../src/services/limits.ts';
import { createRunMemory } from '../../../../src/services/run/run-memory.ts';

const RECEIPT = { name: 'utf8', source: 'host', replaced: 0 } as const;
const OUTCOME: Outcome = {
  name: 'exited',
  exitCode: 0,
  signal: null,
  code: null,
  reason: null,
  encoding: { stdin: RECEIPT, stdout: RECEIPT, stderr: RECEIPT },
  bytes: { stdin: 0, stdout: 0, stderr: 0 },
  durationMs: 1,
  survivors: [],
  pipeHeldBy: [],
  complete: true,
};

function makeMemory() {
  const clock = { nowMs: 0, runs: 0 };
  const memory = createRunMemory(() => clock.nowMs);
  const ask = (id: string, hash = 'h', owner = 'uid:1', run = () => Promise.resolve(OUTCOME)) =>
    memory.once({ owner, id, hash, most: MAX_REMEMBERED_RUNS }, () => {
      clock.runs++;
      return run();
    });
  return { clock, ask };
}

describe('the ids of runs that are no jobs', () => {
  it('are run once, by however many at once, and belong to their owner and to what was asked', async () => {
    const { clock, ask } = makeMemory();
    const answers = await Promise.all([ask('a'), ask('a'), ask('a')]);
    expect(answers.map(({ repeated }) => repeated)).toEqual([false, true, true]);
    await expect(ask('a', 'other')).rejects.toMatchObject({ code: 'RUN_ID_TAKEN' });
    expect((await ask('a', 'other', 'uid:2')).repeated).toBe(false);
    expect(clock.runs).toBe(2);
  });

  it('are free again when nothing was run', async () => {
    const { ask } = makeMemory();
    const refused = ask('a', 'h', 'uid:1', () => Promise.reject(new Error('no such program')));
    await expect(refused).rejects.toThrow('no such program');
    expect((await ask('a', 'other')).repeated).toBe(false);
  });

  it('are remembered for a time behind their end, and as long as they go on', async () => {
    const { clock, ask } = makeMemory();
    const going = Promise.withResolvers<Outcome>();
    const first = ask('goes on', 'h', 'uid:1', () => going.promise);
    await ask('ended');
    clock.nowMs = RUN_ID_MEMORY_MS + 1;
    const second = ask('goes on');
    going.resolve(OUTCOME);
    expect([(await first).repeated, (await second).repeated]).toEqual([false, true]);
    expect((await ask('ended')).repeated).toBe(false);
  });

  it('are bounded in number: the oldest are forgotten first', async () => {
    const { ask } = makeMemory();
    for (let index = 0; index < MAX_REMEMBERED_RUNS + 2; index++) await ask(`run-${index}`);
    expect((await ask('run-5')).repeated).toBe(true);
    expect((await ask('run-0')).repeated).toBe(false);
  });

  it('are not forgotten for those of another owner', async () => {
    const { ask } = makeMemory();
    await ask('kept', 'h', 'uid:2');
    for (let index = 0; index < MAX_REMEMBERED_RUNS + 2; index++) await ask(`run-${index}`);
    expect((await ask('kept', 'h', 'uid:2')).repeated).toBe(true);
  });

  it('are bounded in all: whoever has most of them loses the oldest', async () => {
    const { ask } = makeMemory();
    await ask('kept', 'h', 'uid:few');
    const owners = Array.from(
      { length: MAX_REMEMBERED_RUNS_IN_ALL / MAX_REMEMBERED_RUNS },
      (_, at) => `${at}`,
    );
    for (const owner of owners)
      for (let index = 0; index < MAX_REMEMBERED_RUNS; index++) await ask(`run-${index}`, 'h', owner);
    await ask('one more', 'h', 'uid:few');
    await ask('yet one more', 'h', 'uid:few');
    const firsts = await Promise.all(owners.map((owner) => ask('run-0', 'h', owner)));
    expect(firsts.some(({ repeated }) => !repeated)).toBe(true);
    expect((await ask('kept', 'h', 'uid:few')).repeated).toBe(true);
  });
});
