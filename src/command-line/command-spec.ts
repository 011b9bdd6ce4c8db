import type { OptionTable, OptionValues } from './option-table.ts';
import type { Grammar, ParsedWords } from './parse-words.ts';

/** One command: all that parser, help, completion and the manual say of it. */
export interface CommandSpec<Table extends OptionTable = OptionTable> extends Grammar<Table> {
  /** A few words for the list of commands. */
  readonly summary: string;
  /** The forms it is called in. */
  readonly usage: readonly string[];
  /** Sentences between usage and options. */
  readonly about: string;
  readonly examples: readonly Example[];
  /** Options that are options with a value elsewhere, and so stand behind the name of this command. */
  readonly behindName?: readonly string[];
  /** What completion offers for the operands, by their names. */
  readonly operandChoices?: Readonly<Record<string, readonly string[]>>;
}

/** The words of a command line of this command. */
export type Parsed<Command extends CommandSpec> = ParsedWords<Command['options']>;

/** What its options say. */
export type ValuesOf<Command extends CommandSpec> = OptionValues<Command['options']>;

/** A command line, and what it does. */
export interface Example {
  readonly line: string;
  readonly about: string;
}

/** A program with commands. A first word that is no command is the first operand of `shortFor`. */
export interface ProgramSpec {
  readonly name: string;
  readonly usage: readonly string[];
  readonly about: string;
  readonly commands: Readonly<Record<string, CommandSpec>>;
  readonly shortFor: string;
  readonly examples: readonly Example[];
}
