import { NO_FOLDER } from '../../files/describe-failure.ts';
import { untilAborted } from '../../files/drive-end.ts';
import { writeByteText } from '../../protocol/byte-text.ts';
import { escapeJson, escapeText } from '../../protocol/show-text.ts';
import { type WireWord, writeWord } from '../../protocol/word.ts';
import type { CopiedEntry } from '../../services/files/client-types.ts';
import type { ByteSink } from '../output/byte-sink.ts';
import type { Messages } from '../output/messages.ts';
import type { Interruption } from './interruption.ts';

/** How the results of entries are reported. */
export interface EntryReport {
  readonly isJson: boolean;
  readonly isDry: boolean;
  /** The hosts of SRC and DST; null: this machine. */
  readonly fromHost: string | null;
  readonly toHost: string | null;
  readonly messages: Messages;
  readonly interruption: Pick<Interruption, 'cause' | 'signal'>;
  /** Takes lines for stdout. */
  readonly lines: ByteSink;
}

/** Reports the result of one entry. Resolves when stdout has taken it, or the copy is to end. */
export async function reportEntry(entry: CopiedEntry, report: EntryReport): Promise<void> {
  const { isJson, isDry, messages, interruption } = report;
  if (interruption.cause() !== null) return;
  const { status, path, kind } = entry;
  // The folder was named
  if (status === 'failed' && entry.code !== NO_FOLDER) messages.fail(describeFailed(entry, report), true);
  if (isJson) await print(writeEntryJson(entry, report), report);
  else if (isDry && (status === 'copied' || status === 'deleted') && kind !== 'folder')
    await print(`${status === 'copied' ? 'copy' : 'delete'} ${escapeText(path)}\n`, report);
}

async function print(text: string, { lines, interruption }: EntryReport): Promise<void> {
  // Why stdout takes no more, the interruption knows
  const written = lines.write(Buffer.from(text)).catch(() => undefined);
  await untilAborted(written, interruption.signal);
}

function describeFailed({ side, path, from, to, message }: CopiedEntry, hosts: Hosts): string {
  if (side === 'source') return `cannot copy ${showPath(hosts.fromHost, from ?? path)}: ${message}`;
  return `cannot write ${showPath(hosts.toHost, to ?? path)}: ${message}`;
}

type Hosts = Pick<EntryReport, 'fromHost' | 'toHost'>;

/** Longest path in a message: folders inside each other have longer ones than the system takes. */
const MAX_SHOWN_PATH_CHARACTERS = 8192;

function onHost(host: string | null, path: string): string {
  return host === null ? path : `${host}:${path}`;
}

function showPath(host: string | null, path: string): string {
  const whole = onHost(host, path);
  return whole.length > MAX_SHOWN_PATH_CHARACTERS ? `…${whole.slice(-MAX_SHOWN_PATH_CHARACTERS)}` : whole;
}

/** Returns the line of JSON for one entry. A path that is not text is `{"hex": …}`. */
function writeEntryJson(
  { pathBytes: _bytes, path, from, to, ...entry }: CopiedEntry,
  { fromHost, toHost }: Hosts,
): string {
  const paths = {
    path: writePath(path),
    from: from === null ? null : writePath(onHost(fromHost, from)),
    to: to === null ? null : writePath(onHost(toHost, to)),
  };
  return `${escapeJson(JSON.stringify({ type: 'entry', ...entry, ...paths }))}\n`;
}

function writePath(path: string): WireWord {
  return writeWord(path.isWellFormed() ? path : writeByteText(path));
}
