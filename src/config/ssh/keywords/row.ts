import { quoteWord, usageError } from '../../../command-line/usage-error.ts';
import type { ConfigLine } from '../config-line.ts';
import { FORWARD_SETTINGS, type ForwardLetter, type ForwardSpec, readForwardSpec } from '../forward-spec.ts';
import type { Draft, SshSettings } from '../settings.ts';
import { type ReadValue, readText, readTimeMs } from '../values.ts';

/** How one keyword of ssh_config is handled. */
export type KeywordRow = HonouredRow | HarmlessRow | RefusedRow;

/** Has the same effect as in ssh. */
export interface HonouredRow {
  readonly fate: 'honoured';
  /** For the manual. */
  readonly about: string;
  /** Its values, for completion. */
  readonly choices?: readonly string[];
  /** @throws RexaError USAGE with a sentence about the value, without the keyword */
  take(draft: Draft, line: ConfigLine): void;
}

/** Is accepted and has no effect, since it configures something that rexa doesn't have. */
export interface HarmlessRow {
  readonly fate: 'harmless';
  readonly about: string;
  /** What OpenSSH calls it: ssh(1) ignores it too, and `-v` shows OpenSSH's own wording. */
  readonly ignoredAs?: 'Deprecated' | 'Unsupported';
  /** Printed when the value requests a feature without which ssh would go on, too. */
  readonly warning?: { readonly unless: readonly string[]; readonly text: string };
}

/** Is an error: ignoring it would change the meaning of the command. */
export interface RefusedRow {
  readonly fate: 'refused';
  /** The reason, as it follows "KEYWORD is not supported: ". */
  readonly about: string;
  /** Values that request nothing, and are accepted. */
  readonly unless: readonly string[];
}

/** The one word of a line. @throws RexaError USAGE */
export function onlyWord({ words }: ConfigLine): string {
  const [word, extra] = words;
  if (word === undefined) throw usageError('a value is missing');
  if (extra !== undefined) throw usageError(`unexpected argument ${quoteWord(extra)}`);
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

/** A keyword with a time. As in ssh, `none` leaves it to a later line. */
export function honourTime(
  setting: 'connectTimeoutMs' | 'serverAliveIntervalMs',
  about: string,
): HonouredRow {
  return {
    fate: 'honoured',
    about,
    take({ settings }, line) {
      const word = onlyWord(line);
      if (word.toLowerCase() === 'none') return;
      const timeMs = readTimeMs(word);
      settings[setting] ??= timeMs;
    },
  };
}

/** A keyword that names one file, and that may be given several times; a file that is named again changes nothing. */
export function honourEach(
  setting: 'certificateFile' | 'identityFile',
  read: ReadValue<string>,
  about: string,
): HonouredRow {
  return {
    fate: 'honoured',
    about,
    take({ settings }, line) {
      const file = read(onlyWord(line));
      const files = settings[setting] ?? [];
      if (!files.includes(file)) settings[setting] = [...files, file];
    },
  };
}

/** A keyword with one or more files, of which the first line counts. */
export function honourFiles(
  setting: 'globalKnownHostsFile' | 'revokedHostKeys' | 'userKnownHostsFile',
  about: string,
): HonouredRow {
  return {
    fate: 'honoured',
    about,
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings[setting] ??= words.map(readText);
    },
  };
}

/** A keyword whose value is a command: the text as it is written, of which the first counts; `none`: no command. */
export function honourCommand(setting: 'localCommand' | 'remoteCommand', about: string): HonouredRow {
  return {
    fate: 'honoured',
    about,
    take({ settings }, { text }) {
      const command = text.replace(/^[ \t=]*/, '');
      if (command === '') throw usageError('a value is missing');
      if (settings[setting] === undefined)
        settings[setting] = command.toLowerCase() === 'none' ? null : command;
    },
  };
}

/** A forwarding. All that are given count; one that is given again changes nothing. */
export function honourForward(letter: ForwardLetter, about: string): HonouredRow {
  return {
    fate: 'honoured',
    about,
    take(draft, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      addForward(draft, readForwardSpec(letter, words.join(':')));
    },
  };
}

/** Adds a forwarding that is not there yet. */
export function addForward({ settings }: Draft, spec: ForwardSpec): void {
  const name = FORWARD_SETTINGS[spec.letter];
  const isSame = (other: ForwardSpec): boolean => JSON.stringify(other) === JSON.stringify(spec);
  if (settings[name]?.some(isSame) !== true) settings[name] = [...(settings[name] ?? []), spec];
}

export function harmless(about: string): HarmlessRow {
  return { fate: 'harmless', about };
}

/** A keyword that OpenSSH itself has given up (`oDeprecated`, `oUnsupported` in its readconf.c). */
export function obsolete(ignoredAs: 'Deprecated' | 'Unsupported'): HarmlessRow {
  return {
    fate: 'harmless',
    about: `${ignoredAs.toLowerCase()} in OpenSSH; ignored, as in OpenSSH`,
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
