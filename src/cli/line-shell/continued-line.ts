/** Whether a line says by a backslash at its end that it goes on: no host has to be asked for that. */
export function isContinued(text: string): boolean {
  return /(?<!\\)(?:\\\\)*\\$/.test(text);
}
