import type { Readable, Writable } from 'node:stream';
import { listForwards, runForwardCommand } from '../forward/forward-command.ts';
import { MAX_TYPED_AHEAD_BYTES, SUSPENDING_MS } from '../limits.ts';
import { DEFAULT_ESCAPE } from '../tables/common.ts';
import { type CommandPrompt, createCommandPrompt } from './command-prompt.ts';
import type { CursorQuestion } from './cursor-question.ts';
import { createEscapeReader, describeEscapes, type EscapeCommand } from './escapes.ts';
import type { TerminalSession } from './session.ts';

/** What keys ask for beside the run. */
export interface KeyHandlers {
  /** Ends the session; also where the terminal is gone. */
  leave(): void;
  /** Writes between what the host writes. */
  say(text: string): void;
  /** What else there is to know of the connection: a line each. */
  describe(): readonly string[];
  /** Keys are being sent to the host. */
  handleTyped(bytes: Uint8Array): void;
  /** Our terminal is about to be left to other programs, and is taken again. */
  handleSuspended(): void;
  handleReturned(): void;
  /** Takes the answers of the terminal out of the keys. */
  readonly cursor: Pick<CursorQuestion, 'take'>;
}

/**
 * Sends keys to a run, and does what escapes ask for. Keys are read although the host takes none: else nobody could
 * leave a session that hangs.
 * @returns what stops it
 */
export function readKeys(
  session: TerminalSession,
  keys: Readable,
  into: Writable,
  { leave, say: write, cursor, ...handlers }: KeyHandlers,
): () => void {
  const { terminal, plan, run, host, around } = session;
  const escapeSign = chooseEscape(plan.escape, host.escape);
  const canDetach = plan.session !== undefined;
  const reader = createEscapeReader(escapeSign, canDetach);
  let isSuspended = false;
  /** While a line behind `~C` is typed. */
  let prompt: CommandPrompt | null = null;

  function handleKeys(chunk: Uint8Array): void {
    for (const part of reader.take(cursor.take(chunk))) {
      if (part.kind === 'bytes') handleBytes(part.bytes);
      else obey(part.command);
    }
    if (into.writableLength > MAX_TYPED_AHEAD_BYTES) keys.pause();
  }

  function obey(command: EscapeCommand): void {
    switch (command) {
      case 'leave':
      case 'detach':
        return leave();
      case 'help':
        return write(`\r\n${describeEscapes(escapeSign ?? '', canDetach).join('\r\n')}\r\n`);
      case 'status':
        return say([
          `${host.address}, run ${run.id}`,
          ...(plan.session?.describe() ?? []),
          ...handlers.describe(),
          ...listForwards(around.forwards?.() ?? { open: [] }),
        ]);
      case 'command':
        return openPrompt();
      case 'reconnect':
        return reconnect();
      case 'suspend':
        return void suspend();
      default:
        return command satisfies never;
    }
  }

  function handleBytes(bytes: Uint8Array): void {
    if (prompt === null) {
      into.write(bytes);
      return handlers.handleTyped(bytes);
    }
    const { echo, line } = prompt.take(bytes);
    write(echo);
    if (line === undefined) return;
    prompt = null;
    const forwards = around.forwards?.();
    if (line !== null && forwards) void runForwardCommand(forwards, line).then(say);
  }

  function openPrompt(): void {
    if (plan.hasCommandLine === false) return say(['~C is disabled by EnableEscapeCommandline']);
    if (!around.forwards?.()) return say(['forwardings are added in rexa ssh only']);
    prompt = createCommandPrompt();
    write('\r\nrexa> ');
  }

  /** On lines of their own, and not held up by what the host has to show. */
  function say(lines: readonly string[]): void {
    write(`\r\n${lines.map((line) => `rexa: ${line}\r\n`).join('')}`);
  }

  function reconnect(): void {
    if (host.reconnect?.() !== true) say(['this connection cannot be replaced by another one']);
  }

  async function suspend(): Promise<void> {
    if (process.platform === 'win32') return say(['this system cannot suspend a program']);
    await host.suspend?.();
    handlers.handleSuspended();
    terminal.leave();
    isSuspended = true;
    // To the whole job, as the key does it
    process.kill(0, 'SIGTSTP');
    // The stop comes a little later. Where no shell could continue us there is none
    setTimeout(() => {
      if (isSuspended) handleContinue();
    }, SUSPENDING_MS);
  }

  /** Another program had the terminal. */
  function handleContinue(): void {
    isSuspended = false;
    terminal.leave();
    handlers.handleReturned();
    const { columns, rows, ...pixels } = terminal.size();
    void terminal.enter().then(() => run.resize(columns, rows, pixels));
  }

  const resume = (): void => void keys.resume();
  // The terminal is gone
  const handleEnd = (): void => leave();
  keys.on('data', handleKeys);
  keys.on('end', handleEnd);
  keys.on('error', handleEnd);
  into.on('drain', resume);
  around.signals.on('SIGCONT', handleContinue);
  return () => {
    isSuspended = false;
    keys.off('data', handleKeys);
    keys.off('end', handleEnd);
    keys.pause();
    into.off('drain', resume);
    around.signals.off('SIGCONT', handleContinue);
  };
}

/** The escape character: the command line goes before the configuration. */
export function chooseEscape(...said: readonly (string | null | undefined)[]): string | null {
  const first = said.find((each) => each !== undefined);
  return first === undefined ? DEFAULT_ESCAPE : first;
}
