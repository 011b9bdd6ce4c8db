import type { ChildProcess } from 'node:child_process';
import { createGroupTree } from '../system/group-tree.ts';
import { HAS_PROC, readProcess, readProcessTable } from '../system/process-table.ts';
import { createProcessTree, type ProcessTree } from '../system/process-tree.ts';
import { signalProcess } from '../system/tree-traces.ts';

/** What is used of a subprocess of execa. Its promise gives the error of a spawn that failed as `cause`. */
export interface Command extends PromiseLike<{ readonly cause?: unknown }> {
  readonly nodeChildProcess: ChildProcess;
  kill(signal: NodeJS.Signals): boolean;
}

/** A command with what it started, as it is signalled and ended: all that differs by platform. */
export interface CommandGroup {
  /** Signals the command's process group (on Windows the command); false when nothing is there any more. */
  readonly signal: (name: NodeJS.Signals) => boolean;
  /** SIGHUP to all of the run that is left in the session of a leader that has ended: a shell need not have told its jobs. */
  readonly hangUpSession: (leader: number) => void;
  /** ProcessTree.end */
  readonly endTree: ProcessTree['end'];
  /** Must be called when the command's exit is told: its pid may belong to others from then on. */
  readonly leaderExited: () => void;
}

/** What execa needs to know for this: on Unix the command leads a session of its own. */
export const GROUP_OPTIONS =
  process.platform === 'win32' ? ({ killDescendants: true } as const) : ({ detached: true } as const);

/** @param command a command that execa has just started with GROUP_OPTIONS, no event having been handled since */
export function createCommandGroup(command: Command, pid: number, runId: string): CommandGroup {
  return process.platform === 'win32' ? windowsGroup(command, pid) : unixGroup(pid, runId);
}

/**
 * `led`: the pid is the command's, dead or alive. `leaderless`: the command was waited for, and the number stays
 * taken as long as the group has a member. `gone`: it may be anybody's.
 */
type GroupState = 'led' | 'leaderless' | 'gone';

function unixGroup(pid: number, runId: string): CommandGroup {
  let state: GroupState = 'led';

  function send(signal: NodeJS.Signals | 0): boolean {
    // Another process has the pid: the kernel reuses it only after the group was empty
    if (state === 'leaderless' && readProcess(pid) !== null) state = 'gone';
    if (state === 'gone') return false;
    try {
      return process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') state = 'gone';
      return false;
    }
  }

  // Most commands end by themselves, and never need one
  let tree: ProcessTree | undefined;
  function openTree(): ProcessTree {
    return HAS_PROC
      ? createProcessTree({ pid, runId, isLed: () => state === 'led' })
      : createGroupTree(pid, send);
  }

  return {
    signal: send,
    hangUpSession(leader) {
      if (!HAS_PROC) return void send('SIGHUP');
      const table = readProcessTable();
      for (const member of table.processes) {
        // The number may be a stranger's session by now, but no stranger has our mark
        if (member.session !== leader || !member.isAlive || table.runIdOf(member.pid) !== runId) continue;
        signalProcess(member, 'SIGHUP');
        signalProcess(member, 'SIGCONT');
      }
    },
    endTree(graceMs) {
      tree ??= openTree();
      return tree.end(graceMs);
    },
    leaderExited() {
      state = 'leaderless';
    },
  };
}

/** Windows has no process groups: a signal ends the command, and taskkill finds what descends from it. */
function windowsGroup(command: Command, pid: number): CommandGroup {
  const child = command.nodeChildProcess;
  const tree = createGroupTree(pid, (signal) => {
    if (signal === 0 || signal === 'SIGCONT') return child.exitCode === null && child.signalCode === null;
    return command.kill(signal);
  });
  return {
    signal: (name) => child.kill(name),
    hangUpSession: () => undefined,
    endTree: tree.end,
    leaderExited: () => undefined,
  };
}
