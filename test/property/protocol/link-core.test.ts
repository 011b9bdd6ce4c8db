import { describe, expect, it } from 'vitest';
import { FRAME_TYPE, type Frame } from '../../../src/framing/frame.ts';
import { encodeAck } from '../../../src/protocol/ack-frame.ts';
import { MAX_UNACKNOWLEDGED_BYTES } from '../../../src/protocol/limits.ts';
import { createLinkCore, type LinkCore } from '../../../src/protocol/link-core.ts';
import { isNumbered } from '../../../src/protocol/replay.ts';
import { createReplay } from '../../../src/protocol/resumable-replay.ts';
import { frame } from '../../fixtures/framing/frames.ts';
import { codeOf } from '../../fixtures/protocol/error-code.ts';

const LAST_WORD = { error: { message: 'x'.repeat(4 * 1024 * 1024) } };
/** So many last words are more than a daemon keeps for a peer that acknowledges nothing. */
const TOO_MANY = Math.ceil(MAX_UNACKNOWLEDGED_BYTES / (4 * 1024 * 1024));

function takeFrames(core: LinkCore): Frame[] {
  const frames: Frame[] = [];
  for (let next = core.pollFrame(); next !== null; next = core.pollFrame()) frames.push(next);
  return frames;
}

/** A client opens a channel, and is told a long last word on it. @returns how many numbered frames that took */
function askOnce(core: LinkCore, channel: number): number {
  core.handleFrame(frame(FRAME_TYPE.open, channel, '{}'));
  const opened = core.mux.pollEvent();
  if (opened?.kind !== 'opened') throw new Error('the channel was not opened');
  core.mux.close(opened.channel, LAST_WORD);
  const sent = takeFrames(core).filter(isNumbered).length;
  core.handleFrame(frame(FRAME_TYPE.close, channel, '{}'));
  core.mux.pollEvent();
  return sent;
}

describe('a daemon', () => {
  it('loses a client that asks on and acknowledges nothing', () => {
    const core = createLinkCore('daemon', undefined, createReplay());
    const asked = codeOf(() => {
      for (let index = 0; index <= TOO_MANY; index++) askOnce(core, 1 + 2 * index);
    });
    expect(asked).toBe('ACKS_MISSING');
  });

  it('answers one that acknowledges for ever', () => {
    const core = createLinkCore('daemon', undefined, createReplay());
    let sent = 0;
    for (let index = 0; index <= 2 * TOO_MANY; index++) {
      sent += askOnce(core, 1 + 2 * index);
      core.handleFrame(encodeAck(sent));
    }
    expect(core.keptBytes).toBe(0);
  });
});
