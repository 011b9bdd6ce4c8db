import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { readByteText } from '../../protocol/byte-text.ts';
import type { Messages } from '../output/messages.ts';
import { type Interrupt, type SignalSource, watchInterrupts } from '../run/interrupts.ts';
import type { Backend, LineEnd, LineOutput, RunningLine } from './backend.ts';
import { isContinued } from './continued-line.ts';

export interface ScriptOptions {
  readonly backend: Backend;
  readonly input: Readable;
  readonly output: LineOutput;
  readonly signals: SignalSource;
  readonly messages: Messages;
  /** Aborted when the reader has closed the output: the line that runs is ended, and the script with it. */
  readonly unwanted: AbortSignal;
}

/** Outcomes after which the next line can't be trusted to find what it was written for. */
const ENDING_LABELS: ReadonlySet<string> = new Set([
  'lost',
  'unreachable',
  'denied',
  'canceled',
  'not started',
]);
const EXIT_INTERRUPTED = 130;

/**
 * Reads lines from what is no terminal, and runs one after the other: no prompts, no stdin for them. A line that is
 * incomplete takes the next one with it. It ends with the input, with a line that ends the shell (`set -e` is such a
 * way here, as in every script), when it was interrupted, and when it is not known what became of a line.
 * @returns the exit status of the last line
 */
export async function runScript(options: ScriptOptions): Promise<number> {
  const { backend, input, messages } = options;
  let status = 0;
  let running: RunningLine | null = null;
  let isStopped = false;
  const stop = (interrupt: Interrupt): void => {
    isStopped = true;
    applyInterrupt(interrupt, running);
    lines.close();
  };
  const stopWatching = watchInterrupts(options.signals, stop);
  options.unwanted.addEventListener('abort', () => stop({ kind: 'cancel', cause: 'SIGTERM' }));
  // One character for each byte: a line is what its bytes are, and U+2028 ends none
  input.setEncoding('latin1');
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });

  async function runLine(text: string, isLast: boolean): Promise<LineEnd> {
    running = backend.submit({ text, isLast, terminal: null }, options.output);
    running.endInput();
    const end = await running.ended;
    for (const note of end.notes) messages.warn(note);
    void running.over.then(({ notes }) => {
      for (const note of notes) messages.warn(note);
    });
    running = null;
    if (end.kind !== 'incomplete') status = end.exitStatus;
    return end;
  }

  const isOver = ({ kind, label, isEarly }: LineEnd): boolean =>
    isStopped || isEarly || kind === 'leave' || kind === 'refused' || ENDING_LABELS.has(label ?? '');

  try {
    let begun = '';
    let ended = false;
    for await (const bytes of lines) {
      const line = readByteText(Buffer.from(bytes, 'latin1'));
      const text = begun === '' ? line : `${begun}\n${line}`;
      if (text.trim() === '') continue;
      if (backend.takesBlocks && isContinued(text)) {
        begun = text;
        continue;
      }
      const end = await runLine(text, !backend.takesBlocks);
      begun = end.kind === 'incomplete' ? text : '';
      ended = isOver(end);
      if (ended) break;
    }
    if (!ended && !isStopped && begun !== '') ended = isOver(await runLine(begun, true));
    if (!ended && !isStopped && backend.exitLine !== null) await runLine(backend.exitLine, true);
    return isStopped && status === 0 ? EXIT_INTERRUPTED : status;
  } finally {
    stopWatching();
    lines.close();
    for (const note of await backend.close()) messages.warn(note);
  }
}

function applyInterrupt(interrupt: Interrupt, running: RunningLine | null): void {
  switch (interrupt.kind) {
    case 'forward':
      return running?.signal('SIGINT');
    case 'cancel':
      return running?.cancel();
    case 'abandon':
      return running?.abandon();
    default:
      interrupt satisfies never;
  }
}
