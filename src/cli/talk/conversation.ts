/** A line of a conversation, as it is shown. It has no line end and no control character but tabs. */
export interface ShownLine {
  readonly text: string;
  /** ms since 1970. */
  readonly atMs: number;
  /**
   * `said`: all members see it; `earlier`: it was said before this member came; `answer`: it was asked for;
   * `greeting`: where one is, which a script knows; `note`: another sentence of rexa or the daemon.
   */
  readonly kind: 'said' | 'earlier' | 'answer' | 'greeting' | 'note';
  /** Somebody else has named this member. */
  readonly isMention: boolean;
}

/** A conversation under way, over a daemon or with a server of plain lines. */
export interface Conversation {
  /** What is to be shown, in order, until the conversation is over. @throws RexaError what ended it */
  readonly lines: AsyncIterable<ShownLine>;
  /** The own name; null where it is not known. */
  readonly name: string | null;
  /** Who is here, as far as it is known. */
  readonly names: ReadonlySet<string>;
  /**
   * Sends a typed line, or does what it commands. Resolves once the connection takes more.
   * @param isStrict whether a line that begins with `/` and is no command is not sent
   * @returns a sentence for who typed it; null: there is nothing to say
   * @throws RexaError TALK_LINE_TOO_LONG, CLOSED
   */
  type(line: string, isStrict: boolean): Promise<string | null>;
  /** Says no more; what the others say until the conversation is over is still shown. */
  finish(): void;
  /** Leaves at once: what was said and not sent yet is thrown away. */
  leave(): void;
}

/** Returns whether a text names somebody, as a word. */
export function mentions(text: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'iu').test(text);
}
