import { readPositiveDuration } from '../../command-line/duration.ts';
import type { ConfigProblem } from '../../config/config-file.ts';
import { parseAddress } from '../../transports/address.ts';
import type { Config, HostEntry, Settings } from './config-schema.ts';

/** What is wrong with a configuration although its shape is right. */
export function* checkConfig(config: Config): Generator<ConfigProblem> {
  const hosts = Object.entries(config.hosts ?? {});
  yield* checkSettings(['defaults'], config.defaults ?? {});
  for (const [name, group] of Object.entries(config.groups ?? {}))
    yield* checkSettings(['groups', name], group);
  for (const [name, host] of hosts) {
    yield* checkSettings(['hosts', name], host);
    yield* checkAddress(name, host);
  }
  yield* checkNames(hosts);
}

function* checkSettings(path: readonly string[], settings: Settings): Generator<ConfigProblem> {
  const timeout = settings['connect-timeout'];
  if (timeout === undefined) return;
  try {
    readPositiveDuration(String(timeout));
  } catch (error) {
    yield { path: [...path, 'connect-timeout'], what: 'value', reason: (error as Error).message };
  }
}

function* checkAddress(name: string, host: HostEntry): Generator<ConfigProblem> {
  const path = ['hosts', name];
  if (host.command !== undefined) {
    const other = host.address !== undefined ? 'address' : host.pin !== undefined ? 'pin' : null;
    if (other !== null)
      yield { path: [...path, other], what: 'key', reason: `a host with a command has no ${other}` };
    if (host.command[0] === '')
      yield {
        path: [...path, 'command', 0],
        what: 'value',
        reason: 'expected the name of a program',
      };
    return;
  }
  try {
    const address = parseAddress(host.address ?? name);
    if (host.pin === undefined) return;
    if (address.kind !== 'tls')
      yield { path: [...path, 'pin'], what: 'key', reason: 'only a host over TLS has a key to be pinned' };
    else if (address.pin !== null)
      yield { path: [...path, 'pin'], what: 'key', reason: 'its address has a pin already' };
  } catch (error) {
    const isNamed = host.address !== undefined;
    const reason = (error as Error).message;
    yield isNamed
      ? { path: [...path, 'address'], what: 'value', reason }
      : { path, what: 'key', reason: `an address is needed here: ${reason}` };
  }
}

/** A name is one host's. `local` is always the daemon of this user. */
function* checkNames(hosts: readonly (readonly [string, HostEntry])[]): Generator<ConfigProblem> {
  const owners = new Map(hosts.map(([name]) => [name, name]));
  for (const [name, { aliases = [], address = 'local', command }] of hosts) {
    if (name === 'local' && (address !== 'local' || command !== undefined))
      yield {
        path: ['hosts', name, command === undefined ? 'address' : 'command'],
        what: 'value',
        reason: 'local is always the daemon of this user',
      };
    for (const [index, alias] of aliases.entries()) {
      const owner = owners.get(alias) ?? (alias === 'local' ? 'the daemon of this user' : undefined);
      if (owner !== undefined)
        yield {
          path: ['hosts', name, 'aliases', index],
          what: 'value',
          reason: `${alias} is ${owner} already`,
        };
      owners.set(alias, name);
    }
  }
}
