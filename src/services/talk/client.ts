import * as v from 'valibot';
import { readAnswer } from '../../client/ask.ts';
import type { AskedHost } from '../../client/asked-host.ts';
import { describeEnd } from '../../client/describe-end.ts';
import type { LinkChannel } from '../../link/channel.ts';
import { RexaError } from '../../protocol/errors.ts';
import { createPacedWriter } from '../../runtime/paced-writer.ts';
import { parseJson } from '../../runtime/parse-json.ts';
import { splitLines, TOO_LONG } from '../../runtime/split-lines.ts';
import { MAX_TALK_EVENT_BYTES, MAX_TALK_TEXT_BYTES, TALK_BUFFER_BYTES } from '../limits.ts';
import type { Talk, TalkHost, TalkOptions } from './client-types.ts';
import {
  DEFAULT_ROOM,
  type TalkEvent,
  type TalkLine,
  talkEndSchema,
  talkEventSchema,
  talkRequestSchema,
} from './messages.ts';

/** Gives a host its conversations. */
export function hostTalk(host: AskedHost): TalkHost {
  return { talk: (options) => enter(host, options) };
}

async function enter(host: AskedHost, options: TalkOptions = {}): Promise<Talk> {
  const channel = host.link.open(readRequest(options), [0]);
  channel.limitBuffers(TALK_BUFFER_BYTES);
  const events = readEvents(channel, host.address);
  const first = await events.next();
  if (first.done || first.value.kind !== 'welcome') throw await explainEnd(channel, host.address);
  return createTalk(channel, host.address, first.value, events);
}

/** @throws RexaError USAGE */
function readRequest(options: TalkOptions): v.InferOutput<typeof talkRequestSchema> {
  const asked = 'with' in options ? { with: options.with } : { room: options.room ?? DEFAULT_ROOM };
  const read = v.safeParse(talkRequestSchema, { service: 'talk', ...asked });
  if (read.success) return read.output;
  throw new RexaError('USAGE', [describeIssue(read.issues[0])]);
}

/** The alternatives of a union have issues of their own. */
function describeIssue(issue: v.BaseIssue<unknown>): string {
  const deeper = issue.issues?.find(({ type }) => type === 'regex');
  return deeper?.message ?? issue.message;
}

type Welcome = Extract<TalkEvent, { kind: 'welcome' }>;

function createTalk(
  channel: LinkChannel,
  address: string,
  welcome: Welcome,
  events: AsyncGenerator<TalkEvent>,
): Talk {
  const output = channel.output(0);
  let sent = 0;
  let name = welcome.name;
  let state: 'talking' | 'finished' | 'left' | 'over' = 'talking';
  const write = createPacedWriter(output);
  void channel.ended.then(() => {
    if (state !== 'left') state = 'over';
  });

  /** Resolves at once where there is room. What is not counted in `sent` is refused. */
  function send(line: TalkLine): Promise<void> {
    if (state !== 'talking' || output.destroyed)
      return Promise.reject(new RexaError('CLOSED', ['conversation']));
    sent++;
    return write(`${JSON.stringify(line)}\n`);
  }

  function sendText(kind: 'say' | 'act', text: string): Promise<void> {
    if (Buffer.byteLength(text) > MAX_TALK_TEXT_BYTES)
      return Promise.reject(new RexaError('TALK_LINE_TOO_LONG', [MAX_TALK_TEXT_BYTES]));
    return send({ kind, text });
  }

  function leave(how: 'close' | 'abort'): void {
    if (state !== 'over') state = 'left';
    channel[how]({});
  }

  async function* iterate(): AsyncGenerator<TalkEvent> {
    yield welcome;
    for await (const event of events) {
      if (event.kind === 'renamed' && event.name === name) name = event.to;
      yield event;
    }
    if (state !== 'left') await checkTaken();
  }

  /** @throws RexaError what ended it, TALK_INCOMPLETE */
  async function checkTaken(): Promise<void> {
    const end = await channel.ended;
    channel.close({});
    if (end.kind === 'link-ended') throw describeEnd(end.end, address);
    const { taken } = readAnswer(talkEndSchema, end.last);
    if (taken < sent) throw new RexaError('TALK_INCOMPLETE', [sent - taken]);
  }

  return {
    get name() {
      return name;
    },
    say: (text) => sendText('say', text),
    act: (text) => sendText('act', text),
    rename: (wanted) => send({ kind: 'nick', name: wanted }),
    who: () => send({ kind: 'who' }),
    finish() {
      if (state !== 'talking') return;
      state = 'finished';
      output.end();
    },
    leave: () => leave('close'),
    abort: () => leave('abort'),
    [Symbol.asyncIterator]: iterate,
    async [Symbol.asyncDispose]() {
      leave('close');
      await channel.ended;
    },
  };
}

/** @throws RexaError CONTROL_WRONG_SHAPE. The end of the channel ends it, whatever the reason. */
async function* readEvents(channel: LinkChannel, address: string): AsyncGenerator<TalkEvent, void> {
  try {
    for await (const line of splitLines(channel.input(0), MAX_TALK_EVENT_BYTES)) yield readEvent(line);
  } catch (error) {
    if (error instanceof RexaError && error.code === 'CLOSED') return;
    channel.abort({});
    throw error instanceof RexaError ? error : new RexaError('LINK_LOST', [address, String(error)]);
  }
}

/** @throws RexaError CONTROL_WRONG_SHAPE */
function readEvent(line: Buffer | typeof TOO_LONG): TalkEvent {
  const read = v.safeParse(talkEventSchema, line === TOO_LONG ? null : parseJson(line));
  if (read.success) return read.output;
  throw new RexaError('CONTROL_WRONG_SHAPE', ['talk', read.issues[0].message]);
}

/** Why a conversation was not entered. */
async function explainEnd(channel: LinkChannel, address: string): Promise<RexaError> {
  const end = await channel.ended;
  if (end.kind === 'link-ended') return describeEnd(end.end, address);
  try {
    readAnswer(talkEndSchema, end.last);
    return new RexaError('CLOSED', ['conversation']);
  } catch (error) {
    return error as RexaError;
  }
}
