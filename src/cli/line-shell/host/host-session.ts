import type { OpenHost } from '../../../client/host.ts';
import type { ConnectOptions } from '../../../client/run-types.ts';
import { formatDuration } from '../../../command-line/duration.ts';
import { RexaError } from '../../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../../protocol/limits.ts';
import { within } from '../../../runtime/in-time.ts';
import { MAX_SHELL_RECORD_BYTES, SHELL_CLEANUP_MS, SHELL_START_MS } from '../../limits.ts';
import { type LineReport, readLineRecord } from './line-report.ts';
import { makeStartRequest } from './line-request.ts';
import { type HostFacts, PROBE, readHostFacts } from './probe.ts';
import { createRecordFilter } from './record-filter.ts';

export interface HostSessionOptions {
  readonly address: string;
  readonly open: (address: string, options: ConnectOptions) => Promise<OpenHost>;
  readonly connect: ConnectOptions;
  /** Of every run. */
  readonly encoding: string | undefined;
  /** What becomes of input that can't be written in it. Default: it is not sent. */
  readonly encodingErrors?: 'replace' | undefined;
}

/** A connection, and what was made and found out on the host. */
export interface HostSetup {
  readonly host: OpenHost;
  readonly facts: HostFacts;
  /** What the user's start files have made of the shell: where it is, and whether that could be saved. */
  readonly start: LineReport | null;
}

/** The connection of a shell: made again when it was lost, while what is kept on the host stays. */
export interface HostSession {
  /** @throws RexaError when there is no connection, or no shell */
  open(): Promise<HostSetup>;
  /** The last one that was open; it may be lost by now. */
  readonly current: HostSetup | null;
  /** What should be said of the last setup. */
  readonly sentences: readonly string[];
  /** What is kept on the host is gone: the next one begins anew. */
  forget(): void;
  /** Removes what is kept on the host, unless that is done, and says goaway. Never throws. */
  close(isClean: boolean): Promise<void>;
}

export function createHostSession(options: HostSessionOptions): HostSession {
  let host: OpenHost | null = null;
  let made: Omit<HostSetup, 'host'> | null = null;
  let sentences: readonly string[] = [];
  let opening: Promise<HostSetup> | null = null;

  async function open(): Promise<HostSetup> {
    checkEncoding(options.encoding);
    const connected = host ?? (await connect());
    if (made === null) {
      const facts = await probe(connected, options);
      const started = await start(connected, facts, options);
      sentences = started.sentences;
      made = { facts, start: started.report };
    }
    return { host: connected, ...made };
  }

  async function connect(): Promise<OpenHost> {
    const opened = await options.open(options.address, options.connect);
    await opened.greeted(options.connect.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
    host = opened;
    void opened.ended?.then(() => {
      if (host === opened) host = null;
    });
    return opened;
  }

  return {
    open() {
      opening ??= open().finally(() => {
        opening = null;
      });
      return opening;
    },
    get current() {
      return host === null || made === null ? null : { host, ...made };
    },
    get sentences() {
      return sentences;
    },
    forget() {
      made = null;
    },
    async close(isClean) {
      const last = host;
      if (last === null) return;
      const folder = made?.facts.folder ?? '';
      if (!isClean && folder !== '') await removeFolder(last, folder);
      await last.close();
    },
  };
}

/** Bytes are no text, and no shell reads lines in those. */
const NO_SHELL_ENCODING = /^(?:binary|ucs[24]|(?:unicode11)?utf7|utf7imap|utf(?:16|32)(?:le|be)?)$/;

/** @throws RexaError LINE_SHELL_ENCODING */
function checkEncoding(encoding: string | undefined): void {
  const name = encoding?.toLowerCase().replace(/[^a-z0-9]/g, '') ?? '';
  if (!NO_SHELL_ENCODING.test(name)) return;
  const reason = name === 'binary' ? 'lines and output must be text' : 'shells cannot read lines in it';
  throw new RexaError('LINE_SHELL_ENCODING', [encoding ?? '', reason]);
}

/** @throws RexaError SHELL_UNUSABLE, LINE_SHELL_ENCODING, LINK_LOST */
async function probe(host: OpenHost, { address, encoding }: HostSessionOptions): Promise<HostFacts> {
  const told = await host.run('sh', ['-c', PROBE], { encoding, reject: false });
  if (told.outcome === 'exited' && told.exitCode === 0) {
    const facts = readHostFacts(told.stdout);
    if (facts !== null) return facts;
    if (encoding !== undefined)
      throw new RexaError('LINE_SHELL_ENCODING', [encoding, 'output of the host cannot be decoded from it']);
  }
  const reason = told.reason ?? (told.stderr.trim() || `its sh ended with ${told.signal ?? told.exitCode}`);
  throw new RexaError('SHELL_UNUSABLE', [address, reason]);
}

/** Lets the user's start files make the first state. */
async function start(
  host: OpenHost,
  { shell, folder }: HostFacts,
  { encoding }: HostSessionOptions,
): Promise<{ readonly sentences: readonly string[]; readonly report: LineReport | null }> {
  const sentences = [
    `lines are run by ${shell.path}; type exit or press Ctrl-D to exit`,
    'for vim, top and other full-screen programs, leave out --line: the host has no terminal here',
  ];
  if (shell.kind.lacks !== null) sentences.push(shell.kind.lacks);
  if (folder === '')
    sentences.push('cannot create a private folder on the host: no state persists between lines');
  const request = makeStartRequest(shell, folder);
  if (request === null) return { sentences, report: null };
  const { outcome, stderr } = await host.run(request.file, request.args, {
    encoding,
    env: request.env,
    timeout: SHELL_START_MS,
    forceKillAfterDelay: 0,
    maxBuffer: MAX_SHELL_RECORD_BYTES,
    reject: false,
  });
  if (outcome === 'timed-out') {
    sentences.push(`its startup files took longer than ${formatDuration(SHELL_START_MS)} and were skipped`);
  }
  return { sentences, report: findReport(stderr, request.token) };
}

/** The report in all that start files have said; null without one. */
function findReport(said: string, token: string): LineReport | null {
  const { records } = createRecordFilter(token).take(Buffer.from(said));
  const told = records.map(readLineRecord).find((record) => record?.kind === 'report');
  return told?.kind === 'report' ? told.report : null;
}

/** Waits no longer than that takes where all is well: a connection that hangs must not keep the shell. */
async function removeFolder(host: OpenHost, folder: string): Promise<void> {
  await within(host.run('rm', ['-rf', '--', folder], { reject: false }), SHELL_CLEANUP_MS, null);
}
