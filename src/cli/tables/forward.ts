import type { CommandSpec } from '../../command-line/command-spec.ts';
import { flag, list, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { readForwardSpec, readStdioTarget } from '../../config/ssh/forward-spec.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES, LOGIN_OPTIONS, RECONNECT_OPTIONS } from './common.ts';

const FORWARD_OPTIONS = {
  L: list(
    'SPEC',
    (text) => readForwardSpec('L', text),
    'Listen here, connect from HOST: [BIND:]PORT:TARGET:PORT, or a path of a Unix socket on either side',
  ),
  R: list(
    'SPEC',
    (text) => readForwardSpec('R', text),
    'Listen on HOST, connect from here; [BIND:]PORT alone: a SOCKS server there',
  ),
  D: list(
    'SPEC',
    (text) => readForwardSpec('D', text),
    'SOCKS server (4, 4a, 5) on [BIND:]PORT here that connects from HOST',
  ),
  W: value('TARGET:PORT', readStdioTarget, 'Connect stdin and stdout with this port, as seen from HOST'),
  g: flag('Listen on all addresses where SPEC has no BIND'),
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa forward`. */
export const FORWARD_COMMAND: CommandSpec<typeof FORWARD_OPTIONS> = {
  name: 'rexa forward',
  summary: 'Forward ports and Unix sockets',
  usage: ['rexa forward [OPTIONS] HOST (-L|-R|-D) SPEC...', 'rexa forward [OPTIONS] HOST -W TARGET:PORT'],
  about:
    'Forwards connections between this machine and HOST until a signal ends it. SPEC is that of ssh. Port 0 takes a free ' +
    'port, which is printed. It fails if one of several forwardings cannot listen.',
  operands: ['HOST'],
  operandChoices: HOST_CHOICES,
  options: FORWARD_OPTIONS,
  examples: [
    { line: 'rexa forward db1 -L 5432:localhost:5432', about: "the host's database on port 5432 here" },
    { line: 'rexa forward web1 -R 8080:localhost:3000', about: 'port 3000 here on port 8080 of the host' },
    { line: 'rexa forward gateway -D 1080', about: 'a SOCKS proxy that connects from the host' },
    { line: 'rexa forward app1 -L /tmp/app.sock:/run/app.sock', about: 'Unix sockets' },
    { line: 'rexa forward gateway -W mail:25', about: 'a connection on stdin and stdout' },
  ],
};
