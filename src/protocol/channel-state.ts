/** The states of a channel, the same on both sides. They determine what may be sent and received on it. */
export type ChannelState = 'open' | 'closing' | 'closed-by-peer' | 'closed';

/** A transition: this side sends its close, or the peer's arrives. */
export type ChannelStep = 'close-sent' | 'close-received';

const NEXT: Record<ChannelState, Record<ChannelStep, ChannelState | null>> = {
  open: { 'close-sent': 'closing', 'close-received': 'closed-by-peer' },
  closing: { 'close-sent': null, 'close-received': 'closed' },
  'closed-by-peer': { 'close-sent': 'closed', 'close-received': null },
  closed: { 'close-sent': null, 'close-received': null },
};

/** Returns the state after a step; null if the step is not allowed. */
export function nextChannelState(state: ChannelState, step: ChannelStep): ChannelState | null {
  return NEXT[state][step];
}
