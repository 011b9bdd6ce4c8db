import path from 'node:path';

/**
 * Returns the name under which a source is sent. It depends on the path alone, so that a receiver knows it beforehand.
 * @returns `.`: what is in the source goes into the destination itself
 */
export function sourceName(source: string): string {
  return /(?:^|\/)\.{1,2}\/*$|^\/+$/.test(source) ? '.' : path.basename(source);
}
