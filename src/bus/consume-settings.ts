/** The options of a subscription, checked and filled in. */
import { codedError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { CloseOptions, ConsumeOptions } from './bus.ts'

/** How a topic is consumed, in full. */
export type ConsumeSettings = {
  readonly concurrency: number
  readonly prefetch: number
  readonly deliveriesMax: number
  readonly redeliverMsMin: number
  readonly redeliverMsMax: number
}

/** What holds where an option is left out. */
const consumeDefaults: ConsumeSettings = Object.freeze({
  concurrency: limits.consumerConcurrency,
  prefetch: limits.consumerPrefetch,
  deliveriesMax: limits.deliveriesMax,
  redeliverMsMin: limits.redeliverMsMin,
  redeliverMsMax: limits.redeliverMsMax,
})

/** Checks and fills in. @throws CodedError `CONFIGURATION_INVALID` */
export function consumeSettings(options: ConsumeOptions): ConsumeSettings {
  const settings: ConsumeSettings = {
    concurrency: options.concurrency ?? consumeDefaults.concurrency,
    prefetch: options.prefetch ?? consumeDefaults.prefetch,
    deliveriesMax: options.deliveriesMax ?? consumeDefaults.deliveriesMax,
    redeliverMsMin: options.redeliverMsMin ?? consumeDefaults.redeliverMsMin,
    redeliverMsMax: options.redeliverMsMax ?? consumeDefaults.redeliverMsMax,
  }
  const { concurrency, prefetch, deliveriesMax, redeliverMsMin, redeliverMsMax } = settings
  checkCount('concurrency', concurrency)
  checkCount('prefetch', prefetch)
  if (deliveriesMax !== Infinity) checkCount('deliveriesMax', deliveriesMax)
  checkMs('redeliverMsMin', redeliverMsMin)
  checkMs('redeliverMsMax', redeliverMsMax)
  if (redeliverMsMin > redeliverMsMax) throw invalid('redeliverMsMin', redeliverMsMin)
  return settings
}

/** How long a close waits for handlers. @throws CodedError `CONFIGURATION_INVALID` */
export function drainMsOf(options: CloseOptions | undefined): number {
  const drainMs = options?.drainMs ?? limits.drainMs
  if (!(drainMs >= 0)) throw invalid('drainMs', drainMs)
  return drainMs
}

/** The pause before the delivery that follows delivery `count`: doubled each time. */
export function redeliverMs(settings: ConsumeSettings, count: number): number {
  return Math.min(settings.redeliverMsMin * 2 ** Math.min(count - 1, 30), settings.redeliverMsMax)
}

function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(name, value)
}

function checkMs(name: string, value: number): void {
  if (!Number.isFinite(value) || value < 0) throw invalid(name, value)
}

function invalid(name: string, value: unknown): Error {
  return codedError('CONFIGURATION_INVALID', { details: { [name]: value } })
}
