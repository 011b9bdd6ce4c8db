import type { Socket } from 'node:net';
import { showEndpoint } from '../../auth/principal.ts';
import { MAX_BEFORE_LOGIN_BYTES } from '../../protocol/limits.ts';
import type { Log } from '../../runtime/log.ts';
import type { Audit } from '../audit/audit.ts';
import { DOOR_LOOK_MS, MAX_SECURED_BYTES } from '../limits.ts';
import { createDoor, type Departure, type Stage, type VisitorId } from './door.ts';

/** Why the door closes a connection that would have stayed. */
export type Expulsion = 'evicted' | 'too-late' | 'too-much' | 'closing';

/** A connection on its way to a login. */
export interface Visit {
  advance(stage: Stage): void;
  /** It has logged in, or its socket is closed. What is said first counts. */
  leave(how: Departure): void;
}

/** The door of one listener, with sockets and a clock. */
export interface Reception {
  /**
   * Gives a new connection its slot; null, and closed, where its source is shut out.
   * @param expel is called when it has to go: its sockets are to be closed at once
   */
  receive(socket: Socket, expel: (why: Expulsion) => void): Visit | null;
  /** Closes the connections that have not logged in: the listener is closed. */
  close(): void;
}

interface Guest {
  readonly socket: Socket;
  readonly source: string;
  readonly expel: (why: Expulsion) => void;
  /** What may come through its socket before its login, TLS's own messages included. */
  mostBytes: number;
}

export function createReception({ log, audit }: { readonly log: Log; readonly audit: Audit }): Reception {
  const door = createDoor();
  const guests = new Map<VisitorId, Guest>();
  let timer: NodeJS.Timeout | null = null;

  function expel(id: VisitorId, why: Expulsion): void {
    const guest = guests.get(id);
    guests.delete(id);
    if (guest === undefined) return;
    audit.turnAway({ source: guest.source, reason: why });
    guest.expel(why);
  }

  function look(): void {
    const nowMs = performance.now();
    for (const [id, { socket, mostBytes }] of guests) {
      if (socket.bytesRead <= mostBytes) continue;
      door.leave(id, 'nonsense', nowMs);
      expel(id, 'too-much');
    }
    for (const id of door.expire(nowMs)) expel(id, 'too-late');
    reportShutOuts(nowMs);
    if (guests.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  function reportShutOuts(nowMs: number): void {
    for (let each = door.pollShutOut(); each !== null; each = door.pollShutOut()) {
      const seconds = Math.round((each.untilMs - nowMs) / 1000);
      log.warn('a source is shut out for a while: too many of its connections came to nothing', {
        source: each.source,
        seconds,
      });
      audit.turnAway({ source: each.source, reason: 'shut-out', seconds });
    }
  }

  return {
    receive(socket, expelGuest) {
      const { remoteAddress, remotePort } = socket;
      const knock = door.knock(remoteAddress ?? '', performance.now());
      if (knock.kind === 'shut-out') {
        socket.destroy();
        return null;
      }
      if (knock.evicted !== null) expel(knock.evicted, 'evicted');
      const id = knock.visitor;
      const guest: Guest = {
        socket,
        source: showEndpoint({ address: remoteAddress ?? '', port: remotePort ?? 0 }),
        expel: expelGuest,
        mostBytes: MAX_BEFORE_LOGIN_BYTES,
      };
      guests.set(id, guest);
      // What has come while this process stood still is read before anybody is found too late
      timer ??= setInterval(() => setImmediate(look), DOOR_LOOK_MS);
      return {
        advance(stage) {
          guest.mostBytes = MAX_SECURED_BYTES;
          door.advance(id, stage, performance.now());
        },
        leave(how) {
          // Its own doing, and no decision: a client that does not trust our key, a scanner, a health check
          if (guests.delete(id) && how === 'left')
            log.info('a connection ended before its login', { source: guest.source });
          door.leave(id, how, performance.now());
          reportShutOuts(performance.now());
        },
      };
    },
    close() {
      for (const id of guests.keys()) expel(id, 'closing');
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
