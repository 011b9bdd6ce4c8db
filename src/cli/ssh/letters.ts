import { applyKeyword, applyLine } from '../../config/ssh/apply-line.ts';
import { type ForwardLetter, readForwardSpec, readStdioTarget } from '../../config/ssh/forward-spec.ts';
import { addForward } from '../../config/ssh/keywords/row.ts';
import type { Draft, LogLevel } from '../../config/ssh/settings.ts';

/** What an option of one letter does to the settings. */
type Effect = (draft: Draft, value: string) => void;

/** Stands for a keyword: the first that was given counts. */
const offer =
  (letter: string, keyword: string): Effect =>
  (draft, value) =>
    applyKeyword(draft, keyword, value, `-${letter}`);

/** Decides, whatever `-o` has said before. */
const decide =
  (settings: Draft['settings']): Effect =>
  (draft) => {
    Object.assign(draft.settings, settings);
  };

const decideText =
  (setting: 'controlPath'): Effect =>
  (draft, value) => {
    draft.settings[setting] = value;
  };

const forward =
  (letter: ForwardLetter): Effect =>
  (draft, value) =>
    addForward(draft, readForwardSpec(letter, value));

/** For a keyword that changes nothing: what is said of it. */
const remark =
  (letter: string, keyword: string, value: 'yes' | 'no'): Effect =>
  (draft) => {
    draft.remarks.delete(keyword);
    applyKeyword(draft, keyword, value, `-${letter}`);
  };

/** What each `-v` comes to, whatever `LogLevel` said before it. */
const VERBOSE: readonly LogLevel[] = ['DEBUG', 'DEBUG2', 'DEBUG3'];

/** The options of ssh(1) that stand for keywords. Whether the first or the last counts is as ssh has it. */
export const LETTERS: Readonly<Record<string, Effect>> = {
  '4': decide({ addressFamily: 'inet' }),
  '6': decide({ addressFamily: 'inet6' }),
  A: decide({ forwardAgent: true }),
  a: decide({ forwardAgent: false }),
  D: forward('D'),
  e: (draft, value) => {
    delete draft.settings.escapeChar;
    applyKeyword(draft, 'EscapeChar', value, '-e');
  },
  f: decide({ forkAfterAuthentication: true, stdinNull: true }),
  g: decide({ gatewayPorts: true }),
  i: offer('i', 'IdentityFile'),
  J: offer('J', 'ProxyJump'),
  L: forward('L'),
  l: (draft, value) => {
    draft.isUserLiteral ||= draft.settings.user === undefined;
    applyKeyword(draft, 'User', value, '-l');
  },
  M: ({ settings }) => {
    settings.controlMaster = settings.controlMaster === 'yes' ? 'ask' : 'yes';
  },
  N: decide({ sessionType: 'none', requestTty: 'no' }),
  n: decide({ stdinNull: true }),
  o: applyLine,
  P: offer('P', 'Tag'),
  p: offer('p', 'Port'),
  q: decide({ logLevel: 'QUIET' }),
  R: forward('R'),
  S: decideText('controlPath'),
  s: decide({ sessionType: 'subsystem' }),
  T: decide({ requestTty: 'no' }),
  t: ({ settings }) => {
    settings.requestTty = settings.requestTty === 'yes' ? 'force' : 'yes';
  },
  v: (draft) => {
    draft.settings.logLevel = VERBOSE[draft.verbosity++] ?? 'DEBUG3';
  },
  W: ({ settings }, value) => {
    settings.stdioForward = readStdioTarget(value);
  },
  X: remark('X', 'ForwardX11', 'yes'),
  x: remark('x', 'ForwardX11', 'no'),
  Y: remark('Y', 'ForwardX11', 'yes'),
};
