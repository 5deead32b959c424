/**
 * A bus that does what a bus may do, whenever a test says so: carry a message twice, carry it late,
 * deliver it again although it was handled, or refuse to take it. It keeps every promise of the port
 * but one: a message that is late is overtaken, by those of its key too, as by a message that was sent
 * again.
 */
import type { AbortOptions } from '../abort.ts'
import type {
  Bus,
  BusMessage,
  CloseOptions,
  ConsumeOptions,
  Delivery,
  GivenUp,
  MessageHandler,
  Subscription,
} from '../bus/bus.ts'
import type { Clock, Timer } from '../clock.ts'
import { codedError } from '../errors.ts'

/** What becomes of a message that is sent. */
export type SendFault =
  | 'none'
  | 'twice'
  | 'refused'
  /** It is sent, and the sender is told that this is not known. */
  | 'unknown'
  | { readonly lateMs: number }

/** What becomes of a message that was handled: `again` has it delivered once more. */
export type DeliveryFault = 'none' | 'again'

/** The choices of a test, asked for each message. */
export type BusFaults = {
  readonly onSend?: ((message: BusMessage) => SendFault) | undefined
  readonly onHandled?: ((delivery: Delivery) => DeliveryFault) | undefined
}

/** Wraps a bus. Closing the wrapper closes the bus; what is late by then never comes. */
export function faultyBus(bus: Bus, clock: Clock, faults: BusFaults): Bus {
  const late = new Set<Timer>()

  const send = async (message: BusMessage, options?: AbortOptions): Promise<void> => {
    const fault = faults.onSend?.(message) ?? 'none'
    if (typeof fault === 'object') {
      const timer: Timer = clock.after(fault.lateMs, () => {
        late.delete(timer)
        // Nobody is left to be told that it could not be sent.
        bus.send(message).catch(() => undefined)
      })
      late.add(timer)
      return
    }
    if (fault === 'refused') throw codedError('BUS_OVERLOADED')
    await bus.send(message, options)
    if (fault === 'twice') await bus.send(message, options)
    if (fault === 'unknown') throw codedError('SEND_OUTCOME_UNKNOWN')
  }

  const consume = async (
    topic: string,
    handler: MessageHandler,
    options?: ConsumeOptions,
  ): Promise<Subscription> => {
    const handled = async (delivery: Delivery): Promise<void | GivenUp> => {
      const result = await handler(delivery)
      if (faults.onHandled?.(delivery) === 'again') throw new Error('the settling was lost')
      return result
    }
    return await bus.consume(topic, handled, options)
  }

  const close = async (options?: CloseOptions): Promise<void> => {
    for (const timer of late) timer.cancel()
    late.clear()
    await bus.close(options)
  }
  return { send, consume, close, [Symbol.asyncDispose]: () => close() }
}
