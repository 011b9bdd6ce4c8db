import { describe, expect, it } from 'vitest';
import { isTalkName, makeTalkName } from '../../../../src/services/talk/messages.ts';
import { createRoom, type Who } from '../../../../src/services/talk/room.ts';
import { formatTalk, readTyped } from '../../../../src/services/talk/text-messages.ts';
import { codeOf } from '../../../fixtures/auth/fixtures.ts';

const who = (base: string): Who => ({ base, proof: `user ${base}` });

describe('the name of a member', () => {
  it('is that of its principal, and numbered from its second client on', () => {
    const room = createRoom('room');
    const names = ['alice', 'alice', 'bob', 'Alice'].map((base) => room.enter(who(base), 0).seat.name);
    expect(names).toEqual(['alice', 'alice-2', 'bob', 'Alice-3']);
  });

  it('is the smallest number again that is free', () => {
    const room = createRoom('room');
    const [, second] = [room.enter(who('a'), 0).seat, room.enter(who('a'), 0).seat, room.enter(who('a'), 0)];
    room.leave(second, null, 0);
    expect(room.enter(who('a'), 0).seat.name).toBe('a-2');
  });

  it('begins with ~ and is numbered from the first peer on, without a login', () => {
    const room = createRoom('room', '~');
    const seats = [1, 2].map(() => room.enter(who('~peer'), 0).seat);
    const [first] = seats;
    if (first === undefined) throw new Error('nobody entered');
    expect(seats.map(({ name }) => name)).toEqual(['~peer-1', '~peer-2']);
    expect(room.rename(first, 'bob', 0)).toMatchObject({ name: '~peer-1', to: '~bob' });
    expect(room.rename(first, '~carol', 0)).toMatchObject({ name: '~bob', to: '~carol' });
    expect(room.rename(first, '~~dave', 0)).toMatchObject({ to: '~dave' });
  });

  it.each([
    [
      'invisible characters',
      ['bo\ufe0fb', 'bo\u034fb', 'bob\u{e0100}', '\u3164bob', 'bob\u115f', 'bob\uffa0'],
    ],
    ['wide letters', ['ｂｏｂ', 'Ｂob']],
    ['letters of an alphabet that looks like its own', ['b\u043eb', 'b\u03bfb', 'zoe\u0430']],
    ['a mark of those without a login', ['~~bob', '~~~bob']],
    ['the number of another client', ['bob-2', 'BOB-17', 'carol-2', 'ｂｏｂ-２']],
  ])('cannot be one of bob, whose principal is also here, by %s', (_what, names) => {
    const room = createRoom('room');
    for (const base of ['bob', 'carol']) room.enter(who(base), 0);
    const { seat } = room.enter(who('alice'), 0);
    const codes = names.map((name) => codeOf(() => room.rename(seat, name, 0)));
    expect([codes, seat.name]).toEqual([names.map(() => 'TALK_NAME_REFUSED'), 'alice']);
  });

  it('never begins with ~ with a login, and may be of letters of several scripts that nobody confuses', () => {
    const room = createRoom('room');
    const { seat } = room.enter(who('alice'), 0);
    for (const [wanted, to] of [
      ['~~zoe', 'zoe'],
      ['小明-zoe', '小明-zoe'],
      ['alice-7', 'alice-7'],
    ] as const)
      expect(room.rename(seat, wanted, 0)).toMatchObject({ to });
  });

  it('is taken back, for all to see, from who has it when its principal enters', () => {
    const room = createRoom('room');
    const { seat: bob } = room.enter(who('bob'), 0);
    const { seat: other } = room.enter(who('bob'), 0);
    room.rename(bob, 'Alice', 0);
    room.rename(other, 'alice-2', 0);
    const { seat, renamed, event } = room.enter(who('alice'), 5);
    expect(renamed).toEqual([
      { kind: 'renamed', n: 5, at: 5, name: 'Alice', to: 'bob' },
      { kind: 'renamed', n: 6, at: 5, name: 'alice-2', to: 'bob-2' },
    ]);
    expect(event).toMatchObject({ n: 7, name: 'alice' });
    expect([bob.name, other.name, seat.name]).toEqual(['bob', 'bob-2', 'alice']);
  });

  it('stays with a principal of that very name', () => {
    const room = createRoom('room');
    const { seat } = room.enter(who('alice-2'), 0);
    expect(room.enter(who('alice'), 0).renamed).toEqual([]);
    expect([seat.name, room.enter(who('alice'), 0).seat.name]).toEqual(['alice-2', 'alice-3']);
  });

  it.each(['bob', 'BOB', 'carol', '', '~x', ' x', 'a b', '\u001b[31m', 'x'.repeat(33), '-x', 'a\u202eb'])(
    'cannot be changed to %j while bob, whose principal is carol, is here',
    (name) => {
      const room = createRoom('room');
      const { seat: bob } = room.enter(who('carol'), 0);
      room.rename(bob, 'bob', 0);
      const { seat } = room.enter(who('alice'), 0);
      const code = codeOf(() => room.rename(seat, name, 0));
      expect([code, seat.name]).toEqual(name === '~x' ? [null, 'x'] : ['TALK_NAME_REFUSED', 'alice']);
    },
  );

  it.each([
    ['alice@laptop', 'alice@laptop'],
    ['Jörg Müller (work)', 'Jörg_Müller_work'],
    ['王小明', '王小明'],
    ['--', ''],
    ['\u001b]0;x\u0007', '0_x'],
    ['a'.repeat(40), 'a'.repeat(32)],
    ['\u3164al\u034fice', 'alice'],
  ])('is made of %j as %j', (text, name) => {
    expect(makeTalkName(text)).toBe(name);
    expect(name === '' || isTalkName(name)).toBe(true);
  });
});

