import type { OpenHost } from '../../client/host.ts';
import { readHostName } from '../../client/host-name.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { DEFAULT_ROOM } from '../../services/talk/messages.ts';
import { withHost } from '../host/with-host.ts';
import type { Messages } from '../output/messages.ts';
import { openStandardInput, openStandardSink } from '../output/standard-streams.ts';
import type { TALK_COMMAND } from '../tables/talk.ts';
import type { Conversation } from '../talk/conversation.ts';
import { createHostConversation } from '../talk/host-conversation.ts';
import { talkByLines } from '../talk/talk-by-lines.ts';
import { type LogLine, openTalkLog } from '../talk/talk-log.ts';

/** `rexa talk`: a room of a daemon, or a conversation with one other. */
export async function run({
  values,
  operands,
}: ParsedWords<(typeof TALK_COMMAND)['options']>): Promise<number> {
  const [called, place = DEFAULT_ROOM] = operands;
  if (called === undefined) throw usageError('a HOST is missing: rexa talk HOST [ROOM]');
  const log = openTalkLog(values.log);
  return withHost(readHostName(called), values, async (host, messages) =>
    join(await enter(host, place), messages, log),
  );
}

/** @throws RexaError what the daemon refused with, USAGE */
async function enter(host: OpenHost, place: string): Promise<Conversation> {
  const talk = await host.talk(place.startsWith('@') ? { with: place.slice(1) } : { room: place });
  return createHostConversation(talk, place);
}

function join(conversation: Conversation, messages: Messages, log: LogLine): Promise<number> {
  const stdout = openStandardSink(1);
  return talkByLines(conversation, { input: openStandardInput(), stdout, signals: process, messages, log });
}
