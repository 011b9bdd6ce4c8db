import { Readable, Writable } from 'node:stream';
import { NO_FOLDER } from '../../files/describe-failure.ts';
import { openFileCalls } from '../../files/file-calls.ts';
import { packEnd } from '../../files/pack-end.ts';
import type { ExpectedSource, ReceivePlan } from '../../files/receive/receive-plan.ts';
import { createReceiver } from '../../files/receive/receiver.ts';
import type { SendPlan } from '../../files/send/send-plan.ts';
import { createSender } from '../../files/send/sender.ts';
import { createStreamSender } from '../../files/send/stream-sender.ts';
import { sourceName } from '../../files/source-name.ts';
import { createStreamSink } from '../../files/stream-sink.ts';
import { createTransferWatch, type TransferWatch } from '../../files/watch.ts';
import { writeByteText } from '../../protocol/byte-text.ts';
import { RexaError } from '../../protocol/errors.ts';
import { escapeText } from '../../protocol/show-text.ts';
import { type WireWord, writeWord } from '../../protocol/word.ts';
import type { AskedFilesHost } from './client-asked-host.ts';
import { makeCopy } from './client-copy.ts';
import { CopyError } from './client-copy-error.ts';
import { describeEntry } from './client-entry.ts';
import { describeFileError, type FileError } from './client-file-error.ts';
import { listHostFiles } from './client-list.ts';
import { listPaths, readPath } from './client-paths.ts';
import { runTransfer, type TransferSide } from './client-transfer.ts';
import type {
  CopiedEntry,
  Copy,
  CopyOptions,
  CopyProgress,
  CopyResult,
  CopySource,
  CopyTarget,
  FilePath,
  FilesHost,
} from './client-types.ts';

/** Under this a host is found by another one that copies to it. */
const ASKED = Symbol('rexa.files');

/** Failures that a result lists. */
const MAX_FAILURES = 100;

const IGNORED = (): void => undefined;

/** Gives a host its files. */
export function hostFiles(host: AskedFilesHost): FilesHost {
  const files: FilesHost & { readonly [ASKED]: AskedFilesHost } = {
    copy: (from, to, options = {}) => startCopy(host, from, to, options),
    readFile: ((path: FilePath, encoding?: BufferEncoding) =>
      asFileCall('open', path, () => readHostFile(host, path, encoding))) as FilesHost['readFile'],
    writeFile: (path, data, { durable = false } = {}) =>
      asFileCall('open', path, async () => {
        const stream = Readable.from([Buffer.from(data as string)], { objectMode: false });
        const plan = { ...planTarget(1, { durable }), isFile: true, expects: null };
        const target = askTarget(host, path, plan);
        await startTransfer({ stream, name: 'data' }, { remote: path }, {}, async () => [
          { kind: 'here', end: createStreamSender(stream, 'data', false) },
          target,
        ]);
      }),
    readdir: (path) => asFileCall('scandir', path, () => listHostFiles(host, path, 'folder')),
    stat: (path) =>
      asFileCall('stat', path, async () => {
        const [info] = await listHostFiles(host, path, 'file');
        if (info === undefined) throw new RexaError('FILES_PROTOCOL', ['an empty list']);
        return info;
      }),
    [ASKED]: host,
  };
  return files;
}

/** @throws FileError for what concerns the file, RexaError for anything else */
async function asFileCall<Value>(
  syscall: FileError['syscall'],
  path: FilePath,
  act: () => Promise<Value>,
): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    throw describeFileError(error, syscall, path);
  }
}

async function readHostFile(
  host: AskedFilesHost,
  path: FilePath,
  encoding: BufferEncoding | undefined,
): Promise<Buffer | string> {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // Its memory is the link's
      pieces.push(Buffer.from(chunk));
      done();
    },
  });
  await startCopy(host, { remote: path }, { stream }, {});
  const data = Buffer.concat(pieces);
  return encoding === undefined ? data : data.toString(encoding);
}

function startCopy(host: AskedFilesHost, from: CopySource, to: CopyTarget, options: CopyOptions): Copy {
  return startTransfer(from, to, options, () => openSides(host, from, to, options));
}

