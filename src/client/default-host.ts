import { PassThrough, pipeline, type Readable } from 'node:stream';
import { RexaError } from '../protocol/errors.ts';
import { outcomeOfFailedOpen } from '../protocol/outcome.ts';
import { loadConfig } from './config/load-config.ts';
import { connect } from './connect.ts';
import type { BoundExeca } from './execa/host-execa.ts';
import type { HostExeca, HostScript } from './execa/host-execa-types.ts';
import { loadExeca } from './execa/load-execa.ts';
import type { Host } from './host-types.ts';
import { makeRun } from './make-run.ts';
import { failedResult } from './run-result.ts';
import type { RemoteRun, RunOptions } from './run-types.ts';

/** The host of `rexa.$` and `rexa.execa`: `$REXA_HOST`, else `default-host` of the configuration. */
const DEFAULT = 'the default host';

let connecting: Promise<Host> | undefined;

/** It is connected to at the first command, and does not keep this process alive between two of them. */
async function connectDefault(): Promise<Host> {
  const connected = await connect(process.env['REXA_HOST'] || (await readDefaultHost()));
  connected.unref();
  return connected;
}

/** @throws RexaError USAGE, CONFIG_* */
async function readDefaultHost(): Promise<string> {
  const chosen = (await loadConfig())?.['default-host'];
  if (chosen !== undefined) return chosen;
  throw new RexaError('USAGE', ['no host is named: set REXA_HOST, or default-host in the configuration']);
}

function host(): Promise<Host> {
  if (connecting === undefined) {
    connecting = connectDefault();
    connecting.catch(() => {
      connecting = undefined;
    });
  }
  return connecting;
}

let bound: BoundExeca | undefined;

function bind(): BoundExeca {
  bound ??= loadExeca().bindExeca({
    address: process.env['REXA_HOST'] ?? DEFAULT,
    folder: () => undefined,
    run,
  });
  return bound;
}

/** execa's `$` on the default host. */
export const $: HostScript = ((...words: readonly unknown[]) =>
  (bind().$ as (...words: readonly unknown[]) => unknown)(...words)) as HostScript;

/** execa's `execa` on the default host. */
export const execa: HostExeca = ((...words: readonly unknown[]) =>
  (bind().execa as (...words: readonly unknown[]) => unknown)(...words)) as HostExeca;

/** A run whose host may still have to be connected to: its streams are there at once. */
function run(file: string, args: readonly string[], options: RunOptions): RemoteRun<string | Uint8Array> {
  const stdin = options.stdin === 'pipe' ? new PassThrough() : null;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const started = host().then((there) => {
    if (options.stdio?.some((kind, number) => number > 2 && kind === 'pipe') === true)
      throw new RexaError('USAGE', ['descriptors above 2 need a host of their own: connect to it']);
    const begun = there.run(file, args, options) as RemoteRun<string | Uint8Array>;
    if (stdin !== null && begun.stdin !== null) pipeline(stdin, begun.stdin, () => undefined);
    pass(begun.stdout, stdout);
    pass(begun.stderr, stderr);
    // In an object: a run is a promise itself
    return { begun };
  });
  const promise = started.then(
    async ({ begun }) => await begun,
    (error: unknown) => {
      const cause =
        error instanceof RexaError ? error : new RexaError('INTERNAL', [String(error)], { cause: error });
      stdout.end();
      stderr.end();
      stdin?.destroy();
      return failedResult(DEFAULT, '', outcomeOfFailedOpen(cause.code), cause, options);
    },
  );
  const withRun = (handle: (begun: RemoteRun<string | Uint8Array>) => void): void =>
    void started.then(
      ({ begun }) => handle(begun),
      () => undefined,
    );
  const ask = <Answer>(
    read: (begun: RemoteRun<string | Uint8Array>) => Promise<Answer>,
  ): Promise<Answer | null> =>
    started.then(
      ({ begun }) => read(begun),
      () => null,
    );
  return makeRun(promise, {
    id: '',
    pid: ask(({ pid }) => pid),
    job: ask(({ job }) => job),
    exited: ask(({ exited }) => exited),
    stdin,
    stdout,
    stderr,
    stdio: [stdin, stdout, stderr],
    kill: (...words: Parameters<RemoteRun['kill']>) => withRun((begun) => begun.kill(...words)),
    resize: (columns: number, rows: number) => withRun((begun) => begun.resize(columns, rows)),
    onInputRefused: (handle: (sentence: string) => void) => withRun((begun) => begun.onInputRefused(handle)),
    onDraining: (handle: (leftMs: number) => void) => withRun((begun) => begun.onDraining(handle)),
    cancel: () => withRun((begun) => begun.cancel()),
    hangUp: () => withRun((begun) => begun.hangUp()),
    abandon: () => withRun((begun) => begun.abandon()),
  });
}

/** Whoever destroys what it reads leaves the command's own pipe, too. */
function pass(from: Readable, into: PassThrough): void {
  pipeline(from, into, () => undefined);
}
