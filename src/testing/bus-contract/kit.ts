/** What the contract tests of a bus share. */
import { strict as assert } from 'node:assert'
import type {
  Bus,
  BusMessage,
  ConsumeOptions,
  Delivery,
  GivenUp,
  Subscription,
} from '../../bus/bus.ts'
import { codeOf } from '../../errors.ts'

/** Bounds that a test needs small. */
export type ContractBounds = {
  /** Messages that may wait on one topic before senders wait. */
  readonly messagesWaitingMax?: number | undefined
  /** How long a sender waits for room. */
  readonly sendWaitMs?: number | undefined
  /** Dead letters kept for one topic before its failing messages wait. */
  readonly deadLettersMax?: number | undefined
}

/** A bus opened for one test; disposing it closes the bus and removes what it left behind. */
export interface OpenedBus extends AsyncDisposable {
  readonly bus: Bus
}

/** Opens an empty bus. */
export type OpenBusForContract = (bounds: ContractBounds) => Promise<OpenedBus>

/** One promise of the contract: what it says, and the test that holds it to it. */
export type ContractTest = {
  readonly title: string
  readonly bounds: ContractBounds
  readonly run: (kit: Kit) => Promise<void>
}

/** A part of the contract. */
export type ContractPart = readonly ContractTest[]

/** Names a promise and its test, which gets a bus of its own. */
export function fact(
  title: string,
  run: (kit: Kit) => Promise<void>,
  bounds: ContractBounds = {},
): ContractTest {
  return { title, run, bounds }
}

/** What a test works with. */
export type Kit = {
  readonly bus: Bus
  /** Sends a message that is named by its id. */
  readonly send: (id: string, part?: Partial<BusMessage>) => Promise<void>
  /** Consumes a topic, default `work`, into an inbox whose messages the test settles. */
  readonly inbox: (options?: ConsumeOptions, topic?: string) => Promise<Inbox>
}

/** Opens a bus, runs a test with it, and puts everything away. */
export async function withKit(open: OpenBusForContract, test: ContractTest): Promise<void> {
  await using opened = await open(test.bounds)
  const { bus } = opened
  await test.run({
    bus,
    send: (id, part) => bus.send(messageOf(id, part)),
    inbox: async (options = {}, topic = 'work') => {
      const inbox = new Inbox()
      inbox.subscription = await bus.consume(topic, inbox.receive, { ...QUICK, ...options })
      return inbox
    },
  })
}

/** Pauses that a test can wait for. */
const QUICK: ConsumeOptions = { redeliverMsMin: 1, redeliverMsMax: 5 }

/** A message of the topic `work`. */
export function messageOf(id: string, part: Partial<BusMessage> = {}): BusMessage {
  return { topic: 'work', id, key: '', headers: {}, content: bytes(id), ...part }
}

/** A text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A delivery that the test settles. */
export type Held = Delivery & {
  readonly settle: () => void
  readonly fail: (error?: unknown) => void
  readonly giveUp: (code: string, reason: string) => void
}

/** The consumer of a test: it holds what comes until the test settles it. */
export class Inbox {
  /** Everything that came, in order, as `id` or, from the second delivery on, `id#count`. */
  readonly log: string[] = []
  readonly #arrived: Held[] = []
  readonly #takers: ((held: Held) => void)[] = []
  subscription: Subscription | undefined

  // The field is a handler, called without its object.
  readonly receive = (delivery: Delivery): Promise<void | GivenUp> => {
    const { promise, resolve, reject } = Promise.withResolvers<void | GivenUp>()
    const { message, count, signal } = delivery
    const held: Held = {
      message,
      count,
      signal,
      settle: () => resolve(),
      fail: (error = new Error('failed by the test')) => reject(error as Error),
      giveUp: (code, reason) => resolve({ kind: 'dead-letter', code, reason }),
    }
    this.log.push(count === 1 ? message.id : `${message.id}#${count}`)
    const taker = this.#takers.shift()
    if (taker === undefined) this.#arrived.push(held)
    else taker(held)
    return promise
  }

  /** The next message, in the order in which they come. */
  next(): Promise<Held> {
    const held = this.#arrived.shift()
    if (held !== undefined) return Promise.resolve(held)
    const { promise, resolve } = Promise.withResolvers<Held>()
    this.#takers.push(resolve)
    return promise
  }

  /** The next messages, settled at once; their ids. */
  async settleNext(count: number): Promise<string[]> {
    const ids: string[] = []
    while (ids.length < count) {
      const held = await this.next()
      held.settle()
      ids.push(held.message.id)
    }
    return ids
  }

  /** Stops consuming; what is held is given back soon. */
  async leave(drainMs = 0): Promise<void> {
    await this.subscription?.close({ drainMs })
  }
}

/** Asserts that a promise rejects with a code. */
export async function rejectsWith(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.equal(codeOf(error), code)
    return true
  })
}
