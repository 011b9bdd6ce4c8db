import * as v from 'valibot';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { expectType, strictMap } from '../../config/strict-map.ts';
import { recordOf } from '../../protocol/record.ts';
import type { SshHost } from './ssh-host.ts';

const text = (what: string) =>
  v.pipe(v.string(expectType(what)), v.minLength(1, `expected ${what}, not an empty text`));

/** As on the command line: 30s, 5m, 1h30m, 250ms; a bare number is seconds. */
const DURATION =
  /^(?=.)(?:\d+(?:\.\d+)?d)?(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?$/;
const NO_DURATION = 'expected a duration above 0, such as 10s, 5m or 250ms (a bare number is seconds)';
const duration = v.union(
  [
    v.pipe(v.string(), v.regex(DURATION, NO_DURATION)),
    v.pipe(v.number(), v.minValue(0.001, NO_DURATION), v.maxValue(2_147_483, NO_DURATION)),
  ],
  NO_DURATION,
);

const NO_PORT = 'expected a port from 1 to 65535';
const port = v.pipe(
  v.number(NO_PORT),
  v.integer(NO_PORT),
  v.minValue(1, NO_PORT),
  v.maxValue(65_535, NO_PORT),
);

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const variables = recordOf(
  v.pipe(v.string(), v.regex(VARIABLE, 'a variable is named with letters, digits and _')),
  v.string(expectType('text (a number in quotes)')),
  expectType('a map of variables'),
);

/** How a host, or a group, is called. It can't be taken for an address, an option or a path. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const NO_NAME = 'a name has letters, digits, dots, hyphens and _, and begins with none of the marks';
const name = v.pipe(v.string(expectType('a name')), v.regex(NAME, NO_NAME));
const names = v.array(name, expectType('a list of names'));

/** What may be said of all hosts, of a group, and of one host. */
const SETTINGS = {
  user: v.optional(
    v.pipe(text('a user'), v.description('User to run commands as; only the daemon’s own user is accepted')),
  ),
  port: v.optional(
    v.pipe(port, v.description('Port of a host over TLS whose address has none. Default: 7522')),
  ),
  identities: v.optional(
    v.pipe(
      v.array(text('the path of a key'), expectType('a list of paths')),
      v.description('Private keys to log in with, in this order, and no others; ~/ is the home folder'),
    ),
  ),
  agent: v.optional(
    v.pipe(
      text('a path, or none'),
      v.description('Socket of the ssh-agent, or none. Default: $SSH_AUTH_SOCK'),
    ),
  ),
  jump: v.optional(
    v.pipe(
      v.union([text('a host'), v.array(text('a host'))], expectType('a host, a list of hosts, or none')),
      v.description('Jump hosts through which a host over TLS is reached, the nearest first; none: none'),
    ),
  ),
  'accept-new': v.optional(
    v.pipe(
      v.boolean(expectType('true or false')),
      v.description('Trust the key of an unknown host without asking'),
    ),
  ),
  'connect-timeout': v.optional(v.pipe(duration, v.description('Time limit for connecting. Default: 10s'))),
  share: v.optional(
    v.pipe(
      v.union([duration, v.literal(false)], NO_DURATION),
      v.description(
        'Keep the connection for later calls of rexa, for this time after the last one; false: no',
      ),
    ),
  ),
  encoding: v.optional(
    v.pipe(text('the name of an encoding'), v.description('Encoding of output: host, auto, binary, gbk …')),
  ),
  'stdin-encoding': v.optional(
    v.pipe(text('the name of an encoding'), v.description('Encoding of input. Default: same as encoding')),
  ),
  escape: v.optional(
    v.pipe(
      v.string(expectType('a character, or none')),
      v.regex(/^(?:[!-~]|\^[@-~]|none)$/, 'expected one character, ^ and a letter, or none'),
      v.description('Escape character of a terminal, recognized after Enter. Default: ~'),
    ),
  ),
  env: v.optional(
    v.pipe(variables, v.description('Variables for every command; those of all levels are merged')),
  ),
};

const settings = strictMap(SETTINGS);

const host = strictMap({
  address: v.optional(
    v.pipe(
      text('an address'),
      v.description('Address, as on the command line. Default: the name of the host'),
    ),
  ),
  command: v.optional(
    v.pipe(
      v.array(v.string(expectType('a word (a number in quotes)')), expectType('a list of words')),
      v.minLength(1, 'expected a program'),
      v.description('Instead of an address: a program and its arguments that runs rexad --stdio on the host'),
    ),
  ),
  aliases: v.optional(v.pipe(names, v.description('Other names of the host'))),
  pin: v.optional(
    v.pipe(
      v.string(expectType('a pin')),
      v.regex(
        /^SHA256:[A-Za-z0-9+/]{43}$/,
        'a pin is SHA256: and the 43 characters that ssh-keygen -l shows',
      ),
      v.description('Fingerprint that the host key must have; known_hosts is then not read'),
    ),
  ),
  ...SETTINGS,
});

const group = strictMap({
  hosts: v.pipe(names, v.description('Names or aliases of hosts, with or without an entry of their own')),
  ...SETTINGS,
});

/** The schema of the client's configuration; docs/config.schema.json is generated from it. */
export const CONFIG_SCHEMA = v.pipe(
  strictMap({
    'default-host': v.optional(
      v.pipe(text('a host'), v.description('Host of `rexa.$` if REXA_HOST is not set')),
    ),
    'ssh-config': v.optional(
      v.pipe(
        v.boolean(expectType('true or false')),
        v.description(
          'Read ~/.ssh/config and /etc/ssh/ssh_config for hosts over TLS in every command and in the library. Default: in rexa ssh only',
        ),
      ),
    ),
    'ssh-config-port': v.optional(
      v.pipe(
        v.boolean(expectType('true or false')),
        v.description(
          'Use Port of ~/.ssh/config and /etc/ssh/ssh_config, too. Default: false, since it is the port of sshd',
        ),
      ),
    ),
    defaults: v.optional(v.pipe(settings, v.description('Settings for every host'))),
    groups: v.optional(
      v.pipe(
        recordOf(name, group, expectType('a map of groups')),
        v.description('Settings for several hosts'),
      ),
    ),
    hosts: v.optional(
      v.pipe(recordOf(name, host, expectType('a map of hosts')), v.description('Hosts by name')),
    ),
  }),
  v.title('Configuration of rexa, ~/.config/rexa/config.yaml'),
);

export type Config = v.InferOutput<typeof CONFIG_SCHEMA> & {
  /** Reads what the files of ssh say of a host, but for some settings; present with `ssh-config: true`. */
  readonly readSshHost?: (host: string, preceded: readonly (keyof SshSettings)[]) => SshHost;
};
export type Settings = v.InferOutput<typeof settings>;
export type HostEntry = v.InferOutput<typeof host>;
