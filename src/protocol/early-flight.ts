import { type Frame, HEADER_BYTES } from '../framing/frame.ts';
import type { Greeting } from './hello.ts';
import { MAX_BEFORE_LOGIN_BYTES } from './limits.ts';

/**
 * What a client may send before the daemon's hello: behind a proven login a short request, behind offers nothing, and
 * everything where nobody logs in.
 */
export interface EarlyFlight {
  /** A frame of the handshake leaves. */
  count(frame: Frame): void;
  /** The next frame of the channels; null when there is none, or it has to wait for the hello. */
  pollFrame(isGreeting: boolean): Frame | null;
}

/** @param next gives the next frame of the channels, which can't be put back there */
export function createEarlyFlight(greeting: Greeting, next: () => Frame | null): EarlyFlight {
  let leftBytes = firstBudget(greeting);
  let held: Frame | null = null;

  function count(frame: Frame): void {
    leftBytes -= HEADER_BYTES + frame.payload.length;
  }

  return {
    count,
    pollFrame(isGreeting) {
      const frame = held ?? next();
      held = null;
      if (frame === null || !isGreeting) return frame;
      count(frame);
      if (leftBytes >= 0) return frame;
      // From here on everything waits, so that nothing overtakes.
      held = frame;
      leftBytes = Number.NEGATIVE_INFINITY;
      return null;
    },
  };
}

function firstBudget(greeting: Greeting): number {
  if (greeting.role === 'daemon' || greeting.login === undefined) return Number.POSITIVE_INFINITY;
  return 'offers' in greeting.login ? Number.NEGATIVE_INFINITY : MAX_BEFORE_LOGIN_BYTES;
}
