import { RexaError } from '../../protocol/errors.ts';
import type { Talk, TalkEvent, TalkMessage } from '../../services/talk/client-types.ts';
import type { RoomEvent } from '../../services/talk/messages.ts';
import { formatTalk, readTyped } from '../../services/talk/text-messages.ts';
import { type Conversation, mentions, type ShownLine } from './conversation.ts';

const HELP =
  '/who lists the members, /me TEXT says what you do, /nick NAME changes your name, /quit leaves; // begins a text with /';

/** @param place the name of the room, or `@NAME` */
export function createHostConversation(talk: Talk, place: string): Conversation {
  const names = new Set<string>();
  const isPair = place.startsWith('@');
  let state: 'here' | 'quit' | 'left' = 'here';

  async function* readLines(): AsyncGenerator<ShownLine> {
    let lost: string | null = null;
    for await (const event of talk) {
      followNames(names, event);
      yield* showEvent(event);
      if (isPair && event.kind === 'left' && event.name !== talk.name) lost = event.reason;
    }
    if (lost !== null && state === 'here') throw new RexaError('TALK_CLOSED', [`${place}: ${lost}`]);
  }

  function* showEvent(event: TalkEvent): Generator<ShownLine> {
    switch (event.kind) {
      case 'welcome':
        for (const message of event.history) yield showMessage(message, 'earlier');
        yield describeWelcome(event, place);
        return;
      case 'members':
        for (const { name, principal } of event.members) yield showOwn('answer', `[${name}] ${principal}`);
        return;
      case 'notice':
        yield showOwn('note', event.text);
        return;
      default:
        yield showMessage(event, 'said');
    }
  }

  function showMessage(event: RoomEvent | TalkMessage, kind: 'said' | 'earlier'): ShownLine {
    const isOther = kind === 'said' && 'text' in event && event.name !== talk.name;
    return {
      text: formatTalk(event),
      atMs: event.at,
      kind,
      isMention: isOther && mentions(event.text, talk.name),
    };
  }

  function quit(): void {
    state = 'quit';
    if (isPair) talk.leave();
    else talk.finish();
  }

  return {
    lines: readLines(),
    names,
    get name() {
      return talk.name;
    },
    async type(line, isStrict) {
      // What follows /quit is not meant to be said
      if (state === 'quit') return null;
      const typed = readTyped(line);
      switch (typed.kind) {
        case 'say':
          await talk.say(typed.text);
          return null;
        case 'act':
          await talk.act(typed.text);
          return null;
        case 'nick':
          await talk.rename(typed.name);
          return null;
        case 'who':
          await talk.who();
          return null;
        case 'quit':
          quit();
          return null;
        case 'help':
          return HELP;
        case 'unknown':
          if (isStrict) return `unknown command ${typed.word}; ${HELP}`;
          await talk.say(line);
          return null;
        default:
          return typed satisfies never;
      }
    },
    finish: () => talk.finish(),
    leave() {
      state = 'left';
      talk.abort();
    },
  };
}

function followNames(names: Set<string>, event: TalkEvent): void {
  if (event.kind === 'welcome') for (const name of event.members) names.add(name);
  if (event.kind === 'entered') names.add(event.name);
  if (event.kind === 'left' || event.kind === 'renamed') names.delete(event.name);
  if (event.kind === 'renamed') names.add(event.to);
}

function describeWelcome(
  { name, members }: Extract<TalkEvent, { kind: 'welcome' }>,
  place: string,
): ShownLine {
  const others = members.filter((other) => other !== name).join(', ');
  if (!place.startsWith('@'))
    return showOwn(
      'greeting',
      `you are ${name} in the room ${place}; ${others === '' ? 'nobody else is here' : `also here: ${others}`}`,
    );
  if (others !== '') return showOwn('greeting', `you are ${name}, and ${others} is here`);
  return showOwn(
    'note',
    `you are ${name}; waiting for ${place.slice(1)}, who has to run: rexa talk HOST @${name}`,
  );
}

function showOwn(kind: ShownLine['kind'], text: string): ShownLine {
  return { text, atMs: Date.now(), kind, isMention: false };
}
