import type { LinkChannel } from '../../link/channel.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { CallChannel } from '../call.ts';
import { joinClient } from '../join-client.ts';
import type { RunMessages } from '../run/inbox.ts';
import { whoLeaves } from '../who-leaves.ts';
import { readTerminalFinalMessage, type TerminalFinalMessage } from './messages.ts';

/** A client, and the terminal of the supervisor that it is joined to. */
export interface BridgedTerminal {
  readonly id: string;
  readonly client: CallChannel;
  /** What the client says. */
  readonly messages: RunMessages;
  readonly terminal: LinkChannel;
  /** What the supervisor has said first. */
  readonly first: JsonObject;
}

/**
 * Puts both together, bytes and messages in both directions. The client's channel is left open behind the last byte, for the
 * last word.
 * @param released resolves when the daemon itself leaves the terminal
 * @returns the supervisor's last word; null: the client is gone, or the daemon leaves
 * @throws RexaError TERMINAL_LOST
 */
export async function bridgeTerminal(
  { id, client, messages, terminal, first }: BridgedTerminal,
  released: Promise<unknown>,
): Promise<TerminalFinalMessage | null> {
  client.send(first);
  const { keys, over } = joinClient(client, terminal);
  terminal.takeMessages((next) => client.send(next));
  void passMessages(messages, terminal);
  const end = await Promise.race([over, whoLeaves(client, released)]);
  keys.unpipe();
  if ('gone' in end) {
    terminal.abort({ gone: end.gone });
    return null;
  }
  if (end.kind === 'link-ended') throw new RexaError('TERMINAL_LOST', [id]);
  return readTerminalFinalMessage(end.last);
}

/** The terminal checks what it is told. */
async function passMessages(messages: RunMessages, terminal: LinkChannel): Promise<void> {
  for (let next = await messages.next(); next !== null; next = await messages.next()) terminal.send(next);
}
