import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Principal } from '../../../../src/auth/principal.ts';
import type { Talk, TalkEvent } from '../../../../src/services/talk/client-types.ts';
import { codeOf, codeOfAsync } from '../../../fixtures/auth/fixtures.ts';
import { LOCAL_PRINCIPAL, principalWith } from '../../../fixtures/granted-login.ts';
import { type Heard, openTalkDaemon } from '../../../fixtures/services/open-talk.ts';

const ALICE = principalWith({ fingerprint: 'SHA256:alice', comment: 'alice' });
const BOB = principalWith({ fingerprint: 'SHA256:bob', comment: 'bob' });

const textsOf = ({ events }: Heard): readonly string[] =>
  events.flatMap((event) => ('text' in event ? [event.text] : []));
const isText =
  (text: string) =>
  (event: TalkEvent): boolean =>
    'text' in event && event.text === text;
const isKind =
  (kind: TalkEvent['kind'], name: string) =>
  (event: TalkEvent): boolean =>
    event.kind === kind && 'name' in event && event.name === name;
/** What all members get, and its numbers. */
const numbersOf = ({ events }: Heard): readonly number[] =>
  events.flatMap((event) => ('n' in event ? [event.n] : []));

/**
 * Lets the time pass for which a member may be behind, until this one has left: so much of it in each turn of the event loop
 * that a member who reads, however busy the machine is, has hundreds of turns for what it needs a few.
 */
async function passTimeUntilLeft(heard: Heard, name: string): Promise<TalkEvent> {
  let left: TalkEvent | undefined;
  void heard.find(isKind('left', name)).then((event) => {
    left = event;
  });
  for (let turns = 0; left === undefined && turns < 100_000; turns++) {
    vi.advanceTimersByTime(5);
    await nextTurn();
  }
  return left ?? expect.fail(`${name} did not leave`);
}

