/** What an execution is busy with, and how it stands when it goes on no further. Pure. */
import type { Nanoseconds } from '../../clock.ts'
import type { Action } from '../../machine/action.ts'
import type { ExecutionState } from '../../machine/state.ts'
import type { Standing } from './spaces.ts'

/** What an execution is busy with, told from what is open in its state. */
export type Occupation = {
  /** What it does, or what it waits for. */
  readonly kind: 'works' | 'awaits-reply' | 'awaits-child' | 'pauses' | 'awaits-signal' | 'rests'
  /** The name of what it waits for; '' when it has none. */
  readonly waitsFor: string
  /** When it goes on by itself. */
  readonly wakeAt: Nanoseconds | undefined
}

/** What the open actions keep an execution busy with. */
export function occupationOf(state: ExecutionState, actions: readonly Action[]): Occupation {
  let wakeAt: Nanoseconds | undefined
  let target: string | undefined
  let child: string | undefined
  let works = false
  for (const action of actions) {
    switch (action.kind) {
      case 'wake':
        if (wakeAt === undefined || action.at < wakeAt) wakeAt = action.at
        break
      case 'send':
        target ??= action.request.target
        break
      case 'child':
        child ??= action.path
        break
      case 'abort':
        break
      default:
        works = true
    }
  }
  if (works) return { kind: 'works', waitsFor: '', wakeAt }
  if (target !== undefined) return { kind: 'awaits-reply', waitsFor: target, wakeAt }
  if (child !== undefined) return { kind: 'awaits-child', waitsFor: child, wakeAt }
  if (hasEnded(state)) return { kind: 'rests', waitsFor: '', wakeAt }
  return { kind: wakeAt === undefined ? 'awaits-signal' : 'pauses', waitsFor: '', wakeAt }
}

/** Whether both outcomes stand: nothing is left to do, or only an operator can. */
export function hasEnded({ forward, backward }: ExecutionState): boolean {
  return forward !== 'running' && backward !== 'running'
}

/** How an execution that has ended, or is stuck, stands; `undefined` while it goes on. */
export function endOf(state: ExecutionState, occupation: Occupation): Standing | undefined {
  const { forward, backward, stuck } = state
  if (backward === 'stuck') return 'stuck'
  if (!hasEnded(state)) {
    // A step behind the pivot on which only an operator can help.
    return stuck.length > 0 && occupation.kind === 'awaits-signal' ? 'stuck' : undefined
  }
  if (backward === 'waived') return 'waived'
  return forward === 'completed' && backward === 'not-needed' ? 'completed' : 'compensated'
}
