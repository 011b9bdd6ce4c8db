import { type Frame, HEADER_BYTES } from '../framing/frame.ts';
import { type Budget, createBudget } from './budget.ts';
import { KEPT_ALLOWANCE_BYTES, KEPT_STEP_BYTES, MAX_KEPT_BYTES } from './limits.ts';

/** What holds memory that is to be used again: told of each payload that is kept, and of each that is not any more. */
export interface PayloadHolder {
  hold(payload: Uint8Array): void;
  letGo(payload: Uint8Array): void;
}

/** Frames that have been sent and may be wanted again, in the order of their numbers. */
export interface KeptFrames {
  push(frame: Frame): void;
  /** Forgets the frames up to this number, included. */
  forget(upTo: number): void;
  get(number: number): Frame | undefined;
  /** Takes what more is needed from the budgets; false when they have no more. */
  makeRoom(): boolean;
  clear(): void;
  /** The number of the newest frame that was forgotten: 0 at the begin. */
  readonly forgotten: number;
  /** The number of the newest frame. */
  readonly last: number;
  readonly bytes: number;
}

/** What a kept frame takes in memory beside its payload, about. */
const FRAME_BYTES = HEADER_BYTES + 128;
/** Up to this a payload that is a view of something larger is copied: it would keep all of that. */
const COPIED_BYTES = 64 * 1024;
/** Forgotten places in front are cut off when there are so many of them. */
const COMPACT_FRAMES = 256;

/** @param parent the budget of all links of the process */
export function createKeptFrames(parent?: Budget, holder?: PayloadHolder): KeptFrames {
  const budget = createBudget(MAX_KEPT_BYTES - KEPT_ALLOWANCE_BYTES, parent);
  let frames: (Frame | undefined)[] = [];
  /** Where in `frames` the oldest kept one stands, and its number less one. */
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
