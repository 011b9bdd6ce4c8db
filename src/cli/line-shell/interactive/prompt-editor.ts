import type { Backend, Place } from '../backend.ts';
import { completeLine, planCompletion } from '../completion/complete-line.ts';
import { listChoices } from '../completion/list-choices.ts';
import { editByKey } from '../editor/edit-by-key.ts';
import { replaceText } from '../editor/edit-commands.ts';
import { type EditorState, startEditing } from '../editor/editor-state.ts';
import type { Key } from '../editor/keys.ts';
import type { EditorView } from '../editor/layout.ts';
import type { HistoryFile } from '../history/history-file.ts';
import { CONTINUATION, makePrompt, makeSearchPrompt } from '../prompt.ts';
import type { Screen } from '../terminal/screen.ts';

/** What a key at the prompt asks for. */
export type PromptRequest = 'none' | 'submit' | 'interrupt' | 'end-of-input';

/** The line that is edited at the prompt. */
export interface PromptEditor {
  /** Shows a new prompt. @param label how the line before ended, if not well */
  start(place: Place, label: string | null, text: string): void;
  /** Goes on with the text that was submitted last, as if it had not been: its end is missing. */
  resume(text: string): void;
  handleKey(key: Key): PromptRequest;
  readonly text: string;
  /** Leaves the text as it stands. @param mark behind it */
  finish(mark: string): void;
  /** Draws it again; the terminal has another size, or another program had it. */
  redraw(): void;
}

export function createPromptEditor(
  backend: Backend,
  screen: Screen,
  history: HistoryFile,
  hasColors: boolean,
): PromptEditor {
  let state: EditorState = startEditing(history.entries);
  let place: Place | null = null;
  let label: string | null = null;
  let asking: AbortController | null = null;

  function view(): EditorView {
    const { search, walk } = state;
    if (search !== null) {
      const found = search.found === null ? search.before : (walk.entries[search.found] ?? '');
      const prompt = makeSearchPrompt(search.wanted, search.found !== null || search.wanted === '');
      const at = search.found === null ? found.length : found.indexOf(search.wanted);
      return { prompt, continuation: CONTINUATION, text: found, cursor: at };
    }
    const prompt = makePrompt(place ?? NOWHERE, label, screen.size.columns, hasColors);
    return { prompt, continuation: CONTINUATION, text: state.text, cursor: state.cursor };
  }

  const draw = (): void => screen.draw(view());

  async function complete(): Promise<void> {
    const asked = state;
    const before = asked.text.slice(0, asked.cursor);
    const plan = planCompletion(before);
    if (plan === null) return screen.bell();
    const own = new AbortController();
    asking = own;
    const answer = await backend.complete(plan.question, own.signal).catch(() => null);
    // The user has typed on: the completion is stale
    if (state !== asked || own.signal.aborted) return;
    const completed = answer && completeLine(before, plan, answer);
    if (!answer || !completed) return screen.bell();
    if (completed.choices.length > 0)
      return screen.list(listChoices(completed.choices, screen.size, answer.isCut));
    const text = completed.before + asked.text.slice(asked.cursor);
    state = replaceText(state, { text, cursor: completed.before.length });
    draw();
  }

  return {
    start(nextPlace, nextLabel, text) {
      place = nextPlace;
      label = nextLabel;
      state = startEditing(history.entries, state.killed, { text, cursor: text.length });
      draw();
    },
    resume(text) {
      state = startEditing(history.entries, state.killed, { text, cursor: text.length });
      screen.resume();
      draw();
    },
    handleKey(key) {
      asking?.abort();
      asking = null;
      const { state: next, effect } = editByKey(state, key);
      const isChanged = next !== state;
      state = next;
      switch (effect) {
        case 'complete':
          void complete();
          return 'none';
        case 'clear-screen':
          screen.clear();
          return 'none';
        case 'bell':
          screen.bell();
          break;
        case 'none':
          break;
        default:
          return effect;
      }
      if (isChanged) draw();
      return 'none';
    },
    get text() {
      return state.text;
    },
    finish(mark) {
      // A text that is left is shown to its end, and without the prompt of a search
      state = { ...state, search: null };
      const { text } = state;
      screen.draw({ ...view(), text: text + mark, cursor: text.length + mark.length });
      screen.finish();
    },
    redraw: draw,
  };
}

const NOWHERE: Place = { host: '', folder: null, home: null, isRoot: false };
