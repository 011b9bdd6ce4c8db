/**
 * The states of a link, the same on both sides, independent of the connections that carry it; docs/protocol.md, 8.
 */
export type LinkState = 'attached' | 'detached' | 'refused' | 'over';

/** A transition of a link. */
export type LinkStep =
  /** The connection that carried it ended without GOAWAY. */
  | 'loss'
  /** Another connection carries it from now on and replaces the previous one. */
  | 're-attachment'
  /** The peer refused this side, or does not have the link any more. */
  | 'refusal'
  /** One side sent GOAWAY. */
  | 'farewell'
  /** The time limit for reconnecting has passed. */
  | 'giving-up';

const NEXT: Record<LinkState, Partial<Record<LinkStep, LinkState>>> = {
  attached: {
    loss: 'detached',
    're-attachment': 'attached',
    refusal: 'refused',
    farewell: 'over',
    'giving-up': 'over',
  },
  detached: { 're-attachment': 'attached', refusal: 'refused', farewell: 'over', 'giving-up': 'over' },
  refused: {},
  over: {},
};

/** Returns the state after a step; null if the step is not allowed. */
export function nextLinkState(state: LinkState, step: LinkStep): LinkState | null {
  return NEXT[state][step] ?? null;
}

/** Returns whether its channels work, now or after a reattachment. */
export function isAlive(state: LinkState): boolean {
  return state === 'attached' || state === 'detached';
}
