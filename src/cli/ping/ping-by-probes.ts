import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import { createProbeVerifier } from '../../client/probe-verifier.ts';
import { raceProbers } from '../../client/race-probers.ts';
import { lookUp, type Place } from '../../client/tls/race-addresses.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showUdpAddress } from '../../transports/listen-address.ts';
import { readHostOptions } from '../host/host-options.ts';
import { planHost } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { print } from '../output/print.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import { createProbeReport, type ProbeReport } from './probe-report.ts';

/** What is asked for. */
export interface ProbePlan {
  readonly count: number;
  readonly intervalMs: number;
  /** How long an answer to the last probe is waited for. */
  readonly waitMs: number;
  readonly isJson: boolean;
}

const EXIT_ANSWERED = 0;
const EXIT_NO_ANSWER = 1;

/**
 * `rexa ping udp://HOST[:PORT]`: sends probes, and tells which of them the right host has answered.
 * @param called without `udp://`
 * @returns the exit status
 * @throws RexaError ADDRESS_INVALID, CONNECT_FAILED for a name that is unknown, AUTH_HOST_*
 */
export async function pingByProbes(
  called: string,
  plan: ProbePlan,
  values: Parameters<typeof readHostOptions>[0],
  messages: Messages,
): Promise<number> {
  const options = { ...readHostOptions(values, null), identities: undefined };
  const { connect } = await planHost(called, options, messages);
  const { target } = connect;
  if (target?.kind !== 'tls' || target.port === 0)
    throw new RexaError('ADDRESS_INVALID', [`udp://${called}`, 'write udp://HOST:PORT']);
  const shown = showUdpAddress(target);
  const places = await lookUp(target.host, target.port, shown, connect.family);
  const verify = createProbeVerifier(target, connect, (line) => messages.warn(line));
  const report = createProbeReport(shown, plan.isJson);
  return probe(places, { ...plan, verify, report });
}

interface Probing extends ProbePlan {
  readonly verify: (key: PublicKey) => Promise<RexaError | null>;
  readonly report: ProbeReport;
}

/** @throws RexaError AUTH_HOST_*, AUTH_FILE_*; Error of the system where stdout cannot be written */
async function probe(places: readonly Place[], probing: Probing): Promise<number> {
  const { count, intervalMs, waitMs, report } = probing;
  const ended = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let sent = 0;

  /** 0 while stdout is open, once all before was written. Nothing is written after a failure. */
  let output = Promise.resolve(0);
  function write(text: string): void {
    if (text === '') return;
    output = output.then((status) => status || print(text));
    output.then((status) => status === 0 || ended.resolve(), ended.reject);
  }

  using prober = raceProbers(places, probing.verify, {
    handleAnswer(answer, place) {
      write(report.addAnswer(answer, place));
      if (report.answered === count) ended.resolve();
    },
    handleFailure: ended.reject,
    handleUnreachable: (reason) => write(report.addUnreachable(reason)),
  });

  function sendNext(): void {
    sent++;
    write(report.addSent(prober.place));
    prober.send();
    timer = sent < count ? setTimeout(sendNext, intervalMs) : setTimeout(ended.resolve, waitMs);
  }

  const stopWatching = watchInterrupts(process, () => ended.resolve());
  sendNext();
  try {
    await ended.promise;
    write(report.summarize(prober.key === null ? null : fingerprint(prober.key)));
    return (await output) || (report.answered > 0 ? EXIT_ANSWERED : EXIT_NO_ANSWER);
  } finally {
    clearTimeout(timer);
    stopWatching();
  }
}
