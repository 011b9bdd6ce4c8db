import { RexaError } from '../protocol/errors.ts';
import { connect } from './connect.ts';
import type { HostScript, HostSubprocess } from './execa/host-execa-types.ts';
import type { Host } from './host-types.ts';
import type { ConnectOptions, RunOptions, RunResult } from './run-types.ts';

/** What became of a command on one of several hosts. */
export type HostOutcome<Result> =
  | { readonly address: string; readonly status: 'fulfilled'; readonly value: Result }
  | { readonly address: string; readonly status: 'rejected'; readonly reason: unknown };

/** A command on several hosts: its outcomes in the order of the hosts, or one by one as they come (`for await`). */
export interface HostsRun<Result>
  extends Promise<readonly HostOutcome<Result>[]>,
    AsyncIterable<HostOutcome<Result>> {
  /** All results, in the order of the hosts. @throws HostsError where one failed */
  orThrow(): Promise<readonly Result[]>;
}

/** A command failed on some of several hosts; `errors` are theirs, `outcomes` those of all. */
export class HostsError extends AggregateError {
  override readonly name = 'HostsError';
  readonly outcomes: readonly HostOutcome<unknown>[];

  constructor(outcomes: readonly HostOutcome<unknown>[]) {
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    const lines = failed.map(({ address, reason }) => `${address}: ${String(reason)}`);
    super(
      failed.map(({ reason }) => reason),
      `${failed.length} of ${outcomes.length} hosts failed\n${lines.join('\n')}`,
    );
    this.outcomes = outcomes;
  }
}

export interface ConnectAllOptions extends ConnectOptions {
  /** On how many hosts a command runs at a time. Default: on all. */
  readonly concurrency?: number | undefined;
}

/** Several hosts that are asked for the same. */
export interface Hosts {
  readonly addresses: readonly string[];
  /** `` all.$`uptime` `` on each of them. */
  $(template: TemplateStringsArray, ...expressions: readonly Expression[]): HostsRun<ScriptResult>;
  /** `host.run` on each of them. */
  run(file: string, args?: readonly string[], options?: RunOptions): HostsRun<RunResult>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a template takes: a text, a number, or several of them. */
export type Expression = string | number | readonly (string | number)[];
type ScriptResult = Awaited<HostSubprocess<object>>;

/**
 * Connects to several hosts, each at its first command. One that is down fails alone: its outcome says why.
 * @throws RexaError USAGE
 */
export function connectAll(
  addresses: readonly string[],
  { concurrency = Number.POSITIVE_INFINITY, ...options }: ConnectAllOptions = {},
): Hosts {
  if (!(concurrency >= 1)) throw new RexaError('USAGE', [`concurrency is 1 or more, not ${concurrency}`]);
  const connections = new Map<number, Promise<Host>>();

  function connectOnce(index: number): Promise<Host> {
    const address = addresses[index] ?? '';
    const connection = connections.get(index) ?? connect(address, options);
    connections.set(index, connection);
    // One that was down may be there at the next command
    connection.catch(() => connections.delete(index));
    return connection;
  }

  function runOnAll<Result>(start: (host: Host) => PromiseLike<Result>): HostsRun<Result> {
    const outcomes = spread(addresses.length, concurrency, async (index): Promise<HostOutcome<Result>> => {
      const address = addresses[index] ?? '';
      try {
        return { address, status: 'fulfilled', value: await start(await connectOnce(index)) };
      } catch (reason) {
        return { address, status: 'rejected', reason };
      }
    });
    return Object.assign(Promise.all(outcomes), {
      async orThrow() {
        const all = await Promise.all(outcomes);
        if (all.some(({ status }) => status === 'rejected')) throw new HostsError(all);
        return all.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      },
      [Symbol.asyncIterator]: () => asTheyCome(outcomes),
    });
  }

  return {
    addresses,
    $: (template, ...expressions) =>
      runOnAll(
        (host) => (host.$ as HostScript<object>)(template, ...expressions) as PromiseLike<ScriptResult>,
      ),
    run: (file, args = [], runOptions = {}) => runOnAll((host) => host.run(file, args, runOptions)),
    async close() {
      const open = await Promise.allSettled(connections.values());
      await Promise.all(open.flatMap((each) => (each.status === 'fulfilled' ? [each.value.close()] : [])));
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

/** Starts so many at a time, in order; their promises are there at once. */
function spread<Result>(
  count: number,
  concurrency: number,
  start: (index: number) => Promise<Result>,
): Promise<Result>[] {
  const waiting: (() => void)[] = [];
  let running = 0;
  return Array.from({ length: count }, async (_, index) => {
    if (running >= concurrency) await new Promise<void>((resolve) => void waiting.push(resolve));
    running += 1;
    try {
      return await start(index);
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  });
}

async function* asTheyCome<Result>(promises: readonly Promise<Result>[]): AsyncGenerator<Result> {
  const pending = new Map(
    promises.map((promise, index) => [index, promise.then((value) => ({ index, value }))]),
  );
  while (pending.size > 0) {
    const { index, value } = await Promise.race(pending.values());
    pending.delete(index);
    yield value;
  }
}
