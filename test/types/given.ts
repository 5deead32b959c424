// Scenarios of components: a message that the component does not know does not compile.
import { commandHandler, saga } from '../../src/component/decorate-class.ts'
import { applies, handles } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { defineUpcaster } from '../../src/component/define-upcaster.ts'
import { create } from '../../src/component/known-messages.ts'
import { command } from '../../src/component/outgoing-books.ts'
import {
  givenAggregate,
  givenProcessManager,
  givenProjector,
  givenSaga,
  givenUpcaster,
} from '../../src/testing/index.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as order from '../fixtures/gen/orders_pb.ts'
import * as versions from '../fixtures/gen/versions_pb.ts'
import * as workflow from '../fixtures/gen/workflow_pb.ts'

const place = create(order.CreateOrderSchema)
const placed = create(order.OrderCreatedSchema)
const completed = create(order.OrderCompletedSchema)
const stocked = create(inventory.StockAddedSchema)
const reserve = command('inventory', 'tea', inventory.ReserveStockSchema, {})

const orders = defineAggregate({ domain: 'order', state: order.OrderStateSchema })
  .handles(order.CreateOrderSchema, ({ orderId }) => create(order.OrderCreatedSchema, { orderId }))
  .handlesFact(order.OrderCompletedSchema, () => [create(order.OrderNoteAddedSchema)])
  .applies(order.OrderCreatedSchema, () => undefined)
  .undoes(order.CreateOrderSchema, () => create(order.OrderCancelledSchema))
const given = givenAggregate(orders)

export const good = [
  given.events(placed).when(place).thenEvents(placed).thenState({ created: true }),
  given.whenFact(completed).thenEvents(create(order.OrderNoteAddedSchema)),
  given.whenUndone(order.CreateOrderSchema).thenEvents(create(order.OrderCancelledSchema)),
  given.whenRejected(reserve, 'no').thenRejected({ code: 'X', status: 'NOT_FOUND' }),
]
export const bad = [
  given.events(place), // error TS2345
  given.events(stocked), // error TS2345
  given.when(placed), // error TS2345
  given.when(create(order.CancelOrderSchema)), // error TS2345
  given.when(place).thenEvents(stocked), // error TS2345
  given.when(place).thenState({ createt: true }), // error TS2561
  given.when(place).thenState({ created: 'yes' }), // error TS2322
  given.whenFact(placed), // error TS2345
  given.whenUndone(order.CancelOrderSchema), // error TS2345
  given.whenRejected(place, 'no'), // error TS2345
  given.when(place).thenRejected({ kode: 'X' }), // error TS2353
]

// What a variable of the first piece is given later stays allowed, and it takes any message then.
let grown = defineAggregate({ domain: 'order', state: order.OrderStateSchema })
grown = grown.handles(order.CreateOrderSchema, () => undefined)

@commandHandler({ domain: 'order', state: order.OrderStateSchema })
export class Order {
  @handles(order.CreateOrderSchema) place(_: order.CreateOrder, __: order.OrderState) {
    return create(order.OrderCreatedSchema)
  }
  @applies(order.OrderCreatedSchema) placed(_: order.OrderState, __: order.OrderCreated) {}
}
export const ofClass = [
  givenAggregate(Order).events(placed).when(place).thenEvents(placed),
  givenAggregate(Order).events(stocked), // error TS2345
  givenAggregate(Order).when(create(order.CancelOrderSchema)), // error TS2345
  givenAggregate(Order).when(place).thenEvents(stocked), // error TS2345
]

const reserving = defineSaga({ name: 's', source: 'order', target: 'inventory' }).handles(
  order.OrderCreatedSchema,
  () => reserve,
)
@saga({ name: 's', source: 'order', target: 'inventory' })
export class Reserving {
  @handles(order.OrderCreatedSchema) reserve(_: order.OrderCreated) {
    return reserve
  }
}
export const sagas = [
  givenSaga(reserving).when(placed).thenCommands(reserve, create(inventory.ReserveStockSchema)),
  givenSaga(Reserving).when(placed).thenNothing(),
  givenSaga(reserving).when(completed), // error TS2345
  givenSaga(Reserving).when(completed), // error TS2345
  givenSaga(orders), // error TS2769
  givenAggregate(reserving), // error TS2769
]

const process = defineProcessManager({
  name: 'flow',
  pmDomain: 'flow',
  sources: ['order'],
  targets: [],
  state: workflow.WorkflowStateSchema,
})
  .handles(order.OrderCreatedSchema, () => undefined)
  .applies(workflow.StepCompletedSchema, () => undefined)
const flow = givenProcessManager(process)
export const processes = [
  flow.events(create(workflow.StepCompletedSchema)).when(placed).thenState({ completed: 1 }),
  flow.events(placed), // error TS2345
  flow.when(completed), // error TS2345
  flow.when(placed).thenState({ created: true }), // error TS2353
]

const rows = givenProjector(
  defineProjector({ name: 'p', domains: ['order'] }).handles(
    order.OrderCreatedSchema,
    () => undefined,
  ),
)
export const projections = [
  rows.when(placed, placed).thenRow('A-1', order.OrderStateSchema, { created: true }),
  rows.when(placed, completed), // error TS2345
  rows.when(placed).thenRow('A-1', order.OrderStateSchema, { creatd: true }), // error TS2561
  rows.when(placed).thenRows(order.OrderStateSchema, { a: { creatd: true } }), // error TS2561
]

const renewed = givenUpcaster(
  defineUpcaster({ name: 'u', domain: 'price' }).upcasts(
    versions.PriceSetV1Schema,
    versions.PriceSetV2Schema,
    () => create(versions.PriceSetV2Schema),
  ),
)
export const upcasts = [
  renewed
    .when(create(versions.PriceSetV1Schema), create(versions.PriceSetV2Schema))
    .thenEvents(create(versions.PriceSetV2Schema)),
  renewed.when(create(versions.PriceSetV3Schema)), // error TS2345
  renewed.when().thenEvents(create(versions.PriceSetV1Schema)), // error TS2345
]
