import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { splitLines, TOO_LONG } from '../../runtime/split-lines.ts';
import { MAX_TALK_TEXT_BYTES } from '../../services/limits.ts';
import { escapeSaid } from '../../services/talk/escape-messages.ts';
import { fitHistory } from '../../services/talk/fit-history.ts';
import type { Hub, Member } from '../../services/talk/hub.ts';
import type { TalkMessage } from '../../services/talk/messages.ts';
import { createOutlet } from '../../services/talk/outlet.ts';
import type { Who } from '../../services/talk/room.ts';
import { formatTalk, readTyped } from '../../services/talk/text-messages.ts';
import { TALK_LAST_WORDS_MS } from '../limits.ts';
import type { PlainSession } from './listen-plain.ts';

/** What a browser or another client of HTTP begins with, and a client of TLS. */
const HTTP = /^[A-Z]{3,16} \S+ HTTP\/\d/;
const TLS_HANDSHAKE = 0x16;

const HELP = '/nick NAME changes it, /me TEXT says what you do, /who lists all, /quit leaves';

/** What the log and the audit are told. */
export interface TalkPeerReport {
  handleEntered(name: string): void;
  handleLeft(reason: string | null): void;
  /** The connection was closed for what it sent. */
  handleRefused(error: RexaError): void;
}

/** Serves a peer that speaks plain lines, until its connection is closed. */
export function serveTalkPeer(socket: Socket, who: Who, hub: Hub, report: TalkPeerReport): PlainSession {
  const closed = new Promise<void>((resolve) => {
    socket.once('close', resolve);
  });
  let reason: string | null = null;
  /** Already while it enters something can end it. */
  let own: Member | null = null;
  const outlet = createOutlet(socket, () => {
    if (own !== null) hub.handleProgress(own);
  });
  const { history } = hub.room;

  const member = hub.enter(who, (seat) => {
    outlet.greet(encodeNotice(`you are ${seat.name}; ${HELP}`));
    for (const message of fitHistory(history, showMessage))
      outlet.greet(Buffer.from(`${showMessage(message)}\n`));
    own = {
      seat,
      outlet,
      deliver: ({ plain }) => outlet.send(plain),
      encodeNotice,
      cut: leaveWith,
      close: end,
    };
    return own;
  });
  report.handleEntered(member.seat.name);

  function notify(sentence: string): void {
    hub.tell(member, encodeNotice(sentence));
  }

  /** Its last words are behind what the system has already; it may never read them. */
  function leaveWith(error: RexaError): void {
    reason = error.message;
    outlet.drop();
    socket.end(`[rexa] ${escapeSaid(error.message)}\n`);
    // The system resets a connection that is closed with unread bytes, and what was written is lost
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), TALK_LAST_WORDS_MS);
    socket.once('close', () => clearTimeout(timer));
  }

  async function end(): Promise<void> {
    await outlet.flush();
    socket.end();
  }

  async function hear(): Promise<void> {
    try {
      let isFirst = true;
      for await (const line of splitLines(refuseTls(socket), MAX_TALK_TEXT_BYTES)) {
        await hub.ready(member);
        if (!hub.has(member)) return;
        const text = readLine(line, isFirst);
        isFirst = false;
        if (text !== null) take(text);
      }
      await hub.ready(member);
      if (!hub.has(member)) return;
      hub.finish(member);
      await end();
    } catch (error) {
      // What goes wrong with a connection concerns its peer alone
      if (!(error instanceof RexaError)) return;
      report.handleRefused(error);
      hub.leave(member, null);
      leaveWith(error);
    }
  }

  /** Null: it is not said, and its speaker is told why. @throws RexaError TALK_PEER_REFUSED, TALK_LINE_TOO_LONG */
  function readLine(line: Buffer | typeof TOO_LONG, isFirst: boolean): string | null {
    if (line === TOO_LONG) throw new RexaError('TALK_LINE_TOO_LONG', [MAX_TALK_TEXT_BYTES]);
    if (isFirst && HTTP.test(line.toString('latin1'))) throw new RexaError('TALK_PEER_REFUSED', ['is HTTP']);
    if (isUtf8(line)) return line.toString().replace(/\r$/, '');
    notify('this line is not UTF-8, and was not said');
    return null;
  }

  function take(line: string): void {
    const typed = readTyped(line);
    switch (typed.kind) {
      case 'say':
      case 'act':
        return hub.say(member, typed.kind, typed.text);
      case 'nick':
        try {
          return hub.rename(member, typed.name);
        } catch (error) {
          return notify((error as Error).message);
        }
      case 'who':
        return notify(`here: ${[...hub.room.seats].map(({ name }) => name).join(', ')}`);
      case 'quit':
        hub.leave(member, null);
        return void end();
      case 'help':
        return notify(`you are ${member.seat.name}; ${HELP}`);
      case 'unknown':
        return notify(`unknown command ${typed.word}; // begins a text with /`);
      default:
        return typed satisfies never;
    }
  }

  void hear();
  return {
    ended: closed.then(() => {
      hub.leave(member, null);
      report.handleLeft(reason);
    }),
    shutDown() {
      hub.leave(member, null);
      leaveWith(new RexaError('TALK_CLOSED', ['the daemon is shutting down']));
    },
    reset: () => socket.destroy(),
  };
}

function encodeNotice(sentence: string): Buffer {
  return Buffer.from(`[rexa] ${escapeSaid(sentence)}\n`);
}

function showMessage(message: TalkMessage): string {
  return escapeSaid(formatTalk(message));
}

/** The hello of TLS has no line end that could be waited for. @throws RexaError TALK_PEER_REFUSED */
async function* refuseTls(socket: Socket): AsyncGenerator<Buffer> {
  let isFirst = true;
  // The reason for an end is still written
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (isFirst && chunk[0] === TLS_HANDSHAKE) throw new RexaError('TALK_PEER_REFUSED', ['is a TLS hello']);
    isFirst = false;
    yield chunk;
  }
}
