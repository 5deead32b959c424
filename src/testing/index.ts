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