function fakeTimeouts(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('a room of a daemon', () => {
  it('announces members by the name of their principal, and passes on what they say to all, themselves included', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({}, ALICE);
    const bob = await daemon.enter({}, BOB);
    await bob.talk.say('hello');
    await alice.find(isText('hello'));
    await alice.talk.act('waves');
    await Promise.all([alice, bob].map((member) => member.find(isText('waves'))));
    expect(alice.events.slice(1)).toMatchObject([
      { kind: 'entered', name: 'alice' },
      { kind: 'entered', name: 'bob' },
      { kind: 'say', name: 'bob', text: 'hello' },
      { kind: 'act', name: 'alice', text: 'waves' },
    ]);
    expect(bob.events.slice(1)).toEqual(alice.events.slice(2));
    expect(bob.events[0]).toMatchObject({ kind: 'welcome', name: 'bob', members: ['alice', 'bob'] });
  });

  it('numbers the clients of one principal, answers who they are, and lets them change their names', async () => {
    const daemon = openTalkDaemon();
    const one = await daemon.enter({}, ALICE);
    const two = await daemon.enter({}, ALICE);
    await two.talk.rename('alice');
    expect(await two.find(({ kind }) => kind === 'notice')).toMatchObject({
      text: expect.stringContaining('somebody here has it'),
    });
    await two.talk.rename('al');
    await one.find((event) => event.kind === 'renamed' && event.to === 'al');
    await one.talk.who();
    const principal = 'key SHA256:alice';
    expect(await one.find(({ kind }) => kind === 'members')).toMatchObject({
      members: [
        { name: 'alice', principal },
        { name: 'al', principal },
      ],
    });
    expect(two.talk.name).toBe('al');
  });

  it('ends for a member once everything that it has said was taken, and tells the others that it left', async () => {
    const daemon = openTalkDaemon();
    const stays = await daemon.enter({}, ALICE);
    const leaves = await daemon.enter({}, BOB);
    const said = Array.from({ length: 2000 }, (_, index) => `line ${index}`);
    for (const text of said) await leaves.talk.say(text);
    leaves.talk.finish();
    expect(await leaves.ended).toBeNull();
    await stays.find(isKind('left', 'bob'));
    expect(textsOf(stays)).toEqual(said);
    expect(textsOf(leaves)).toEqual(said);
  });

  it('gives a late member the last 100 lines, also after all others have left', async () => {
    const daemon = openTalkDaemon();
    const first = await daemon.enter({ room: 'builds' }, ALICE);
    for (let index = 0; index < 120; index++) await first.talk.say(String(index));
    first.talk.finish();
    await first.ended;
    const late = await daemon.enter({ room: 'Builds' }, BOB);
    const welcome = await late.find(({ kind }) => kind === 'welcome');
    const history = welcome.kind === 'welcome' ? welcome.history : [];
    expect(history.map(({ text }) => text)).toEqual(
      Array.from({ length: 100 }, (_, index) => String(index + 20)),
    );
    const other = await daemon.enter({ room: 'lobby' }, BOB);
    expect(other.events[0]).toMatchObject({ members: ['bob'], history: [] });
  });

  it.each([
    ['control characters', '\0', 10],
    ['ordinary characters', 'x', 63],
  ])(
    'keeps a newcomer, and gives it as many of the last lines of %s as fit',
    async (_what, character, fit) => {
      const daemon = openTalkDaemon();
      const alice = await daemon.enter({}, ALICE);
      for (let index = 0; index < 100; index++) await alice.talk.say(character.repeat(4096));
      await alice.talk.say('last');
      await alice.find(isText('last'));
      const bob = await daemon.enter({}, BOB);
      const [welcome] = bob.events;
      const history = welcome?.kind === 'welcome' ? welcome.history : [];
      expect([history.length, history.at(-1)?.text]).toEqual([fit + 1, 'last']);
      await bob.talk.say('still here');
      expect(await alice.find(isText('still here'))).toMatchObject({ name: 'bob' });
    },
  );

  it('escapes what could control a terminal, and leaves other text as it is', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({}, ALICE);
    await alice.talk.say('a\tb\u001b[2J\r\n\u202e 你好 👨‍👩‍👧');
    const heard = await alice.find(({ kind }) => kind === 'say');
    expect(heard).toMatchObject({ text: 'a\tb\\x1b[2J\\x0d\\x0a\\u202e 你好 👨‍👩‍👧' });
  });

  it('tells that a connection was lost, and goes on for the others', async () => {
    const daemon = openTalkDaemon();
    const stays = await daemon.enter({}, ALICE);
    const lost = await daemon.enter({}, BOB);
    lost.cut();
    await stays.find((event) => event.kind === 'left' && event.reason === 'connection lost');
    await stays.talk.say('still here');
    await stays.find(isText('still here'));
    expect(await lost.ended).toBe('LINK_LOST');
  });

  it('disconnects a member that does not read, with the reason, and nothing is lost for the others', async () => {
    fakeTimeouts();
    const daemon = openTalkDaemon();
    const reads = await daemon.enter({}, ALICE);
    const stalls = await daemon.connect(BOB).host.talk();
    await reads.find(isKind('entered', 'bob'));
    const text = 'x'.repeat(4000);
    const said = Array.from({ length: 600 }, (_, index) => `${index} ${text}`);
    // One that waits for the slow one is released when that is disconnected
    const saying = (async () => {
      for (const line of said) await reads.talk.say(line);
    })();
    const left = await passTimeUntilLeft(reads, 'bob');
    await saying;
    await reads.find(isText(said.at(-1) ?? ''));
    expect(left).toMatchObject({ reason: 'too slow, disconnected' });
    expect(textsOf(reads)).toEqual(said);
    expect(numbersOf(reads)).toEqual(Array.from(numbersOf(reads), (_, index) => index + 1));
    expect(
      await codeOfAsync(async () => {
        for await (const _ of stalls);
      }),
    ).toBe('TALK_TOO_SLOW');
  });

  it.each<[string, object, string]>([
    ['a name of a room that is none', { room: '../x' }, 'USAGE'],
    ['a name of a member that is none', { with: 'a b' }, 'USAGE'],
  ])('is not entered by %s', async (_what, options, code) => {
    const { host } = openTalkDaemon().connect();
    expect(await codeOfAsync(() => host.talk(options))).toBe(code);
  });

  it.each<[string, (talk: Talk) => Promise<void>]>([
    ['asks who is here', (talk) => talk.who()],
    ['asks for names that are refused', (talk) => talk.rename('a b')],
  ])('disconnects a member that %s and does not read the answers', async (_what, ask) => {
    fakeTimeouts();
    const daemon = openTalkDaemon();
    const stays = await daemon.enter({}, ALICE);
    for (let index = 0; index < 20; index++) await daemon.enter({}, ALICE);
    const talk = await daemon.connect(BOB).host.talk();
    for (let index = 0; index < 4000; index++) void ask(talk).catch(() => undefined);
    await passTimeUntilLeft(stays, 'bob');
    expect(
      await codeOfAsync(async () => {
        for await (const _ of talk);
      }),
    ).toBe('TALK_TOO_SLOW');
  });

  it('is closed to keys with a forced command or restrict', async () => {
    const daemon = openTalkDaemon();
    for (const grant of [{ restricted: true }, { command: 'true' }]) {
      const { host } = daemon.connect(principalWith(grant));
      expect(await codeOfAsync(() => host.talk())).toBe('NOT_PERMITTED');
    }
  });

  it('refuses a line that is too long before it is sent', async () => {
    const alice = await openTalkDaemon().enter();
    await expect(alice.talk.say('你'.repeat(1366))).rejects.toMatchObject({ code: 'TALK_LINE_TOO_LONG' });
    await alice.talk.say('你'.repeat(1365));
    await alice.find(isText('你'.repeat(1365)));
  });

  it.each([
    ['{"kind":"shout"}\n', 'TALK_LINE_INVALID'],
    ['no JSON\n', 'TALK_LINE_INVALID'],
    [`{"kind":"say","text":"${'x'.repeat(4097)}"}\n`, 'TALK_LINE_TOO_LONG'],
    ['x'.repeat(40_000), 'TALK_LINE_TOO_LONG'],
  ])('closes the channel of a client that sends %.20j, and of no other', async (bytes, code) => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({}, ALICE);
    const { link } = daemon.connect(BOB);
    const channel = link.open({ service: 'talk', room: 'lobby' }, [0]);
    channel.output(0).write(bytes);
    expect(await channel.ended).toMatchObject({ last: { error: { code } } });
    await alice.find(isKind('left', 'bob'));
  });

  it('is closed with a reason when the daemon leaves', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({}, ALICE);
    daemon.closeAll();
    expect(await alice.ended).toBe('TALK_CLOSED');
  });

  it('has the end of the daemon in its transcript', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const daemon = openTalkDaemon(folder);
    const alice = await daemon.enter({}, ALICE);
    daemon.closeAll();
    await alice.ended;
    expect(readFileSync(join(folder, 'lobby.log'), 'utf8')).toMatch(/\[alice\] left: .*shutting down\n$/);
  });

  it('gives up the room without members that was left longest ago for a new one of its first member', async () => {
    const daemon = openTalkDaemon();
    for (let index = 0; index < 20; index++) {
      const { talk, ended } = await daemon.enter({ room: `room-${index}` }, ALICE);
      await talk.say('was here');
      talk.finish();
      await ended;
    }
    const historyOf = async (room: string): Promise<number> => {
      const [welcome] = (await daemon.enter({ room }, BOB)).events;
      return welcome?.kind === 'welcome' ? welcome.history.length : -1;
    };
    expect([await historyOf('room-19'), await historyOf('room-4'), await historyOf('room-0')]).toEqual([
      1, 1, 0,
    ]);
  });

  it('gives up rooms without members of who has most of them for the first one of another', async () => {
    const daemon = openTalkDaemon();
    const visit = async (room: string, principal: Principal): Promise<void> => {
      const { talk, ended } = await daemon.enter({ room }, principal);
      await talk.say('was here');
      talk.finish();
      await ended;
    };
    // More principals than can have as many rooms as they may
    for (let index = 0; index < 20; index++) {
      const fingerprint = `SHA256:${index}`;
      for (let count = 0; count < (index === 0 ? 16 : 10); count++)
        await visit(`room-${index}-${count}`, principalWith({ fingerprint }));
    }
    await visit('last', BOB);
    const countHistory = async (room: string): Promise<number> => {
      const [welcome] = (await daemon.enter({ room }, LOCAL_PRINCIPAL)).events;
      return welcome?.kind === 'welcome' ? welcome.history.length : -1;
    };
    expect([
      await countHistory('last'),
      await countHistory('room-0-15'),
      await countHistory('room-0-0'),
    ]).toEqual([1, 1, 0]);
  });

  it('is not made where all rooms of its principal have members', async () => {
    const daemon = openTalkDaemon();
    for (let index = 0; index < 16; index++) await daemon.enter({ room: `room-${index}` }, ALICE);
    const { talk, ended } = await daemon.enter({ room: 'other' }, BOB);
    await talk.say('was here');
    talk.finish();
    await ended;
    expect(await codeOfAsync(() => daemon.enter({ room: 'more' }, ALICE))).toBe('QUOTA_EXHAUSTED');
    expect((await daemon.enter({ room: 'other' }, BOB)).events[0]).toMatchObject({ history: [{}] });
  });

  it('is audited: who entered and left, and nothing of what was said', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({}, ALICE);
    await alice.talk.say('a secret');
    alice.talk.finish();
    await alice.ended;
    const lines = daemon.audited.filter(([event]) => event.startsWith('talk'));
    expect(lines).toMatchObject([
      ['talk-entered', { fingerprint: 'SHA256:alice', room: 'lobby', name: 'alice' }],
      ['talk-left', { fingerprint: 'SHA256:alice', room: 'lobby', reason: null }],
    ]);
    expect(JSON.stringify(daemon.audited)).not.toContain('a secret');
  });
});

