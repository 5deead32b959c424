/** How a bus on RabbitMQ is opened: the options, checked and filled in. */
import type { Clock } from '../../clock.ts'
import { systemClock } from '../../clock.ts'
import { codedError } from '../../errors.ts'
import { type Random, systemRandom } from '../../identity.ts'
import { limits } from '../../limits.ts'

/** What happened to the connection of a bus. */
export type AmqpEvent =
  | { readonly kind: 'lost'; readonly error: unknown }
  | { readonly kind: 'restored' }
  /** A topic could not be consumed; it is tried again. */
  | { readonly kind: 'topic-refused'; readonly topic: string; readonly error: unknown }

/** How a bus on RabbitMQ is opened. */
export type AmqpBusOptions = {
  /** `amqp://user:password@host:port/vhost`, or `amqps://...`. */
  readonly url: string
  /** Stands before every topic in the names of its queues; up to 40 characters. Default: ''. */
  readonly prefix?: string | undefined
  /**
   * `quorum` keeps a message on several nodes, and is what a server from 3.8 on is asked for;
   * `classic` on one. A queue that exists keeps its kind: then say which one it is.
   */
  readonly queues?: 'quorum' | 'classic' | undefined
  /**
   * Messages that may wait on one topic before senders wait. Default: 100,000. It is looked after by
   * those who send, now and then: many of them together may exceed it by a thousand each.
   */
  readonly messagesWaitingMax?: number | undefined
  /** Senders that may wait for room, for the broker or for its word. Default: 10,000. */
  readonly sendersWaitingMax?: number | undefined
  /** How long a sender waits in all. Default: 30,000. */
  readonly sendWaitMs?: number | undefined
  /** Dead letters kept for one topic before its failing messages wait. Default: 10,000. */
  readonly deadLettersMax?: number | undefined
  /** How long opening waits for a broker that cannot be reached. Default: 30,000. */
  readonly openWaitMs?: number | undefined
  /** Told when the connection is lost and when there is one again. Default: nobody. */
  readonly onEvent?: ((event: AmqpEvent) => void) | undefined
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined
  /** For the pauses between attempts to connect. Default: the randomness of this machine. */
  readonly random?: Random | undefined
}

/** The options in full. */
export type AmqpSettings = {
  readonly url: string
  readonly prefix: string
  readonly queues: 'quorum' | 'classic' | undefined
  readonly messagesWaitingMax: number
  readonly sendersWaitingMax: number
  readonly sendWaitMs: number
  readonly deadLettersMax: number
  readonly openWaitMs: number
  readonly tell: (event: AmqpEvent) => void
  readonly clock: Clock
  readonly random: Random
}

/** Checks and fills in. @throws CodedError `CONFIGURATION_INVALID` */
export function amqpSettings(options: AmqpBusOptions): AmqpSettings {
  const { prefix = '', queues, onEvent } = options
  if (!PREFIX.test(prefix)) throw invalid('prefix', prefix)
  if (queues !== undefined && queues !== 'quorum' && queues !== 'classic') {
    throw invalid('queues', queues)
  }
  return {
    url: urlOf(options.url),
    prefix,
    queues,
    messagesWaitingMax: bound(options, 'messagesWaitingMax', limits.messagesWaitingMax),
    sendersWaitingMax: bound(options, 'sendersWaitingMax', limits.sendersWaitingMax),
    sendWaitMs: bound(options, 'sendWaitMs', limits.sendWaitMs),
    deadLettersMax: bound(options, 'deadLettersMax', limits.deadLettersMax),
    openWaitMs: bound(options, 'openWaitMs', limits.brokerWaitMs),
    tell: (event) => {
      try {
        onEvent?.(event)
      } catch {
        // Whoever listens cannot stop the bus.
      }
    },
    clock: options.clock ?? systemClock(),
    random: options.random ?? systemRandom(),
  }
}

const PREFIX = /^[\x21-\x7e]{0,40}$/

/** Often enough that a broker that is gone without a word is missed soon. */
const HEARTBEAT_SECONDS = '10'

function urlOf(text: string): string {
  const url = typeof text === 'string' ? URL.parse(text) : null
  if (url === null || (url.protocol !== 'amqp:' && url.protocol !== 'amqps:')) {
    // The URL may hold a password: it is not shown.
    throw codedError('CONFIGURATION_INVALID', {
      details: { field: 'url' },
      hint: 'url is amqp://user:password@host:port, or the same with amqps.',
    })
  }
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', HEARTBEAT_SECONDS)
  return url.href
}

function bound(
  options: AmqpBusOptions,
  name: 'messagesWaitingMax' | 'sendersWaitingMax' | 'sendWaitMs' | 'deadLettersMax' | 'openWaitMs',
  otherwise: number,
): number {
  const value = options[name] ?? otherwise
  if (!(value >= 1)) throw invalid(name, value)
  return value
}

function invalid(name: string, value: unknown): Error {
  return codedError('CONFIGURATION_INVALID', { details: { [name]: value } })
}
