import { type Frame, HEADER_BYTES } from '../framing/frame.ts';
import { type Budget, createBudget } from './budget.ts';
import { KEPT_ALLOWANCE_BYTES, KEPT_STEP_BYTES, MAX_KEPT_BYTES } from './limits.ts';

/** Tracks payload memory that can be reused: notified when a payload is kept and when it is released. */
export interface PayloadHolder {
  hold(payload: Uint8Array): void;
  letGo(payload: Uint8Array): void;
}

/** Sent frames that may have to be retransmitted, in the order of their numbers. */
export interface KeptFrames {
  push(frame: Frame): void;
  /** Drops the frames up to and including this number. */
  forget(upTo: number): void;
  get(number: number): Frame | undefined;
  /** Allocates from the budgets as needed; returns false if they are used up. */
  makeRoom(): boolean;
  clear(): void;
  /** The number of the newest dropped frame; 0 at the beginning. */
  readonly forgotten: number;
  /** The number of the newest frame. */
  readonly last: number;
  readonly bytes: number;
}

/** Approximate memory of a kept frame besides its payload. */
const FRAME_BYTES = HEADER_BYTES + 128;
/** Payloads up to this size are copied if they are views of a larger buffer, which would be retained. */
const COPIED_BYTES = 64 * 1024;
/** The array is compacted when it has this many free slots in front. */
const COMPACT_FRAMES = 256;

/** @param parent the budget shared by all links of the process */
export function createKeptFrames(parent?: Budget, holder?: PayloadHolder): KeptFrames {
  const budget = createBudget(MAX_KEPT_BYTES - KEPT_ALLOWANCE_BYTES, parent);
  let frames: (Frame | undefined)[] = [];
  /** Index in `frames` of the oldest kept frame. */
  let head = 0;
  let forgotten = 0;
  let bytes = 0;
  let charged = 0;

  function giveBack(): void {
    if (charged === 0 || bytes > KEPT_ALLOWANCE_BYTES) return;
    budget.giveBack(charged);
    charged = 0;
  }

  function dropFirst(): void {
    const frame = frames[head] as Frame;
    frames[head++] = undefined;
    forgotten++;
    bytes -= FRAME_BYTES + frame.payload.length;
    holder?.letGo(frame.payload);
  }

  return {
    push(frame) {
      const kept = isPinning(frame.payload) ? { ...frame, payload: new Uint8Array(frame.payload) } : frame;
      frames.push(kept);
      bytes += FRAME_BYTES + kept.payload.length;
      holder?.hold(kept.payload);
    },
    forget(upTo) {
      while (forgotten < upTo && head < frames.length) dropFirst();
      if (head === frames.length || head >= COMPACT_FRAMES) {
        frames = frames.slice(head);
        head = 0;
      }
      giveBack();
    },
    get: (number) => frames[head + number - forgotten - 1],
    makeRoom() {
      if (bytes < KEPT_ALLOWANCE_BYTES + charged) return true;
      if (!budget.take(KEPT_STEP_BYTES)) return false;
      charged += KEPT_STEP_BYTES;
      return true;
    },
    clear() {
      while (head < frames.length) dropFirst();
      frames = [];
      head = 0;
      giveBack();
    },
    get forgotten() {
      return forgotten;
    },
    get last() {
      return forgotten + frames.length - head;
    },
    get bytes() {
      return bytes;
    },
  };
}

function isPinning(payload: Uint8Array): boolean {
  return payload.length < COPIED_BYTES && payload.buffer.byteLength > 2 * payload.length;
}
