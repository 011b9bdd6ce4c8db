/** The life of a channel, at either end. Everything that decides what may be sent and taken on it is in this file. */
export type ChannelState = 'open' | 'closing' | 'closed-by-peer' | 'closed';

/** What happens to a channel: this end sends its close, or the peer's arrives. */
export type ChannelStep = 'close-sent' | 'close-received';

const NEXT: Record<ChannelState, Record<ChannelStep, ChannelState | null>> = {
  open: { 'close-sent': 'closing', 'close-received': 'closed-by-peer' },
  closing: { 'close-sent': null, 'close-received': 'closed' },
  'closed-by-peer': { 'close-sent': 'closed', 'close-received': null },
  closed: { 'close-sent': null, 'close-received': null },
};

/** The state after a step, or null where the step has no place. */
export function nextChannelState(state: ChannelState, step: ChannelStep): ChannelState | null {
  return NEXT[state][step];
}
