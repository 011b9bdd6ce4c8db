/** The life of a link, at either end. Everything that decides what a link may do is in this file. */
export type LinkState = 'greeting' | 'judging' | 'choosing' | 'open' | 'leaving' | 'left' | 'over';

/** What happens to a link. */
export type LinkStep =
  | 'peer-hello'
  | 'peer-login'
  | 'own-choice'
  | 'own-admission'
  | 'own-goodbye'
  | 'peer-goodbye'
  | 'end';

const NEXT: Record<LinkState, Partial<Record<LinkStep, LinkState>>> = {
  greeting: {
    'peer-hello': 'open',
    'peer-login': 'judging',
    'own-goodbye': 'leaving',
    'peer-goodbye': 'left',
    end: 'over',
  },
  judging: { 'own-admission': 'open', 'own-choice': 'choosing', 'own-goodbye': 'leaving', end: 'over' },
  choosing: { 'peer-login': 'judging', 'own-goodbye': 'leaving', 'peer-goodbye': 'left', end: 'over' },
  open: { 'own-goodbye': 'leaving', 'peer-goodbye': 'left', end: 'over' },
  leaving: { end: 'over' },
  left: { end: 'over' },
  over: {},
};

const GREETING: readonly LinkState[] = ['greeting', 'judging', 'choosing'];

/** Whether neither side has left yet. */
export function isWorking(state: LinkState): boolean {
  return state === 'open' || isGreeting(state);
}

/** Whether it is not settled yet whether the two will talk at all. */
export function isGreeting(state: LinkState): boolean {
  return GREETING.includes(state);
}

/** The state after a step, or null where the step has no place. */
export function nextLinkState(state: LinkState, step: LinkStep): LinkState | null {
  return NEXT[state][step] ?? null;
}
