/**
 * The life of a link, at either end, whatever connections carry it. Everything that decides what becomes of one is in this
 * file; docs/protocol.md, 8.
 */
export type LinkState = 'attached' | 'detached' | 'refused' | 'over';

/** What happens to a link. */
export type LinkStep =
  /** The connection that carried it has ended without a goaway. */
  | 'loss'
  /** Another connection carries it from now on; the one before, if it is still there, does not. */
  | 're-attachment'
  /** The peer has refused us, or does not have the link any more. */
  | 'refusal'
  /** One of the two has said goaway. */
  | 'farewell'
  /** Nobody waits any longer for a connection. */
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

/** The state after a step, or null where the step has no place. */
export function nextLinkState(state: LinkState, step: LinkStep): LinkState | null {
  return NEXT[state][step] ?? null;
}

/** Whether channels work on it, now or once it is attached again. */
export function isAlive(state: LinkState): boolean {
  return state === 'attached' || state === 'detached';
}