/** @param open opens what sends and what receives */
function startTransfer(
  from: CopySource,
  to: CopyTarget,
  options: CopyOptions,
  open: () => Promise<readonly [source: TransferSide, target: TransferSide]>,
): Copy {
  const failures: CopiedEntry[] = [];
  const watch: TransferWatch = createTransferWatch((result) => {
    const entry = describeEntry(result, { from, to, isInto: watch.goesInto });
    const isNamed = entry.status === 'failed' && entry.code !== NO_FOLDER;
    if (isNamed && failures.length < MAX_FAILURES) failures.push(entry);
    return options.handleEntry?.(entry);
  }, options.signal);
  const progress = (): CopyProgress => watch.counts;
  const transfer = async (): Promise<void> => runTransfer(...(await open()), watch, options.signal);
  const result = transfer().then(
    (): CopyResult => {
      const found = { ...progress(), failures };
      if (found.failed === 0 || options.reject === false) return found;
      throw describeIncomplete(found);
    },
    (error: unknown) => {
      throw describeBreak(error, { ...progress(), failures }, options.signal);
    },
  );
  return makeCopy(result, progress);
}

function describeIncomplete(result: CopyResult): CopyError {
  const [{ path, message } = { path: '', message: '' }] = result.failures;
  const told = new RexaError('FILES_INCOMPLETE', [result.failed, escapeText(path), message ?? '']);
  return new CopyError(told.code, told.message, result);
}

/** Describes what ended a copy before it was complete. A wrong call has come to nothing, and has no result. */
function describeBreak(error: unknown, result: CopyResult, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true)
    return new CopyError('CANCELED', 'the copy was canceled', result, signal.reason);
  if (!(error instanceof RexaError) || error.code === 'USAGE') return error;
  return new CopyError(error.code, error.message, result, error);
}

async function openSides(
  host: AskedFilesHost,
  from: CopySource,
  to: CopyTarget,
  options: CopyOptions,
): Promise<readonly [source: TransferSide, target: TransferSide]> {
  checkPaths(from, to, options);
  const isFromHost = 'remote' in from;
  const isToHost = 'remote' in to;
  const source = isFromHost
    ? askSource(host, listPaths(from.remote), options)
    : await openSource(from, options);
  const count = 'stream' in from ? 1 : listPaths('local' in from ? from.local : from.remote).length;
  const expects = isFromHost ? await expectSource(host, listPaths(from.remote), options) : null;
  const plan = { ...planTarget(count, options), expects };
  const target = isToHost
    ? askTarget(to.host === undefined ? host : readAsked(to.host), to.remote, plan)
    : await openTarget(to, plan);
  return [source, target];
}

/** @throws RexaError USAGE */
function checkPaths(from: CopySource, to: CopyTarget, options: CopyOptions): void {
  if (!('remote' in from) && !('remote' in to))
    throw new RexaError('USAGE', ['neither side of copy is a host']);
  const sources = 'stream' in from ? [] : listPaths('local' in from ? from.local : from.remote);
  if (!('stream' in from) && sources.length === 0) throw new RexaError('USAGE', ['copy has no source']);
  if (sources.length > 1 && options.delete === true)
    throw new RexaError('USAGE', ['delete takes one source: what another one copied would be removed']);
  const here = [...('local' in from ? sources : []), ...('local' in to ? [to.local] : [])];
  if (here.some(({ length }) => length === 0)) throw new RexaError('USAGE', ['an empty path']);
}

/** @throws RexaError USAGE */
function readAsked(host: FilesHost): AskedFilesHost {
  const { [ASKED]: asked } = host as FilesHost & { readonly [ASKED]?: AskedFilesHost };
  if (asked === undefined) throw new RexaError('USAGE', ['host of copy is not a host of rexa']);
  return asked;
}

function planSource(options: CopyOptions): Omit<SendPlan, 'sources' | 'confinedTo'> {
  const { recursive = false, preserve = false, follow = false, update = false, resume = false } = options;
  const { checksum = false, dryRun = false, exclude = [], compress = 'auto' } = options;
  return {
    isRecursive: recursive,
    followsLinks: follow,
    keepsAttributes: preserve,
    asks: update || checksum || resume || dryRun,
    hashesFirst: checksum,
    exclude,
    compress,
  };
}

