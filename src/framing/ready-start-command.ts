import { CARRIAGE_RETURN, EXIT, NEWLINE, START } from './ready-start.ts';
import { areSameBytes, joinBytes } from './ready-start-bytes.ts';

/** Why a command is refused. `reserved`: it is `Start` or `exit`, which have a meaning in the protocol. */
export type CommandRefusal = 'blank' | 'nul' | 'newline' | 'carriage-return' | 'reserved' | 'too-long';

const SPACE = 0x20;
const TAB = 0x09;

/**
 * Checks whether a simple peer would read these bytes as this one command: such a peer reads once, at most `maxBytes`, and
 * strips the result. A refused command is not sent at all.
 */
export function checkCommand(command: Uint8Array, maxBytes: number): CommandRefusal | null {
  if (command.includes(0)) return 'nul';
  if (command.includes(NEWLINE)) return 'newline';
  if (command.includes(CARRIAGE_RETURN)) return 'carriage-return';
  if (command.every((byte) => byte === SPACE || byte === TAB)) return 'blank';
  if (areSameBytes(command, EXIT) || areSameBytes(command, START)) return 'reserved';
  return command.length > maxBytes ? 'too-long' : null;
}

/** Returns the command with its newline, which is omitted if the command fills the peer's read, since it would be the next one. */
export function encodeCommand(command: Uint8Array, maxBytes: number): Uint8Array {
  return command.length < maxBytes ? joinBytes(command, Uint8Array.of(NEWLINE)) : command;
}
