/** A saga, a process manager and a projector that do the same: note what they see, or fail. */
import type { Component } from '../../src/component/definition.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import { addNote, orderCommand } from './shop-commands.ts'
import type { Shop } from './open-shop.ts'

/** Kinds of components that run behind the log. */
export const KINDS = ['saga', 'process_manager', 'projector'] as const
/** One of them. */
export type Kind = (typeof KINDS)[number]

/** The name of each of them. */
export const NAME = 'watcher'

/** A component that follows orders; `see` is told the note or the id of the order, and may throw. */
export function watcher(kind: Kind, see: (label: string) => void | Promise<void>): Component {
  switch (kind) {
    case 'saga':
      return defineSaga({ name: NAME, source: 'order', target: 'order' })
        .handles(orders.OrderCreatedSchema, async ({ orderId }) => await see(orderId))
        .handles(orders.OrderNoteAddedSchema, async ({ note }) => await see(note))
    case 'process_manager':
      return defineProcessManager({
        name: NAME,
        pmDomain: 'watching',
        sources: ['order'],
        targets: ['order'],
        state: orders.OrderStateSchema,
      })
        .handles(orders.OrderCreatedSchema, async ({ orderId }) => await see(orderId))
        .handles(orders.OrderNoteAddedSchema, async ({ note }) => await see(note))
    case 'projector':
      return defineProjector({ name: NAME, domains: ['order'] })
        .handles(orders.OrderCreatedSchema, async ({ orderId }) => await see(orderId))
        .handles(orders.OrderNoteAddedSchema, async ({ note }) => await see(note))
  }
}

/** What a watcher has seen, and what it fails on. */
export class Watched {
  readonly seen: string[] = []
  readonly broken: Set<string> = new Set<string>()
  /** Times it was asked, failures included. */
  readonly asked: string[] = []
  failure: () => Error = () => new Error('inventory service down')

  see = (label: string): void => {
    this.asked.push(label)
    if (this.broken.has(label)) throw this.failure()
    this.seen.push(label)
  }
}

/** Creates an order whose workflow is named like it: one key for every kind. */
export async function orderOf(shop: Pick<Shop, 'client'>, orderId: string): Promise<void> {
  const created = orderCommand(shop, orderId).withMessage(orders.CreateOrderSchema, { orderId })
  await created.withCorrelationId(orderId).execute()
}

/** Adds a note to it within the same workflow. */
export async function noteOf(
  shop: Pick<Shop, 'client'>,
  orderId: string,
  note: string,
): Promise<void> {
  await addNote(shop, note, orderId).withCorrelationId(orderId).execute()
}
