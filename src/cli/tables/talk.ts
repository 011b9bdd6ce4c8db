import type { CommandSpec } from '../../command-line/command-spec.ts';
import { file } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES, LOGIN_OPTIONS, RECONNECT_OPTIONS } from './common.ts';

const TALK_OPTIONS = {
  log: file('Append a transcript with times to FILE'),
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa talk`. */
export const TALK_COMMAND: CommandSpec<typeof TALK_OPTIONS> = {
  name: 'rexa talk',
  summary: 'Talk with others who are connected to a daemon',
  usage: [
    'rexa talk [OPTIONS] HOST [ROOM]',
    'rexa talk [OPTIONS] HOST @NAME',
    'rexa talk [OPTIONS] talk://127.0.0.1:PORT',
  ],
  about:
    'Enters a room of the daemon, lobby by default, or a conversation with NAME alone. Lines are sent as they are ' +
    'typed or read from stdin; /who lists the members, /me TEXT says what you do, /nick NAME changes your name, /quit ' +
    'or the end of input leaves. A text that begins with / is written with //.',
  operands: ['HOST', 'ROOM'],
  operandChoices: HOST_CHOICES,
  options: TALK_OPTIONS,
  examples: [
    { line: 'rexa talk build1', about: 'the room lobby of a host' },
    { line: 'rexa talk build1 deploy --log deploy.log', about: 'another room, with a transcript' },
    { line: "echo 'deployed 2.4' | rexa talk build1 deploy", about: 'one line, from a script' },
    { line: 'rexa talk build1 @alice', about: 'with alice alone, who runs the same with your name' },
    { line: 'rexa talk talk://127.0.0.1:5000', about: 'a server of plain lines on this machine' },
  ],
};
