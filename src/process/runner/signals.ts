import { constants } from 'node:os';

/**
 * A signal's name: one that Node knows, or, for real-time signals and whatever has no name there, its number
 * behind SIG (`SIG34`). SIGRTMIN isn't used, since its number depends on the C library.
 */
export type SignalName = NodeJS.Signals | `SIG${number}`;

/** Of two names for one number (SIGABRT and SIGIOT) the first is the usual one. */
const NAMES: ReadonlyMap<number, NodeJS.Signals> = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name as NodeJS.Signals] as const)
    .toReversed(),
);

/** The name of the signal that has this number here. */
export function signalName(number: number): SignalName {
  return NAMES.get(number) ?? `SIG${number}`;
}

/** Whether a text from elsewhere names a signal that this host has: one of the standard signals of signal(7). */
export function isStandardSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}
