import type { Principal } from '../../auth/principal.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { AuditLines } from '../audit-lines.ts';
import { defineService } from '../define-service.ts';
import type { Bill, Costs, Service } from '../service.ts';
import type { Hub } from './hub.ts';
import { serveMember } from './member.ts';
import { makeTalkName, type TalkRequest, talkRequestSchema } from './messages.ts';
import type { Who } from './room.ts';
import { createRooms } from './rooms.ts';
import type { OpenTranscript } from './transcripts.ts';

/** What a daemon decides about talk. */
export interface Talking {
  /** Takes what a member or a room costs. @throws RexaError QUOTA_EXHAUSTED */
  charge(principal: Principal, costs: Costs, what: string): Bill;
  readonly openTranscript: OpenTranscript;
}

const MEMBER_COSTS: Costs = { talkers: 1 };
const ROOM_COSTS: Costs = { rooms: 1 };

/** The service `talk`, and its end. */
export interface TalkService {
  readonly service: Service;
  /** Ends all conversations: the daemon is about to leave. */
  closeAll(): void;
}

/** Creates the service `talk`: rooms, and conversations of two; docs/protocol.md, 14. */
export function createTalkService(audit: AuditLines, { charge, openTranscript }: Talking): TalkService {
  const rooms = createRooms((principal) => charge(principal, ROOM_COSTS, 'rooms'), openTranscript);

  /** @throws RexaError QUOTA_EXHAUSTED */
  function choose(request: TalkRequest, who: Who, principal: Principal): Hub {
    return 'room' in request ? rooms.room(request.room, principal) : rooms.pair(who.base, request.with);
  }

  const service = defineService<TalkRequest, TalkRequest>({
    name: 'talk',
    schema: talkRequestSchema,
    drain: 'refuse',
    authorize: (request) => request,
    audit: placeOf,
    async serve({ channel, principal }, { request, turn }) {
      turn.started();
      const who = describeWho(principal);
      const bill = charge(principal, MEMBER_COSTS, 'conversations');
      try {
        const hub = await findPlace();
        if (hub === null) return;
        const facts = placeOf(request);
        try {
          const reason = await serveMember(channel, hub, who, (name) =>
            audit.note('talk-entered', principal, { ...facts, name }),
          );
          audit.note('talk-left', principal, { ...facts, reason });
        } catch (error) {
          audit.note('talk-left', principal, { ...facts, reason: (error as Error).message });
          throw error;
        } finally {
          rooms.handleLeft(hub);
        }
      } finally {
        bill.giveBack();
      }

      /** Null: its client is gone. @throws RexaError QUOTA_EXHAUSTED */
      async function findPlace(): Promise<Hub | null> {
        const found = choose(request, who, principal);
        const wait = found.admit(who, channel.ended);
        if (wait === null) return found;
        // What an empty room costs may have been needed meanwhile
        return (await wait) === undefined ? choose(request, who, principal) : null;
      }
    },
  });
  return {
    service,
    closeAll() {
      for (const hub of rooms.open())
        hub.closeAll(new RexaError('TALK_CLOSED', ['the daemon is shutting down']));
    },
  };
}

function placeOf(request: TalkRequest): { readonly room: string } | { readonly with: string } {
  return 'room' in request ? { room: request.room } : { with: request.with };
}

/** A key has the name that its line, or its certificate, says; a user of this host that of its account. */
function describeWho({ proof, account }: Principal): Who {
  if (proof.kind === 'peer') return { base: makeTalkName(account), proof: `user ${account}` };
  const { fingerprint, comment, certificate } = proof;
  const keyId = certificate?.['keyId'];
  const name = makeTalkName(typeof keyId === 'string' ? keyId : comment);
  return {
    base: name === '' ? makeTalkName(`key-${fingerprint.slice('SHA256:'.length, 15)}`) : name,
    proof: `key ${fingerprint}`,
  };
}
