/**
 * A participant: a service that answers requests of sagas, as a process of its own. It consumes the
 * topics of its handlers from a bus, remembers in a ledger what it has answered, and gives the same
 * answer again, whichever process asks and whichever answers.
 */
import { type AmqpBus, openAmqpBus } from '../bus/amqp/open-amqp-bus.ts'
import type { Bus, CloseOptions } from '../bus/bus.ts'
import { type Clock, systemClock, type Timer } from '../clock.ts'
import { codedError } from '../errors.ts'
import { type Random, systemRandom } from '../identity.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import { limits } from '../limits.ts'
import {
  type HostedParticipant,
  hostParticipant,
  type ParticipantOptions,
  type ParticipantStatus,
} from './host-participant.ts'
import { type LedgerReplyStore, ledgerReplyStore } from './ledger-reply-store.ts'

/** What a participant is opened with: a bus or the URL of a broker, and a ledger if it has one. */
export type OpenParticipantOptions = Omit<ParticipantOptions, 'bus' | 'replies'> & {
  /** One that is given is not closed with the participant. */
  readonly bus?: Bus | undefined
  /** `amqp://user:password@host:port`: a bus over RabbitMQ is opened, and closed with it. */
  readonly url?: string | undefined
  /**
   * Where it remembers: a path, or an opened ledger. One given by path is closed with it. Default:
   * it remembers in memory, as long as its process lives.
   */
  readonly ledger?: string | Ledger | undefined
  /** How long a request is remembered in the ledger, in milliseconds. Default: 7 days. */
  readonly repliesKeptMs?: number | undefined
  /** Default: the randomness of this machine. */
  readonly random?: Random | undefined
}

/** How a participant is, for whoever watches over it. */
export type ParticipantHealth = ParticipantStatus & {
  /** It serves, and its broker can be reached. */
  readonly isHealthy: boolean
  /** `unknown` of a bus that does not say. */
  readonly bus: 'connected' | 'reconnecting' | 'closed' | 'unknown'
}

/** A participant that was opened. Disposing it closes it. */
export interface OpenedParticipant extends HostedParticipant {
  health(): ParticipantHealth
}

/**
 * Opens a participant and begins to answer.
 * `await using flights = await openParticipant({ service: 'flights', url, ledger: 'flights.db', handlers })`.
 *
 * @throws CodedError `CONFIGURATION_INVALID`, and what `hostParticipant`, `openLedger` and
 * `openAmqpBus` throw
 */
export async function openParticipant(options: OpenParticipantOptions): Promise<OpenedParticipant> {
  const { bus: givenBus, url, ledger, repliesKeptMs, random = systemRandom(), ...rest } = options
  const { service, clock = systemClock() } = options
  if ((givenBus === undefined) === (url === undefined)) {
    const hint = 'Give a bus, or the URL of a broker.'
    throw codedError('CONFIGURATION_INVALID', { details: { field: 'bus' }, hint })
  }
  await using opened = new AsyncDisposableStack()
  const replies = await storeOf({ ledger, service, clock, random, repliesKeptMs }, opened)
  const bus = givenBus ?? opened.use(await openAmqpBus({ url: url ?? '', clock, random }))
  const pruning = replies === undefined ? undefined : opened.use(new Pruning(replies, clock))
  const hosted = await hostParticipant({ ...rest, bus, replies, clock })
  pruning?.begin()
  return new OwnParticipant(hosted, bus, opened.move())
}

async function storeOf(
  options: {
    readonly ledger: string | Ledger | undefined
    readonly service: string
    readonly clock: Clock
    readonly random: Random
    readonly repliesKeptMs: number | undefined
  },
  opened: AsyncDisposableStack,
): Promise<LedgerReplyStore | undefined> {
  const { ledger, clock } = options
  if (ledger === undefined) return undefined
  const own = typeof ledger === 'string' ? opened.use(await openLedger(ledger, { clock })) : ledger
  return await ledgerReplyStore({ ...options, ledger: own })
}

class OwnParticipant implements OpenedParticipant {
  readonly #hosted: HostedParticipant
  readonly #bus: Bus
  readonly #opened: AsyncDisposable
  #closed: Promise<void> | undefined

  constructor(hosted: HostedParticipant, bus: Bus, opened: AsyncDisposable) {
    this.#hosted = hosted
    this.#bus = bus
    this.#opened = opened
  }

  get service(): string {
    return this.#hosted.service
  }

  get topics(): readonly string[] {
    return this.#hosted.topics
  }

  status(): ParticipantStatus {
    return this.#hosted.status()
  }

  health(): ParticipantHealth {
    const status = this.status()
    const bus = saysHowItIs(this.#bus) ? this.#bus.status() : 'unknown'
    const isReachable = bus === 'connected' || bus === 'unknown'
    return { ...status, bus, isHealthy: status.state === 'serving' && isReachable }
  }

  close(options?: CloseOptions): Promise<void> {
    this.#closed ??= this.#close(options)
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(options: CloseOptions | undefined): Promise<void> {
    await this.#hosted.close(options)
    await this.#opened[Symbol.asyncDispose]()
  }
}

function saysHowItIs(bus: Bus): bus is AmqpBus {
  return 'status' in bus && typeof bus.status === 'function'
}

/** Forgets now and then what is old enough. */
class Pruning implements AsyncDisposable {
  readonly #replies: LedgerReplyStore
  readonly #clock: Clock
  #timer: Timer | undefined
  #running: Promise<unknown> = Promise.resolve()
  #isOver = false

  constructor(replies: LedgerReplyStore, clock: Clock) {
    this.#replies = replies
    this.#clock = clock
  }

  begin(): void {
    this.#timer = this.#clock.after(limits.repliesPruningMs, () => {
      // What cannot be forgotten now is still due the next time.
      this.#running = this.#replies.prune().catch(() => undefined)
      if (!this.#isOver) this.begin()
    })
    this.#timer.unref?.()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.cancel()
    await this.#running
  }
}
