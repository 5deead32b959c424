/**
 * A saga with a step of every kind: local, remote, conditional, parallel, nested, the pivot, and
 * what follows it. All of them act upon a {@link CrashWorld}.
 */
import { refuse } from '../../src/machine/refusal.ts'
import type { RequestHandler } from '../../src/participant/request-handler.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import type { CrashWorld } from './crash-world.ts'

/** Steps that can be refused, time out, or be cancelled. */
export const STEPS = ['draft', 'book', 'insure', 'left', 'right', 'pack', 'pay', 'post'] as const

/** Those that have an undo. */
export const UNDOABLE = ['draft', 'book', 'insure', 'left', 'right', 'pack'] as const

/** Its context. */
export type Parcel = { readonly insured: boolean; readonly left?: 1; readonly right?: 1 }

/** What a process needs to run it. */
export type CrashSaga = {
  readonly definition: CommittedSaga<Parcel, object>
  readonly definitions: readonly CommittedSaga<never, object>[]
  readonly participants: readonly RequestHandler[]
}

const POLICY = {
  retry: { maxAttempts: 2, initialMs: 5, factor: 1, maxMs: 5, jitter: 'none' },
  undoRetry: { maxAttempts: 2, initialMs: 5, factor: 1, maxMs: 5, jitter: 'none' },
  attemptTimeoutMs: 50,
} as const

/** Makes it, as each process does. */
export function crashSaga(world: CrashWorld): CrashSaga {
  const doing =
    (step: string) =>
    async (_: object, info: { readonly idempotencyKey: string; readonly signal: AbortSignal }) =>
      await world.does(step, info.idempotencyKey, info.signal, () => refuse(`no ${step}`))
  const undoing = (step: string) => (_: object, info: { readonly idempotencyKey: string }) =>
    world.undoes(step, info.idempotencyKey)
  const local = (step: string) => ({ name: step, ...POLICY, undoUnknown: undoing(step) })

  const book = requestType('parcel.book')
  const unbook = requestType('parcel.unbook')
  const participants = [
    handle(book, async (_, info) => {
      await world.does('book', info.idempotencyKey, info.signal, () => refuse('no book'))
    }),
    handle(unbook, (_, info) => world.undoes('book', info.idempotencyKey)),
  ]
  const insure = new Saga<Parcel>('insure')
    .localStep(doing('insure'), local('insure'))
    .onFailure(undoing('insure'))
    .commit()
  const branch = (name: 'left' | 'right') =>
    new Saga<Parcel>(name)
      .localStep(async (parcel, info) => {
        await doing(name)(parcel, info)
        return { ...parcel, [name]: 1 as const }
      }, local(name))
      .onFailure(undoing(name))
      .commit()
  const pack = new Saga<Parcel>('pack-parcel')
    .localStep(doing('pack'), local('pack'))
    .onFailure(undoing('pack'))
    .commit()
  const definition = new Saga<Parcel>('send-parcel')
    .localStep(doing('draft'), local('draft'))
    .onFailure(undoing('draft'))
    .remoteStep(() => book({}), { name: 'book', ...POLICY })
    .onFailure(() => unbook({}))
    .conditionalStep()
    .ifThen((parcel) => parcel.insured, insure)
    .parallel([branch('left'), branch('right')])
    .sagaStep(pack, { name: 'pack' })
    .localStep(doing('pay'), { name: 'pay', ...POLICY })
    .pivot()
    .localStep(doing('post'), { name: 'post', ...POLICY })
    .commit()
  return { definition: definition as never, definitions: [definition, pack] as never, participants }
}
