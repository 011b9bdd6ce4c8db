import { isInRanges, parseAddressRanges } from '../../auth/address-list.ts';
import { parseIpAddress } from '../../auth/ip-address.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { userName } from '../../places/home-folder.ts';
import { matchesPatternList } from './patterns.ts';

/** What the criteria of a `Match` line are compared with. */
export interface MatchFacts {
  /** HOST as it was written. */
  readonly originalHost: string;
  /** HOST, or what `HostName` has made of it so far. */
  readonly host: string;
  /** The user to log in as. */
  readonly user: string;
  readonly tag: string;
  /** The command behind HOST; empty: none. */
  readonly command: string;
  readonly sessionType: 'default' | 'none' | 'subsystem';
  /** Of this program, as `ssh -V` would print it. */
  readonly version: string;
  /** Whether the files are read again with the final name of the host. */
  readonly isFinal: boolean;
  /** Expands the tokens of a command, runs it and returns whether it exited with 0. */
  execute(command: string): boolean;
}

/** What a `Match` line comes to. */
export interface MatchVerdict {
  readonly matches: boolean;
  /** Whether the line asks for a second reading, by `final`. */
  readonly wantsFinal: boolean;
}

type Test = (facts: MatchFacts, argument: string) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  host: ({ host }, list) => matchesPatternList(list.toLowerCase(), host.toLowerCase()),
  originalhost: ({ originalHost }, list) =>
    matchesPatternList(list.toLowerCase(), originalHost.toLowerCase()),
  user: ({ user }, list) => matchesPatternList(list, user),
  localuser: (_, list) => matchesPatternList(list, userName()),
  localnetwork: (_, list) => isOnNetwork(list),
  version: ({ version }, list) => matchesPatternList(list, version),
  tagged: ({ tag }, list) => (tag === '' ? list === '' : matchesPatternList(list, tag)),
  command: ({ command }, list) => (command === '' ? list === '' : matchesPatternList(list, command)),
  sessiontype: (facts, list) => matchesPatternList(list, nameSession(facts)),
  exec: ({ execute }, command) => execute(command),
};

/** Criteria whose argument may be empty. */
const MAY_BE_EMPTY: readonly string[] = ['tagged', 'command'];

/**
 * Decides a `Match` line of ssh_config(5). Each criterion may be negated with `!` and have its argument behind a blank or
 * `=`. No command is executed once a criterion has failed.
 * @throws RexaError USAGE in OpenSSH's words for a line that is wrong
 */
export function decideMatch(words: readonly string[], facts: MatchFacts): MatchVerdict {
  let matches = true;
  let wantsFinal = false;
  let index = 0;
  for (let count = 1; index < words.length; count++) {
    const { written, name, isNegated, argument } = readCriterion(words[index] ?? '');
    index++;
    if (name === 'all') {
      if (count > 2 || index < words.length)
        throw usageError(`'${written}' cannot be combined with other Match attributes`);
      return { matches: matches && !isNegated, wantsFinal };
    }
    if (name === 'final' || name === 'canonical') {
      wantsFinal ||= name === 'final' && !isNegated;
      matches &&= facts.isFinal !== isNegated;
      continue;
    }
    const value = argument ?? words[index++];
    if (value === undefined) throw usageError(`missing argument for Match '${written}'`);
    const test = findTest(name, value);
    matches &&= test(facts, value) !== isNegated;
  }
  if (index === 0) throw usageError('one or more attributes required for Match');
  return { matches, wantsFinal };
}

function readCriterion(written: string) {
  const isNegated = written.startsWith('!');
  const [name = '', ...rest] = written.slice(isNegated ? 1 : 0).split('=');
  return {
    written,
    name: name.toLowerCase(),
    isNegated,
    argument: rest.length > 0 ? rest.join('=') : undefined,
  };
}

/** Finds what a criterion tests, and checks its argument, which counts in a line that has failed already, too. */
function findTest(name: string, value: string): Test {
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (value === '' && !MAY_BE_EMPTY.includes(name)) throw usageError(`missing Match criteria for ${name}`);
  if (test === undefined) throw usageError(`unsupported Match attribute ${name}`);
  if (name === 'localnetwork') readNetworks(value);
  return test;
}

function nameSession({ sessionType, command }: MatchFacts): string {
  if (sessionType !== 'default') return sessionType;
  return command === '' ? 'shell' : 'exec';
}

function readNetworks(list: string) {
  try {
    return parseAddressRanges(list);
  } catch (cause) {
    throw usageError(`invalid network list '${list}'`, { cause });
  }
}

/** Whether an interface that is up has an address in one of the networks. */
function isOnNetwork(list: string): boolean {
  const networks = readNetworks(list);
  const interfaces = Object.values(process.getBuiltinModule('node:os').networkInterfaces()).flat();
  return interfaces.some((each) => {
    const address = each === undefined ? null : parseIpAddress(each.address);
    return address !== null && isInRanges(networks, address);
  });
}
