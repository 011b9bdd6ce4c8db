import * as v from 'valibot';
import type { ChannelEnd } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import { parseJson } from '../../runtime/parse-json.ts';
import { splitLines, TOO_LONG } from '../../runtime/split-lines.ts';
import type { CallChannel } from '../call.ts';
import { MAX_TALK_LINE_BYTES, MAX_TALK_TEXT_BYTES, TALK_BUFFER_BYTES } from '../limits.ts';
import { fitHistory } from './fit-history.ts';
import { encodeEvent, type Hub, type Member } from './hub.ts';
import { type TalkEvent, type TalkLine, talkLineSchema } from './messages.ts';
import { createOutlet } from './outlet.ts';
import type { Who } from './room.ts';

/** How a member left, for the audit: null by itself. */
export type Departure = string | null;

/**
 * Serves a member over a channel until the channel ends.
 * @param handleEntered told of its name
 * @throws RexaError TALK_LINE_TOO_LONG, TALK_LINE_INVALID: its channel is to be closed with it
 */
export async function serveMember(
  channel: CallChannel,
  hub: Hub,
  who: Who,
  handleEntered: (name: string) => void,
): Promise<Departure> {
  channel.limitBuffers(TALK_BUFFER_BYTES);
  let taken = 0;
  let cutWith: RexaError | null = null;
  const { history } = hub.room;
  const member = hub.enter(who, (seat) => {
    const outlet = createOutlet(channel.output(0), () => hub.handleProgress(own));
    const names = [...hub.room.seats].map(({ name }) => name);
    const last = fitHistory(history, JSON.stringify);
    outlet.greet(encodeEvent({ kind: 'welcome', name: seat.name, members: names, history: last }));
    const own: Member = {
      seat,
      outlet,
      deliver: ({ json }) => outlet.send(json),
      encodeNotice,
      cut(error) {
        cutWith = error;
        const { code, message } = error;
        channel.abort({ error: { code, message } });
      },
      async close() {
        await outlet.flush();
        // What was written can be read to this end, whenever the last word comes
        channel.output(0).end();
        channel.close({ taken });
      },
    };
    return own;
  });
  handleEntered(member.seat.name);

  const heard = hear();
  const end = await Promise.race([channel.ended, heard.then(() => channel.ended)]);
  const reason = describeDeparture(end, cutWith);
  hub.leave(member, reason);
  return reason;

  /** Takes what it says until it says no more. @throws RexaError */
  async function hear(): Promise<void> {
    try {
      for await (const line of splitLines(channel.input(0), MAX_TALK_LINE_BYTES)) {
        await hub.ready(member);
        if (!hub.has(member)) return;
        taken++;
        take(readLine(line));
      }
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      // The channel, or its link, is over
      if (error.code === 'CLOSED') return;
      hub.leave(member, error.message);
      throw error;
    }
    await hub.ready(member);
    hub.finish(member);
    if (!hub.room.seats.has(member.seat)) member.close();
  }

  function take(line: TalkLine): void {
    switch (line.kind) {
      case 'say':
      case 'act':
        return hub.say(member, line.kind, line.text);
      case 'who':
        return hub.tell(member, encodeEvent(listMembers(hub)));
      case 'nick':
        try {
          return hub.rename(member, line.name);
        } catch (error) {
          return hub.tell(member, encodeNotice((error as Error).message));
        }
      default:
        return line satisfies never;
    }
  }
}

function encodeNotice(text: string): Buffer {
  return encodeEvent({ kind: 'notice', text });
}

function listMembers({ room }: Hub): TalkEvent {
  const members = [...room.seats].map(({ name, who }) => ({ name, principal: who.proof }));
  return { kind: 'members', members };
}

/** @throws RexaError TALK_LINE_TOO_LONG, TALK_LINE_INVALID */
function readLine(line: Buffer | typeof TOO_LONG): TalkLine {
  if (line === TOO_LONG) throw new RexaError('TALK_LINE_TOO_LONG', [MAX_TALK_TEXT_BYTES]);
  const read = v.safeParse(talkLineSchema, parseJson(line));
  if (!read.success) throw new RexaError('TALK_LINE_INVALID', [read.issues[0].message]);
  const said = read.output;
  if ('text' in said && Buffer.byteLength(said.text) > MAX_TALK_TEXT_BYTES)
    throw new RexaError('TALK_LINE_TOO_LONG', [MAX_TALK_TEXT_BYTES]);
  return said;
}

function describeDeparture(end: ChannelEnd, cutWith: RexaError | null): Departure {
  if (cutWith !== null) return cutWith.message;
  return end.kind === 'link-ended' && end.end.kind !== 'goaway' ? 'connection lost' : null;
}
