/** Isolated sagas between two banks, and what a test sees of the messages between them. */
import type { Bus, BusMessage } from '../../src/bus/bus.ts'
import { type MemoryBus, openMemoryBus } from '../../src/bus/memory/open-memory-bus.ts'
import type { RequestInfo } from '../../src/participant/request-handler.ts'
import type { CommittedSaga } from '../../src/saga/dsl/chain.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { refuse } from '../../src/machine/refusal.ts'
import { type Bank, openBank, requestsTo } from './isolation-bank.ts'
import { openSagas, sagaLedger, type TestSagas } from './sagas.ts'

/** What a transfer is about. */
export type Transfer = {
  readonly from: string
  readonly to: string
  readonly amount: number
  /** Refuse at the end, when both banks have done their part. */
  readonly fails?: boolean | undefined
}

/** How contention is waited out. */
const PATIENT = { maxAttempts: 200, initialMs: 2, factor: 1.5, maxMs: 50, jitter: 'full' } as const

/** Moves money from an account of the bank `foo` to one of the bank `order`. */
export function transferSaga(options: {
  readonly isolated: boolean
  readonly deadlineMs?: number | undefined
  readonly atTheEnd?: ((id: string) => void | Promise<void>) | undefined
  /** What the reply of the second bank leads to. */
  readonly onDeposited?: (() => void) | undefined
}): CommittedSaga<Transfer, Transfer> {
  const foo = requestsTo('foo')
  const order = requestsTo('order')
  const { isolated, deadlineMs = 60_000, atTheEnd, onDeposited } = options
  return new Saga<Transfer>('transfer', { isolated, deadlineMs })
    .remoteStep(({ from, amount }) => foo.withdraw({ account: from, amount }), {
      name: 'withdraw',
      retry: PATIENT,
    })
    .onFailure(({ from, amount }) => foo.deposit({ account: from, amount }))
    .remoteStep(({ to, amount }) => order.deposit({ account: to, amount }), {
      name: 'deposit',
      retry: PATIENT,
    })
    .onSuccess(() => onDeposited?.())
    .onFailure(({ to, amount }) => order.withdraw({ account: to, amount }))
    .localStep(
      async ({ fails = false }, info) => {
        await atTheEnd?.(info.executionId)
        return fails ? refuse('not today') : undefined
      },
      { name: 'decide' },
    )
    .commit()
}

/** Two banks, and a manager of their own service. */
export type TwoBanks = AsyncDisposable & {
  readonly bus: MemoryBus
  readonly foo: Bank
  readonly order: Bank
  readonly sagas: TestSagas['sagas']
  /** The messages that were sent, replies aside. */
  readonly sent: readonly BusMessage[]
  /** Their topics. */
  readonly topics: () => readonly string[]
}

/** Opens them. `send` may keep a message from being sent. */
export async function openTwoBanks(options: {
  readonly definitions: readonly CommittedSaga<never, object>[]
  readonly around?: ((info: RequestInfo) => void) | undefined
  readonly send?: ((message: BusMessage) => 'send' | 'drop') | undefined
  /** What the transactions of the bank `order` are ended by. */
  readonly ending?: Parameters<typeof openBank>[0]['ending']
}): Promise<TwoBanks> {
  const opened = new AsyncDisposableStack()
  const bus = opened.use(openMemoryBus())
  const sent: BusMessage[] = []
  const watched: Bus = {
    send: async (message, call) => {
      const isReply = message.status !== undefined
      if (!isReply) sent.push(message)
      if (options.send?.(message) !== 'drop') await bus.send(message, call)
    },
    consume: (topic, handler, how) => bus.consume(topic, handler, how),
    close: (how) => bus.close(how),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
  const bankOf = async (service: string): Promise<Bank> => {
    const { ledger } = opened.use(await sagaLedger())
    const { around, ending: given } = options
    const ending = service === 'order' ? given : undefined
    return opened.use(await openBank({ service, bus: watched, ledger, around, ending }))
  }
  const foo = await bankOf('foo')
  const order = await bankOf('order')
  const { definitions } = options
  const open = opened.use(await openSagas({ definitions, bus: watched, service: 'desk' }))
  await foo.fund('a', 100)
  return {
    bus,
    foo,
    order,
    sagas: open.sagas,
    sent,
    topics: () => sent.map(({ topic }) => topic),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
