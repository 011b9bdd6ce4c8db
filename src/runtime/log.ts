/** What is written to the log: a message and facts about it. */
export type Facts = Readonly<Record<string, unknown>>;

/** Where a program writes what it does. A line is written at once: nothing is lost at the end of the process. */
export interface Log {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}
