/**
 * Keeps a connection to the broker: when it is lost, another one is opened, after pauses that grow.
 * Users are told of each session and of its loss, in turn.
 */
import type { Timer } from '../../clock.ts'
import { codeOf, codedError, messageOf } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { AmqpSettings } from './amqp-settings.ts'
import { Session } from './session.ts'

/** Who is told. */
export type LinkUser = {
  readonly gained: (session: Session) => void
  readonly lost: () => void
}

/** See the top of this file. */
export class Link {
  readonly #settings: AmqpSettings
  readonly #user: LinkUser
  #session: Session | undefined
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined
  #isClosed = false
  #connecting: Promise<void> | undefined

  constructor(settings: AmqpSettings, user: LinkUser) {
    this.#settings = settings
    this.#user = user
  }

  get session(): Session | undefined {
    return this.#session
  }

  /**
   * Opens the first session.
   *
   * @throws CodedError `BUS_UNREACHABLE` after `openWaitMs`, `BUS_DRIVER_MISSING`
   */
  async open(): Promise<void> {
    const { clock, openWaitMs } = this.#settings
    const until = clock.monotonicMs() + openWaitMs
    await this.#connect((cause) => {
      if (clock.monotonicMs() < until && !isRefused(cause)) return
      throw codedError('BUS_UNREACHABLE', { cause, details: { reason: messageOf(cause) } })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#pause?.end()
    await this.#connecting?.catch(() => undefined)
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  async #connect(failed: (error: unknown) => void): Promise<void> {
    for (let attempt = 0; !this.#isClosed; attempt++) {
      try {
        const session = await openSession(this.#settings)
        if (this.#isClosed) return await session.close()
        return this.#gained(session)
      } catch (error) {
        if (codeOf(error) === 'BUS_DRIVER_MISSING') throw error
        failed(error)
        await this.#rest(attempt)
      }
    }
  }

  #gained(session: Session): void {
    this.#session = session
    session.onLost((error) => {
      if (this.#session !== session) return
      this.#session = undefined
      this.#user.lost()
      this.#settings.tell({ kind: 'lost', error })
      this.#connecting = this.#again()
    })
    this.#user.gained(session)
  }

  async #again(): Promise<void> {
    await this.#connect(() => undefined)
    if (!this.#isClosed) this.#settings.tell({ kind: 'restored' })
  }

  /** Half of the pause is chance, so that many who lost the same broker do not call it together. */
  async #rest(attempt: number): Promise<void> {
    const { clock, random } = this.#settings
    const fullMs = Math.min(
      limits.reconnectMsMin * 2 ** Math.min(attempt, 20),
      limits.reconnectMsMax,
    )
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.after((fullMs * (1 + random.fraction())) / 2, resolve)
    const end = (): void => {
      timer.cancel()
      resolve()
    }
    this.#pause = { timer, end }
    await promise
    this.#pause = undefined
  }
}

async function openSession(settings: AmqpSettings): Promise<Session> {
  const { connect } = await loadDriver()
  const model = await connect(settings.url, {
    noDelay: true,
    keepAlive: true,
    timeout: limits.connectTimeoutMs,
  })
  // It may be lost before the session listens.
  let isLost = false
  model.on('error', () => undefined)
  model.on('close', () => (isLost = true))
  const publisher = await model.createConfirmChannel()
  const session = new Session(model, publisher, settings)
  if (isLost) throw codedError('BUS_UNREACHABLE')
  return session
}

async function loadDriver(): Promise<typeof import('amqplib')> {
  try {
    return await import('amqplib')
  } catch (cause) {
    const hint = 'npm install amqplib'
    throw codedError('BUS_DRIVER_MISSING', { cause, hint })
  }
}

/** The broker answers, and says no: asking again does not help. */
function isRefused(error: unknown): boolean {
  return /ACCESS_REFUSED|access_refused|NOT_ALLOWED|\b403\b|\b530\b/.test(messageOf(error))
}
