// The components of the router conformance suite, in both spellings.
import type { Message } from '@bufbuild/protobuf'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import {
  commandHandler,
  processManager,
  projector,
  saga,
} from '../../src/component/decorate-class.ts'
import { applies, handles, rejected } from '../../src/component/decorate-method.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { Destinations } from '../../src/component/destinations.ts'
import type { ComponentOrClass } from '../../src/component/definition-of.ts'
import type { Rejection } from '../../src/component/handler-context.ts'
import {
  ProcessManagerResponse,
  RejectionHandlerResponse,
} from '../../src/component/handler-responses.ts'
import { create } from '../../src/component/known-messages.ts'
import { command, fact } from '../../src/component/outgoing-books.ts'
import { requirePositive } from '../../src/component/validation.ts'
import {
  type Notification,
  NotificationSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import * as counter from '../fixtures/gen/counter_pb.ts'
import * as workflow from '../fixtures/gen/workflow_pb.ts'

/** A component of the suite under the name of its spelling. */
export type Spelling = { readonly spelling: string; readonly component: ComponentOrClass }

function increase(n: number): Message[] {
  requirePositive(n, 'n')
  return Array.from({ length: n }, (_, i) => create(counter.IncreasedSchema, { note: `${i}` }))
}

@commandHandler({ domain: 'counter', state: counter.CounterStateSchema, supportsReplay: true })
export class CounterAggregate {
  @handles(counter.IncreaseBySchema) increaseBy({ n }: counter.IncreaseBy) {
    return increase(n)
  }
  @handles(counter.AddSchema)
  add(_cmd: counter.Add, state: counter.CounterState, sequence: number) {
    return create(counter.AddedSchema, { n: state.count * 1000 + sequence })
  }
  @handles(counter.FailHardSchema) failHard({ text }: counter.FailHard) {
    throw new Error(text)
  }
  @handles(counter.TouchSchema) refuse() {
    throw new CommandRejectedError('not now')
  }
  @applies(counter.IncreasedSchema)
  increased(state: counter.CounterState, _event: counter.Increased) {
    state.count++
  }
  @rejected('stock', counter.ReserveSchema)
  first(_n: Notification, _state: counter.CounterState, { reason }: Rejection) {
    return create(counter.FirstMarkerSchema, { reason })
  }
  @rejected('stock', 'Reserve')
  second(_n: Notification, _state: counter.CounterState, { reason }: Rejection) {
    return create(counter.SecondMarkerSchema, { reason })
  }
}

const counterFunctions = defineAggregate({
  domain: 'counter',
  state: counter.CounterStateSchema,
  supportsReplay: true,
})
  .handles(counter.IncreaseBySchema, ({ n }) => increase(n))
  .handles(counter.AddSchema, async (_cmd, state, sequence) => {
    await Promise.resolve()
    return create(counter.AddedSchema, { n: state.count * 1000 + sequence })
  })
  .handles(counter.FailHardSchema, ({ text }) => {
    throw new Error(text)
  })
  .handles(counter.TouchSchema, () => {
    throw new CommandRejectedError('not now')
  })
  .applies(counter.IncreasedSchema, (state) => {
    state.count++
  })
  .rejected('stock', counter.ReserveSchema, (_n, _state, { reason }) =>
    create(counter.FirstMarkerSchema, { reason }),
  )
  .rejected('stock', 'counter.Reserve', (_n, _state, { reason }) =>
    create(counter.SecondMarkerSchema, { reason }),
  )

/** The counter. */
export const counters: readonly Spelling[] = [
  { spelling: 'as a class', component: CounterAggregate },
  { spelling: 'as functions', component: counterFunctions },
]

const reserve = (key: string) => command('inventory', key, counter.ReserveSchema, { key })
const touched = (reason: string) =>
  fact('order', 'o-1', counter.CountReportedSchema, { annotation: reason })

@saga({ name: 'order-saga', source: 'counter', target: 'inventory' })
class OrderSaga {
  @handles(counter.IncreasedSchema) reserve({ note }: counter.Increased, to: Destinations) {
    return to.stampCommand(reserve(note), 'inventory')
  }
  @rejected('inventory', counter.ReserveSchema) soldOut(_n: Notification, { reason }: Rejection) {
    return touched(reason)
  }
}

/** The saga from counter to inventory. */
export const sagas: readonly Spelling[] = [
  { spelling: 'as a class', component: OrderSaga },
  {
    spelling: 'as functions',
    component: defineSaga({ name: 'order-saga', source: 'counter', target: 'inventory' })
      .handles(counter.IncreasedSchema, async ({ note }, to) => {
        await Promise.resolve()
        return to.stampCommand(reserve(note), 'inventory')
      })
      .rejected('inventory', 'Reserve', (_n, { reason }) => touched(reason)),
  },
]

const process = {
  name: 'order-process',
  pmDomain: 'order-pm',
  sources: ['counter'],
  targets: ['inventory'],
  state: workflow.WorkflowStateSchema,
}
const failed = (state: workflow.WorkflowState, reason: string) =>
  new RejectionHandlerResponse({
    events: [
      create(workflow.WorkflowFailedSchema, { reason: `${reason} after ${state.completed}` }),
    ],
    notification: create(NotificationSchema),
  })

@processManager(process)
class OrderProcessManager {
  @handles(counter.IncreasedSchema)
  react(_event: counter.Increased, state: workflow.WorkflowState, to: Destinations) {
    const stamped = to.stampCommand(reserve(`${state.completed}`), 'inventory')
    return new ProcessManagerResponse({ commands: [stamped] })
  }
  @applies(workflow.StepCompletedSchema)
  completed(state: workflow.WorkflowState, _event: workflow.StepCompleted) {
    state.completed++
  }
  @rejected('inventory', 'Reserve')
  soldOut(_n: Notification, state: workflow.WorkflowState, { reason }: Rejection) {
    return failed(state, reason)
  }
}

/** The process manager over counter and inventory. */
export const processes: readonly Spelling[] = [
  { spelling: 'as a class', component: OrderProcessManager },
  {
    spelling: 'as functions',
    component: defineProcessManager(process)
      .handles(counter.IncreasedSchema, (_event, state, to) => {
        const stamped = to.stampCommand(reserve(`${state.completed}`), 'inventory')
        return new ProcessManagerResponse({ commands: [stamped] })
      })
      .applies(workflow.StepCompletedSchema, (state) => ({
        ...state,
        completed: state.completed + 1,
      }))
      .rejected('inventory', counter.ReserveSchema, (_n, state, { reason }) =>
        failed(state, reason),
      ),
  },
]

/** A projector that counts into the given tally. */
export function projectors(tally: { count: number }): readonly Spelling[] {
  @projector({ name: 'counts', domains: ['counter'] })
  class CounterProjector {
    @handles(counter.IncreasedSchema) increased(_event: counter.Increased) {
      tally.count++
    }
  }
  const functions = defineProjector({ name: 'counts', domains: ['counter'] }).handles(
    counter.IncreasedSchema,
    async () => {
      await Promise.resolve()
      tally.count++
    },
  )
  return [
    { spelling: 'as a class', component: CounterProjector },
    { spelling: 'as functions', component: functions },
  ]
}
