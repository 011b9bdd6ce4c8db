import { MAX_TALK_HISTORY_BYTES } from '../limits.ts';
import type { TalkMessage } from './messages.ts';

/**
 * Returns the last lines of a room, as many as a new member gets at once.
 * @param encode the form in which it gets them, which their bytes are counted in
 */
export function fitHistory(
  history: readonly TalkMessage[],
  encode: (message: TalkMessage) => string,
): TalkMessage[] {
  let leftBytes = MAX_TALK_HISTORY_BYTES;
  const firstThatFits = history.findLastIndex((message) => {
    leftBytes -= Buffer.byteLength(encode(message));
    return leftBytes < 0;
  });
  return history.slice(firstThatFits + 1);
}
