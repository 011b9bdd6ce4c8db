import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { sourceName } from '../../files/source-name.ts';
import { type Operand, readOperand } from './read-operand.ts';

/** Sources of one host, or of this machine, that go to the destination in one transfer. */
export interface PlannedCopy {
  /** Null: this machine. */
  readonly host: string | null;
  /** Null: stdin. */
  readonly paths: readonly string[] | null;
}

/** What a command line asks for. */
export interface CopyPlan {
  readonly copies: readonly PlannedCopy[];
  readonly to: Operand;
  /** Several sources need a folder. */
  readonly needsFolder: boolean;
}

/** Plans the transfers of `rexa cp`. @throws RexaError USAGE */
export function planCopies(words: readonly string[]): CopyPlan {
  const target = words.at(-1);
  if (target === undefined || words.length === 1)
    throw usageError('SRC or DST is missing: rexa cp [OPTIONS] SRC... DST');
  // As cp: a source that is named twice is copied once
  const operands = [...new Set(words.slice(0, -1))].map(readOperand);
  const to = readOperand(target);
  const needsFolder = words.length > 2;
  if (needsFolder && to.kind === 'stdio') throw usageError('stdout takes one SRC');
  if (needsFolder && operands.some(({ kind }) => kind === 'stdio'))
    throw usageError('stdin (-) cannot be combined with another SRC');
  return { copies: groupSources(operands, to.kind === 'host'), to, needsFolder };
}

/**
 * Refuses files of one name from several hosts: the later one would replace the earlier one. Within one transfer the
 * receiver sees it. @throws RexaError USAGE
 */
export function refuseTwins({ copies }: CopyPlan, isRecursive: boolean): void {
  if (isRecursive) return;
  const seen = new Map<string, PlannedCopy>();
  for (const copy of copies)
    for (const path of copy.paths ?? []) {
      const name = sourceName(path);
      const other = seen.get(name) ?? copy;
      if (other !== copy) throw usageError(`two sources have the name ${quoteWord(name)}`);
      seen.set(name, copy);
    }
}

/** Neighbours of the same host go together. @throws RexaError USAGE for a copy without a host */
function groupSources(operands: readonly Operand[], isToHost: boolean): readonly PlannedCopy[] {
  const copies: PlannedCopy[] = [];
  for (const operand of operands) {
    const host = operand.kind === 'host' ? operand.host : null;
    if (host === null && !isToHost)
      throw usageError('neither SRC nor DST names a host: write HOST:PATH, or use cp');
    const path = operand.kind === 'stdio' ? null : operand.path;
    const last = copies.at(-1);
    if (last?.host === host && last.paths !== null && path !== null)
      copies.splice(-1, 1, { host, paths: [...last.paths, path] });
    else copies.push({ host, paths: path === null ? null : [path] });
  }
  return copies;
}
