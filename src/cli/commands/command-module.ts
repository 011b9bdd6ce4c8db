import type { OptionTable } from '../../command-line/option-table.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';

/** A module of a command. */
export interface CommandModule<Table extends OptionTable> {
  /**
   * Does all that the command does.
   * @returns the exit status
   * @throws RexaError USAGE for words that are no command line of this command
   */
  run(parsed: ParsedWords<Table>): Promise<number>;
}
