/** What can become of a run. Exactly one of these is told for each; none but `lost` is a guess. */
export type OutcomeName =
  | 'exited'
  | 'signaled'
  | 'timed-out'
  | 'canceled'
  | 'not-started'
  | 'denied'
  | 'unreachable'
  | 'lost';
