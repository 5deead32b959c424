/** `amends/testing`: what tests of components, and of other ledgers, are made of. */

// Books, pages and roots.
export {
  DEFAULT_TEST_NAMESPACE,
  makeCommandBook,
  makeCommandPage,
  makeCover,
  makeEventBook,
  makeEventPage,
  makeTimestamp,
  testingPackEvent,
  uuidFor,
  uuidObjFor,
  uuidStrFor,
} from './book-builders.ts'
export {
  makeRejection,
  makeRejectionCommand,
  makeRejectionNotification,
  withOrigin,
} from './rejection-builders.ts'
export type { CommandOrigin, RejectionOptions } from './rejection-builders.ts'
export { ScenarioContext } from './scenario-context.ts'

// Given, when, then: components of every kind.
export { givenAggregate } from './given/given-aggregate.ts'
export type { AggregateScenario, GivenKey, UndoRequest } from './given/given-aggregate.ts'
export { AggregateOutcome } from './given/aggregate-outcome.ts'
export type { AggregateResult, ExpectedRevocation } from './given/aggregate-outcome.ts'
export { givenSaga } from './given/given-saga.ts'
export type { SagaScenario } from './given/given-saga.ts'
export { ReactionOutcome } from './given/reaction-outcome.ts'
export type { ReactionResult } from './given/reaction-outcome.ts'
export { givenProcessManager } from './given/given-process-manager.ts'
export type { GivenTrigger, ProcessScenario } from './given/given-process-manager.ts'
export { ProcessOutcome } from './given/process-outcome.ts'
export type { ProcessOutcomeResult } from './given/process-outcome.ts'
export { givenProjector, ProjectorOutcome } from './given/given-projector.ts'
export type {
  ProjectorResult,
  ProjectorScenario,
  ProjectorScenarioOptions,
} from './given/given-projector.ts'
export { givenUpcaster, UpcasterOutcome } from './given/given-upcaster.ts'
export type { UpcasterResult, UpcasterScenario } from './given/given-upcaster.ts'
export type { ScenarioOptions } from './given/books.ts'
export type { ExpectedRefusal } from './given/refused.ts'
export type { ExpectedOutgoing } from './given/same-messages.ts'
export type { ExpectedState } from './given/same-state.ts'
export type { ComponentClass, KnownIn, StateIn } from './given/known-of-class.ts'

// Time, randomness and a disk that fail on demand.
export { fakeClock } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { seededRandom } from './seeded-random.ts'
export { faultyLedger } from './faulty-ledger.ts'
export type { FaultChoice, FaultKind, FaultyLedger } from './faulty-ledger.ts'

// The contract that a ledger must pass.
export { ledgerContract } from './ledger-contract.ts'
export type { OpenedLedger, OpenForContract } from './ledger-contract.ts'

// Workflows.
export { mockPrimitive, MockPrimitive } from '../workflow/mock-primitive.ts'
export type { MockCall, MockOptions } from '../workflow/mock-primitive.ts'
export { workflowTest, WorkflowTestCase } from '../workflow/workflow-test-case.ts'
export type { ResettableMock } from '../workflow/workflow-test-case.ts'

// Buses.
export { busContract } from './bus-contract.ts'
export type { ContractBounds, OpenBusForContract, OpenedBus } from './bus-contract.ts'
export { faultyBus } from './faulty-bus.ts'
export type { BusFaults, DeliveryFault, SendFault } from './faulty-bus.ts'
