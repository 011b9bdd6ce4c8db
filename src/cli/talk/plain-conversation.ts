import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { createPacedWriter } from '../../runtime/paced-writer.ts';
import { splitLines, TOO_LONG } from '../../runtime/split-lines.ts';
import { escapeSaid } from '../../services/talk/escape-messages.ts';
import { MAX_PLAIN_TALK_LINE_BYTES } from '../limits.ts';
import { type Conversation, mentions, type ShownLine } from './conversation.ts';

const CR = 0x0d;
const SAID = /^<(?<name>\S+)> (?<text>.*)$/;
const EVENT = /^\[(?<name>\S+)\] (?:(?<what>entered the room|left)|is now (?<to>\S+))/;
const OWN_NAME = /^\[rexa\] you are (?<name>\S+);/;

/**
 * Talks to a server of plain lines. What is typed is sent as it is, commands too: the server knows them. Names are those of
 * rexad's lines; another server may have none.
 */
export function createPlainConversation(socket: Socket, address: string): Conversation {
  const names = new Set<string>();
  let name: string | null = null;
  let state: 'here' | 'finished' | 'left' = 'here';
  const write = createPacedWriter(socket);
  let failure: Error | null = null;
  socket.on('error', (error) => {
    failure = error;
  });

  async function* readLines(): AsyncGenerator<ShownLine> {
    try {
      for await (const line of splitLines(socket, MAX_PLAIN_TALK_LINE_BYTES)) yield show(readLine(line));
      if (state === 'here') throw new RexaError('LINK_LOST', [address, 'the server closed it']);
    } catch (error) {
      if (state === 'left') return;
      const { message } = failure ?? (error as Error);
      throw error instanceof RexaError
        ? error
        : new RexaError('LINK_LOST', [address, message], { cause: error });
    } finally {
      socket.destroy();
    }
  }

  function show(line: string): ShownLine {
    follow(line);
    const { name: by, text } = SAID.exec(line)?.groups ?? {};
    const isMention = name !== null && by !== undefined && by !== name && mentions(text ?? '', name);
    return { text: escapeSaid(line), atMs: Date.now(), kind: 'said', isMention };
  }

  function follow(line: string): void {
    name = OWN_NAME.exec(line)?.groups?.['name'] ?? name;
    const { name: by, what, to } = EVENT.exec(line)?.groups ?? {};
    if (by === undefined) return;
    if (what === 'entered the room') names.add(by);
    else names.delete(by);
    if (to === undefined) return;
    names.add(to);
    if (by === name) name = to;
  }

  return {
    lines: readLines(),
    names,
    get name() {
      return name;
    },
    async type(line) {
      if (line.trim() === '/quit') state = 'finished';
      if (socket.writable) await write(`${line}\n`);
      return null;
    },
    finish() {
      if (state === 'here') state = 'finished';
      socket.end();
    },
    leave() {
      if (state === 'left') return;
      state = 'left';
      socket.destroy();
    },
  };
}

/** A server may write in any charset; only UTF-8 is shown. @throws RexaError TALK_LINE_INVALID */
function readLine(line: Buffer | typeof TOO_LONG): string {
  if (line === TOO_LONG) throw new RexaError('TALK_LINE_INVALID', ['it is too long']);
  if (!isUtf8(line)) throw new RexaError('TALK_LINE_INVALID', ['it is not UTF-8']);
  return line.toString('utf8', 0, line.at(-1) === CR ? line.length - 1 : line.length);
}
