/** The life of a connection, at either end. Everything that decides what it may do is in this file. */
export type ConnectionState =
  | 'greeting'
  | 'judging'
  | 'choosing'
  | 'attaching'
  | 'open'
  | 'leaving'
  | 'left'
  | 'over';

/** What happens to a connection. */
export type ConnectionStep =
  | 'peer-hello'
  | 'peer-login'
  | 'own-choice'
  | 'own-admission'
  | 'link-known'
  | 'own-goaway'
  | 'peer-goaway'
  | 'end';

const NEXT: Record<ConnectionState, Partial<Record<ConnectionStep, ConnectionState>>> = {
  greeting: {
    'peer-hello': 'attaching',
    'peer-login': 'judging',
    'own-goaway': 'leaving',
    'peer-goaway': 'left',
    end: 'over',
  },
  judging: { 'own-admission': 'attaching', 'own-choice': 'choosing', 'own-goaway': 'leaving', end: 'over' },
  choosing: { 'peer-login': 'judging', 'own-goaway': 'leaving', 'peer-goaway': 'left', end: 'over' },
  attaching: { 'link-known': 'open', 'own-goaway': 'leaving', 'peer-goaway': 'left', end: 'over' },
  open: { 'own-goaway': 'leaving', 'peer-goaway': 'left', end: 'over' },
  leaving: { end: 'over' },
  left: { end: 'over' },
  over: {},
};

const GREETING: readonly ConnectionState[] = ['greeting', 'judging', 'choosing', 'attaching'];

/** Whether neither side has left yet. */
export function isWorking(state: ConnectionState): boolean {
  return state === 'open' || isGreeting(state);
}

/** Whether it is not settled yet whether the two will talk at all, and on which link. */
export function isGreeting(state: ConnectionState): boolean {
  return GREETING.includes(state);
}

/** The state after a step, or null where the step has no place. */
export function nextConnectionState(state: ConnectionState, step: ConnectionStep): ConnectionState | null {
  return NEXT[state][step] ?? null;
}
