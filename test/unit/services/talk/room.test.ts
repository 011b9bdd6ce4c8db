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
