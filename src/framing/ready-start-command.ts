import { CARRIAGE_RETURN, EXIT, NEWLINE, START } from './ready-start.ts';
import { areSameBytes, joinBytes } from './ready-start-bytes.ts';

/** Why a command may not be sent. `reserved`: it is `Start` or `exit`, which the wire takes for its own words. */
export type CommandRefusal = 'blank' | 'nul' | 'newline' | 'carriage-return' | 'reserved' | 'too-long';

const SPACE = 0x20;
const TAB = 0x09;

/**
 * Whether a peer of a few lines would take these bytes as this one command: it reads once, at most `maxBytes`, and
 * strips what it read. One that is refused is not sent at all.
 */
export function checkCommand(command: Uint8Array, maxBytes: number): CommandRefusal | null {
  if (command.includes(0)) return 'nul';
  if (command.includes(NEWLINE)) return 'newline';
  if (command.includes(CARRIAGE_RETURN)) return 'carriage-return';
  if (command.every((byte) => byte === SPACE || byte === TAB)) return 'blank';
  if (areSameBytes(command, EXIT) || areSameBytes(command, START)) return 'reserved';
  return command.length > maxBytes ? 'too-long' : null;
}

/** The command and its newline. One that fills the peer's read goes bare: the newline would be the next read. */
export function encodeCommand(command: Uint8Array, maxBytes: number): Uint8Array {
  return command.length < maxBytes ? joinBytes(command, Uint8Array.of(NEWLINE)) : command;
}
