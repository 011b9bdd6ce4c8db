import { quoteWord, usageError } from '../../../command-line/usage-error.ts';
import type { ConfigLine } from '../config-line.ts';
import type { Draft, SshSettings } from '../settings.ts';
import type { ReadValue } from '../values.ts';

/** What becomes of one keyword of ssh_config. */
export type KeywordRow = HonouredRow | HarmlessRow | RefusedRow;

/** It does here what it does in ssh. */
export interface HonouredRow {
  readonly fate: 'honoured';
  /** For the manual. */
  readonly about: string;
  /** Its values, for completion. */
  readonly choices?: readonly string[];
  /** @throws RexaError USAGE with a sentence about the value, without the keyword */
  take(draft: Draft, line: ConfigLine): void;
}

/** It may be given and changes nothing, since rexa has nothing that it could change. */
export interface HarmlessRow {
  readonly fate: 'harmless';
  readonly about: string;
  /** What OpenSSH calls it: ssh(1) ignores it too, and `-v` shows OpenSSH's own wording. */
  readonly ignoredAs?: 'Deprecated' | 'Unsupported';
  /** Said where the value asks for something that ssh, too, would do without when its server has it not. */
  readonly warning?: { readonly unless: readonly string[]; readonly text: string };
}

/** A command that asks for it would do something else than is meant. */
export interface RefusedRow {
  readonly fate: 'refused';
  /** Goes on after the keyword: "is not in this version: …". */
  readonly about: string;
  /** With these values it asks for nothing, and is harmless. */
  readonly unless: readonly string[];
}

/** The one word of a line. @throws RexaError USAGE */
export function onlyWord({ words }: ConfigLine): string {
  const [word, extra] = words;
  if (word === undefined) throw usageError('a value is missing');
  if (extra !== undefined) throw usageError(`${quoteWord(extra)} is one word too many`);
  return word;
}

type ValueOf<Name extends keyof SshSettings> = Exclude<SshSettings[Name], undefined>;

/** A keyword with one value, of which the first that was given counts, as in ssh. */
export function honourFirst<Name extends keyof SshSettings>(
  setting: Name,
  read: ReadValue<ValueOf<Name>>,
  about: string,
  choices: readonly string[] = [],
): HonouredRow {
  return {
    fate: 'honoured',
    about,
    choices,
    take({ settings }, line) {
      const value = read(onlyWord(line));
      if (settings[setting] === undefined) settings[setting] = value;
    },
  };
}

/** A keyword that may be given several times, with one or more words, all of which count. */
export function honourAll<Name extends 'certificateFile' | 'identityFile' | 'sendEnv' | 'setEnv'>(
  setting: Name,
  read: ReadValue<ValueOf<Name>[number]>,
  about: string,
): HonouredRow {
  return {
    fate: 'honoured',
    about,
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings[setting] = [...(settings[setting] ?? []), ...words.map(read)] as SshSettings[Name];
    },
  };
}

/** A forwarding: refused in the end, unless `ClearAllForwardings` clears it. */
export function forwarding(keyword: string): HonouredRow {
  return {
    fate: 'honoured',
    about: 'refused: nothing is forwarded yet; taken where `ClearAllForwardings` clears it',
    take({ forwardings }, line) {
      if (line.words.length === 0) throw usageError('a value is missing');
      forwardings.add(keyword);
    },
  };
}

export function harmless(about: string): HarmlessRow {
  return { fate: 'harmless', about };
}

/** A keyword that OpenSSH itself has given up (`oDeprecated`, `oUnsupported` in its readconf.c). */
export function obsolete(ignoredAs: 'Deprecated' | 'Unsupported'): HarmlessRow {
  return {
    fate: 'harmless',
    about: `${ignoredAs.toLowerCase()} in OpenSSH, and ignored as there`,
    ignoredAs,
  };
}

/** @param unless values that ask for nothing */
export function missed(about: string, unless: readonly string[], text: string): HarmlessRow {
  return { fate: 'harmless', about, warning: { unless, text } };
}

export function refused(about: string, unless: readonly string[] = []): RefusedRow {
  return { fate: 'refused', about, unless };
}
