import type { Host } from '../../client/host-types.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showText, writeJsonLine } from '../../protocol/show-text.ts';
import { isSettledWithin } from '../../runtime/awake-timer.ts';
import { print } from '../output/print.ts';
import { formatMs, roundMs, summarize } from './round-trips.ts';

/** How round trips are told. */
export interface PingPlan {
  readonly count: number;
  readonly timeoutMs: number;
  readonly isJson: boolean;
}

/** What was found out so far; `roundTripsMs` grows. */
interface Told {
  readonly host: Host;
  readonly roundTripsMs: readonly number[];
  readonly isLast: boolean;
}

/** Measures round trips over the connection to a daemon. @returns the exit status @throws RexaError CONNECT_TIMEOUT, LINK_LOST */
export async function pingHost(host: Host, { count, timeoutMs, isJson }: PingPlan): Promise<number> {
  const tell = isJson ? writeJson : writeText;
  const roundTripsMs: number[] = [];
  for (let index = 0; index < count; index++) {
    roundTripsMs.push(await within(timeoutMs, host));
    const text = tell({ host, roundTripsMs, isLast: index + 1 === count });
    const status = text === '' ? 0 : await print(text);
    if (status !== 0) return status;
  }
  return 0;
}

/** One round trip. @throws RexaError CONNECT_TIMEOUT when the daemon, or the way to it, hangs */
async function within(timeoutMs: number, host: Host): Promise<number> {
  const trip = host.ping();
  const settled = trip.catch(() => undefined);
  if (!(await isSettledWithin(settled, timeoutMs)))
    throw new RexaError('CONNECT_TIMEOUT', [host.address, timeoutMs]);
  return trip;
}

function writeText({ host, roundTripsMs, isLast }: Told): string {
  const { agent, protocol, encoding } = host.peer;
  const first = roundTripsMs.length === 1;
  const head = first
    ? `${showText(host.address)}: ${agent}, protocol ${protocol}, encoding ${encoding}\n`
    : '';
  const trip = `${roundTripsMs.length}: ${formatMs(roundTripsMs.at(-1) ?? 0)}\n`;
  if (!isLast) return head + trip;
  const { min, median, max } = summarize(roundTripsMs);
  return `${head}${trip}min ${formatMs(min)}, median ${formatMs(median)}, max ${formatMs(max)}\n`;
}

function writeJson({ host, roundTripsMs, isLast }: Told): string {
  if (!isLast) return '';
  const { min, median, max } = summarize(roundTripsMs);
  return writeJsonLine({
    v: 1,
    host: host.address,
    ...host.peer,
    roundTripsMs: roundTripsMs.map(roundMs),
    minMs: roundMs(min),
    medianMs: roundMs(median),
    maxMs: roundMs(max),
  });
}
