import type { Writable } from 'node:stream';
import type { SessionMode, SessionView } from '../../protocol/session.ts';
import type { CallChannel } from '../../services/call.ts';
import { MAX_SESSION_COLUMNS, MAX_SESSION_ROWS } from '../limits.ts';
import { createFeed, type Feed } from './feed.ts';
import type { ClientSize } from './paint-frame.ts';
import type { Screen } from './screen.ts';

/** How a client joins a session. */
export interface JoiningClient {
  readonly channel: CallChannel;
  /** Whose it is. */
  readonly principal: string;
  /** Its name for others; text from elsewhere. */
  readonly who: string;
  readonly mode: SessionMode;
  readonly size: ClientSize;
  readonly historyLines: number;
}

/** One client of a session. */
export interface SessionClient {
  readonly principal: string;
  readonly who: string;
  readonly mode: SessionMode;
  readonly size: ClientSize;
  readonly sinceMs: number;
  readonly feed: Feed;
  readonly channel: CallChannel;
}

/** The clients of one session. */
export interface SessionClients {
  readonly count: number;
  /** The size that the session should have: the smallest of those who drive it; null: nobody drives it. */
  readonly wantedSize: ClientSize | null;
  join(joining: JoiningClient): SessionClient;
  leave(client: SessionClient): void;
  /** Its terminal has another size. */
  resize(client: SessionClient, size: ClientSize): void;
  /** Sends the whole screen to all of them. */
  restartAll(): void;
  take(bytes: Uint8Array): void;
  /** Tells all but one of them what the session is now. */
  report(session: SessionView, but?: SessionClient): void;
  /** Those of a principal. */
  of(principal: string): readonly SessionClient[];
  describe(): SessionView['clients'];
  /** Sends everybody the last screen, and what became of the program. */
  close(last: Parameters<CallChannel['close']>[0]): void;
}

/** Creates the list of the clients of a session with this screen. */
export function createSessionClients(screen: Screen): SessionClients {
  const all = new Map<SessionClient, { size: ClientSize }>();

  function smallest(of: keyof ClientSize, sizes: readonly ClientSize[]): number {
    return Math.min(...sizes.map((size) => size[of]));
  }

  return {
    get count() {
      return all.size;
    },
    get wantedSize() {
      const sizes = [...all.keys()].filter(({ mode }) => mode === 'drive').map(({ size }) => size);
      if (sizes.length === 0) return null;
      return { columns: smallest('columns', sizes), rows: smallest('rows', sizes) };
    },
    join({ channel, principal, who, mode, size, historyLines }) {
      const place = { size: limitSize(size) };
      const client: SessionClient = {
        channel,
        principal,
        who,
        mode,
        sinceMs: Date.now(),
        feed: createFeed(screen, openOutput(channel), place.size, historyLines),
        get size() {
          return place.size;
        },
      };
      all.set(client, place);
      return client;
    },
    leave(client) {
      client.feed.close();
      all.delete(client);
    },
    resize(client, size) {
      const place = all.get(client);
      if (place === undefined) return;
      place.size = limitSize(size);
      client.feed.restart(place.size);
    },
    restartAll() {
      for (const { feed, size } of all.keys()) feed.restart(size);
    },
    take(bytes) {
      for (const { feed } of all.keys()) feed.take(bytes);
    },
    report(session, but) {
      for (const client of all.keys()) if (client !== but) client.channel.send({ type: 'session', session });
    },
    of: (principal) => [...all.keys()].filter((client) => client.principal === principal),
    describe: () => [...all.keys()].map(({ who, mode, size, sinceMs }) => ({ who, mode, ...size, sinceMs })),
    close(last) {
      for (const { feed, channel } of all.keys()) {
        feed.finish();
        feed.close();
        channel.output(0).end();
        channel.close(last);
      }
      all.clear();
    },
  };
}

/** A client that is gone takes nothing more. */
function openOutput(channel: CallChannel): Writable {
  const output = channel.output(0);
  output.on('error', () => undefined);
  return output;
}

function limitSize({ columns, rows }: ClientSize): ClientSize {
  return { columns: Math.min(columns, MAX_SESSION_COLUMNS), rows: Math.min(rows, MAX_SESSION_ROWS) };
}
