import * as v from 'valibot';
import { readAnswer } from '../../client/ask.ts';
import { describeEnd } from '../../client/describe-end.ts';
import { createRecordReader } from '../../files/records.ts';
import { writeByteText } from '../../protocol/byte-text.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { RexaError } from '../../protocol/errors.ts';
import { writeWord } from '../../protocol/word.ts';
import type { AskedFilesHost } from './client-asked-host.ts';
import type { FileInfo, FilePath } from './client-types.ts';
import { listedFileSchema } from './messages.ts';

/** Lists a file, or a folder, of a host. @throws RexaError FILES_UNREADABLE, NOT_PERMITTED, LINK_LOST */
export async function listHostFiles(
  { address, link, folder }: AskedFilesHost,
  path: FilePath,
  what: 'file' | 'folder',
): Promise<readonly FileInfo[]> {
  const start = folder === undefined ? {} : { folder: writeWord(folder) };
  const request: JsonObject = { service: 'list-files', path: writeWord(path), what, ...start };
  const channel = link.open(request, [0]);
  const reader = createRecordReader();
  const found: FileInfo[] = [];
  let failure: Error | null = null;
  channel.input(0).on('data', (bytes: Buffer) => {
    try {
      reader.push(bytes);
      for (let event = reader.next(); event !== null; event = reader.next())
        if (event.kind === 'header') found.push(readFile(event.value));
    } catch (error) {
      failure ??= error as Error;
      channel.abort({});
    }
  });
  const end = await channel.ended;
  if (end.kind === 'link-ended') throw describeEnd(end.end, address);
  const broken = failure as Error | null;
  if (broken !== null) throw broken;
  readAnswer(v.object({}), end.last);
  return found;
}

/** @throws RexaError FILES_PROTOCOL */
function readFile(value: unknown): FileInfo {
  const read = v.safeParse(listedFileSchema, value);
  if (!read.success) throw new RexaError('FILES_PROTOCOL', ['an entry of a list']);
  const { mtime, name, ...info } = read.output;
  const bytes = name.isWellFormed() ? name : writeByteText(name);
  return { name: bytes, mtimeMs: Number(BigInt(mtime) / 1000n) / 1000, ...info };
}
