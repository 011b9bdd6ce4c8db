import type { TypedPart } from './read-typed.ts';

/** A step as it is written down. */
export type RecordedStep =
  | { readonly expect: string | { readonly contains: string } }
  | { readonly send: string }
  | { readonly key: string | readonly string[] }
  | { readonly resize: { readonly columns: number; readonly rows: number } }
  | { readonly screen: { readonly exactly: string } };

/** Makes steps of what a person does on a terminal. */
export interface StepRecorder {
  /** @param rows the screen before it */
  type(part: TypedPart, rows: readonly string[]): void;
  resize(columns: number, rows: number): void;
  /** @param rows the last screen */
  finish(rows: readonly string[]): readonly RecordedStep[];
}

type Group = { readonly kind: 'text'; text: string } | { readonly kind: 'keys'; readonly names: string[] };

/** Keys that programs answer with something else on the screen, which the next step waits for. */
const ENDS_GROUP: ReadonlySet<string> = new Set(['Enter', 'Escape', 'C-c', 'C-d']);

/** Texts, and keys of one kind after the other, become one step each; before it the last line on the screen is waited for. */
export function createStepRecorder(): StepRecorder {
  const steps: RecordedStep[] = [];
  let group: Group | null = null;
  let expected = '';

  function endGroup(): void {
    if (group?.kind === 'text') steps.push({ send: group.text });
    if (group?.kind === 'keys') {
      const [first = ''] = group.names;
      steps.push({ key: group.names.length === 1 ? first : group.names });
    }
    group = null;
  }

  function begin(next: Group, rows: readonly string[]): void {
    endGroup();
    const line = (rows.findLast((row) => row.trim() !== '') ?? '').trim();
    if (line !== '' && line !== expected) {
      expected = line;
      // What stands between slashes would be a regular expression
      steps.push({ expect: /^\/.+\/$/.test(line) ? { contains: line } : line });
    }
    group = next;
  }

  return {
    type(part, rows) {
      if (part.kind === 'text') {
        if (group?.kind === 'text') group.text += part.text;
        else begin({ kind: 'text', text: part.text }, rows);
        return;
      }
      if (group?.kind === 'keys') group.names.push(part.name);
      else begin({ kind: 'keys', names: [part.name] }, rows);
      if (ENDS_GROUP.has(part.name)) endGroup();
    },
    resize(columns, rows) {
      endGroup();
      steps.push({ resize: { columns, rows } });
    },
    finish(rows) {
      endGroup();
      return [...steps, { screen: { exactly: rows.join('\n').trim() } }];
    },
  };
}