describe('a room', () => {
  it('counts what all members get without gaps, in one order', () => {
    const room = createRoom('room');
    const { seat, event } = room.enter(who('alice'), 1);
    const events = [
      event,
      room.say(seat, 'say', 'hi', 2),
      room.rename(seat, 'al', 3),
      room.say(seat, 'act', 'waves', 4),
      room.leave(seat, null, 5),
    ];
    expect(events.map((each) => each?.n)).toEqual([1, 2, 3, 4, 5]);
    expect(events.map((each) => each && formatTalk(each))).toEqual([
      '[alice] entered the room',
      '<alice> hi',
      '[alice] is now al',
      '* al waves',
      '[al] left',
    ]);
  });

  it('keeps the last 100 lines that were said, and nothing else', () => {
    const room = createRoom('room');
    const { seat } = room.enter(who('alice'), 0);
    for (let index = 0; index < 150; index++) room.say(seat, 'say', String(index), index);
    room.leave(seat, null, 0);
    expect(room.history.map(({ text }) => text)).toEqual(
      Array.from({ length: 100 }, (_, index) => String(index + 50)),
    );
  });

  it('is left once, with the end of input', () => {
    const room = createRoom('room');
    const { seat } = room.enter(who('alice'), 0);
    expect(room.finish(seat, 0)).toMatchObject({ kind: 'left', reason: null });
    expect([room.finish(seat, 0), room.leave(seat, 'lost', 0), room.seats.size]).toEqual([null, null, 0]);
  });
});

describe('a pair', () => {
  it('opens with the second member, goes on after one half-close, and is over after both', () => {
    const room = createRoom('pair');
    const states = [room.state];
    const { seat: one } = room.enter(who('alice'), 0);
    states.push(room.state);
    const { seat: other } = room.enter(who('bob'), 0);
    states.push(room.state);
    room.finish(one, 0);
    room.finish(one, 0);
    states.push(room.state);
    room.say(other, 'say', 'still here', 0);
    room.finish(other, 0);
    states.push(room.state);
    expect(states).toEqual(['waiting', 'waiting', 'open', 'open', 'over']);
    expect(room.history).toEqual([]);
  });

  it('is over once one of them has left', () => {
    const room = createRoom('pair');
    const { seat } = room.enter(who('alice'), 0);
    room.enter(who('bob'), 0);
    expect(room.leave(seat, 'connection lost', 0)).toMatchObject({ reason: 'connection lost' });
    expect(room.state).toBe('over');
  });
});

describe('a typed line', () => {
  it.each([
    ['hello /me', { kind: 'say', text: 'hello /me' }],
    ['/me waves', { kind: 'act', text: 'waves' }],
    ['/nick  bob ', { kind: 'nick', name: 'bob' }],
    ['/who', { kind: 'who' }],
    ['/quit', { kind: 'quit' }],
    ['/help', { kind: 'help' }],
    ['//quit', { kind: 'say', text: '/quit' }],
    ['/etc/passwd x', { kind: 'unknown', word: '/etc/passwd' }],
    ['/', { kind: 'unknown', word: '/' }],
    ['', { kind: 'say', text: '' }],
  ])('%j is read as %o', (line, typed) => {
    expect(readTyped(line)).toEqual(typed);
  });
});
