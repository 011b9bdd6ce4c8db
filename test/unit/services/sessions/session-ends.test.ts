import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/protocol/control.ts';
import type { JobOutcome } from '../../../../src/protocol/job.ts';
import type { AskedSupervisor } from '../../../../src/services/jobs/asked-supervisor.ts';
import { createSessionEnds } from '../../../../src/services/sessions/session-ends.ts';
import { SESSION_VIEW } from '../../../fixtures/session-view.ts';

const NEVER = new Promise<never>(() => {});

/** What waits for the ends of sessions, and the channel of its supervisor. */
function openEnds() {
  const asked: JsonObject[] = [];
  let handle: (message: JsonObject) => void = () => undefined;
  const channel = {
    ended: NEVER,
    send: (message: JsonObject) => asked.push(message),
    close: () => undefined,
    takeMessages(handler: typeof handle) {
      handle = handler;
    },
  };
  const supervisor = {
    open: () => Promise.resolve({ kind: 'open', channel, message: {} }),
  } as unknown as AskedSupervisor;
  return {
    ends: createSessionEnds(supervisor, NEVER),
    asked,
    tell: (message: JsonObject) => handle(message),
  };
}

const OUTCOME: JobOutcome = {
  name: 'exited',
  exitCode: 0,
  signal: null,
  code: null,
  reason: null,
  bytes: { stdin: 0, stdout: 0, stderr: 0 },
  durationMs: 1,
  survivors: [],
  pipeHeldBy: [],
  complete: true,
};

/** @param isOld from a supervisor that tells the outcome with the session alone */
const endOf = (mark: string, exitCode: number, isOld: boolean) => {
  const outcome = { ...OUTCOME, exitCode };
  const session = isOld ? { ...SESSION_VIEW, outcome } : null;
  const event: JsonObject = { type: 'end', mark, session, ...(isOld ? {} : { outcome }) };
  return { mark, outcome, event };
};

async function untilAsked(asked: readonly unknown[], count: number): Promise<void> {
  while (asked.length < count) await new Promise(setImmediate);
}

describe('the ends of sessions', () => {
  it('are told to all who wait for that mark, and to nobody else', async () => {
    const { ends, asked, tell } = openEnds();
    const [one, other] = [endOf('daemon.1', 1, false), endOf('daemon.2', 2, true)];
    const failures: string[] = [];
    const waits = [one.mark, one.mark, other.mark].map((mark) =>
      ends.wait(mark, (reason) => failures.push(`${mark} ${reason}`)),
    );
    await untilAsked(asked, waits.length);
    tell({ type: 'recording-failed', mark: other.mark, reason: 'full' });
    tell(other.event);
    tell(one.event);
    expect(await Promise.all(waits)).toEqual([one.outcome, one.outcome, other.outcome]);
    expect(failures).toEqual(['daemon.2 full']);
  });

  it.each([
    {},
    { type: 'paused', mark: 'daemon.1' },
    { type: 'end', mark: 'daemon.1' },
    { type: 'end', mark: 7, session: null },
  ])('are heard behind the message %j, which nobody can read', async (message: JsonObject) => {
    const { ends, asked, tell } = openEnds();
    const { mark, outcome, event } = endOf('daemon.1', 3, false);
    const wait = ends.wait(mark);
    await untilAsked(asked, 1);
    expect(() => tell(message)).not.toThrow();
    tell(event);
    expect(await wait).toEqual(outcome);
  });
});
