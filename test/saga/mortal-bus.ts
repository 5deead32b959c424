/**
 * A bus as one process sees it that dies: what it sends from then on is not sent, and what it was
 * handling goes to whoever consumes the topic next.
 */
import type { Bus, Subscription } from '../../src/bus/bus.ts'

/** See the top of this file. */
export type MortalBus = Bus & { die(): void }

/** Wraps a bus that is shared by the processes. Closing the wrapper does not close it. */
export function mortalBus(bus: Bus): MortalBus {
  const death = Promise.withResolvers<never>()
  death.promise.catch(() => undefined)
  const subscriptions: Subscription[] = []
  let isDead = false
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  return {
    send: async (message, options) => (isDead ? await never() : await bus.send(message, options)),
    consume: async (topic, handler, options) => {
      if (isDead) return await never()
      const subscription = await bus.consume(
        topic,
        async (delivery) => await Promise.race([handler(delivery), death.promise]),
        options,
      )
      subscriptions.push(subscription)
      return subscription
    },
    die: () => {
      isDead = true
      death.reject(new Error('the process is gone'))
      for (const one of subscriptions) one.close({ drainMs: 1 }).catch(() => undefined)
    },
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
