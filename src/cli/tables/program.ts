import type { CommandSpec, ProgramSpec } from '../../command-line/command-spec.ts';
import { CP_COMMAND } from './cp.ts';
import { FORWARD_COMMAND } from './forward.ts';
import { ATTACH_COMMAND, JOBS_COMMAND, KILL_COMMAND, LOGS_COMMAND, WAIT_COMMAND } from './jobs.ts';
import { KEYS_COMMAND } from './keys.ts';
import { COMPLETION_COMMAND, HELP_COMMAND, PING_COMMAND, VERSION_COMMAND } from './others.ts';
import { RUN_COMMAND } from './run.ts';
import { SESSION_COMMAND } from './session.ts';
import { SHELL_COMMAND } from './shell.ts';
import { SMOKE_COMMAND } from './smoke.ts';
import { SSH_COMMAND } from './ssh.ts';
import { TALK_COMMAND } from './talk.ts';

const BEFORE_HELP = {
  run: RUN_COMMAND,
  ssh: SSH_COMMAND,
  shell: SHELL_COMMAND,
  session: SESSION_COMMAND,
  forward: FORWARD_COMMAND,
  talk: TALK_COMMAND,
  cp: CP_COMMAND,
  jobs: JOBS_COMMAND,
  logs: LOGS_COMMAND,
  attach: ATTACH_COMMAND,
  wait: WAIT_COMMAND,
  kill: KILL_COMMAND,
  smoke: SMOKE_COMMAND,
  ping: PING_COMMAND,
  keys: KEYS_COMMAND,
  completion: COMPLETION_COMMAND,
} as const satisfies Readonly<Record<string, CommandSpec>>;

/** The commands of this version, in the order of the help. */
export const COMMANDS = {
  ...BEFORE_HELP,
  help: { ...HELP_COMMAND, operandChoices: { COMMAND: [...Object.keys(BEFORE_HELP), 'help', 'version'] } },
  version: VERSION_COMMAND,
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;

/** The client, for help and completion. */
export const REXA: ProgramSpec = {
  name: 'rexa',
  usage: [
    'rexa run HOST [OPTIONS] (-c LINE | [--] FILE [ARG...])',
    'rexa HOST COMMAND...',
    'rexa COMMAND [OPTIONS] ...',
  ],
  about:
    'Runs commands on other hosts, with the whole output in UTF-8 and the true outcome. ' +
    'HOST is local, unix:/path/rexad.sock, a host over TLS (build1, or tls://build1:7522), or a name in the ' +
    'configuration. A first argument that is not a command is a HOST.',
  commands: COMMANDS,
  shortFor: 'ssh',
  examples: [
    { line: 'rexa run local -- uname -a', about: 'one command with exact arguments' },
    { line: "rexa ssh local 'df -h | tail -1'", about: 'a shell line, as with ssh' },
    { line: 'rexa local', about: 'a terminal' },
    { line: 'rexa shell local --line', about: 'a line shell' },
  ],
};

/** Reserved names of future commands. They are refused, so that they don't come into use as names of hosts. */
export const RESERVED_WORDS: Readonly<Record<string, string>> = {
  web: 'the browser terminal',
  fleet: 'many hosts at once',
  explain: 'explaining connections',
  config: 'a configuration',
};
