import type { ProbeAnswer } from '../../client/probe.ts';
import type { Place } from '../../client/tls/race-addresses.ts';
import { PROBE_BYTES } from '../../protocol/limits.ts';
import { showText, writeJsonLine } from '../../protocol/show-text.ts';
import { formatMs, roundMs, summarize } from './round-trips.ts';

/** What is told of probes, as ping(8) does, or at the end as JSON. Each function returns what is to be printed. */
export interface ProbeReport {
  readonly answered: number;
  addSent(place: Place): string;
  addAnswer(answer: ProbeAnswer, place: Place): string;
  addUnreachable(reason: string): string;
  /** @param fingerprint of the host's key; null: there was no answer */
  summarize(fingerprint: string | null): string;
}

/** @param address as it was called */
export function createProbeReport(address: string, isJson: boolean): ProbeReport {
  /** By the number of the probe; undefined: no answer. */
  const roundTripsMs: (number | undefined)[] = [];
  let sent = 0;
  let unreachable: string | null = null;
  const answers = (): readonly number[] => roundTripsMs.filter((each) => each !== undefined);

  return {
    get answered() {
      return answers().length;
    },
    addSent(place) {
      sent++;
      return isJson || sent > 1
        ? ''
        : `PROBE ${showText(address)} (${place.address}), ${PROBE_BYTES} bytes\n`;
    },
    addAnswer({ sequence, roundTripMs }, place) {
      roundTripsMs[sequence] = roundTripMs;
      return isJson
        ? ''
        : `answer from ${place.address}: seq=${sequence + 1} time=${formatMs(roundTripMs)}\n`;
    },
    addUnreachable(reason) {
      const isNew = reason !== unreachable;
      unreachable = reason;
      return isJson || !isNew ? '' : `no answer: ${showText(reason)}\n`;
    },
    summarize(fingerprint) {
      const all = answers();
      const lossPercent = sent === 0 ? 0 : Math.round(((sent - all.length) / sent) * 1000) / 10;
      const figures = summarize(all);
      if (isJson)
        return writeJson({ address, fingerprint, sent, all, lossPercent, unreachable, roundTripsMs });
      const counts = `${sent} sent, ${all.length} answered, ${lossPercent}% loss`;
      const trips = `round trip min ${formatMs(figures.min)}, avg ${formatMs(figures.average)}, max ${formatMs(figures.max)}\n`;
      return `--- ${showText(address)} ---\n${counts}\n${all.length === 0 ? '' : trips}`;
    },
  };
}

interface Told {
  readonly address: string;
  readonly fingerprint: string | null;
  readonly sent: number;
  readonly all: readonly number[];
  readonly lossPercent: number;
  readonly unreachable: string | null;
  readonly roundTripsMs: readonly (number | undefined)[];
}

function writeJson({
  address,
  fingerprint,
  sent,
  all,
  lossPercent,
  unreachable,
  roundTripsMs,
}: Told): string {
  const { min, average, median, max } = summarize(all);
  const figure = (ms: number): number | null => (all.length === 0 ? null : roundMs(ms));
  const trips = Array.from({ length: sent }, (_, index) => roundTripsMs[index]);
  const told = {
    v: 1,
    host: address,
    fingerprint,
    sent,
    received: all.length,
    lossPercent,
    roundTripsMs: trips.map((ms) => (ms === undefined ? null : roundMs(ms))),
    minMs: figure(min),
    avgMs: figure(average),
    medianMs: figure(median),
    maxMs: figure(max),
    reason: unreachable,
  };
  return writeJsonLine(told);
}
