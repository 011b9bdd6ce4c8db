import type { ReadStream, WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { statusOfSignal } from '../exit-status.ts';
import { holdConnectionLine } from '../host/connection-line.ts';
import { MAX_TALK_ENTRIES } from '../limits.ts';
import { listChoices } from '../line-shell/completion/list-choices.ts';
import { editByKey } from '../line-shell/editor/edit-by-key.ts';
import { replaceText } from '../line-shell/editor/edit-commands.ts';
import { type EditorState, startEditing } from '../line-shell/editor/editor-state.ts';
import { measureText } from '../line-shell/editor/graphemes.ts';
import type { Key } from '../line-shell/editor/keys.ts';
import { readTerminal } from '../line-shell/interactive/terminal-input.ts';
import { createScreen } from '../line-shell/terminal/screen.ts';
import { setMessageWriter } from '../output/messages.ts';
import { type SignalSource, watchInterrupts } from '../run/interrupts.ts';
import { completeTalk } from './complete-talk.ts';
import type { Conversation, ShownLine } from './conversation.ts';
import type { LogLine } from './talk-log.ts';

/** What a conversation is joined to, where a person sits. */
export interface TalkTerminal {
  readonly input: ReadStream;
  readonly terminal: WriteStream;
  readonly hasColors: boolean;
  /** Whether sentences of rexa are left out. */
  readonly isQuiet: boolean;
  readonly signals: SignalSource;
  readonly log: LogLine;
}

type Style = Parameters<typeof styleText>[0];

/**
 * Shows a conversation above the line that is typed, until it is over.
 * @returns the exit status
 * @throws RexaError what ended the conversation
 */
export async function talkOnTerminal(
  conversation: Conversation,
  { terminal, hasColors, isQuiet, signals, log, ...streams }: TalkTerminal,
): Promise<number> {
  const target = { kind: 'terminal', stream: terminal } as const;
  const screen = createScreen({
    terminal,
    targets: { stdout: target, stderr: target },
    hasColors,
    charset: 'unicode',
    handleFailure: () => conversation.leave(),
  });
  const entries: string[] = [];
  let state: EditorState = startEditing(entries);
  let side: 'talking' | 'finished' = 'talking';
  let cause: string | null = null;
  let connection: 'there' | 'lost' = 'there';
  let sending: Promise<unknown> = Promise.resolve();
  let printed: string[] = [];

  const paint = (style: Style, text: string): string =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;

  function draw(): void {
    const prompt = `${conversation.name ?? ''}> `;
    screen.draw({
      prompt: { styled: paint('bold', prompt), width: measureText(prompt) },
      continuation: { styled: paint('dim', '> '), width: 2 },
      text: state.text,
      cursor: state.cursor,
    });
  }

  /** Lines that come together are written together. */
  function print(line: string): void {
    if (printed.length === 0) setImmediate(flush);
    printed.push(line);
  }

  function flush(): void {
    const lines = printed;
    printed = [];
    if (lines.length > 0) screen.print(lines);
    // The own name is another one after /nick
    if (side === 'talking') draw();
  }

  function note(text: string): void {
    print(`${paint('yellow', 'rexa:')} ${text}`);
  }

  function show({ kind, text, isMention }: ShownLine): void {
    if (kind === 'note' || kind === 'greeting') return isQuiet ? undefined : note(text);
    if (isMention) screen.bell();
    const isDim = kind === 'earlier' || /^\[\S+\] /.test(text);
    print(isMention ? paint('bold', text) : isDim ? paint('dim', text) : text);
  }

  function submit(): void {
    const { text } = state;
    start('');
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length === 0) return;
    entries.push(text);
    if (entries.length > MAX_TALK_ENTRIES) entries.shift();
    start('');
    sending = sending.then(() => send(lines));
  }

  async function send(lines: readonly string[]): Promise<void> {
    try {
      for (const line of lines) {
        const told = await conversation.type(line, true);
        if (told !== null) note(told);
      }
    } catch (error) {
      // The text is there again with the arrow key
      note((error as Error).message);
    }
  }

  function start(text: string): void {
    state = startEditing(entries, state.killed, { text, cursor: text.length });
    draw();
  }

  function finish(): void {
    if (side === 'finished') return;
    side = 'finished';
    leavePrompt();
    void sending.then(() => conversation.finish());
  }

  /** A prompt without text is not left behind. */
  function leavePrompt(): void {
    if (state.text === '') screen.erase();
    else screen.finish();
  }

  function complete(): void {
    const completed = completeTalk(state.text.slice(0, state.cursor), conversation.names);
    if (completed === null) return screen.bell();
    const { before, choices } = completed;
    state = replaceText(state, { text: before + state.text.slice(state.cursor), cursor: before.length });
    draw();
    if (choices.length > 0) screen.list(listChoices(choices, screen.size, false));
  }

  function handleKey(key: Key): void {
    const { state: next, effect } = editByKey(state, key);
    if (effect === 'interrupt' && (state.text === '' || side === 'finished')) return conversation.leave();
    if (side === 'finished') return;
    state = next;
    switch (effect) {
      case 'submit':
        return submit();
      case 'interrupt':
        return start('');
      case 'end-of-input':
        return finish();
      case 'complete':
        return complete();
      case 'clear-screen':
        return screen.clear();
      case 'bell':
        screen.bell();
        return draw();
      case 'none':
        return draw();
      default:
        return effect satisfies never;
    }
  }

  const input = readTerminal(streams.input, signals, {
    handleKey,
    handleEnd: () => conversation.leave(),
    handleContinue() {
      screen.forget();
      if (side === 'talking') draw();
    },
  });
  const releaseLine = holdConnectionLine((status) => {
    if (status.kind === 'waiting' && connection === 'there') note('connection lost, retrying');
    if (status.kind === 'resumed') note('connected again');
    connection = status.kind === 'waiting' ? 'lost' : 'there';
  });
  const stopWatching = watchInterrupts(signals, (asked) => {
    cause = asked.kind === 'forward' ? asked.signal : asked.cause;
    conversation.leave();
  });
  setMessageWriter({ write: (line) => print(line.replace(/\n$/, '')), flush: async () => flush() });
  screen.onResize(() => {
    if (side === 'talking') draw();
  });
  draw();
  try {
    for await (const line of conversation.lines) {
      log(line);
      show(line);
    }
  } finally {
    stopWatching();
    releaseLine();
    side = 'finished';
    flush();
    leavePrompt();
    input.close();
    screen.close();
    conversation.leave();
  }
  return cause === null ? 0 : statusOfSignal(cause);
}
