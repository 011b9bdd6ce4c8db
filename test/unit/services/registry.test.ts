import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticatePeer } from '../../../src/auth/authenticator.ts';
import { keyPrincipal } from '../../../src/auth/key-principal.ts';
import type { Principal } from '../../../src/auth/principal.ts';
import { serveGrants } from '../../../src/client/grants.ts';
import { createHost } from '../../../src/client/host.ts';
import { createLedger } from '../../../src/daemon/accounts/ledger.ts';
import { openAudit } from '../../../src/daemon/audit/audit.ts';
import { createDaemon } from '../../../src/daemon/daemon.ts';
import { attachLink } from '../../../src/link/attach-link.ts';
import type { Facts } from '../../../src/runtime/log.ts';
import type { Call } from '../../../src/services/call.ts';
import { defineService } from '../../../src/services/define-service.ts';
import type { Service } from '../../../src/services/service.ts';
import { codeOfAsync } from '../../fixtures/auth/fixtures.ts';
import { LOCAL_PRINCIPAL, OPEN_GRANT } from '../../fixtures/granted-login.ts';
import { CLIENT_GREETING, DAEMON_GREETING } from '../../fixtures/link/link-pair.ts';
import { createMemoryPair } from '../../fixtures/link/memory-transport.ts';
import { hostUptime } from '../../fixtures/services/uptime/client.ts';
import { uptimeRequestSchema } from '../../fixtures/services/uptime/messages.ts';
import { createUptimeService } from '../../fixtures/services/uptime/server.ts';

const CONNECTION = { source: { address: '192.0.2.7', port: 1 }, host: { address: '192.0.2.8', port: 2 } };
const BOUND = keyPrincipal({ ...OPEN_GRANT, restricted: true }, 'alice', CONNECTION);
const EXPIRED = keyPrincipal({ ...OPEN_GRANT, expiresAtSeconds: 1 }, 'alice', CONNECTION);
const NO_WORK = {
  count: 0,
  isBusy: false,
  cancelAll: () => Promise.resolve(),
  killAll: () => undefined,
  whenIdle: () => Promise.resolve(),
};

/** A daemon whose registry is one service, a client of it that is this principal, and what the daemon audits. */
function openUptime(principal: Principal) {
  const audited: unknown[] = [];
  const note = (event: string, facts: Facts = {}): void => void audited.push([event, facts['code']]);
  const log = { info: note, warn: note, error: note };
  const daemon = createDaemon({
    agent: 'rexad/test',
    hostEncoding: 'utf8',
    log,
    audit: openAudit(null, log),
    ledger: createLedger(1000),
    resumeForMs: null,
    services: [createUptimeService()],
    work: NO_WORK,
    releaseJobs: () => undefined,
  });
  daemon.begin();
  const { near, far } = createMemoryPair();
  const known = { kind: 'admitted', principal } as const;
  daemon.serve(far, { ...authenticatePeer({ uid: 1, pid: 1 }, 'alice', null), known });
  const link = attachLink(near, CLIENT_GREETING);
  onTestFinished(() => link.leave());
  const asked = { link, address: 'there' };
  // Not spread: a copy of all properties would load the built execa
  const host = Object.assign(createHost('there', link), hostUptime(asked));
  return { daemon, link, audited, host };
}

describe('a service that is registered', () => {
  it('is served, and is all that there is', async () => {
    const { host, audited } = openUptime(LOCAL_PRINCIPAL);
    expect(await host.uptime()).toBeGreaterThan(0);
    expect(await codeOfAsync(() => host.jobs())).toBe('SERVICE_UNKNOWN');
    expect(audited).toEqual([
      ['connection accepted', undefined],
      ['request refused', 'SERVICE_UNKNOWN'],
      ['a request was refused', 'SERVICE_UNKNOWN'],
    ]);
  });

  it.each<[string, Principal, object, string | null]>([
    ['of the own user', LOCAL_PRINCIPAL, { unit: 'ms' }, null],
    ['of a bound key, for what is open to it', BOUND, {}, null],
    ['of a bound key, for a field that is not', BOUND, { unit: 'ms' }, 'NOT_PERMITTED'],
    ['of a key that has expired', EXPIRED, {}, 'LOGIN_EXPIRED'],
    ['of the wrong shape', LOCAL_PRINCIPAL, { unit: 'weeks' }, 'REQUEST_WRONG_SHAPE'],
  ])('answers a request %s: %4$s', async (_what, principal, more, code) => {
    const { link } = openUptime(principal);
    const end = await link.open({ service: 'uptime', ...more }, []).ended;
    const last = end.kind === 'closed' ? end.last : {};
    expect((last['error'] as { code: string } | undefined)?.code ?? null).toBe(code);
    expect('uptime' in last).toBe(code === null);
  });

  it('has its code in docs/architecture.md, word for word', () => {
    const page = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
    for (const name of ['messages', 'server', 'client']) {
      const file = new URL(`../../fixtures/services/uptime/${name}.ts`, import.meta.url);
      const code = readFileSync(file, 'utf8')
        .replaceAll('../../../../src/services/', '../')
        .replaceAll('../../../../src/', '../../');
      expect(page).toContain(`\`\`\`ts\n// src/services/uptime/${name}.ts\n${code}\`\`\``);
    }
  });
});

describe('a client', () => {
  const service = defineService({
    name: 'uptime',
    schema: uptimeRequestSchema,
    drain: 'serve',
    authorize: (request) => request,
    serve: ({ channel, principal }: Call<string>) => channel.close({ servedBy: principal }),
  });

  it.each<[string, (grant: string, other: string) => object, 'served' | 'refused']>([
    ['the grant of this link', (grant) => ({ grant }), 'served'],
    ['no grant', () => ({}), 'refused'],
    ['a grant of another link', (_grant, other) => ({ grant: other }), 'refused'],
    ['a grant, for another service', (grant) => ({ grant, service: 'run' }), 'refused'],
  ])('answers a channel of a daemon that names %s: %3$s', async (_what, name, verdict) => {
    const [one, another] = [openDaemonLink(service), openDaemonLink(service)];
    const grant = one.grants.issue(service);
    const request = { service: 'uptime', ...name(grant, another.grants.issue(service)) };
    const end = await one.daemon.open(request, []).ended;
    const refused = { error: { code: 'NOT_PERMITTED', message: expect.any(String) } };
    expect(end).toEqual({ kind: 'closed', last: verdict === 'served' ? { servedBy: grant } : refused });
    one.grants.revoke(grant);
    expect(await one.daemon.open(request, []).ended).toEqual({ kind: 'closed', last: refused });
  });
});

/** The daemon's end of a link whose client serves one thing to whoever has a grant. */
function openDaemonLink(service: Service<string>) {
  const { near, far } = createMemoryPair();
  const client = attachLink(near, CLIENT_GREETING);
  const daemon = attachLink(far, DAEMON_GREETING);
  onTestFinished(() => client.leave());
  return { daemon, grants: serveGrants(client, [service]) };
}