/** A host is not trusted to send what it was asked for, and nothing else. */
async function expectSource(
  host: AskedFilesHost,
  paths: readonly FilePath[],
  options: CopyOptions,
): Promise<ExpectedSource> {
  const { isRecursive, asks } = planSource(options);
  const roots: string[] = [];
  for (const given of paths) {
    const path = readPath(given);
    const isHome = path === '' ? host.folder === undefined : /^~\/*$/.test(path);
    if (isHome) roots.push(await askHomeName(host));
    else roots.push(sourceName(path === '' ? readPath(host.folder ?? '') : path));
  }
  return { roots, isRecursive, asks };
}

/**
 * Asks a host for the name of its home folder, which only the host knows.
 * @returns empty where it does not tell one that can be trusted: a hostile host would name it `.ssh`
 */
async function askHomeName(host: AskedFilesHost): Promise<string> {
  const [found] = await listHostFiles(host, '~', 'file').catch((error: unknown) => {
    if (error instanceof RexaError) return [];
    throw error;
  });
  const name = found === undefined ? '' : readPath(found.name);
  return name.startsWith('.') ? '' : name;
}

function planTarget(
  sources: number,
  options: CopyOptions,
): Omit<ReceivePlan, 'target' | 'confinedTo' | 'expects'> {
  const { preserve = false, update = false, resume = false, dryRun = false, durable = false } = options;
  const { inPlace = false, exclude = [], intoFolder = sources > 1 } = options;
  return {
    needsFolder: intoFolder,
    keepsAttributes: preserve,
    comparesTimes: update,
    resumes: resume,
    deletes: options.delete ?? false,
    isDry: dryRun,
    isDurable: durable,
    isInPlace: inPlace,
    isFile: false,
    exclude,
  };
}

function askSource(host: AskedFilesHost, paths: readonly FilePath[], options: CopyOptions): TransferSide {
  const request = {
    service: 'read-files',
    paths: paths.map(writeWord),
    ...writeFolder(host),
    ...planSource(options),
  };
  return { kind: 'host', host, request };
}

function askTarget(
  host: AskedFilesHost,
  path: FilePath,
  { expects, ...plan }: Omit<ReceivePlan, 'target' | 'confinedTo'>,
): TransferSide {
  const request = {
    service: 'write-files',
    path: writeWord(path),
    ...writeFolder(host),
    ...plan,
    ...(expects === null ? {} : { expects: { ...expects, roots: expects.roots.map(writeRoot) } }),
  };
  return { kind: 'host', host, request };
}

function writeRoot(name: string): WireWord {
  return writeWord(name.isWellFormed() ? name : writeByteText(name));
}

function writeFolder({ folder }: AskedFilesHost): { readonly folder?: WireWord } {
  return folder === undefined ? {} : { folder: writeWord(folder) };
}

async function openSource(
  from: Exclude<CopySource, { readonly remote: unknown }>,
  options: CopyOptions,
): Promise<TransferSide> {
  const plan = planSource(options);
  if ('stream' in from)
    return {
      kind: 'here',
      end: packEnd(createStreamSender(from.stream, from.name ?? 'stream', plan.asks), plan.compress),
    };
  const sources = listPaths(from.local).map(readPath);
  const sender = createSender({ ...plan, sources, confinedTo: null }, await openFileCalls(), IGNORED);
  const end = packEnd(sender, plan.compress);
  return { kind: 'here', end };
}

async function openTarget(
  to: Exclude<CopyTarget, { readonly remote: unknown }>,
  plan: Omit<ReceivePlan, 'target' | 'confinedTo'>,
): Promise<TransferSide> {
  const calls = await openFileCalls();
  const isStream = 'stream' in to;
  const options = { calls, report: IGNORED, ...(isStream ? { sink: createStreamSink(to.stream) } : {}) };
  const target = isStream ? '' : readPath(to.local);
  return { kind: 'here', end: createReceiver({ ...plan, target, confinedTo: null }, options) };
}
