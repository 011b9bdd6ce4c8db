import type { RoomEvent, TalkMessage } from './messages.ts';

/** Returns an event as a plain line, without its end: on a terminal, in a pipe, for a peer without a login. */
export function formatTalk(event: RoomEvent | TalkMessage): string {
  const { name } = event;
  switch (event.kind) {
    case 'say':
      return `<${name}> ${event.text}`;
    case 'act':
      return `* ${name} ${event.text}`;
    case 'entered':
      return `[${name}] entered the room`;
    case 'left':
      return event.reason === null ? `[${name}] left` : `[${name}] left: ${event.reason}`;
    case 'finished':
      return `[${name}] has finished and still listens`;
    case 'renamed':
      return `[${name}] is now ${event.to}`;
    default:
      return event satisfies never;
  }
}

/** Returns a line of a transcript, without its end. @param atMs ms since 1970 */
export function formatTranscript(atMs: number, line: string): string {
  return `${new Date(atMs).toISOString()} ${line}`;
}

/** What a member typed. */
export type TypedTalk =
  | { readonly kind: 'say' | 'act'; readonly text: string }
  | { readonly kind: 'nick'; readonly name: string }
  | { readonly kind: 'who' | 'quit' | 'help' }
  /** Begins with `/`, and is no command. */
  | { readonly kind: 'unknown'; readonly word: string };

/** Reads a typed line. `//` begins a text with a slash. */
export function readTyped(line: string): TypedTalk {
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1) };
  const [, word = '', rest = ''] = /^\/(\S*)(?:\s+(.*))?$/s.exec(line) ?? [];
  if (!line.startsWith('/')) return { kind: 'say', text: line };
  switch (word) {
    case 'me':
      return { kind: 'act', text: rest };
    case 'nick':
      return { kind: 'nick', name: rest.trim() };
    case 'who':
    case 'quit':
    case 'help':
      return { kind: word };
    default:
      return { kind: 'unknown', word: `/${word}` };
  }
}
