/** Makes the saga of a plan, as each process does, and the service that its remote steps ask. */
import type { RequestHandler } from '../../src/participant/request-handler.ts'
import type { AnyRunnable } from '../../src/saga/manager/saga-manager.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { handle } from '../../src/saga/messages/handle.ts'
import { requestType } from '../../src/saga/messages/request-type.ts'
import { type ActPlan, actsOf, type SagaPlan, type StepPlan } from './random-plan.ts'
import type { Process, RandomWorld } from './random-world.ts'

/** What a process needs to run a plan. */
export type RandomSaga = {
  readonly definition: CommittedSaga<object, object>
  /** It, and the sagas nested in it. */
  readonly definitions: readonly AnyRunnable[]
  /** The signals that executions of each definition wait for. */
  readonly signals: ReadonlyMap<string, readonly Extract<StepPlan, { kind: 'signal' }>[]>
}

const PAUSES = { initialMs: 5, factor: 1, maxMs: 5, jitter: 'none' } as const

type Info = { readonly idempotencyKey: string; readonly signal: AbortSignal }
type AddingInfo = Info & {
  readonly addCompensation: (name: string, data: unknown) => Promise<void>
}

/** Makes the saga of a plan for one process. */
export function randomSaga(plan: SagaPlan, world: RandomWorld, process: Process): RandomSaga {
  const signals = new Map<string, Extract<StepPlan, { kind: 'signal' }>[]>()
  const undos = {
    byHand: async (data: unknown, info: Info) =>
      await world.undoes(String(data), { ...info, process, signal: info.signal }),
  }
  const sagaOf = (name: string, deadlineMs?: number): Saga<object> =>
    new Saga<object>(name, { undos, deadlineMs, continueOnCompensationFailure: plan.goesOn })

  const fill = (saga: Saga<object>, steps: readonly StepPlan[], owner: string): void => {
    for (const one of steps) add(saga, one, owner)
  }
  const add = (saga: Saga<object>, one: StepPlan, owner: string): void => {
    switch (one.kind) {
      case 'local':
      case 'remote':
        addAct(saga, one, world, process)
        return
      case 'signal':
        signals.set(owner, [...(signals.get(owner) ?? []), one])
        saga.waitFor(one.name, () => undefined, { timeoutMs: one.timeoutMs })
        return
      case 'choice': {
        const choice = saga.conditionalStep({ name: one.name })
        one.branches.forEach((steps, at) => {
          const branch = sagaOf(`${one.name}-${at}`)
          fill(branch, steps, owner)
          choice.ifThen(() => at === one.taken, branch.commit() as never)
        })
        return
      }
      case 'parallel': {
        const branches = one.branches.map((steps, at) => {
          const branch = sagaOf(`${one.name}-${at}`)
          fill(branch, steps, owner)
          return branch.commit()
        })
        const undo = one.taken % 2 === 0 ? 'parallel' : 'in-order'
        saga.parallel(branches as never, { undo })
        return
      }
      case 'nested': {
        const child = sagaOf(one.name)
        fill(child, one.steps, one.name)
        saga.sagaStep(child.commit() as never, { name: one.name })
        return
      }
    }
  }
  const saga = sagaOf('random', plan.deadlineMs)
  fill(saga, plan.before, 'random')
  if (plan.pivot !== undefined) addAct(saga, plan.pivot, world, process, true)
  fill(saga, plan.behind, 'random')
  const definition = saga.commit() as unknown as CommittedSaga<object, object>
  return { definition, definitions: [definition], signals }
}

function addAct(
  saga: Saga<object>,
  act: ActPlan,
  world: RandomWorld,
  process: Process,
  isPivot = false,
): void {
  const { name, atMostOnce, attempts } = act
  const policy = {
    name,
    atMostOnce,
    retry: { maxAttempts: attempts, ...PAUSES },
    undoRetry: { maxAttempts: 2, ...PAUSES },
    attemptTimeoutMs: 30,
    undoTimeoutMs: 30,
  }
  const undoes = async (_: object, info: Info): Promise<void> =>
    await world.undoes(name, { process, ...pick(info) })
  // The statement style loses the growing types; the steps of chance have none.
  if (act.kind === 'local') {
    const undoUnknown = act.undo === 'also-unknown' ? undoes : undefined
    const step = saga.localStep(
      async (_: object, info: AddingInfo) => {
        const from = { process, ...pick(info) }
        if (act.adds) {
          await info.addCompensation('byHand', `${name}+`)
          await world.doesBeside(name, from)
        }
        await world.does(name, from)
      },
      { ...policy, abandonAfterMs: 10, undoUnknown },
    )
    if (act.undo !== 'none') step.onFailure(undoes)
    if (isPivot) step.pivot()
    return
  }
  const step = saga.remoteStep(() => requestType(`do.${name}`)({}), policy)
  if (act.undo !== 'none') step.onFailure(() => requestType(`undo.${name}`)({}))
  if (isPivot) step.pivot()
}

/** The handlers of the service that remote steps ask; it never dies. */
export function randomHandlers(plan: SagaPlan, world: RandomWorld): readonly RequestHandler[] {
  const process: Process = { isDead: false }
  return actsOf(plan).flatMap(({ name }) => [
    handle(requestType(`do.${name}`), async (_, info) => {
      await world.does(name, { process, ...pick(info) })
    }),
    handle(requestType(`undo.${name}`), async (_, info) => {
      await world.undoes(name, { process, ...pick(info) })
    }),
  ])
}

function pick({ idempotencyKey, signal }: Info): Info {
  return { idempotencyKey, signal }
}
