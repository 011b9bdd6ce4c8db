import { isatty } from 'node:tty';
import { connectLoopback } from '../../client/connect-loopback.ts';
import type { OpenHost } from '../../client/host.ts';
import { readHostName } from '../../client/host-name.ts';
import type { Parsed, ValuesOf } from '../../command-line/command-spec.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { DEFAULT_ROOM } from '../../services/talk/messages.ts';
import { parseTalkAddress, showTalkAddress, type TalkAddress } from '../../transports/listen-address.ts';
import { withHost } from '../host/with-host.ts';
import { createMessages, type Messages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { openStandardInput, openStandardSink, standardTerminal } from '../output/standard-streams.ts';
import type { TALK_COMMAND } from '../tables/talk.ts';
import type { Conversation } from '../talk/conversation.ts';
import { createHostConversation } from '../talk/host-conversation.ts';
import { createPlainConversation } from '../talk/plain-conversation.ts';
import { talkByLines } from '../talk/talk-by-lines.ts';
import { type LogLine, openTalkLog } from '../talk/talk-log.ts';
import { talkOnTerminal } from '../talk/talk-on-terminal.ts';

type Values = ValuesOf<typeof TALK_COMMAND>;

/** `rexa talk`: a room of a daemon, or a conversation with one other. */
export async function run({ values, operands }: Parsed<typeof TALK_COMMAND>): Promise<number> {
  const [called, place = DEFAULT_ROOM] = operands;
  if (called === undefined) throw usageError('a HOST is missing: rexa talk HOST [ROOM]');
  const log = openTalkLog(values.log);
  if (called.startsWith('talk://')) {
    if (operands.length > 1) throw usageError('a talk:// server has one room: rexa talk talk://HOST:PORT');
    return talkPlainly(parseTalkAddress(called), values, log);
  }
  return withHost(readHostName(called), values, async (host, messages) =>
    join(await enter(host, place), messages, log, values),
  );
}

/** Talks to a server of plain lines: rexad, or any other. */
async function talkPlainly(address: TalkAddress, values: Values, log: LogLine): Promise<number> {
  const messages = createMessages(values);
  try {
    const timeoutMs = values['connect-timeout'] ?? DEFAULT_CONNECT_TIMEOUT_MS;
    const socket = await connectLoopback('talk', address.host, address.port, timeoutMs);
    return await join(createPlainConversation(socket, showTalkAddress(address)), messages, log, values);
  } catch (error) {
    return reportError(error, messages);
  }
}

/** @throws RexaError what the daemon refused with, USAGE */
async function enter(host: OpenHost, place: string): Promise<Conversation> {
  const talk = await host.talk(place.startsWith('@') ? { with: place.slice(1) } : { room: place });
  return createHostConversation(talk, place);
}

function join(
  conversation: Conversation,
  messages: Messages,
  log: LogLine,
  { color }: Pick<Values, 'color'>,
): Promise<number> {
  const terminal = isatty(0) && process.env['TERM'] !== 'dumb' ? standardTerminal(1) : null;
  if (terminal !== null) {
    const hasColors = color === undefined || color === 'auto' ? terminal.hasColors() : color === 'always';
    return talkOnTerminal(conversation, {
      input: process.stdin,
      terminal,
      hasColors,
      isQuiet: messages.isQuiet,
      signals: process,
      log,
    });
  }
  const stdout = openStandardSink(1);
  return talkByLines(conversation, { input: openStandardInput(), stdout, signals: process, messages, log });
}
