// Makes docs/talk.svg: a room as one of its members sees it in tmux, as it really looked. It needs tmux and a build.
import { startRexaInTmux, type TmuxSession } from '../test/fixtures/shell/tmux.ts';
import { withDaemon } from './record/with-daemon.ts';
import { writePicture } from './record/write-picture.ts';

const COLUMNS = 84;
const ROWS = 20;

await withDaemon(async (env) => {
  const enter = async (name: string): Promise<TmuxSession> => {
    const member = await startRexaInTmux(['talk', 'local', 'deploy'], { columns: COLUMNS, rows: ROWS, env });
    await member.until(/you are/);
    await say(member, `/nick ${name}`, `is now ${name}`);
    return member;
  };
  await using alice = await enter('alice');
  await alice.press('C-l');
  await alice.until(/^alice>$/);
  await using bob = await enter('bob');
  await say(bob, 'the build of 2.4 is ready, alice', 'is ready');
  await say(alice, '好的, I have a look 👀', '<alice>');
  await say(alice, '/me opens the release notes', 'release notes');
  {
    await using carol = await enter('小明');
    await say(carol, 'wait: the test of the Öresund mirror fails', 'Öresund');
    await carol.press('C-d');
    await carol.exited();
  }
  await alice.until('[小明] left');
  await say(bob, 'alice: deploy after lunch?', 'after lunch');
  await alice.until('after lunch');
  await say(alice, '/who', '[alice] user');
  await alice.type('bob: yes, at 13:00, 一点钟');
  await alice.until(/一点钟$/);
  await writePicture('talk', 'rexa talk local deploy', COLUMNS, alice);
});

/** Types a line, and waits until it has been taken. */
async function say(member: TmuxSession, line: string, seen: string): Promise<void> {
  await member.type(line);
  await member.until(line);
  await member.press('Enter');
  await member.until(new RegExp(`${seen.replace(/[[\]<>]/g, '\\$&')}[^]*>$`));
}
