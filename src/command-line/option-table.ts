/**
 * One option of a command. Its key in the table is its name: a key of one letter is `-k`, a longer one is `--key`.
 * An option that is `refused` is known by name only: using it is an error that says why.
 */
export type OptionSpec =
  | FlagOption
  | OptionalOption
  | CountOption
  | ValueOption<unknown>
  | ListOption<unknown>
  | RefusedOption;

/** Given or not. */
export interface FlagOption extends Described {
  readonly kind: 'flag';
  /** What stands behind it is not looked at any more, as after `--help`. */
  readonly last?: boolean;
}

/** Given or not, and perhaps with a value behind `=`: `--json`, `--json=FILE`. */
export interface OptionalOption extends Described {
  readonly kind: 'optional';
  /** What stands for the value in the help. */
  readonly placeholder: string;
}

/** How often it was given. */
export interface CountOption extends Described {
  readonly kind: 'count';
}

/** Has a value; at most once. */
export interface ValueOption<Value> extends Described {
  readonly kind: 'value';
  /** What stands for the value in the help. */
  readonly placeholder: string;
  /** @throws RexaError USAGE with a sentence about the value, without the option's name */
  readonly read: (text: string) => Value;
  /** What is offered for completion; `files`: names of local files. */
  readonly choices?: readonly string[] | 'files';
  /** The value may hold bytes that are not UTF-8: `read` gets byte text (see `readByteText`). */
  readonly takesBytes?: boolean;
  /** The value is taken as it is, even where it looks like an option. */
  readonly verbatim?: boolean;
}

/** Has a value; may be repeated. */
export interface ListOption<Value> extends Omit<ValueOption<Value>, 'kind'> {
  readonly kind: 'list';
}

/** Stands in the table so that it is refused by name. */
export interface RefusedOption {
  readonly kind: 'refused';
  readonly takesValue: boolean;
  /** The reason, as it follows "--name is not supported: ". */
  readonly because: string;
}

interface Described {
  readonly about: string;
  /** A second name of one letter. */
  readonly letter?: string;
  /** Left out of help and completion. */
  readonly hidden?: boolean;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** What parsing gives for a table: a flag is a boolean, a count a number, a value absent or read, a list an array. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table as Table[Name] extends RefusedOption ? never : Name]: ValueOf<Table[Name]>;
};

type ValueOf<Spec> = Spec extends FlagOption
  ? boolean
  : Spec extends OptionalOption
    ? boolean | string
    : Spec extends CountOption
      ? number
      : Spec extends ListOption<infer Value>
        ? readonly Value[]
        : Spec extends ValueOption<infer Value>
          ? Value | undefined
          : never;

/** How an option is written: `-n`, `--timeout`. */
export function writeOption(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** How an option's value is written behind it, in help: ` FILE`, `[=FILE]`, or nothing. */
export function writeValue(spec: OptionSpec): string {
  if (spec.kind === 'optional') return `[=${spec.placeholder}]`;
  return spec.kind === 'value' || spec.kind === 'list' ? ` ${spec.placeholder}` : '';
}

/** Whether a value belongs to the option, at once or as the next word. */
export function takesValue(spec: OptionSpec): boolean {
  switch (spec.kind) {
    case 'flag':
    case 'optional':
    case 'count':
      return false;
    case 'value':
    case 'list':
      return true;
    case 'refused':
      return spec.takesValue;
    default:
      return spec satisfies never;
  }
}

/** The name in the table of an option as it is written without its dashes: its key, or its letter's. */
export function findOption(table: OptionTable, written: string): string | null {
  if (Object.hasOwn(table, written)) return written;
  if (written.length !== 1) return null;
  for (const [name, spec] of Object.entries(table)) {
    if (spec.kind !== 'refused' && spec.letter === written) return name;
  }
  return null;
}

/** The options that help and completion show. */
export function listShown(
  table: OptionTable,
): readonly (readonly [string, Exclude<OptionSpec, RefusedOption>])[] {
  return Object.entries(table).flatMap(([name, spec]) =>
    spec.kind === 'refused' || spec.hidden === true ? [] : [[name, spec] as const],
  );
}