describe('a conversation of two', () => {
  it('begins when both are there: what was said before arrives', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({ with: 'bob' }, ALICE);
    await alice.talk.say('are you there?');
    const bob = await daemon.enter({ with: 'Alice' }, BOB);
    await bob.find(isText('are you there?'));
    await bob.talk.say('yes');
    await alice.find(isText('yes'));
    const carol = await daemon.enter({ with: 'alice' }, principalWith({ comment: 'carol' }));
    expect(carol.events[0]).toMatchObject({ kind: 'welcome', members: ['carol'], history: [] });
  });

  it('goes on after the half-close of one, until the other has finished as well', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({ with: 'bob' }, ALICE);
    await alice.talk.say('hello');
    alice.talk.finish();
    const bob = await daemon.enter({ with: 'alice' }, BOB);
    await bob.find(isKind('finished', 'alice'));
    for (let index = 0; index < 500; index++) await bob.talk.say(String(index));
    bob.talk.finish();
    expect(await Promise.all([alice.ended, bob.ended])).toEqual([null, null]);
    expect(textsOf(bob)).toEqual(textsOf(alice));
    expect(textsOf(alice)).toHaveLength(501);
  });

  it.each([
    ['has left', (bob: Heard) => bob.talk.leave(), null],
    ['was lost', (bob: Heard) => bob.cut(), 'connection lost'],
  ])('is over when the other one %s', async (_what, end, reason) => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({ with: 'bob' }, ALICE);
    const bob = await daemon.enter({ with: 'alice' }, BOB);
    end(bob);
    expect(await alice.find(isKind('left', 'bob'))).toMatchObject({ reason });
    expect(await alice.ended).toBeNull();
    const next = await daemon.enter({ with: 'bob' }, ALICE);
    expect(next.events[0]).toMatchObject({ kind: 'welcome', members: ['alice'] });
  });

  it('tells the second one of an end of input that came before it', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({ with: 'bob' }, ALICE);
    alice.talk.finish();
    const bob = await daemon.enter({ with: 'alice' }, BOB);
    await bob.find(isKind('finished', 'alice'));
    bob.talk.finish();
    expect(await Promise.all([alice.ended, bob.ended])).toEqual([null, null]);
  });

  it('can be left at once while what was said waits for the other one', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({ with: 'bob' }, ALICE);
    for (let index = 0; index < 1000; index++) void alice.talk.say('x'.repeat(4000));
    alice.talk.abort();
    expect(await alice.ended).toBeNull();
    expect(await codeOfAsync(() => alice.talk.say('more'))).toBe('CLOSED');
  });

  it('says that lines were not taken when the other one leaves meanwhile', async () => {
    const daemon = openTalkDaemon();
    const alice = await daemon.enter({ with: 'bob' }, ALICE);
    for (let index = 0; index < 1000; index++) void alice.talk.say('x'.repeat(4000));
    const bob = await daemon.enter({ with: 'alice' }, BOB);
    bob.talk.abort();
    expect(await alice.ended).toBe('TALK_INCOMPLETE');
    expect(await codeOfAsync(() => alice.talk.say('more'))).toBe('CLOSED');
  });

  it('finds the other one by its name however that is composed, and has one transcript for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const daemon = openTalkDaemon(folder);
    const alice = await daemon.enter({ with: 'Jose\u0301' }, ALICE);
    const jose = await daemon.enter({ with: 'ALICE' }, principalWith({ comment: 'Jos\u00e9' }));
    await jose.talk.say('hello');
    await alice.find(isText('hello'));
    expect(readdirSync(folder)).toEqual(['alice+jos\u00e9.log']);
  });

  it('joins two clients of the same principal', async () => {
    const daemon = openTalkDaemon();
    const one = await daemon.enter({ with: 'alice' }, ALICE);
    const two = await daemon.enter({ with: 'alice' }, ALICE);
    await one.talk.say('hello');
    await two.find(isText('hello'));
    expect(two.talk.name).toBe('alice-2');
  });
});

