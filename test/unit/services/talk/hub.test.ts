import { describe, expect, it, vi } from 'vitest';
import { createHub, type Member } from '../../../../src/services/talk/hub.ts';
import type { TalkEvent } from '../../../../src/services/talk/messages.ts';
import { createRoom } from '../../../../src/services/talk/room.ts';

const never = new Promise<never>(() => undefined);
const BEHIND_BYTES = 300_000;

/** A room of members that are here, whose unread bytes are set. */
function openHub() {
  const heard: TalkEvent[] = [];
  const cut: string[] = [];
  const hub = createHub(createRoom('room'), (event) => {
    heard.push(event);
    return null;
  });
  const who = (base: string) => ({ base, proof: `key ${base}` });

  function enter(base: string) {
    const reader = { waitingBytes: 0 };
    const outlet = {
      get waitingBytes() {
        return reader.waitingBytes;
      },
      greet() {},
      send({ length }: Buffer) {
        reader.waitingBytes += length;
      },
      drop() {},
      flush: () => Promise.resolve(),
    };
    const member = hub.enter(
      who(base),
      (seat): Member => ({
        seat,
        outlet,
        deliver: ({ json }) => outlet.send(json),
        encodeNotice: (text) => Buffer.from(text),
        cut: ({ code }) => void cut.push(`${base} ${code}`),
        close() {},
      }),
    );
    return {
      member,
      stall(): void {
        reader.waitingBytes = BEHIND_BYTES;
        hub.tell(member, Buffer.alloc(0));
      },
      catchUp(): void {
        reader.waitingBytes = 0;
        hub.handleProgress(member);
      },
      /** Whether its next line is taken now. */
      mayTalk: (): boolean => hub.ready(member) === null,
    };
  }
  const mayEnter = (base: string): boolean => hub.admit(who(base), never) === null;
  return { hub, heard, cut, enter, mayEnter };
}

/** How often in a row something may happen, up to 100 times. */
function countUntilRefused(may: () => boolean): number {
  let count = 0;
  while (count < 100 && may()) count++;
  return count;
}

describe('a member that is behind', () => {
  it('lets each principal cause no more than 16 lines, arrivals and departures, with all of its clients', () => {
    const { hub, enter, mayEnter } = openHub();
    const [one, two, bob, slow] = [enter('alice'), enter('alice'), enter('bob'), enter('slow')];
    slow.stall();
    expect([one.mayTalk(), two.mayTalk(), mayEnter('alice')]).toEqual([true, true, true]);
    hub.leave(two.member, null);
    expect(countUntilRefused(one.mayTalk)).toBe(12);
    expect([mayEnter('alice'), countUntilRefused(bob.mayTalk)]).toEqual([false, 16]);
    slow.catchUp();
    expect([countUntilRefused(one.mayTalk), mayEnter('alice')]).toEqual([100, true]);
  });

  it('is not heard itself, until it has caught up', async () => {
    const { hub, enter } = openHub();
    const slow = enter('slow');
    slow.stall();
    const ready = hub.ready(slow.member);
    expect(ready).not.toBeNull();
    slow.catchUp();
    await ready;
    expect(slow.mayTalk()).toBe(true);
  });

  it('lets the others be heard again after 5 s, also if another member is behind then', () => {
    vi.useFakeTimers();
    try {
      const { cut, enter } = openHub();
      const [alice, first] = [enter('alice'), enter('slow')];
      first.stall();
      expect(countUntilRefused(alice.mayTalk)).toBe(16);
      vi.advanceTimersByTime(3_000);
      const second = enter('slow');
      second.stall();
      vi.advanceTimersByTime(2_100);
      expect(cut).toEqual(['slow TALK_TOO_SLOW']);
      expect(countUntilRefused(alice.mayTalk)).toBe(16);
      vi.advanceTimersByTime(3_000);
      expect([cut.length, countUntilRefused(alice.mayTalk)]).toEqual([2, 100]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('members that are behind one after another', () => {
  it('hold up what is said for no longer than one of them may be behind', () => {
    const { hub, enter } = openHub();
    const [alice, first] = [enter('alice'), enter('slow')];
    const second = enter('slow');
    first.stall();
    const text = 'x'.repeat(4096);
    let lines = 0;
    // Of as many principals as it takes
    while (enter(`p${lines}`).mayTalk()) {
      hub.say(alice.member, 'say', text);
      lines++;
      if (lines === 64) second.stall();
    }
    expect(lines).toBeGreaterThan(100);
    expect(lines * 4096).toBeLessThanOrEqual(512 * 1024);
    first.catchUp();
    expect(enter('late').mayTalk()).toBe(true);
  });
});

describe('what one member is told alone', () => {
  it('counts like what all are told: above 1 MiB it is disconnected', () => {
    const { hub, heard, cut, enter } = openHub();
    const { member } = enter('alice');
    hub.tell(member, Buffer.alloc(1_100_000));
    expect([cut, heard.at(-1)]).toMatchObject([['alice TALK_TOO_SLOW'], { kind: 'left', name: 'alice' }]);
  });
});

describe('a name that is taken back', () => {
  it('is announced before its owner enters, to those who are there', () => {
    const { hub, heard, enter } = openHub();
    const { member } = enter('bob');
    hub.rename(member, 'alice');
    enter('alice');
    expect(heard.map((event) => ('n' in event ? [event.n, event.kind, event.name] : []))).toEqual([
      [1, 'entered', 'bob'],
      [2, 'renamed', 'bob'],
      [3, 'renamed', 'alice'],
      [4, 'entered', 'alice'],
    ]);
  });
});
