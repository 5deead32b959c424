/** Where an execution stands, and until when nobody has to look at it. Pure. */
import type { Nanoseconds } from '../../clock.ts'
import type { Action } from '../../machine/action.ts'
import type { ExecutionState } from '../../machine/state.ts'
import type { Standing } from './spaces.ts'

/** What an execution is busy with, told from what is open in its state. */
export type Occupation = {
  /** What it does, or what it waits for. */
  readonly kind: 'works' | 'awaits-reply' | 'awaits-child' | 'pauses' | 'awaits-signal' | 'rests'
  /** When it goes on by itself. */
  readonly wakeAt: Nanoseconds | undefined
}

/** What the open actions keep an execution busy with. */
export function occupationOf(state: ExecutionState, actions: readonly Action[]): Occupation {
  let wakeAt: Nanoseconds | undefined
  let [works, sends, children] = [false, false, false]
  for (const action of actions) {
    switch (action.kind) {
      case 'wake':
        if (wakeAt === undefined || action.at < wakeAt) wakeAt = action.at
        break
      case 'send':
        sends = true
        break
      case 'child':
        children = true
        break
      case 'abort':
        break
      default:
        works = true
    }
  }
  if (works) return { kind: 'works', wakeAt }
  if (sends) return { kind: 'awaits-reply', wakeAt }
  if (children) return { kind: 'awaits-child', wakeAt }
  if (wakeAt !== undefined) return { kind: 'pauses', wakeAt }
  return { kind: hasEnded(state) ? 'rests' : 'awaits-signal', wakeAt }
}

/** Whether both outcomes stand: nothing is left to do, or only an operator can. */
export function hasEnded({ forward, backward }: ExecutionState): boolean {
  return forward !== 'running' && backward !== 'running'
}

/** How an execution that has ended, or is stuck, stands; `undefined` while it goes on. */
export function endOf(
  state: ExecutionState,
  occupation: Occupation,
  openItems: number,
): Standing | undefined {
  const { forward, backward } = state
  if (backward === 'stuck') return 'stuck'
  // A step behind the pivot that only an operator can help on.
  if (openItems > 0 && (occupation.kind === 'awaits-signal' || occupation.kind === 'rests')) {
    return 'stuck'
  }
  if (!hasEnded(state)) return undefined
  if (backward === 'waived') return 'waived'
  return forward === 'completed' && backward === 'not-needed' ? 'completed' : 'compensated'
}
