/** The states of a connection, the same on both sides; docs/protocol.md, 3. */
export type ConnectionState =
  | 'greeting'
  | 'judging'
  | 'choosing'
  | 'attaching'
  | 'open'
  | 'leaving'
  | 'left'
  | 'over';

/** A transition of a connection. */
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

/** Returns whether neither side has sent GOAWAY. */
export function isWorking(state: ConnectionState): boolean {
  return state === 'open' || isGreeting(state);
}

/** Returns whether the handshake is still in progress. */
export function isGreeting(state: ConnectionState): boolean {
  return GREETING.includes(state);
}

/** Returns the state after a step; null if the step is not allowed. */
export function nextConnectionState(state: ConnectionState, step: ConnectionStep): ConnectionState | null {
  return NEXT[state][step] ?? null;
}
