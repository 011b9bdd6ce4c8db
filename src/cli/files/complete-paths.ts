import { readHostName } from '../../client/host-name.ts';
import type { Candidate } from '../../command-line/completion-candidates.ts';
import { RexaError } from '../../protocol/errors.ts';
import { isQuietlyReachable, openQuietly } from '../host/open-quietly.ts';
import { readOperand } from './read-operand.ts';

/**
 * Returns the paths of a host that begin with a word such as `web1:/srv/w`; null for a word that names no host. None where
 * that would ask a person for something, or start a daemon.
 */
export async function listPathCandidates(word: string): Promise<readonly Candidate[] | null> {
  const operand = parse(word);
  if (operand?.kind !== 'host') return null;
  const { host: called, path } = operand;
  if (!isQuietlyReachable(called)) return [];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  try {
    await using host = await openQuietly(readHostName(called));
    const entries = await host.readdir(folder === '' ? '.' : folder);
    const start = path.slice(folder.length);
    return entries.flatMap(({ name, kind }) => {
      if (typeof name !== 'string' || !name.startsWith(start)) return [];
      if (name.startsWith('.') && start === '') return [];
      return [{ text: `${called}:${folder}${name}${kind === 'folder' ? '/' : ''}`, about: '' }];
    });
  } catch (error) {
    if (error instanceof RexaError) return [];
    throw error;
  }
}

function parse(word: string): ReturnType<typeof readOperand> | null {
  try {
    return readOperand(word);
  } catch {
    return null;
  }
}
