import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../../src/auth/principal.ts';
import type { JsonObject } from '../../../../src/protocol/control.ts';
import type { Call } from '../../../../src/services/call.ts';
import type { AskedSupervisor } from '../../../../src/services/jobs/asked-supervisor.ts';
import {
  createSessionServices,
  type SessionServicesOptions,
} from '../../../../src/services/sessions/server.ts';
import { LOCAL_PRINCIPAL, principalWith } from '../../../fixtures/granted-login.ts';
import { SESSION_VIEW } from '../../../fixtures/session-view.ts';

const FINGERPRINT = 'SHA256:key';
const GUEST_GRANT = {
  fingerprint: FINGERPRINT,
  restricted: true,
  sessions: [{ mode: 'view', name: 'work' }],
} as const;
const UNSHARE = { service: 'session-unshare', name: 'work' };
const SCREEN = { service: 'session-screen', name: 'work' };

/** The services, with a supervisor that knows the session `work`; `hold` lets it answer for a screen no more, until that ends. */
function openServices() {
  const audited: unknown[] = [];
  const asked: string[] = [];
  let held: Promise<void> = Promise.resolve();
  const supervisor: Pick<AskedSupervisor, 'open'> = {
    async open({ service }) {
      asked.push(String(service));
      if (service === 'session-screen') await held;
      const answers: JsonObject = {
        sessions: [{ ...SESSION_VIEW, name: 'work' }],
        screen: ['row'],
      };
      return { kind: 'closed', last: answers };
    },
  };
  const services = createSessionServices({
    supervisor,
    audit: {
      note: (event: string, { name }: Principal, { session }: JsonObject) =>
        audited.push([event, name, session]),
    },
    shares: {
      add: () => Promise.resolve({ fingerprint: FINGERPRINT, file: '' }),
      remove: () => Promise.resolve([FINGERPRINT]),
    },
  } as unknown as SessionServicesOptions);

  async function ask(principal: Principal, request: JsonObject): Promise<JsonObject> {
    const service = services.find(({ name }) => name === request['service']);
    let answer: JsonObject = {};
    const channel = {
      request,
      close(last: JsonObject) {
        answer = last;
      },
    };
    const call = { channel, principal } as unknown as Call;
    await service?.open(call).authorize()({ started: () => undefined, over: () => undefined });
    return answer;
  }
  return {
    audited,
    asked,
    ask,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
  };
}

describe('the screen of a session', () => {
  it('is shown to a key that is logged in until it is shared no more', async () => {
    const { ask } = openServices();
    const guest = principalWith(GUEST_GRANT);
    expect(await ask(guest, SCREEN)).toEqual({ screen: ['row'] });
    await ask(LOCAL_PRINCIPAL, UNSHARE);
    await expect(ask(guest, SCREEN)).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    expect(await ask(guest, { service: 'sessions' })).toEqual({ sessions: [] });
    expect(await ask(LOCAL_PRINCIPAL, SCREEN)).toEqual({ screen: ['row'] });
    await ask(LOCAL_PRINCIPAL, { service: 'session-share', name: 'work', key: 'a key' });
    expect(await ask(guest, SCREEN)).toEqual({ screen: ['row'] });
    expect(await ask(guest, { service: 'sessions' })).toMatchObject({ sessions: [{ name: 'work' }] });
  });

  it('is audited when a connection looks at it first', async () => {
    const { ask, audited } = openServices();
    const connections = [principalWith(GUEST_GRANT), principalWith(GUEST_GRANT), LOCAL_PRINCIPAL];
    for (const principal of [...connections, ...connections]) await ask(principal, SCREEN);
    expect(audited).toEqual(connections.map(({ name }) => ['session-screen-read', name, 'work']));
  });

  it('is read by one request of a connection at a time, and none after it is shared no more', async () => {
    const { ask, asked, hold } = openServices();
    const guest = principalWith(GUEST_GRANT);
    const release = hold();
    const looks = [ask(guest, SCREEN), ask(guest, SCREEN)];
    const ends = Promise.allSettled(looks);
    await ask(LOCAL_PRINCIPAL, UNSHARE);
    expect(asked).toEqual(['session-screen', 'session-expel']);
    release();
    expect(await ends).toMatchObject([{ value: { screen: ['row'] } }, { reason: { code: 'NOT_PERMITTED' } }]);
  });
});
