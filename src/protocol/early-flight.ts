import { type Frame, HEADER_BYTES } from '../framing/frame.ts';
import type { Greeting } from './hello.ts';
import { MAX_BEFORE_LOGIN_BYTES } from './limits.ts';

/**
 * Limits what a client sends before the daemon's hello: a short request after a login with proof, nothing after offers, and
 * anything if no login is needed.
 */
export interface EarlyFlight {
  /** Counts a frame of the handshake that is sent. */
  count(frame: Frame): void;
  /** Returns the next frame of the channels; null if there is none, or if it has to wait for the hello. */
  pollFrame(isGreeting: boolean): Frame | null;
}

/** @param next returns the next frame of the channels, which cannot be put back */
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
      // All further frames wait too, to keep their order.
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
