import type { Candidate } from '../../command-line/completion-candidates.ts';
import { readPath, writePath } from '../../services/files/client-paths.ts';
import { askQuietly } from '../host/open-quietly.ts';
import { readOperand } from './read-operand.ts';

/**
 * Returns the paths of a host, in byte text, that begin with a word such as `web1:/srv/w`, as askQuietly; null for a word
 * that names no host.
 */
export async function listPathCandidates(word: string): Promise<readonly Candidate[] | null> {
  const operand = parse(word);
  if (operand?.kind !== 'host') return null;
  const { host: called, path } = operand;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const start = path.slice(folder.length);
  const entries = await askQuietly(called, (host) => host.readdir(writePath(folder === '' ? '.' : folder)));
  return entries.flatMap((entry) => {
    const name = readPath(entry.name);
    if (!name.startsWith(start) || (name.startsWith('.') && start === '')) return [];
    return [{ text: `${called}:${folder}${name}${entry.kind === 'folder' ? '/' : ''}`, about: '' }];
  });
}

function parse(word: string): ReturnType<typeof readOperand> | null {
  try {
    return readOperand(word);
  } catch {
    return null;
  }
}
