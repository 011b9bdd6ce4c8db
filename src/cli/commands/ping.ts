import { readHostName } from '../../client/host-name.ts';
import type { Host } from '../../client/host-types.ts';
import type { ParsedWords } from '../../command-line/parse-words.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { escapeJson, showText } from '../../protocol/show-text.ts';
import { startAwakeTimer } from '../../runtime/awake-timer.ts';
import { EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { withHost } from '../host/with-host.ts';
import { writeStandardOutput } from '../output/standard-output.ts';
import type { PING_COMMAND } from '../tables/others.ts';

const DEFAULT_PINGS = 4;

/** `rexa ping`: who answers there, and how long a round trip takes. */
export async function run(parsed: ParsedWords<(typeof PING_COMMAND)['options']>): Promise<number> {
  const { values, operands } = parsed;
  const [called] = operands;
  if (called === undefined) throw usageError('a HOST is missing: rexa ping HOST');
  const timeoutMs = values['connect-timeout'] ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const tell = values.json ? writeJson : writeText;
  return withHost(readHostName(called), values, (host) =>
    ping(host, values.c ?? DEFAULT_PINGS, timeoutMs, tell),
  );
}

type Tell = (told: Told) => string;

/** What was found out so far; `roundTripsMs` grows. */
interface Told {
  readonly host: Host;
  readonly roundTripsMs: readonly number[];
  readonly isLast: boolean;
}

async function ping(host: Host, count: number, timeoutMs: number, tell: Tell): Promise<number> {
  const roundTripsMs: number[] = [];
  for (let index = 0; index < count; index++) {
    roundTripsMs.push(await within(timeoutMs, host));
    const text = tell({ host, roundTripsMs, isLast: index + 1 === count });
    if (text !== '' && !(await writeStandardOutput(text))) return EXIT_STDOUT_CLOSED;
  }
  return 0;
}

/** One round trip. @throws RexaError CONNECT_TIMEOUT when the daemon, or the way to it, hangs */
async function within(timeoutMs: number, host: Host): Promise<number> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = startAwakeTimer(
    () => reject(new RexaError('CONNECT_TIMEOUT', [host.address, timeoutMs])),
    timeoutMs,
  );
  try {
    return await Promise.race([host.ping(), late]);
  } finally {
    timer.stop();
  }
}

function writeText({ host, roundTripsMs, isLast }: Told): string {
  const { agent, protocol, encoding } = host.peer;
  const first = roundTripsMs.length === 1;
  const head = first
    ? `${showText(host.address)}: ${agent}, protocol ${protocol}, encoding ${encoding}\n`
    : '';
  const trip = `${roundTripsMs.length}: ${format(roundTripsMs.at(-1) ?? 0)}\n`;
  if (!isLast) return head + trip;
  const { min, median, max } = summarize(roundTripsMs);
  return `${head}${trip}min ${format(min)}, median ${format(median)}, max ${format(max)}\n`;
}

function writeJson({ host, roundTripsMs, isLast }: Told): string {
  if (!isLast) return '';
  const { min, median, max } = summarize(roundTripsMs);
  return `${escapeJson(
    JSON.stringify({
      v: 1,
      host: host.address,
      ...host.peer,
      roundTripsMs: roundTripsMs.map(round),
      minMs: round(min),
      medianMs: round(median),
      maxMs: round(max),
    }),
  )}\n`;
}

function summarize(values: readonly number[]): {
  readonly min: number;
  readonly median: number;
  readonly max: number;
} {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return { min: sorted[0] ?? 0, median, max: sorted.at(-1) ?? 0 };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function format(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}
