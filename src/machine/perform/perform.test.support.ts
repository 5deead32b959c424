/** A step `a` with a binding, and everything that performing it needs. */
import type { Definition } from '../definition.ts'
import type { AttemptInfo, Binding, NamedUndo } from '../bindings.ts'
import type { Told } from '../input.ts'
import { definition, step } from '../machine.test.support.ts'
import { type FakeClock, fakeClock } from '../../testing/fake-clock.ts'
import type { LocalAction, Performing } from './performing.ts'
import type { StopSignal } from './stop-signal.ts'

/** What is performed in. */
export type World = Performing & { readonly clock: FakeClock; readonly added: unknown[] }

/** A world in which step `a` is bound so. */
export const world = (
  binding: Binding,
  options: {
    readonly of?: Definition
    readonly undos?: Readonly<Record<string, NamedUndo>>
    readonly stop?: StopSignal
    readonly onLate?: (told: Told) => void
  } = {},
): World => {
  const added: unknown[] = []
  return {
    executable: {
      definition: options.of ?? definition([step('a')]),
      bindings: new Map([['a', binding]]),
      undos: new Map(Object.entries(options.undos ?? {})),
    },
    executionId: 'order-42',
    correlationId: 'c',
    clock: fakeClock(),
    added,
    addCompensation: async (...args) => void added.push(args),
    stop: options.stop,
    onLate: options.onLate,
  }
}

/** Binds an operation. */
export const operation = (
  run: (value: unknown, info: AttemptInfo) => unknown,
  more: Partial<Extract<Binding, { kind: 'operation' }>> = {},
): Binding => ({ kind: 'operation', run, ...more })

/** The first attempt of `a`. */
export const run: Extract<LocalAction, { kind: 'run' }> = {
  key: 'run:a:1',
  kind: 'run',
  path: 'a',
  attempt: 1,
  value: 'in',
  isAgain: false,
}

/** The first attempt to undo it. */
export const undo: Extract<LocalAction, { kind: 'undo' }> = {
  key: 'undo:a:1',
  kind: 'undo',
  path: 'a',
  attempt: 1,
  undo: 'own',
  value: 'A',
  input: 'in',
  failure: undefined,
  isAgain: false,
  part: 'undo',
}

/** What was told in short: `failed unknown CODE`. */
export const short = async (told: Told | Promise<Told>): Promise<string> => {
  const it = await told
  if (!('failure' in it) || it.failure === undefined) return it.kind
  return `${it.kind} ${it.failure.outcome} ${it.failure.code}`
}
