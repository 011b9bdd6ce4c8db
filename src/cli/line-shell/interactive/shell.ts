import type { ReadStream } from 'node:tty';
import type { SignalSource } from '../../run/interrupts.ts';
import type { Backend, LineEnd, Place } from '../backend.ts';
import { isContinued } from '../continued-line.ts';
import type { Key } from '../editor/keys.ts';
import type { HistoryFile } from '../history/history-file.ts';
import { nextShellStep, type ShellAction, type ShellEvent, type ShellState } from '../shell-state.ts';
import type { Screen } from '../terminal/screen.ts';
import { type LineInProgress, startLine } from './line-in-progress.ts';
import { createPromptEditor } from './prompt-editor.ts';
import { readTerminal } from './terminal-input.ts';

export interface InteractiveShell {
  /** Resolves with the exit status when the shell was left. */
  readonly left: Promise<number>;
  /** Leaves at once: a signal, or an output that takes nothing more. */
  leave(exitStatus: number): void;
}

export interface InteractiveOptions {
  readonly backend: Backend;
  readonly screen: Screen;
  readonly input: ReadStream;
  readonly signals: SignalSource;
  readonly history: HistoryFile;
  readonly hasColors: boolean;
  /** `$TERM`. */
  readonly terminalType: string;
  /** Where the first line will be run. */
  readonly place: Place;
}

/** The shell on a terminal: its prompt, the lines that are run, and the way out. */
export function startInteractiveShell(options: InteractiveOptions): InteractiveShell {
  const { backend, screen, history } = options;
  const left = Promise.withResolvers<number>();
  const editor = createPromptEditor(backend, screen, history, options.hasColors);
  let state: ShellState = 'prompting';
  let line: LineInProgress | null = null;
  let place = options.place;
  let exitStatus = 0;
  let isConnected = true;

  function handle(event: ShellEvent): void {
    const step = nextShellStep(state, event);
    state = step.state;
    act(step.action);
  }

  function act(action: ShellAction): void {
    switch (action) {
      case 'submit':
        editor.finish('');
        return startLineOf(backend.takesBlocks ? editor.text : (editor.text.split('\n')[0] ?? ''));
      case 'submit-exit':
        editor.finish(backend.exitLine ?? '');
        if (backend.exitLine === null || !isConnected) return handle('leave');
        return startLineOf(backend.exitLine);
      case 'clear-line':
        editor.finish('^C');
        return editor.start(place, null, '');
      case 'send-sigint':
        return line?.running.signal('SIGINT');
      case 'end-tree':
        screen.say('ending all its processes; press Ctrl-C again to stop waiting');
        return line?.running.cancel();
      case 'abandon':
        return line?.running.abandon();
      case 'leave':
        return void tidy();
      case 'exit':
        input.close();
        screen.close();
        return left.resolve(exitStatus);
      case 'prompt':
      case 'none':
        return;
      default:
        action satisfies never;
    }
  }

  function startLineOf(text: string): void {
    const started = startLine(backend, screen, options.terminalType, text);
    line = started;
    void started.ended.then((end) => handleEnded(started, end));
    void started.over.then(({ notes }) => {
      if (state !== 'leaving' && state !== 'left') for (const note of notes) screen.say(note);
    });
  }

  function handleEnded(ended: LineInProgress, end: LineEnd): void {
    if (state === 'leaving' || state === 'left') return;
    line = null;
    exitStatus = end.exitStatus;
    place = end.place;
    if (!isConnected) watchConnection();
    if (end.kind !== 'incomplete' && ended.text !== backend.exitLine) history.add(ended.text);
    if (end.kind === 'refused') screen.bell();
    for (const note of end.notes) screen.say(note);
    if (end.jobs.length > 0 && end.kind === 'ended')
      screen.say(`in the background: pid ${end.jobs.join(', ')}`);
    handle(end.kind === 'leave' ? 'leave' : 'ended');
    if (state === 'prompting') promptAgain(ended, end);
  }

  function promptAgain(ended: LineInProgress, end: LineEnd): void {
    if (end.kind === 'incomplete') editor.resume(`${ended.text}\n`);
    else editor.start(place, end.label, end.kind === 'refused' ? ended.text : '');
    typeAhead(end.typedAhead);
  }

  /** Text that was typed before the prompt came, as if it were typed now; what a line takes of it was seen already. */
  function typeAhead(text: string): void {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) handleKey({ kind: 'key', name: 'enter' }, false);
      if (part !== '') handleKey({ kind: 'text', text: part }, false);
    }
  }

  function handleKey(key: Key, isEchoed = true): void {
    if (state === 'prompting') return handlePromptKey(key);
    if (line === null) {
      if (key.kind === 'key' && key.name === 'ctrl-c') handle('interrupt');
      return;
    }
    const action = line.handleKey(key, isEchoed);
    if (action === 'interrupt') handle('interrupt');
    else if (action === 'quit') line.running.signal('SIGQUIT');
    else if (action === 'suspend')
      screen.say(
        'jobs cannot be stopped here: Ctrl-C interrupts, and & after a line runs it in the background',
      );
  }

  function handlePromptKey(key: Key): void {
    switch (editor.handleKey(key)) {
      case 'submit':
        return submit();
      case 'interrupt':
        return handle('interrupt');
      case 'end-of-input':
        return handle('depart');
      case 'none':
        return;
    }
  }

  function submit(): void {
    const { text } = editor;
    if (text.trim() === '') {
      editor.finish('');
      return editor.start(place, null, '');
    }
    if (backend.takesBlocks && isContinued(text)) {
      editor.finish('');
      return editor.resume(`${text}\n`);
    }
    handle('submit');
    const rest = backend.takesBlocks ? -1 : text.indexOf('\n');
    if (rest !== -1) typeAhead(`${text.slice(rest + 1)}\n`);
  }

  /** Says at the prompt that the connection is lost; a line that is run says so itself. */
  function watchConnection(): void {
    isConnected = true;
    void backend.loss().then((error) => {
      if (error === null) return;
      isConnected = false;
      if (state === 'prompting') screen.say(`${error.message}; the next line reconnects`);
    });
  }

  async function tidy(): Promise<void> {
    for (const note of await backend.close()) screen.say(note);
    handle('tidied');
  }

  function redraw(): void {
    if (state === 'prompting') editor.redraw();
  }

  const input = readTerminal(options.input, options.signals, {
    handleKey: (key) => handleKey(key),
    handleEnd: () => handle('leave'),
    handleContinue() {
      screen.forget();
      redraw();
    },
  });
  screen.onResize(redraw);
  watchConnection();
  editor.start(place, null, '');

  return {
    left: left.promise,
    leave(status) {
      line?.running.cancel();
      exitStatus = status;
      handle('leave');
    },
  };
}
