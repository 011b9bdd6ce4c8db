import { RexaError } from '../protocol/errors.ts';
import { NEXT_ADDRESS_MS } from './limits.ts';
import { createProber, type ProbeAnswer, type Prober, type ProberHandlers } from './probe.ts';
import type { Place } from './tls/race-addresses.ts';

/** As of one place, and which place has answered. */
interface RaceHandlers extends Omit<ProberHandlers, 'handleAnswer'> {
  handleAnswer(answer: ProbeAnswer, place: Place): void;
}

/**
 * Sends probes to the places of a host, as `raceAddresses` connects: to the next place when those before are unreachable, or
 * have not answered for a while. The first place that answers is kept, and the others are left.
 * @param verify as for `createProber`
 */
export function raceProbers(
  places: readonly Place[],
  verify: Parameters<typeof createProber>[1],
  handlers: RaceHandlers,
): Prober {
  const [first] = places;
  if (first === undefined) throw new RexaError('INTERNAL', ['a name without an address']);
  let left = places;
  let probers: readonly Prober[] = [];
  /** Places of which the system has reported something. */
  const unreachable = new Set<Place>();
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;

  function openNext(): void {
    clearTimeout(timer);
    const [place, ...rest] = left;
    if (place === undefined) return;
    left = rest;
    const prober: Prober = createProber(place, verify, {
      handleAnswer(answer) {
        keep(prober);
        handlers.handleAnswer(answer, place);
      },
      handleFailure(error) {
        close();
        handlers.handleFailure(error);
      },
      handleUnreachable(reason) {
        unreachable.add(place);
        if (probers.some((each) => !unreachable.has(each.place))) return;
        if (left.length > 0) openNext();
        else handlers.handleUnreachable(reason);
      },
    });
    probers = [...probers, prober];
    for (let again = 0; again < sent; again++) prober.send();
    if (left.length > 0) timer = setTimeout(openNext, NEXT_ADDRESS_MS);
  }

  function keep(prober: Prober): void {
    clearTimeout(timer);
    left = [];
    for (const other of probers) if (other !== prober) other[Symbol.dispose]();
    probers = [prober];
  }

  function close(): void {
    clearTimeout(timer);
    left = [];
    for (const prober of probers) prober[Symbol.dispose]();
  }

  openNext();
  return {
    get place() {
      return probers[0]?.place ?? first;
    },
    get key() {
      return probers.find(({ key }) => key !== null)?.key ?? null;
    },
    send() {
      sent++;
      for (const prober of probers) prober.send();
    },
    [Symbol.dispose]: close,
  };
}
