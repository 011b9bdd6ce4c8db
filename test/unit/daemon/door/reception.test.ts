import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Audit } from '../../../../src/daemon/audit/audit.ts';
import { createReception, type Expulsion } from '../../../../src/daemon/door/reception.ts';
import {
  DOOR_FIRST_PENALTY_MS,
  DOOR_LOOK_MS,
  DOOR_SLOTS,
  MAX_SECURED_BYTES,
} from '../../../../src/daemon/limits.ts';
import { HELLO_TIMEOUT_MS, MAX_BEFORE_LOGIN_BYTES } from '../../../../src/protocol/limits.ts';
import type { Facts, Log } from '../../../../src/runtime/log.ts';

/** After this the reception has looked: an immediate of the timer's turn takes a faked millisecond. */
const LOOKED_MS = DOOR_LOOK_MS + 1;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A reception, what it has said, and sockets that come to it. */
function open() {
  const audited: Facts[] = [];
  const logged: string[] = [];
  const audit = { turnAway: (facts: Facts) => void audited.push(facts) } as Audit;
  const say = (message: string): void => void logged.push(message);
  const log = { warn: say, info: say } as Log;
  const reception = createReception({ log, audit });
  const expelled: Expulsion[] = [];

  function come(address: string) {
    const socket = { remoteAddress: address, remotePort: 40_000, bytesRead: 0, destroyed: false, destroy };
    function destroy(): void {
      socket.destroyed = true;
    }
    const visit = reception.receive(socket as unknown as Socket, (why) => void expelled.push(why));
    return { socket, visit };
  }
  return { audited, logged, expelled, come };
}

describe('a reception', () => {
  it('closes on a source that is shut out, tells it once, and lets others in', () => {
    const { come, logged, audited } = open();
    for (let time = 0; time < 6; time++) come('198.51.100.1').visit?.leave('refused');
    const { socket, visit } = come('::ffff:198.51.100.1');
    expect([visit, socket.destroyed]).toEqual([null, true]);
    expect(come('198.51.100.2').visit).not.toBeNull();
    const told = { source: '198.51.100.1', reason: 'shut-out', seconds: DOOR_FIRST_PENALTY_MS / 1000 };
    expect([audited, logged.length]).toEqual([[told], 1]);
    vi.advanceTimersByTime(DOOR_FIRST_PENALTY_MS);
    expect(come('198.51.100.1').visit).not.toBeNull();
  });

  it('tells the log, and not the audit, who left before a login', () => {
    const { come, logged, audited } = open();
    come('198.51.100.1').visit?.leave('left');
    const { visit } = come('198.51.100.1');
    visit?.leave('logged-in');
    visit?.leave('left');
    expect([logged, audited]).toEqual([['a connection ended before its login'], []]);
  });

  it('shuts out an IPv6 network, whichever of its addresses comes', () => {
    const { come } = open();
    for (let time = 0; time < 6; time++) come(`2001:db8::${time}`).visit?.leave('nonsense');
    expect([come('2001:db8::ffff').visit, come('2001:db8:0:1::1').visit === null]).toEqual([null, false]);
  });

  it('expels whoever says too much in a handshake, where a client that is secured may say its login too', () => {
    const { come, expelled, audited } = open();
    const greedy = come('198.51.100.1');
    const good = come('198.51.100.2');
    good.visit?.advance('secured');
    for (const { socket } of [greedy, good]) socket.bytesRead = MAX_BEFORE_LOGIN_BYTES + 1;
    vi.advanceTimersByTime(LOOKED_MS);
    expect([expelled, audited]).toEqual([
      ['too-much'],
      [{ source: '198.51.100.1:40000', reason: 'too-much' }],
    ]);
  });

  it('expels whoever keeps TLS busy behind the handshake, and nobody who has logged in', () => {
    const { come, expelled } = open();
    const [greedy, known] = [come('198.51.100.1'), come('198.51.100.2')];
    for (const { visit } of [greedy, known]) visit?.advance('secured');
    known.visit?.leave('logged-in');
    for (const { socket } of [greedy, known]) socket.bytesRead = MAX_SECURED_BYTES + 1;
    vi.advanceTimersByTime(LOOKED_MS);
    expect(expelled).toEqual(['too-much']);
  });

  it('expels whoever is late, and looks no more when nobody is there', () => {
    const { come, expelled } = open();
    come('198.51.100.1');
    come('198.51.100.2').visit?.leave('logged-in');
    vi.advanceTimersByTime(HELLO_TIMEOUT_MS - DOOR_LOOK_MS);
    expect(expelled).toEqual([]);
    vi.advanceTimersByTime(2 * DOOR_LOOK_MS);
    expect([expelled, vi.getTimerCount()]).toEqual([['too-late'], 0]);
  });

  it('expels one for each that comes when it is full', () => {
    const { come, expelled, audited } = open();
    for (let count = 0; count < DOOR_SLOTS + 3; count++) come('127.0.0.1');
    expect([expelled, audited.length]).toEqual([['evicted', 'evicted', 'evicted'], 3]);
  });
});
