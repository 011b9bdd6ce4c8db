import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/protocol/control.ts';
import type { SessionView } from '../../../../src/protocol/session.ts';
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

const endOf = (mark: string): { mark: string; view: SessionView; event: JsonObject } => {
  const view = { ...SESSION_VIEW, name: mark };
  return { mark, view, event: { type: 'end', mark, session: { ...view } } };
};

async function untilAsked(asked: readonly unknown[], count: number): Promise<void> {
  while (asked.length < count) await new Promise(setImmediate);
}

describe('the ends of sessions', () => {
  it('are told to all who wait for that mark, and to nobody else', async () => {
    const { ends, asked, tell } = openEnds();
    const [one, other] = [endOf('daemon.1'), endOf('daemon.2')];
    const failures: string[] = [];
    const waits = [one.mark, one.mark, other.mark].map((mark) =>
      ends.wait(mark, (reason) => failures.push(`${mark} ${reason}`)),
    );
    await untilAsked(asked, waits.length);
    tell({ type: 'recording-failed', mark: other.mark, reason: 'full' });
    tell(other.event);
    tell(one.event);
    expect(await Promise.all(waits)).toEqual([one.view, one.view, other.view]);
    expect(failures).toEqual(['daemon.2 full']);
  });

  it.each([
    {},
    { type: 'paused', mark: 'daemon.1' },
    { type: 'end', mark: 'daemon.1' },
    { type: 'end', mark: 7, session: null },
  ])('are heard behind the message %j, which nobody can read', async (message: JsonObject) => {
    const { ends, asked, tell } = openEnds();
    const { mark, view, event } = endOf('daemon.1');
    const wait = ends.wait(mark);
    await untilAsked(asked, 1);
    expect(() => tell(message)).not.toThrow();
    tell(event);
    expect(await wait).toEqual(view);
  });
});
