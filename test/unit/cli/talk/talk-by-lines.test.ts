import { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createMessages, PLAIN_MESSAGES } from '../../../../src/cli/output/messages.ts';
import type { Conversation, ShownLine } from '../../../../src/cli/talk/conversation.ts';
import { talkByLines } from '../../../../src/cli/talk/talk-by-lines.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';

const HELLO: ShownLine = { text: 'hello', atMs: 0, kind: 'said', isMention: false };
const never = (): Promise<never> => new Promise(() => undefined);
const CLOSED = new RexaError('CLOSED', ['conversation']);

/** A conversation whose lines are these; it is over after them, or goes on. */
function converse(type: Conversation['type'], end: 'over' | 'goes-on'): Conversation {
  async function* lines(): AsyncGenerator<ShownLine> {
    yield HELLO;
    if (end === 'goes-on') await never();
  }
  return { lines: lines(), name: 'alice', names: new Set(), type, finish() {}, leave() {} };
}

function join(conversation: Conversation, input: Readable, write: () => Promise<void>) {
  const signals = new EventEmitter();
  let said = '';
  const messages = createMessages(PLAIN_MESSAGES, (text) => {
    said += text;
    return true;
  });
  const stdout = { write };
  const status = talkByLines(conversation, { input, stdout, signals, messages, log: () => undefined });
  return { signals, status, said: () => said };
}

describe('a conversation without a terminal', () => {
  it.each<[string, Conversation['type'], () => Promise<void>]>([
    ['what is to be sent waits', never, () => Promise.resolve()],
    ['the reader of stdout does not read', () => Promise.resolve(null), never],
  ])('ends with the first signal, also while %s', async (_what, type, write) => {
    const { signals, status } = join(converse(type, 'goes-on'), Readable.from([Buffer.from('hi\n')]), write);
    signals.emit('SIGINT');
    expect(await status).toBe(130);
  });

  it.each<[string, string, number]>([
    ['125 if a line of the input was read and not sent', 'hi\n', 125],
    ['0 if all that was read of an input without end was sent', '', 0],
  ])('that is over exits with %s', async (_what, read, expected) => {
    const input = new PassThrough();
    input.write(read);
    const { status, said } = join(
      converse(() => Promise.reject(CLOSED), 'over'),
      input,
      () => Promise.resolve(),
    );
    expect(await status).toBe(expected);
    if (expected !== 0) expect(said()).toContain('line 1 of the input');
  });
});
