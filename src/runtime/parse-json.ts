/** Returns what a line of JSON says; null for what is none: a line that is not whole, or no line of ours. */
export function parseJson(line: string | Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown;
  } catch {
    return null;
  }
}
