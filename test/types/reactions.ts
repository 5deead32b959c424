// Sagas, process managers and projectors, in both spellings.
import { isMessage, type Message } from '@bufbuild/protobuf'
import { processManager, projector, saga } from '../../src/component/decorate-class.ts'
import { applies, handles, rejected } from '../../src/component/decorate-method.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Destinations } from '../../src/component/destinations.ts'
import type {
  ProjectionContext,
  Rejection,
  SagaSource,
} from '../../src/component/handler-context.ts'
import {
  ProcessManagerResponse,
  RejectionHandlerResponse,
  SagaHandlerResponse,
} from '../../src/component/handler-responses.ts'
import { create } from '../../src/component/known-messages.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import { pmDelegateToFramework } from '../../src/component/compensation.ts'
import type { Notification } from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as order from '../fixtures/gen/orders_pb.ts'
import * as workflow from '../fixtures/gen/workflow_pb.ts'

const reserve = () => command('inventory', 'tea', inventory.ReserveStockSchema, { sku: 'tea' })
const added = () => fact('inventory', 'tea', inventory.StockAddedSchema, { sku: 'tea' })
const failed = () => create(workflow.WorkflowFailedSchema, { reason: 'no' })

@saga({ name: 'stock', source: 'order', target: 'inventory' })
export class GoodSaga {
  @handles(order.OrderCreatedSchema) reserve(_event: order.OrderCreated) {
    return reserve()
  }
  @handles(order.OrderCompletedSchema)
  async both(_event: order.OrderCompleted, to: Destinations, { sourceSeq }: SagaSource) {
    await Promise.resolve()
    return sourceSeq > 3 ? undefined : [to.stampCommand(reserve(), 'inventory'), added()]
  }
  @handles(order.OrderCancelledSchema) response(_event: order.OrderCancelled) {
    return new SagaHandlerResponse({ commands: [reserve()], events: [added()] })
  }
  @rejected('inventory', inventory.ReserveStockSchema)
  soldOut(_: Notification, rejection: Rejection<typeof inventory.ReserveStockSchema>) {
    return rejection.command.sku === '' ? new RejectionHandlerResponse() : added()
  }
}
export const goodSaga = defineSaga({ name: 'stock', source: 'order', target: 'inventory' })
  .handles(order.OrderCreatedSchema, ({ orderId }, to) =>
    to.hasDomain('inventory') && orderId !== '' ? [reserve()] : undefined,
  )
  .rejected('inventory', inventory.ReserveStockSchema, (_, { command: refused }) =>
    refused.sku === '' ? undefined : added(),
  )

@saga({ name: 'stock', source: 'order', target: 'inventory' }) // error TS1238
export class SagaEmitsEvent {
  @handles(order.OrderCreatedSchema) reserve(_event: order.OrderCreated) {
    return create(inventory.ReserveStockSchema, { sku: 'tea' })
  }
}
@saga({ name: 'stock', source: 'order', target: 'inventory' }) // error TS1238
export class SagaTakesState {
  @handles(order.OrderCreatedSchema)
  reserve(_event: order.OrderCreated, _state: order.OrderState) {
    return reserve()
  }
}
@saga({ name: 'stock', source: 'order', target: 'inventory' }) // error TS1238
export class SagaWrongRejectionResult {
  @rejected('inventory', 'ReserveStock') soldOut(_: Notification) {
    return failed()
  }
}
export class SagaWrongRejection {
  @rejected('inventory', inventory.ReserveStockSchema) // error TS1241
  no(_n: Notification, _r: { command: order.CreateOrder }) {}
}
@saga({ name: 'stock', source: 'order' }) // error TS2741
export class SagaWithoutTarget {}

const translate = defineSaga({ name: 'stock', source: 'order', target: 'inventory' })
export const badSagas = [
  translate.handles(order.OrderCreatedSchema, () => failed()), // error TS2322
  translate.handles(order.OrderCreatedSchema, (event) => event.reason), // error TS2339
  translate.handles(order.OrderCreatedSchema, (_event, _state: order.OrderState) => reserve()), // error TS2345
  translate.rejected('inventory', inventory.ReserveStockSchema, () => failed()), // error TS2322
  translate.rejected('inventory', inventory.ReserveStockSchema, (_, r) => r.command.skew), // error TS2339
  defineSaga({ name: 'stock', source: 'order' }), // error TS2741
]

const process = {
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order'],
  targets: ['inventory'],
  state: workflow.WorkflowStateSchema,
}

