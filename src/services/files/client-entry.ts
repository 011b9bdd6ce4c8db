import { joinShown } from '../../files/folders.ts';
import type { EntryOrigin, EntryResult } from '../../files/watch.ts';
import { writeByteText } from '../../protocol/byte-text.ts';
import { escapeText } from '../../protocol/show-text.ts';
import { listPaths, readPath } from './client-paths.ts';
import type { CopiedEntry, CopySource, CopyTarget } from './client-types.ts';

/** What a copy was asked for, and what its receiver has said of that. */
interface Asked {
  readonly from: CopySource;
  readonly to: CopyTarget;
  /** Sources go into the destination under their own names; null: not known. */
  readonly isInto: boolean | null;
}

/** Describes a result. The message of the other end is escaped here; paths are passed on as they are, so that they can be used. */
export function describeEntry({ failure, path, origin, ...result }: EntryResult, asked: Asked): CopiedEntry {
  return {
    ...result,
    path,
    pathBytes: path.isWellFormed() ? null : writeByteText(path),
    from: origin === null ? null : describeSource(asked.from, origin),
    to: origin === null ? path : describeTarget(asked, origin),
    code: failure?.code ?? null,
    message: failure === null ? null : escapeText(failure.message),
  };
}

/** Null: the sender has sent more than it was asked for. */
function describeSource(from: CopySource, { source, below }: EntryOrigin): string | null {
  if ('stream' in from) return null;
  const given = listPaths('local' in from ? from.local : from.remote)[source];
  return given === undefined ? null : joinShown(trimDot(readPath(given)), below);
}

function describeTarget({ to, isInto }: Asked, { name, below }: EntryOrigin): string | null {
  if ('stream' in to || isInto === null) return null;
  const target = trimDot(readPath('local' in to ? to.local : to.remote));
  return joinShown(isInto ? joinShown(target, name) : target, below);
}

/** What is below `a/.` is shown as what is below `a`. */
function trimDot(path: string): string {
  return path.replace(/(?<=[^/])\/+(?:\.\/*)?$/, '');
}
