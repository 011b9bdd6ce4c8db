import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { startShellInTmux } from '../../fixtures/shell/tmux.ts';

describe('read in the line shell', () => {
  let daemon: TestDaemon;
  beforeAll(async () => {
    daemon = await startDaemon();
  });
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
  });

  it('shows its prompt, and shows nothing of a secret', async () => {
    const [asks, hides] = ['read -p "Name: " user', 'read -rsp "Password: " secret'];
    await using shell = await startShellInTmux(daemon.address, { columns: 140 });
    await shell.until(/[#$]$/);
    await shell.type(`${asks}; ${hides}; echo; echo "$user has \${#secret}"; read again; echo "<$again>"`);
    await shell.press('Enter');
    await shell.until(/\nName:$/);
    await shell.type('alice');
    await shell.until(/\nName: alice$/);
    await shell.press('Enter');
    await shell.until(/Password:$/);
    await shell.type('hunter2');
    await shell.press('Enter');
    await shell.until(/\nalice has 7\n/);
    await shell.type('seen');
    await shell.until(/\nseen$/);
    await shell.press('Enter');
    await shell.until(/\n<seen>\n/);
    expect(await shell.screen()).not.toContain('hunter2');
  });

  it('keeps its own meaning on files, and a function of that name is kept', async () => {
    await using shell = await startShellInTmux(daemon.address, { columns: 140 });
    await shell.until(/[#$]$/);
    await shell.type(
      `while IFS=: read -r a b; do echo "$b-$a"; done <<<"x:y"; read -r z <<<"p q"; echo "<$z>"`,
    );
    await shell.press('Enter');
    await shell.until(/\ny-x\n<p q>\n[^\n]*[#$]$/);
    await shell.type('read() { echo mine; }; read');
    await shell.press('Enter');
    await shell.until(/\nmine\n[^\n]*[#$]$/);
    await shell.type('echo again; read');
    await shell.press('Enter');
    await shell.until(/\nagain\nmine\n[^\n]*[#$]$/);
  });
});
