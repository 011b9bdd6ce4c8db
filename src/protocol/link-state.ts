/** The life of a link, at either end. Everything that decides what a link may do is in this file. */
export type LinkState = 'greeting' | 'open' | 'leaving' | 'left' | 'over';

/** What happens to a link. */
export type LinkStep = 'peer-hello' | 'own-goodbye' | 'peer-goodbye' | 'end';

const NEXT: Record<LinkState, Partial<Record<LinkStep, LinkState>>> = {
  greeting: { 'peer-hello': 'open', 'own-goodbye': 'leaving', 'peer-goodbye': 'left', end: 'over' },
  open: { 'own-goodbye': 'leaving', 'peer-goodbye': 'left', end: 'over' },
  leaving: { end: 'over' },
  left: { end: 'over' },
  over: {},
};

/** The state after a step, or null where the step has no place. */
export function nextLinkState(state: LinkState, step: LinkStep): LinkState | null {
  return NEXT[state][step] ?? null;
}