@processManager(process)
export class GoodProcess {
  @handles(order.OrderCreatedSchema)
  start(
    _event: order.OrderCreated,
    state: workflow.WorkflowState,
    to: Destinations,
    source: SagaSource,
  ) {
    if (state.completed > source.sourceSeq || to.domains.length === 0) return undefined
    return new ProcessManagerResponse({ commands: [reserve()], processEvents: [failed()] })
  }
  @applies(workflow.WorkflowFailedSchema)
  failed(state: workflow.WorkflowState, event: workflow.WorkflowFailed) {
    state.failure = event.reason
  }
  @rejected('inventory', inventory.ReserveStockSchema)
  soldOut(_: Notification, state: workflow.WorkflowState, { reason }: Rejection) {
    return state.failure === '' ? pmDelegateToFramework(reason) : failed()
  }
}
export const goodProcess = defineProcessManager({ ...process, syncTargets: ['inventory'] })
  .handles(order.OrderCreatedSchema, (_event, state, _to, { sourceEvents }) =>
    state.completed > sourceEvents.pages.length ? undefined : new ProcessManagerResponse(),
  )
  .applies(workflow.WorkflowFailedSchema, (state, { reason }) => {
    state.failure = reason
  })
  .rejected('inventory', 'ReserveStock', (_, state) => [failed(), failed()].slice(state.completed))
  .stateFactory(() => create(workflow.WorkflowStateSchema))

@processManager(process) // error TS1238
export class ProcessWrongState {
  @handles(order.OrderCreatedSchema) start(_e: order.OrderCreated, _s: order.OrderState) {}
}
@processManager(process) // error TS1238
export class ProcessEmitsCommand {
  @handles(order.OrderCreatedSchema) start(_event: order.OrderCreated) {
    return reserve()
  }
}
@processManager(process) // error TS1238
export class ProcessWithoutDestinations {
  @handles(order.OrderCreatedSchema)
  start(_e: order.OrderCreated, _s: workflow.WorkflowState, _source: SagaSource) {}
}
@processManager(process) // error TS1238
export class ProcessWrongApplier {
  @applies(workflow.WorkflowFailedSchema)
  failed(_state: order.OrderState, _event: workflow.WorkflowFailed) {}
}
@processManager({ name: 'flow', sources: ['order'], targets: [], state: process.state }) // error TS2741
export class ProcessWithoutDomain {}

const follow = defineProcessManager(process)
export const badProcesses = [
  follow.handles(order.OrderCreatedSchema, () => reserve()), // error TS2322
  follow.handles(order.OrderCreatedSchema, () => failed()), // error TS2322
  follow.handles(order.OrderCreatedSchema, (_event, _state: order.OrderState) => undefined), // error TS2345
  follow.handles(order.OrderCreatedSchema, (_event, state) => void state.created), // error TS2339
  follow.applies(workflow.WorkflowFailedSchema, (_state, event) => void event.created), // error TS2339
  follow.rejected('inventory', inventory.ReserveStockSchema, () => 'no'), // error TS2322
]

@projector({ name: 'orders', domains: ['order'], editions: ['test'] })
export class GoodProjector {
  @handles(order.OrderCreatedSchema)
  async created(event: order.OrderCreated, { projection, sequence }: ProjectionContext) {
    const rows = projection.rows(order.OrderStateSchema)
    const row = await rows.get(event.orderId)
    if (row?.created !== true) rows.put(event.orderId, create(order.OrderStateSchema))
    await rows.update(event.orderId, (known) => {
      known.itemCount = sequence
    })
  }
}
export const goodProjector = defineProjector({ name: 'orders', domains: ['*'] }).handles(
  order.OrderCreatedSchema,
  ({ orderId }, { projection, speculative }) => {
    if (!speculative) projection.put(orderId, new Uint8Array())
  },
)
@projector({ name: 'orders', domains: ['order'] }) // error TS1238
export class ProjectorReturns {
  @handles(order.OrderCreatedSchema) created(_event: order.OrderCreated) {
    return 1
  }
}
@projector({ name: 'orders', domains: ['order'] }) // error TS1238
export class ProjectorTakesState {
  @handles(order.OrderCreatedSchema) created(_e: order.OrderCreated, _s: order.OrderState) {}
}
@projector({ name: 'orders', domains: 'order' }) // error TS2322
export class ProjectorOfOneDomain {}

const show = defineProjector({ name: 'orders', domains: ['order'] })
export const badProjectors = [
  show.handles(order.OrderCreatedSchema, (event) => event.reason), // error TS2339
  show.handles(order.OrderCreatedSchema, (_event, { projection }) => {
    projection.rows(order.OrderStateSchema).put('k', create(order.OrderCreatedSchema)) // error TS2345
  }),
  defineProjector({ name: 'orders' }), // error TS2741
]

export const isCreated = (message: Message): message is order.OrderCreated =>
  isMessage(message, order.OrderCreatedSchema)
