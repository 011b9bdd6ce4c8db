import * as v from 'valibot';
import { countSchema } from '../../protocol/exit-fields.ts';
import { toldTextSchema } from '../../protocol/told-text.ts';
import { escapeSaid } from './escape-messages.ts';

/** The longest name of a member. */
const MAX_NAME_CHARACTERS = 32;
/** Nobody sees them, so that two names with and without them are the same to a reader. */
const INVISIBLE = '\\p{Default_Ignorable_Code_Point}';
const NAME = new RegExp(
  `^~?[[\\p{L}\\p{N}]--${INVISIBLE}][[\\p{L}\\p{M}\\p{N}._@\\-]--${INVISIBLE}]{0,${MAX_NAME_CHARACTERS - 1}}$`,
  'v',
);
/** Alphabets with letters that look like those of another one. */
const LIKE_ALPHABETS = ['Latin', 'Greek', 'Cyrillic', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'].map(
  (script) => new RegExp(`\\p{Script=${script}}`, 'u'),
);
/** It is the name of a file as well. */
const ROOM = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What a name has to look like, in words. */
export const NAME_RULE = `a name has up to ${MAX_NAME_CHARACTERS} letters, digits, . _ - and @, begins with a letter or digit, and does not mix alphabets that look alike`;

/** The room that is entered where none is named. */
export const DEFAULT_ROOM = 'lobby';

/** Returns whether a member may have this name. Only a peer without a login has one that begins with `~`. */
export function isTalkName(name: string): boolean {
  return NAME.test(name) && LIKE_ALPHABETS.filter((alphabet) => alphabet.test(name)).length <= 1;
}

/** Returns what is the same for names that a reader takes for one. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** Returns a name made of a text from elsewhere; empty where nothing of it can be in one. */
export function makeTalkName(text: string): string {
  const name = text
    .normalize('NFC')
    .replace(new RegExp(INVISIBLE, 'gu'), '')
    .replace(/[^\p{L}\p{M}\p{N}._@-]+/gu, '_')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  return [...name].slice(0, MAX_NAME_CHARACTERS).join('').replace(/_+$/, '');
}

const nameSchema = v.pipe(v.string(), v.regex(NAME, NAME_RULE));

const roomSchema = v.pipe(
  v.string(),
  v.regex(ROOM, 'a room has up to 64 characters of A-Z a-z 0-9 . _ -, and begins with a letter or digit'),
);

/** The schema of a request: a room, or a conversation with one other. */
export const talkRequestSchema = v.union(
  [
    v.object({ service: v.literal('talk'), room: roomSchema }),
    v.object({ service: v.literal('talk'), with: nameSchema }),
  ],
  'room is the name of a room, or with the name of a member',
);

export type TalkRequest = v.InferOutput<typeof talkRequestSchema>;

/** The schema of what a member sends, a line of JSON each. */
export const talkLineSchema = v.union([
  v.object({ kind: v.literal('say'), text: v.string() }),
  v.object({ kind: v.literal('act'), text: v.string() }),
  v.object({ kind: v.literal('nick'), name: v.string() }),
  v.object({ kind: v.literal('who') }),
]);

export type TalkLine = v.InferOutput<typeof talkLineSchema>;

/** Text of another member: escaped like all text from elsewhere, but a tab stays one. */
const saidTextSchema = v.pipe(v.string(), v.transform(escapeSaid));

/** When, in ms since 1970, and who. */
const by = { at: countSchema, name: toldTextSchema };

const messageSchema = v.variant('kind', [
  v.object({ kind: v.literal('say'), ...by, text: saidTextSchema }),
  v.object({ kind: v.literal('act'), ...by, text: saidTextSchema }),
]);

/** What all members get, in one order; `n` counts it in its room, without gaps. */
export type TalkMessage = v.InferOutput<typeof messageSchema>;

const count = v.pipe(countSchema, v.integer());

/** The schema of what a member gets, a line of JSON each. Texts are escaped when they are read. */
export const talkEventSchema = v.variant('kind', [
  v.object({ kind: v.literal('say'), n: count, ...by, text: saidTextSchema }),
  v.object({ kind: v.literal('act'), n: count, ...by, text: saidTextSchema }),
  v.object({ kind: v.literal('entered'), n: count, ...by }),
  /** `reason`: why, where it did not leave by itself. */
  v.object({ kind: v.literal('left'), n: count, ...by, reason: v.nullable(toldTextSchema) }),
  /** It says no more, and still listens: the half-close of a conversation of two. */
  v.object({ kind: v.literal('finished'), n: count, ...by }),
  v.object({ kind: v.literal('renamed'), n: count, ...by, to: toldTextSchema }),
  /** The first one, for the new member alone: its name, who is there, and the last lines. */
  v.object({
    kind: v.literal('welcome'),
    name: toldTextSchema,
    members: v.array(toldTextSchema),
    history: v.array(messageSchema),
  }),
  /** Answers `who`. */
  v.object({
    kind: v.literal('members'),
    members: v.array(v.object({ name: toldTextSchema, principal: toldTextSchema })),
  }),
  /** What one member is told alone: its request could not be met, or its transcript is not kept. */
  v.object({ kind: v.literal('notice'), text: toldTextSchema }),
]);

export type TalkEvent = v.InferOutput<typeof talkEventSchema>;

/** Events that all members get. */
export type RoomEvent = Extract<TalkEvent, { n: number }>;

/** The schema of a last word of the daemon: how many lines it has taken of this member. */
export const talkEndSchema = v.object({ taken: count });
