import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { RexaError } from '../../protocol/errors.ts';
import { splitLines, TOO_LONG } from '../../runtime/split-lines.ts';
import { MAX_TALK_TEXT_BYTES } from '../../services/limits.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED, statusOfSignal } from '../exit-status.ts';
import { isClosed } from '../host/report-failure.ts';
import type { ByteSink } from '../output/byte-sink.ts';
import type { Messages } from '../output/messages.ts';
import { type SignalSource, watchInterrupts } from '../run/interrupts.ts';
import type { Conversation, ShownLine } from './conversation.ts';
import type { LogLine } from './talk-log.ts';

/** What a conversation is joined to, where nobody sits at a terminal. */
export interface LineStreams {
  readonly input: Readable;
  readonly stdout: ByteSink;
  readonly signals: SignalSource;
  readonly messages: Messages;
  readonly log: LogLine;
}

/**
 * Sends the lines of the input and prints those of the conversation, until both are over.
 * @returns the exit status
 * @throws RexaError what ended the conversation
 */
export async function talkByLines(conversation: Conversation, streams: LineStreams): Promise<number> {
  const interrupted = Promise.withResolvers<number>();
  const stopWatching = watchInterrupts(streams.signals, (asked) =>
    interrupted.resolve(statusOfSignal(asked.kind === 'forward' ? asked.signal : asked.cause)),
  );
  const sending = send(conversation, streams);
  let status: number;
  try {
    // Neither what is to be sent nor the reader of stdout holds up a signal
    status = await Promise.race([show(conversation, streams), interrupted.promise]);
  } finally {
    stopWatching();
    conversation.leave();
  }
  return status === 0 ? explainUnsent(sending, streams) : status;
}

/** @returns the exit status, as far as it depends on what is shown */
async function show({ lines }: Conversation, { stdout, messages, log }: LineStreams): Promise<number> {
  for await (const line of lines) {
    log(line);
    if (line.kind === 'greeting') messages.debug(1, line.text);
    else if (line.kind === 'note') messages.warn(line.text);
    else if (!(await print(stdout, line))) return EXIT_STDOUT_CLOSED;
  }
  return 0;
}

/** Says what was read of the input and not sent. The input itself may have no end. */
async function explainUnsent(sending: Promise<RexaError | null>, { messages }: LineStreams): Promise<number> {
  // A line that waited, and those read with it, are refused now
  await new Promise(setImmediate);
  const refused = await Promise.race([sending, Promise.resolve(null)]);
  if (refused === null) return 0;
  messages.fail(refused.message);
  return EXIT_REXA_FAILED;
}

/** @returns false: the reader of stdout has closed it */
async function print(stdout: ByteSink, { text }: ShownLine): Promise<boolean> {
  try {
    await stdout.write(Buffer.from(`${text}\n`));
    return true;
  } catch (error) {
    if (isClosed(error as Error)) return false;
    throw error;
  }
}

/** Sends the input to its end, or to the first line that cannot be sent. @returns why not all of it; null: all */
async function send(conversation: Conversation, { input, messages }: LineStreams): Promise<RexaError | null> {
  let number = 0;
  try {
    for await (const line of splitLines(input, MAX_TALK_TEXT_BYTES)) {
      number++;
      const note = await conversation.type(readLine(line), false);
      if (note !== null) messages.warn(note);
    }
    return null;
  } catch (error) {
    return new RexaError('TALK_INPUT_REFUSED', [number, (error as Error).message], { cause: error });
  } finally {
    conversation.finish();
  }
}

/** @throws RexaError TALK_LINE_TOO_LONG, TALK_LINE_INVALID */
function readLine(line: Buffer | typeof TOO_LONG): string {
  if (line === TOO_LONG) throw new RexaError('TALK_LINE_TOO_LONG', [MAX_TALK_TEXT_BYTES]);
  if (!isUtf8(line)) throw new RexaError('TALK_LINE_INVALID', ['it is not UTF-8']);
  return line.toString().replace(/\r$/, '');
}