describe('the transcript of a daemon', () => {
  it('has a file for each room and each pair, in the order that the members see', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const daemon = openTalkDaemon(join(folder, 'logs'));
    const alice = await daemon.enter({ room: 'lobby' }, ALICE);
    await alice.talk.say('hello\u001b');
    alice.talk.finish();
    await alice.ended;
    const one = await daemon.enter({ with: 'bob' }, ALICE);
    const two = await daemon.enter({ with: 'alice' }, BOB);
    for (const { talk } of [one, two]) talk.finish();
    await Promise.all([one.ended, two.ended]);
    const read = (name: string): string =>
      readFileSync(join(folder, 'logs', name), 'utf8').replace(/^\S+Z /gm, '');
    expect(readdirSync(join(folder, 'logs')).toSorted()).toEqual(['alice+bob.log', 'lobby.log']);
    expect(read('lobby.log')).toBe('[alice] entered the room\n<alice> hello\\x1b\n[alice] left\n');
    expect(read('alice+bob.log')).toMatch(/^\[alice\] entered the room\n\[bob\] entered the room\n/);
    expect(statSync(join(folder, 'logs', 'lobby.log')).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (file: string) => void]>([
    ['a symbolic link', (file) => symlinkSync('/dev/null', file)],
    ['a FIFO that nobody reads', (file) => execFileSync('mkfifo', [file])],
    ['a folder', (file) => mkdirSync(file)],
  ])('is not written to %s, and the members are told', async (_what, plant) => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    plant(join(folder, 'lobby.log'));
    const daemon = openTalkDaemon(folder);
    const alice = await daemon.enter({}, ALICE);
    expect(await alice.find(({ kind }) => kind === 'notice')).toMatchObject({
      text: expect.stringContaining('transcript of the daemon cannot be written'),
    });
  });

  it('is readable by this user alone, also where its file was not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'lobby.log');
    writeFileSync(file, 'earlier\n', { mode: 0o644 });
    const daemon = openTalkDaemon(folder);
    await daemon.enter({}, ALICE);
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([
      0o600,
      expect.stringMatching(/^earlier\n\S+Z \[alice\] entered the room\n$/),
    ]);
  });

  it.each(['777', '1777', '770'])('is not kept in a folder of mode %s, where others may write', (mode) => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    chmodSync(folder, mode);
    expect(codeOf(() => openTalkDaemon(folder))).toBe('TALK_LOG_FAILED');
  });

  it('is missed by the members at once, and the conversation goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rexa-talk-'));
    const daemon = openTalkDaemon(folder);
    rmSync(folder, { recursive: true });
    const alice = await daemon.enter({}, ALICE);
    await alice.talk.say('hello');
    await alice.find(isText('hello'));
    expect(await alice.find(({ kind }) => kind === 'notice')).toMatchObject({
      text: expect.stringContaining('ENOENT'),
    });
  });
});
